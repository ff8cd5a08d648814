"""A drawn function and its asymptotes are found as data, in every style of drawing them."""

from __future__ import annotations

import numpy as np
import pytest
from trained import Recorded, file_of

from grader.expect.expectation import Ask
from grader.expect.graph import Graph
from grader.observed import Axes, Curve, Figure
from grader.records import CellRun, Outcome, Verdict


def softplus(x):
    return np.log(1 + np.exp(x))


SOFTPLUS = Graph(softplus, on=(-4, 4), left=(0, 0), right=(1, 0))
X = np.linspace(-6, 6, 200)
CURVE = Curve("line", X, softplus(X))
ZERO, SLOPE = Curve("line", np.array([-6.0, 6.0]), np.zeros(2)), Curve("line", X, X)


def judged(*curves: Curve, cells: tuple[CellRun, ...] = (), graph: Graph = SOFTPLUS) -> Verdict:
    figures = (Figure((Axes(curves),)),) if curves else ()
    return graph.judge(Recorded(file_of(figures=figures, cells=cells)), Ask((1,)))


RIGHT = {
    "lines": (CURVE, ZERO, SLOPE),
    "in another order": (SLOPE, CURVE, ZERO),
    "a cloud": (Curve("scatter", X[::-4], softplus(X[::-4])), ZERO, SLOPE),
    "one side each": (CURVE, Curve("line", X[:100], 0 * X[:100]), Curve("line", X[100:], X[100:])),
    "one line with a corner": (CURVE, Curve("line", X, np.maximum(X, 0))),
    "lines with gaps": (CURVE, Curve("line", np.array([-5, 0, np.nan, 0, 5]), np.array([0, 0, np.nan, 0, 5.0])), ),
    "single precision": (Curve("line", X, softplus(X).astype(np.float32).astype(float)), ZERO, SLOPE),
    "far out": (Curve("line", 10 * X, softplus(10 * X)), Curve("line", 10 * X, 0 * X), Curve("line", 10 * X, 10 * X)),
    "from 20 points": (Curve("line", X[::10], softplus(X[::10])), ZERO, SLOPE),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_ways(name: str) -> None:
    verdict = judged(*RIGHT[name])
    assert verdict.outcome is Outcome.PASSED, verdict


WRONG = {
    "no asymptote": ((CURVE,), "no_asymptotes", 1 / 3, "x → -∞"),
    "far out, no asymptote": ((Curve("line", 10 * X, softplus(10 * X)),), "no_asymptotes", 1 / 3, "x → ∞"),
    "one asymptote": ((CURVE, ZERO), "asymptote_missing", 2 / 3, "x → ∞"),
    "a steeper asymptote": ((CURVE, ZERO, Curve("line", X, 1.1 * X)), "asymptote_missing", 2 / 3, "x → ∞"),
    "the sigmoid": ((Curve("line", X, 1 / (1 + np.exp(-X))), ZERO), "other_curve", 1 / 3, "the curve itself"),
    "no curve": ((ZERO, SLOPE), "other_curve", 2 / 3, "the curve itself"),
    "a tangent at one point": ((CURVE, ZERO, Curve("scatter", X[:1], X[:1])), "asymptote_missing", 2 / 3, "x → ∞"),
    "too narrow": ((Curve("line", X / 12, softplus(X / 12)), ZERO, SLOPE), "other_curve", 2 / 3, "the curve itself"),
    "something else": ((Curve("line", X, np.sin(X)),), "other_curve", 0.0, "the curve itself"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_there_is_named(name: str) -> None:
    curves, mistake, share, said = WRONG[name]
    verdict = judged(*curves)
    assert verdict.outcome is (Outcome.PARTIAL if share else Outcome.FAILED)
    assert (verdict.mistake, verdict.fraction) == (mistake, pytest.approx(share))
    assert said in verdict.found
    assert "log" not in verdict.found


def test_nothing_drawn() -> None:
    assert judged().outcome is Outcome.MISSING
    picture = CellRun(3, "text", "By hand: ![my drawing](attachment:photo.png)")
    assert judged(cells=(picture,)).outcome is Outcome.PENDING


def test_a_function_without_asymptotes() -> None:
    sine = Graph(np.sin, on=(-4, 4))
    assert judged(Curve("line", X, np.sin(X)), graph=sine).outcome is Outcome.PASSED
    assert judged(CURVE, graph=sine).outcome is Outcome.FAILED
