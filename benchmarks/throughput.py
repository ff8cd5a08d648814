"""How much of the machine goes into students' code: ten hw3 hand-ins on two cores, from nothing to reports.

    python benchmarks/throughput.py [--jobs 2] [--tenth]

Ten of the sample hand-ins are graded in this process, as `grade` does it, in the strongest mode there is. All CPU time
is told apart: cells of students, the rest of their kernels (start, answers to questions, end), the zygote, the grader.
Beside it stands what plain nbclient takes to run the same files and judge nothing. The recorder works inside the cells
but is ours, so a last part runs one training with it and without, in turns, in one box: a plain kernel would import
`torch._dynamo` in its first step, which hides what the recorder takes. `--tenth` trains for a tenth of the epochs, for
a quick look at worse shares.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from rich.console import Console

from grader import session
from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission
from grader.sandbox import box, warm
from grader.store import Results

ROOT = Path(__file__).resolve().parents[1]
HAND_INS = (
    *("ada_script.py", "bruno_notebook.ipynb", "chiara_loop_init.ipynb", "deniz_registered_twice", "emil_in_main.py"),
    *(
        "farah_sgd_by_hand.py",
        "goran_bare_tensors.ipynb",
        "hana_float64.py",
        "ines_percent_cells.py",
        "jonas_two_files",
    ),
)
TRAINING = """import time
import torch
from torch.optim import optimizer as optimizers

def train(epochs):
    torch.manual_seed(1)
    started = time.process_time()
    model = torch.nn.Sequential(torch.nn.Linear(1, 64), torch.nn.Sigmoid(), torch.nn.Linear(64, 64), torch.nn.Sigmoid(),
                                torch.nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loss_function = torch.nn.MSELoss()
    X = torch.randn(512, 1)
    y = (X - 2) * torch.cos(4 * X)
    for epoch in range(epochs):
        permutation = torch.randperm(512)
        for i in range(0, 512, 128):
            rows = permutation[i:i + 128]
            optimizer.zero_grad()
            loss = loss_function(model(X[rows]), y[rows]) / 2
            loss.backward()
            optimizer.step()
    return time.process_time() - started

watched = torch.nn.Module.__call__, torch.autograd.backward
hooks = optimizers._global_optimizer_pre_hooks, optimizers._global_optimizer_post_hooks
kept = [dict(each) for each in hooks]

def watch(on):
    torch.nn.Module.__call__, torch.autograd.backward = watched if on else [each.__wrapped__ for each in watched]
    for each, were in zip(hooks, kept):
        each.clear()
        each.update(were if on else {})

train(100)
for turn in range(5):
    watch(False)
    without = train(EPOCHS)
    watch(True)
    print(without, train(EPOCHS))"""


def main() -> None:
    """Grade ten hand-ins, then time one training with and without the recorder."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tenth", action="store_true")
    order = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as scratch:
        whole = graded(Path(scratch), order.jobs, tenth=order.tenth)
        run_plainly(Path(scratch) / "submissions", whole)
    recorded(100 if order.tenth else 1000)


def graded(scratch: Path, jobs: int, *, tenth: bool) -> float:
    """Grade the hand-ins, print where the CPU time went, and return how much there was of it."""
    hand_ins, out = scratch / "submissions", scratch / "out"
    lay_out(hand_ins, tenth=tenth)
    meter = Meter()
    order = session.Order("hw3", hand_ins, ROOT, out, jobs)
    start = time.monotonic()
    session.grade_class(order, Console(file=io.StringIO()))
    wall, grader = time.monotonic() - start, _own() - meter.own
    results = Results(out)
    records = [results.load(path.parent.name).record for path in out.glob("*/run.zip")]
    students = sum(file.usage.cpu_student for record in records if record for file in record.files)
    parts = {
        "cells of students": students,
        "the rest of their kernels": meter.boxes - students,
        "the zygote": meter.zygote,
        "the grader": grader,
    }
    whole = sum(parts.values())
    print(f"{len(records)} hand-ins, -j {jobs}: {wall:.0f} s by the clock, {whole:.1f} s of CPU")
    for name, seconds in parts.items():
        print(f"  {name:<28}{seconds:>8.1f} s{100 * seconds / whole:>7.1f} %", flush=True)
    return whole


def run_plainly(hand_ins: Path, ours: float) -> None:
    """Run every file in a kernel of its own, as nbconvert does, and print the CPU time beside ours."""
    used, own = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time()
    for path in sorted(hand_ins.rglob("*.*")):
        notebook = (
            nbformat.read(path, 4)
            if path.suffix == ".ipynb"
            else nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(path.read_text())])
        )
        resources, quiet = {"metadata": {"path": str(path.parent)}}, {"extra_arguments": ["--log-level=50"]}
        NotebookClient(
            notebook, kernel_name="python3", resources=resources, allow_errors=True, timeout=600, **quiet
        ).execute()
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    kernels = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    whole = kernels + time.process_time() - own
    print(f"the same files, run by plain nbclient: {whole:.1f} s of CPU; ours, judged, is {ours / whole:.2f} of it")


def lay_out(folder: Path, *, tenth: bool) -> None:
    """Copy the hand-ins into a folder, with a tenth of the epochs if asked."""
    folder.mkdir()
    for name in HAND_INS:
        source = ROOT / "sample_submissions/hw3" / name
        copied = shutil.copytree if source.is_dir() else shutil.copy
        copied(source, folder / name)
    if tenth:
        for path in folder.rglob("*.*"):
            path.write_text(path.read_text().replace("1000", "100"))


class Meter:
    """Counts what ends during a run: the CPU of every box just before it is closed, and the zygote's own."""

    def __init__(self) -> None:
        """Stand between the grader and the ends of its processes."""
        self.boxes = self.zygote = 0.0
        self.own = _own()
        close_box, close_zygote = box.Box.close, warm.Zygote.close

        def close(one: box.Box) -> None:
            if not one.closed:
                self.boxes += one.cpu
            close_box(one)

        def end(zygote: warm.Zygote) -> None:
            self.zygote += _of_process(zygote.pid)
            close_zygote(zygote)

        box.Box.close, warm.Zygote.close = close, end  # type: ignore[method-assign]


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _of_process(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def recorded(epochs: int) -> None:
    """Print what the recorder adds to a training: in one box, with it and with torch as it was, in nine turns."""
    document = Document("work.py", (Cell(1, "code", TRAINING.replace("EPOCHS", str(epochs))),), "python")
    with (
        Sandbox(Settings()) as sandbox,
        sandbox.run(Submission("s", "S", ()), [document], Limits(), seed=1) as finished,
    ):
        lines = finished.files[0].cells[0].outputs[0].content.splitlines()
    turns = [(float(without), float(recorder)) for without, recorder in map(str.split, lines)]
    shares = [recorder / without - 1 for without, recorder in turns]
    without, step = statistics.median(turn[0] for turn in turns), 1e6 / (4 * epochs)
    more = statistics.median(recorder - without for without, recorder in turns)
    print(f"a step of {epochs} epochs: {without * step:.0f} microseconds, and {more * step:.0f} of the recorder")
    low, middle, high = (100 * share for share in (min(shares), statistics.median(shares), max(shares)))
    print(f"  the recorder adds {middle:.0f} % ({low:.0f} to {high:.0f})")


if __name__ == "__main__":
    main()
