"""Where kernels cannot share a warm process, each starts from nothing, as confined, with the same results."""

import os

import pytest

from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission
from grader.sandbox.processes import descendants, living
from grader.sandbox.warm import Zygote

DRAWS = """import random, sys
print("torch" in sys.modules, "matplotlib" in sys.modules)
import numpy as np
print(random.random(), np.random.rand(), hash("a"))
import torch
print(torch.rand(3), torch.get_num_threads(), torch.randn(40, 40) @ torch.randn(40, 40))"""
CONFINED = """import os, socket
for attempt in (lambda: socket.socket(socket.AF_INET), lambda: open("/etc/shadow").read(), lambda: os.setuid(0)):
    try:
        attempt()
    except OSError as error:
        print("held:", type(error).__name__)"""
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()"
TRAINING = """model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(20):
    optimizer.zero_grad()
    model(torch.ones(4, 1)).sum().backward()
    optimizer.step()"""
NOTHING = Document("w.py", (Cell(1, "code", "x = 1"),), "python")


def record(settings, *sources):
    """The record of some cells, in a sandbox of their own."""
    cells = tuple(Cell(place, "code", source) for place, source in enumerate(sources, 1))
    document = Document("w.py", cells, "python")
    with Sandbox(settings) as sandbox, sandbox.run(student(), [document], Limits(), seed=5) as finished:
        return finished.files[0]


def student():
    return Submission("s", "S", ())


def shown(run):
    return [[(output.kind, output.content) for output in cell.outputs] for cell in run.cells]


@pytest.mark.slow
def test_a_cold_kernel_gives_the_results_of_a_warm_one():
    warm, cold = (record(Settings(warm=warm), DRAWS, CONFINED, PLOT, TRAINING) for warm in (True, False))
    assert [cell.error for cell in cold.cells] == [None] * 4
    assert shown(cold)[1] == [("text", "held: PermissionError\nheld: FileNotFoundError\nheld: PermissionError\n")]
    imported, drawn = shown(cold)[0][0][1].split("\n", 1)
    assert imported == "False False"
    assert drawn == shown(warm)[0][0][1].split("\n", 1)[1]
    assert shown(cold)[1:] == shown(warm)[1:]
    assert [training.steps for training in cold.trainings] == [training.steps for training in warm.trainings] == [20]


def test_every_cold_kernel_has_a_process_of_its_own_that_goes_with_it():
    before = set(living(descendants(os.getpid())))
    with Sandbox(Settings(warm=False)) as sandbox:
        for _ in range(2):
            with sandbox.run(student(), [NOTHING] * 2, Limits(), seed=5) as finished:
                assert [file.status for file in finished.files] == ["finished"] * 2
                assert len({box.zygote.pid for box in finished._boxes}) == 2
    assert set(living(descendants(os.getpid()))) <= before


def test_what_starts_threads_when_it_is_imported_is_not_shared(monkeypatch):
    started = Zygote._greet

    def with_two_threads(zygote, control):
        started(zygote, control)
        zygote.threads = 2

    monkeypatch.setattr(Zygote, "_greet", with_two_threads)
    with Sandbox(Settings()) as sandbox, sandbox.run(student(), [NOTHING], Limits(), seed=5) as finished:
        assert finished.files[0].status == "finished"
        assert (sandbox._zygote, len(sandbox._cold)) == (None, 1)
