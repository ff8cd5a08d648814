"""A drawn curve is the trained network's, in whatever order and form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fake_student import FakeStudent
from trained import Plan, Recorded, f_star, file_of, train

from grader.chance import Normal
from grader.expect.expectation import Ask
from grader.expect.network import Network
from grader.expect.plot import Plot
from grader.expect.recipe import Recipe
from grader.expect.runs import Run, readings_of
from grader.observed import Axes, Curve, Figure, Training
from grader.records import CellError, CellRun, FileRun, Outcome, Verdict

NET = Network((1, 64, 64, 1), "sigmoid")
CLEAN = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star)
NOISY = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star, noise=0.5)
PLOT = Plot(CLEAN, NOISY, on=(-2, 2))
ASK = Ask((1,))
GRID = np.linspace(-2, 2, 100)
POINTS = np.random.default_rng(5).normal(size=512)


@pytest.fixture(scope="module")
def training() -> Training:
    return train(Plan())


def network(training: Training, x: np.ndarray) -> np.ndarray:
    (reading,) = readings_of(Run(training, 0, "", 1), (1, 64, 64, 1), "sigmoid")
    return reading(training.final, x[:, None])[:, 0]


def judged(training: Training, *curves: Curve, cells: tuple[CellRun, ...] = ()) -> Verdict:
    figures = (Figure((Axes(curves),)),) if curves else ()
    return PLOT.judge(Recorded(file_of(training, cells=cells, figures=figures)), ASK)


def test_line_cloud_and_any_order(training: Training) -> None:
    truth = Curve("line", GRID, f_star(GRID))
    for x, kind in ((GRID, "line"), (POINTS, "scatter"), (POINTS, "line"), (GRID[::-1], "scatter")):
        verdict = judged(training, truth, Curve(kind, x, network(training, x).astype(np.float32).astype(float)))
        assert verdict.outcome is Outcome.PASSED
    assert not judged(training, Curve("line", GRID, network(training, GRID))).remarks


def test_either_trained_network_will_do(training: Training) -> None:
    noisy = train(Plan(noise=0.5, seed=4))
    figures = (Figure((Axes((Curve("line", GRID, network(noisy, GRID)),)),)),)
    assert PLOT.judge(Recorded(file_of(training, noisy, figures=figures)), ASK).outcome is Outcome.PASSED


def test_only_the_last_batch_is_a_remark(training: Training) -> None:
    verdict = judged(training, Curve("scatter", POINTS[:128], network(training, POINTS[:128])))
    assert verdict.outcome is Outcome.PASSED
    assert "last batch" in verdict.remarks[0]


WRONG = {
    "truth only": (Curve("line", GRID, f_star(GRID)), "truth_only", "not the trained network"),
    "loss": (Curve("line", np.arange(1000.0), np.geomspace(30, 0.1, 1000)), "", "1 curve"),
    "shuffled": (Curve("scatter", GRID, np.zeros(100)), "", "1 curve"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_curves_are_not_it(name: str, training: Training) -> None:
    curve, mistake, said = WRONG[name]
    verdict = judged(training, curve)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake)
    assert said in verdict.found


def test_too_narrow(training: Training) -> None:
    x = np.linspace(0, 1, 100)
    assert judged(training, Curve("line", x, network(training, x))).mistake == "narrow_plot"


def test_a_plot_that_was_lost_for_want_of_something_here_waits_for_a_person(training: Training) -> None:
    loss = Curve("line", np.arange(1000.0), np.geomspace(30, 0.1, 1000))
    lack = CellError("ModuleNotFoundError", "No module named 'seaborn'", blame="environment")
    cell = CellRun(4, "code", "sns.set()\nplt.plot(x, model(x).detach())", error=lack)
    assert judged(training, loss, cells=(cell,)).outcome is Outcome.PENDING
    elsewhere = replace(cell, source="import seaborn")
    assert judged(training, loss, cells=(elsewhere,)).outcome is Outcome.FAILED


def test_a_crash_while_plotting_is_explained(training: Training) -> None:
    message = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
    cell = CellRun(4, "code", "plt.plot(x, model(x))", error=CellError("RuntimeError", message))
    for curves in ((), (Curve("line", GRID, f_star(GRID)),)):
        verdict = judged(training, *curves, cells=(cell,))
        assert verdict.outcome is Outcome.MISSING
        assert "Cell 4" in verdict.found
        assert "detach" in verdict.hint


def test_no_figure(training: Training) -> None:
    assert judged(training).outcome is Outcome.MISSING
    error = CellError("ModuleNotFoundError", "No module named 'plotly'", blame="environment")
    assert judged(training, cells=(CellRun(1, "code", "", error=error),)).outcome is Outcome.PENDING


def test_figures_without_a_network_are_for_a_person() -> None:
    figures = (Figure((Axes((Curve("line", GRID, GRID),)),)),)
    assert PLOT.judge(Recorded(FileRun("a.py", (), "finished", figures=figures)), ASK).outcome is Outcome.PENDING


def test_ragged_and_broken_curves_are_ignored(training: Training) -> None:
    broken = (
        Curve("line", GRID, GRID[:50]),
        Curve("line", GRID * np.nan, GRID),
        Curve("line", GRID[:3], GRID[:3]),
        Curve("bar", GRID, network(training, GRID)),
    )
    assert judged(training, *broken).outcome is Outcome.FAILED
    assert judged(training, *broken, Curve("line", GRID, network(training, GRID))).outcome is Outcome.PASSED


def test_a_diverged_network_has_no_curve(training: Training) -> None:
    lost = replace(training, final=tuple(array * np.nan for array in training.final))
    assert judged(lost, Curve("line", GRID, GRID * np.nan)).outcome is Outcome.FAILED


def test_a_network_that_was_not_seen_training() -> None:
    student = FakeStudent.of("import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.Linear(4, 1))")
    model = student.namespace["model"]
    import torch

    y = model(torch.tensor(GRID[:, None], dtype=torch.float32)).detach().numpy()[:, 0].astype(float)
    student.files = (FileRun("a.py", (), "finished", figures=(Figure((Axes((Curve("line", GRID, y),)),)),)),)
    assert PLOT.judge(student, ASK).outcome is Outcome.PASSED


@pytest.mark.parametrize(("missed", "outcome"), [(0, Outcome.PASSED), (9, Outcome.PASSED), (11, Outcome.FAILED)])
def test_bare_tensors_may_be_read_in_any_way_and_few_points_lie_elsewhere(
    training: Training, missed: int, outcome: Outcome
) -> None:
    bare = replace(training, model="", passes=())
    x = np.linspace(-2, 2, 200)
    heights = network(training, x)
    heights[: 8 * missed : 8] += 1.0  # just those that are looked at first
    assert judged(bare, Curve("line", x, heights)).outcome is outcome


def test_a_curve_that_is_near_at_a_glance_is_looked_at_whole(training: Training) -> None:
    x = np.linspace(-2, 2, 200)
    heights = network(training, x) + 1.0
    heights[::8] -= 1.0
    assert judged(replace(training, model="", passes=()), Curve("line", x, heights)).outcome is Outcome.FAILED
