"""What one question to a finished kernel costs: a fork of it, an answer, the end of the fork.

    python benchmarks/question.py [--times 50]

The kernel has torch loaded and a small network trained in it. CPU seconds are those of the box (kernel and forks) and
of the grader, per question; the wall time is that of a whole conversation with one question in it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from grader.assignment import Limits
from grader.conversation import Live
from grader.execute import Finished, Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission

SOURCE = """import numpy as np
import torch
model = torch.nn.Sequential(torch.nn.Linear(1, 64), torch.nn.Sigmoid(), torch.nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for _ in range(50):
    optimizer.zero_grad()
    model(torch.randn(32, 1)).pow(2).mean().backward()
    optimizer.step()
small, large = np.ones(100), np.ones(1_000_000)
def relu(z):
    return np.maximum(z, 0)"""


def main() -> None:
    """Run the notebook and ask."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=50)
    times = parser.parse_args().times
    document = Document("work.py", (Cell(1, "code", SOURCE),), "python")
    with (
        Sandbox(Settings()) as sandbox,
        sandbox.run(Submission("s", "S", ()), [document], Limits(), seed=1) as finished,
    ):
        assert finished.files[0].cells[0].error is None, finished.files[0].cells[0].error
        print(f"mode {sandbox.mode}; milliseconds a question, mean of {times}")
        print(f"{'':<28}{'wall':>8}{'box CPU':>9}{'grader CPU':>12}")
        show(finished, "an array of 800 bytes", times, lambda ask: ask("small"))
        show(finished, "an array of 8 MB", max(1, times // 10), lambda ask: ask("large"))
        show(finished, "nothing (fork and end)", times, None)


def show(
    finished: Finished, what: str, times: int, question: Callable[[Callable[[str], object]], object] | None
) -> None:
    """Ask the same so many times, each in a fork of its own, and print the mean."""
    box = finished._boxes[0]
    assert box is not None
    boxed, own, start = box.cpu, time.process_time(), time.monotonic()
    for number in range(times):
        if question is None:
            finished.connect(0).close()
            continue
        live = Live(finished.files, finished.connect, 10.0)
        with live.conversation(f"claim {number}") as student:
            question(student.get)
    numbers = (time.monotonic() - start, box.cpu - boxed, time.process_time() - own)
    wall, boxed, own = (1000 * seconds / times for seconds in numbers)
    print(f"{what:<28}{wall:>8.1f}{boxed:>9.1f}{own:>12.1f}", flush=True)


if __name__ == "__main__":
    main()
