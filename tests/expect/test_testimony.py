"""A record is testimony: made up, broken or absurd, it may cost points, but never breaks the grader."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from trained import Plan, Recorded, f_star, file_of, train

from grader.chance import Normal
from grader.expect.expectation import Ask, Expectation
from grader.expect.fit import Fit
from grader.expect.initial import Initial
from grader.expect.network import Network
from grader.expect.plot import Plot
from grader.expect.recipe import Recipe
from grader.observed import Axes, Curve, Figure, Training
from grader.records import Verdict

NET = Network((1, 64, 64, 1), "sigmoid")
CLEAN = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star)
NOISY = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star, noise=0.5)
START = Initial(CLEAN, Normal(), 0.03)
FIT = Fit(CLEAN, START, on=(-2, 2), good=0.5, fair=0.8)
ALL: list[tuple[Expectation, str]] = [
    (NET, ""),
    (START, ""),
    (FIT, ""),
    (Fit(NOISY, START, on=(-2, 2), good=0.5, fair=0.8), ""),
    (Plot(CLEAN, NOISY, on=(-2, 2)), ""),
    *((recipe, part) for recipe in (CLEAN, NOISY) for part in CLEAN.parts),
]
GRID = np.linspace(-2, 2, 50)
FIGURES = (Figure((Axes((Curve("line", GRID, GRID), Curve("line", GRID[:, None], GRID))),)),)
RIGHT = train(Plan(made=6))

reals = st.floats(allow_nan=True, allow_infinity=True, width=64)
arrays = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5), elements=reals)
maybe = st.none() | arrays
counts = hnp.arrays(np.int64, st.integers(0, 8), elements=st.integers(-(2**62), 2**62))


def judge_all(training: Training) -> list[Verdict]:
    student = Recorded(file_of(training, RIGHT, figures=FIGURES))
    alone = Recorded(file_of(training, figures=FIGURES))
    return [each.judge(one, Ask((1,), part)) for one in (student, alone) for each, part in ALL]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_made_up_records_do_no_harm(data: Any) -> None:
    def draw(strategy: Any) -> Any:
        return data.draw(strategy)

    passes = tuple(
        replace(
            seen,
            step=draw(st.integers(-1, 2**60)),
            inputs=draw(st.just(seen.inputs) | maybe),
            outputs=draw(st.just(seen.outputs) | maybe),
            output_gradient=draw(st.just(seen.output_gradient) | maybe),
            loss=draw(reals),
            rate=draw(st.none() | reals),
            clean=draw(st.booleans()),
        )
        for seen in RIGHT.passes[: draw(st.integers(0, 4))]
    )
    many = st.lists(arrays, max_size=7).map(tuple)
    changed = replace(
        RIGHT,
        passes=passes,
        initial=draw(st.just(RIGHT.initial) | many),
        final=draw(st.just(RIGHT.final) | many),
        rule=draw(st.sampled_from(["SGD", "Adam", "by hand", "", "<b>"])),
        settings=((0, {"lr": draw(reals), "momentum": draw(reals)}),) if draw(st.booleans()) else (),
        steps=draw(st.integers(-5, 2**62)),
        batch_sizes=draw(st.just(RIGHT.batch_sizes) | counts),
        row_ids=draw(st.just(RIGHT.row_ids) | st.lists(counts, max_size=3).map(tuple)),
        rows=draw(st.just(RIGHT.rows) | arrays),
    )
    for verdict in judge_all(changed):
        assert verdict.found
        assert 0 <= verdict.fraction <= 1


@pytest.mark.parametrize(("columns", "outputs"), [(3, 1), (1, 3), (2, 2)])
def test_a_last_pass_of_another_form_than_the_first(columns: int, outputs: int) -> None:
    late = replace(RIGHT.passes[-1], inputs=np.ones((7, columns)), outputs=np.ones((7, outputs)), output_gradient=None)
    judge_all(replace(RIGHT, passes=(*RIGHT.passes, late)))


@pytest.mark.parametrize("size", [0.0, 1e300, -1e300, 1e-300, np.inf, np.nan])
def test_absurd_sizes(size: float) -> None:
    passes = tuple(replace(seen, outputs=seen.outputs * 0 + size, loss=size) for seen in RIGHT.passes)  # type: ignore[operator]
    judge_all(replace(RIGHT, passes=passes))
    huge = tuple(array * 0 + size for array in RIGHT.final)
    judge_all(replace(RIGHT, final=huge, initial=huge, rows=RIGHT.rows * 0 + size))
