"""Loss curves are told from accuracies, and training from test, by whatever words there are."""

from __future__ import annotations

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.expect import LossCurves
from grader.expect.expectation import Ask
from grader.observed import Axes, Curve, Figure
from grader.records import CellError, CellRun, FileRun, Outcome, Verdict

FALLING, TEST, RISING = np.array([2.0, 1.0, 0.5, 0.4]), np.array([1.9, 1.1, 0.7, 0.6]), np.array([0.4, 0.6, 0.8, 0.9])


def line(y: np.ndarray, label: str = "") -> Curve:
    return Curve("line", np.arange(float(len(y))), y, label)


def judged(*figures: Figure, cells: tuple[CellRun, ...] = ()) -> Verdict:
    file = FileRun("hw.ipynb", cells, "finished", figures=figures)
    return LossCurves().judge(FakeStudent({}, files=(file,)), Ask((1,)))


def one(*curves: Curve, **words) -> Figure:
    return Figure((Axes(curves, **words),))


RIGHT = {
    "labels": (one(line(FALLING, "train loss"), line(TEST, "test loss")),),
    "labels and an axis": (one(line(FALLING, "Train"), line(TEST, "Validation"), y_label="loss"),),
    "a legend alone": (one(line(FALLING), line(TEST), legend=("train", "test")),),
    "two figures": (one(line(FALLING), title="Training loss"), one(line(TEST), title="Loss on the test set")),
    "loss and accuracy side by side": (
        Figure((
            Axes((line(FALLING, "train"), line(TEST, "test")), y_label="Loss"),
            Axes((line(RISING, "train"), line(RISING, "test")), y_label="Accuracy"),
        )),
    ),
    "all four on one": (
        one(line(FALLING, "train_loss"), line(RISING, "train_acc"), line(TEST, "val_loss"), line(RISING, "val_acc")),
    ),
    "in Spanish": (one(line(FALLING, "entrenamiento"), line(TEST, "prueba")),),
    "noise at every step": (
        one(line(np.linspace(2, 0.5, 400) + np.random.default_rng(0).normal(0, 0.3, 400), "train"), line(TEST, "test")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", RIGHT)
def test_both_curves_are_found_whatever_says_so(way):
    verdict = judged(*RIGHT[way])
    assert verdict.outcome is Outcome.PASSED, verdict
    assert not verdict.remarks


def test_two_curves_without_a_word_are_taken_for_the_two():
    verdict = judged(one(line(FALLING), line(TEST)))
    assert verdict.outcome is Outcome.PASSED
    assert "No label" in verdict.remarks[0]


def test_a_test_loss_that_grows_again_gets_a_remark():
    verdict = judged(one(line(FALLING, "train"), line(np.array([1.0, 0.5, 0.7, 0.9]), "test")))
    assert verdict.outcome is Outcome.PASSED
    assert "grows again" in verdict.remarks[0]


WRONG = {
    "no_test_curve": (one(line(FALLING, "training loss")),),
    "no_train_curve": (one(line(TEST, "test loss")),),
    "accuracy_for_loss": (one(line(RISING, "train accuracy"), line(RISING, "test accuracy")),),
    "rises": (one(line(RISING, "train loss"), line(TEST, "test loss")),),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_is_wrong_is_named(mistake):
    verdict = judged(*WRONG[mistake])
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake), verdict


def test_a_test_loss_that_only_grows_is_for_a_person():
    assert judged(one(line(FALLING, "train"), line(RISING, "test"))).outcome is Outcome.PENDING


def test_no_figures_are_missing_and_pictures_are_no_curves():
    assert judged().outcome is Outcome.MISSING
    assert judged(one(line(FALLING), line(TEST), images=1)).outcome is Outcome.MISSING


def test_what_the_environment_kept_from_being_drawn_is_for_a_person():
    error = CellError("ModuleNotFoundError", "No module named 'torchvision'", "", "environment")
    cell = CellRun(1, "code", "import torchvision", error=error)
    assert judged(one(line(np.array([np.nan, np.nan]))), cells=(cell,)).outcome is Outcome.PENDING
