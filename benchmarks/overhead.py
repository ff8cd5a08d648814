"""What a further submission costs before its own code does anything: CPU seconds from the start of a kernel to its end.

    python benchmarks/overhead.py [--times 10] [--class FOLDER]

Three notebooks (one trivial cell; `import torch`; torch and a plot) are run by plain nbclient and then in every mode of
the sandbox that this machine can reach (as root of a whole machine: all four, by way of `tests/sandbox/dockerlike.py`).
Told apart: the student's process tree, the zygote's fork, the grader's own share, and what it takes on top of them to
ask the finished kernel what it trained and drew. CPU time is read from the machine's own count, so that what else runs
here disturbs little. `--class` takes, in place of the three, ten notebooks of a folder that import torch, each cut down
to its own import statements, and prints the mean of the ten and the dearest.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import importlib.util
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.assignment import Limits
from grader.execute import Sandbox, Settings, attempt, cells
from grader.execute.budget import Budget
from grader.notebook import Cell, Document
from grader.records import Submission
from grader.sandbox import processes
from grader.sandbox.box import Box

PLOT = """import torch
import matplotlib.pyplot as plt
x = torch.linspace(-3, 3, 100)
plt.plot(x, torch.tanh(x), label="tanh")
plt.legend()
plt.show()"""
ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = {"trivial": "1 + 1", "import torch": "import torch\nprint(torch.ones(3).sum())", "torch and a plot": PLOT}
TICK = os.sysconf("SC_CLK_TCK")
Row = dict[str, float]


def main() -> None:
    """Measure here, or in a lesser circumstance when told to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--class", dest="folder", type=Path, help="ten notebooks of this folder that import torch")
    parser.add_argument("--inside", metavar="MODE", help="measure one mode in this very process, print JSON")
    order = parser.parse_args()
    notebooks = NOTEBOOKS if order.folder is None else of_class(order.folder)
    if order.inside:
        print(json.dumps(summed_up(measured_in(order.inside, notebooks, order.times))))
        return
    heads = ("tree", "zygote", "kernel", "grader", "asking", "wall", "ratio")
    print(f"{'seconds a submission':<34}" + "".join(f"{head:>8}" for head in heads))
    plain = summed_up({name: with_nbclient(source, order.times) for name, source in notebooks.items()})
    show("plain nbclient", plain, plain)
    again = [] if order.folder is None else ["--class", str(order.folder)]
    for mode, prefix in circumstances().items():
        program = [*prefix, sys.executable, __file__, "--inside", mode, "--times", str(order.times), *again]
        done = subprocess.run(program, check=True, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
        show(mode, json.loads(done.stdout), plain)


def of_class(folder: Path) -> dict[str, str]:
    """Return the import statements of the first ten notebooks that import torch and nothing that is not here."""
    found = {path.stem: imports(json.loads(path.read_text())) for path in sorted(folder.glob("*.ipynb"))}
    chosen = [name for name, (_, modules) in found.items() if "torch" in modules and all(map(find_spec, modules))]
    return {name: found[name][0] for name in chosen[:10]}


def imports(notebook: dict[str, Any]) -> tuple[str, set[str]]:
    """Return the import statements at the top level of a notebook's cells, a line each, and the packages they name."""
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code = "\n".join(line for source in sources for line in source.split("\n") if not line.startswith(("%", "!")))
    found = [each for each in ast.parse(code).body if isinstance(each, (ast.Import, ast.ImportFrom))]
    named = [alias.name for each in found if isinstance(each, ast.Import) for alias in each.names]
    named += [each.module or "" for each in found if isinstance(each, ast.ImportFrom)]
    return "\n".join(map(ast.unparse, found)), {name.partition(".")[0] for name in named}


def summed_up(rows: dict[str, Row]) -> dict[str, Row]:
    """Return the three notebooks as they are; of a class the mean, and the one whose kernel took most."""
    if rows.keys() == NOTEBOOKS.keys():
        return rows
    mean = {part: statistics.mean(row[part] for row in rows.values()) for part in next(iter(rows.values()))}
    return {f"mean of {len(rows)}": mean, "dearest": max(rows.values(), key=lambda row: row["tree"] + row["zygote"])}


def show(what: str, rows: dict[str, Row], plain: dict[str, Row]) -> None:
    """Print a line for each notebook; 'kernel' is tree and zygote, the ratio that of all CPU time to nbclient's."""
    for name, row in rows.items():
        kernel = row["tree"] + row["zygote"]
        whole = kernel + row["grader"]
        ratio = (plain[name]["tree"] + plain[name]["grader"]) / whole
        numbers = (row["tree"], row["zygote"], kernel, row["grader"], row["asking"], row["wall"], ratio)
        print(f"{what + ', ' + name:<34}"[:34] + "".join(f"{number:8.3f}" for number in numbers), flush=True)


def circumstances() -> dict[str, list[str]]:
    """Return by mode what to put before a command so that the mode is the strongest there is."""
    return dict(_stations().circumstances())


def _stations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stations", ROOT / "tests/sandbox/stations.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_nbclient(source: str, times: int) -> Row:
    """Return the means of plain nbclient: a fresh kernel for each notebook, as nbconvert has it."""
    import nbformat
    from nbclient import NotebookClient

    def run() -> None:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        NotebookClient(notebook, kernel_name="python3", extra_arguments=["--log-level=50"]).execute()

    run()
    children, own, start = _children(), time.process_time(), time.monotonic()
    for _ in range(times):
        run()
    spent = (_children() - children, time.process_time() - own, time.monotonic() - start)
    return {
        "tree": spent[0] / times,
        "zygote": 0.0,
        "grader": spent[1] / times,
        "asking": 0.0,
        "wall": spent[2] / times,
    }


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured_in(mode: str, notebooks: dict[str, str], times: int) -> dict[str, Row]:
    """Return the means of every notebook in one mode, the zygote being warm."""

    with Sandbox(Settings(mode=mode)) as sandbox:
        return {name: _notebook(sandbox, source, times) for name, source in notebooks.items()}


def _notebook(sandbox: Sandbox, source: str, times: int) -> Row:
    """Return the means of one notebook: started and ended, and then the same with what is asked at the end."""
    started = _repeated(sandbox, lambda: _started_and_ended(sandbox, source), times)
    whole = _repeated(sandbox, lambda: _whole_run(sandbox, source), times)
    asking = sum(whole[part] - started[part] for part in ("tree", "zygote", "grader"))
    return {**started, "asking": asking}


def _repeated(sandbox: Sandbox, run: Callable[[], None], times: int) -> Row:
    run()  # the first starts the zygote
    _settle(sandbox)
    before, own, start = _meter(sandbox), time.process_time(), time.monotonic()
    for _ in range(times):
        run()
    wall, own = time.monotonic() - start, time.process_time() - own
    _settle(sandbox)
    after = _meter(sandbox)
    tree, zygote = (there - here for here, there in zip(before, after, strict=True))
    return {"tree": tree / times, "zygote": zygote / times, "grader": own / times, "wall": wall / times}


def _started_and_ended(sandbox: Sandbox, source: str) -> None:
    """Start a kernel, run the cell, end the kernel."""

    limits, boxes = Limits(), list[Box]()

    async def work() -> None:
        async with cells.kernel(opened, Budget(limits), lambda: None) as kernel:
            plan = attempt.Plan([Cell(1, "code", source)], (), lambda _: None)
            done = await attempt.run(plan, kernel, attempt.Room(limits.output), without=(), until=None)
            assert done.cells[1].error is None, done.cells[1].error

    def opened() -> Box:
        boxes.append(sandbox._open((), limits, 1))
        return boxes[0]

    asyncio.run(work())
    _end(boxes[0])


def _whole_run(sandbox: Sandbox, source: str) -> None:
    """Run a submission as the grader does."""

    document = Document("work.py", (Cell(1, "code", source),), "python")
    with sandbox.run(Submission("s", "S", ()), [document], Limits(), seed=1) as finished:
        assert finished.files[0].status == "finished", finished.files[0]
        _end(finished._boxes[0])


def _end(box: Box) -> None:
    """Kill the kernel first, so that its init waits for it: who dies with the namespace is counted nowhere."""
    signal.pidfd_send_signal(box.kernel, signal.SIGKILL)
    processes.ended(box.init, 5.0)
    box.close()


def _zygotes(sandbox: Sandbox) -> list[int]:
    """Return the zygote's process, or two where a user namespace has one stand before it."""
    first = sandbox._zygote.pid
    if sandbox.mode != "userns":
        return [first]
    return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]


def _settle(sandbox: Sandbox) -> None:
    """Wait until no box is left, all being counted by then."""
    deadline = time.monotonic() + 10
    last = _zygotes(sandbox)[-1]
    while Path(f"/proc/{last}/task/{last}/children").read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.02)


def _meter(sandbox: Sandbox) -> tuple[float, float]:
    """Return CPU seconds of (all boxes that were, the zygote itself)."""
    boxes = own = 0.0
    for pid in _zygotes(sandbox):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        user, system, of_children, in_system = (int(ticks) / TICK for ticks in fields[11:15])
        own += user + system
        boxes += of_children + in_system
    return boxes, own


if __name__ == "__main__":
    main()
