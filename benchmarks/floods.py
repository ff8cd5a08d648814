"""How much memory the grader takes while a student's program floods it: the highest point above rest, flood by flood.

    python benchmarks/floods.py [WORD]

Rest is the grader's own memory once a first submission has been run. Each flood is one cell, run as any submission is,
in the strongest mode of this machine; some go round our own `print` and speak to the kernel's sockets themselves. The
highest point is the machine's own record of it (VmHWM), reset before each flood. What the report keeps of each is shown
too, since a flood that is merely dropped would be a loss.
"""

from __future__ import annotations

import argparse
import gc
import time
from pathlib import Path

from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import FileRun, Submission

DISPLAY = "from IPython.display import HTML, display\n"
RAW = """kernel = get_ipython().kernel
def send(kind, **content):
    kernel.session.send(kernel.iopub_socket, kind, content)
"""
FLOODS = {
    "400 MB printed": "for _ in range(400):\n    print('x' * (1 << 20))",
    "2 million short lines": "for n in range(2_000_000):\n    print(n)",
    "400 MB displayed": DISPLAY + "for _ in range(400):\n    display(HTML('x' * (1 << 20)))",
    "100,000 displays": DISPLAY + "for n in range(100_000):\n    display(HTML(str(n)))",
    "one result of 300 MB": "'x' * (300 << 20)",
    "an error of 100 MB": "raise ValueError('x' * (100 << 20))",
    "one message of 400 MB": RAW + "send('stream', name='stdout', text='x' * (400 << 20))",
    "20 messages of 22 MB": RAW + "for _ in range(20):\n    send('stream', name='stdout', text='x' * (22 << 20))",
    "400,000 messages": RAW + "for n in range(400_000):\n    send('stream', name='stdout', text='x')",
    "200 piles of nested JSON": RAW
    + "for n in range(200):\n    send('display_data', data={str(k): [k] * 9 for k in range(20_000)}, metadata={})",
    "one message of 40 parts": RAW
    + "part = b'x' * (20 << 20)\nkernel.iopub_socket.send_multipart([b'stream', *[part] * 40], copy=False)",
    "a tower of brackets": RAW
    + "kernel.session.pack = lambda content: b'[' * (30 << 20)\nsend('stream', name='stdout', text='x')",
}


def main() -> None:
    """Run every flood, or those with a word in their name, and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("word", nargs="?", default="")
    word = parser.parse_args().word
    with Sandbox(Settings()) as sandbox:
        run(sandbox, "print('at rest')")
        print(f"mode {sandbox.mode}; at rest the grader has {now() >> 20} MB")
        print(f"{'flood':<34}{'above rest':>11}{'after':>7}{'seconds':>9}  what became of it")
        for name in (name for name in FLOODS if word in name):
            show(sandbox, name, FLOODS[name])


def show(sandbox: Sandbox, name: str, source: str) -> None:
    """Run one flood and print its line. MB above rest at the highest and afterwards."""
    gc.collect()
    rest, start = now(), time.monotonic()
    Path("/proc/self/clear_refs").write_text("5")
    record = run(sandbox, source)
    highest, seconds = field("VmHWM"), time.monotonic() - start
    kept = sum(len(output.content) for output in record.cells[0].outputs)
    what = record.reason or next(iter(record.events), "") or str(record.cells[0].error and record.cells[0].error.kind)
    above, after = (highest - rest) >> 20, (now() - rest) >> 20
    print(f"{name:<34}{above:>8} MB{after:>7}{seconds:>9.1f}  {kept / 1e6:.1f} MB kept; {what}", flush=True)


def run(sandbox: Sandbox, source: str) -> FileRun:
    """Return the record of a submission of one cell."""
    document = Document("work.py", (Cell(1, "code", source),), "python")
    with sandbox.run(Submission("s", "S", ()), [document], Limits(cpu=60.0, wall=120.0), seed=1) as finished:
        return finished.files[0]


def now() -> int:
    """Return the bytes of memory this process has."""
    return field("VmRSS")


def field(name: str) -> int:
    """Return a size from this process's status in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name + ":"))


if __name__ == "__main__":
    main()
