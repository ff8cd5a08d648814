"""Probabilities of all classes are found as bars, lying or upright, as points, and in what was printed."""

from __future__ import annotations

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.expect import Probabilities
from grader.expect.expectation import Ask
from grader.expect.probabilities import KEPT
from grader.expect.probabilities import ROWS as ROWS_READ
from grader.kernel.drawn import TEXTS
from grader.observed import Axes, Curve, Figure
from grader.records import CellRun, FileRun, Outcome, Output, Verdict

R = np.random.default_rng(0)
ROWS = [row / row.sum() for row in R.exponential(size=(4, 10))]
NAMES = "abcdefghij"
PLACES = np.arange(10.0)
ONE_HOT = np.eye(10)[[7, 2, 1, 0]]
COUNTS = np.array([np.roll([91, 3, 2, 1, 1, 1, 1, 0, 0, 0], k) for k in range(10)])
"""A confusion matrix: 100 images of each class, most of them recognised."""


def judged(figures: list[Figure], *printed: str) -> Verdict:
    cells = tuple(CellRun(at, "code", "show()", (Output("text", text),)) for at, text in enumerate(printed, 1))
    file = FileRun("hw.ipynb", cells, "finished", figures=tuple(figures))
    return Probabilities(samples=3, classes=10).judge(FakeStudent({}, files=(file,)), Ask((1,)))


def figures(rows, kind="bar") -> list[Figure]:
    return [Figure((Axes((), images=1), Axes((Curve(kind, PLACES, np.asarray(row)),)))) for row in rows]


def lying(row) -> Figure:
    return Figure((Axes((Curve("bar", np.asarray(row) / 2, np.full(10, 0.8)),)),))


def mapped(table, form="{:.2f}", title="") -> Figure:
    """Return a map with its numbers, of whose texts as many are kept as the recorder keeps."""
    texts = ("confidence", *(form.format(p) for p in table.ravel()))[title != "" :]
    return Figure((Axes((), title=title, images=1, texts=texts[:TEXTS]),))


def in_lines(table, form) -> str:
    return "\n".join(" ".join(form.format(p) for p in row) for row in table)


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
    "a map in per cent": ([mapped(100 * ONE_HOT[:3], "{:.0f} %", "sure")], ()),
    "a map in per cent, as its title says": ([mapped(100 * ONE_HOT[:3], "{:.0f}", "Probability in %")], ()),
    "certain to two digits": ([], (str(ONE_HOT),)),
    "certain, numbers alone": ([], (in_lines(ONE_HOT, "{:.2f}"),)),
    "whole per cent": ([], tuple(str([f"{100 * p:.0f}%" for p in row]).replace("'", "") for row in ONE_HOT)),
    "rounded per cent": ([], (str(np.round(100 * np.array(ROWS[:3]))),)),
    "many samples": ([], (str(np.round(R.dirichlet(np.ones(10), size=60), 3)),)),
    "below a confusion matrix": ([], (str(COUNTS), str(np.array(ROWS[:3])))),
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


DOUBTFUL = {
    "a map of counts": ([mapped(COUNTS, "{}", "Confusion matrix")], ()),
    "a map of shares": ([mapped(COUNTS / 100, "{:.2f}", "Confusion matrix")], ()),
    "a map of shares in per cent": ([mapped(COUNTS, "{}%", "Confusion matrix")], ()),
    "a small map of whole numbers": ([mapped(COUNTS[:3], "{}", "?")], ()),
    "an array of counts": ([], (str(COUNTS),)),
    "an array of counts as floats": ([], (str(COUNTS.astype(float)),)),
    "an array of shares": ([], (str(COUNTS / 100),)),
    "a list of counts": ([], (str(COUNTS.tolist()),)),
    "counts alone": ([], (in_lines(COUNTS, "{}"),)),
    "shares alone": ([], (in_lines(COUNTS / 100, "{:.2f}"),)),
    "some counts alone": ([], (in_lines(COUNTS[:3], "{}"),)),
    "labels as unit vectors": ([], (str(ONE_HOT.astype(int)),)),
}


@pytest.mark.parametrize("way", DOUBTFUL)
def test_what_may_be_a_confusion_matrix_is_for_a_person(way):
    drawn, printed = DOUBTFUL[way]
    verdict = judged(drawn, *printed)
    assert verdict.outcome is Outcome.PENDING, verdict


def test_a_map_of_as_many_samples_as_classes_is_for_a_person():
    file = FileRun("hw.py", (), "finished", figures=(mapped(np.full((3, 3), 1 / 3), "{:.2f}", "sure"),))
    verdict = Probabilities(samples=3, classes=3).judge(FakeStudent({}, files=(file,)), Ask((1,)))
    assert verdict.outcome is Outcome.PENDING


def test_as_many_texts_are_called_kept_as_the_recorder_keeps():
    assert KEPT == TEXTS


def test_many_rows_are_read_in_linear_time():
    """All rows differ; if each were compared with every other, this would take hours."""
    rows = np.full((200_000, 2), 0.5) + np.linspace(0, 0.4, 200_000)[:, None] * (1, -1)
    texts = ["\n".join(f"{p:.7f} {q:.7f}" for p, q in part) for part in np.array_split(rows, 40)]
    cells = tuple(CellRun(at, "code", "show()", (Output("text", text),)) for at, text in enumerate(texts, 1))
    file = FileRun("hw.py", cells, "finished")
    verdict = Probabilities(samples=10**6, classes=2).judge(FakeStudent({}, files=(file,)), Ask((1,)))
    assert verdict.outcome is Outcome.PARTIAL
    assert 0 < verdict.fraction <= ROWS_READ / 10**6


def test_no_more_rows_are_read_than_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr("grader.expect.probabilities._sums", lambda row, within: seen.append(row) or True)
    judged([], *[str(row) for row in R.dirichlet(np.ones(10), size=60)])
    assert len(seen) == 3


def test_a_line_of_blanks_is_read_in_linear_time():
    assert judged([], "0" + " " * 190_000 + "x").outcome is Outcome.MISSING
