"""Probabilities of all classes are found as bars, lying or upright, as points, and in what was printed."""

from __future__ import annotations

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.expect import Probabilities
from grader.expect.expectation import Ask
from grader.observed import Axes, Curve, Figure
from grader.records import CellRun, FileRun, Outcome, Output, Verdict

R = np.random.default_rng(0)
ROWS = [row / row.sum() for row in R.exponential(size=(4, 10))]
NAMES = "abcdefghij"
PLACES = np.arange(10.0)


def judged(figures: list[Figure], *printed: str) -> Verdict:
    cells = tuple(CellRun(at, "code", "show()", (Output("text", text),)) for at, text in enumerate(printed, 1))
    file = FileRun("hw.ipynb", cells, "finished", figures=tuple(figures))
    return Probabilities(samples=3, classes=10).judge(FakeStudent({}, files=(file,)), Ask((1,)))


def figures(rows, kind="bar") -> list[Figure]:
    return [Figure((Axes((), images=1), Axes((Curve(kind, PLACES, np.asarray(row)),)))) for row in rows]


def lying(row) -> Figure:
    return Figure((Axes((Curve("bar", np.asarray(row) / 2, np.full(10, 0.8)),)),))


def mapped(table) -> Figure:
    return Figure((Axes((), images=1, texts=("confidence", *(f"{p:.2f}" for p in table.ravel()))),))


RIGHT = {
    "bars": (figures(ROWS[:3]), ()),
    "bars that touch": (figures(ROWS[:3], "hist"), ()),
    "lying bars": ([lying(row) for row in ROWS[:3]], ()),
    "per cent": (figures(100 * np.array(ROWS[:3])), ()),
    "lines": (figures(ROWS[:3], "line"), ()),
    "the same image twice": (figures([ROWS[0], ROWS[0], ROWS[1]]), ()),
    "printed arrays": ([], (str(np.array(ROWS[:3])),)),
    "printed line by line": (
        [],
        tuple("\n".join(f"class {k}: {100 * p:.2f}%" for k, p in enumerate(row)) for row in ROWS[:3]),
    ),
    "dictionaries": (
        [],
        tuple(str({f"class {k}": p for k, p in enumerate(row.tolist())}) + " -> class 3" for row in ROWS[:3]),
    ),
    "a line each": (
        [],
        (
            "\n".join(
                ", ".join(f"{name}={100 * p:.1f}%" for name, p in zip(NAMES, row, strict=True)) for row in ROWS[:3]
            ),
        ),
    ),
    "numbers alone": ([], ("\n".join(" ".join(f"{p:.4f}" for p in row) for row in ROWS[:3]),)),
    "a map with numbers": ([mapped(np.array(ROWS[:3]))], ()),
    "a map with numbers, class after class": ([mapped(np.array(ROWS[:3]).T)], ()),
    "some drawn, some printed": (figures(ROWS[:1]), (str(ROWS[1]), str(ROWS[2]))),
}


@pytest.mark.parametrize("way", RIGHT)
def test_three_samples_are_found_however_they_are_shown(way):
    drawn, printed = RIGHT[way]
    verdict = judged(drawn, *printed)
    assert verdict.outcome is Outcome.PASSED, verdict


def test_labels_of_bars_are_no_further_samples():
    labelled = [Figure((Axes((Curve("bar", PLACES, row),), texts=tuple(f"{p:.2f}" for p in row)),)) for row in ROWS[:2]]
    assert judged(labelled).outcome is Outcome.PARTIAL


def test_logits_are_no_probabilities():
    verdict = judged(figures(R.normal(size=(3, 10)) * 5))
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "no_probabilities")


def test_fewer_samples_earn_their_part():
    verdict = judged(figures(ROWS[:2]))
    assert (verdict.outcome, verdict.mistake, verdict.fraction) == (Outcome.PARTIAL, "too_few", 2 / 3)


def test_losses_of_ten_epochs_are_no_probabilities():
    assert judged(figures([np.linspace(2, 0.1, 10)], "line")).outcome is Outcome.MISSING


def test_images_with_one_number_each_are_for_a_person():
    assert judged([Figure((Axes((), title="Bag (98%)", images=1),))]).outcome is Outcome.PENDING


def test_nothing_shown_is_missing():
    assert judged([]).outcome is Outcome.MISSING
    assert judged([], "0.5 0.25", "[1, 2, 3]").outcome is Outcome.MISSING
