"""`LossCurves`: the loss on training data and the loss on test data, drawn over the course of a training, both fall.

Figures reach us as data. Which curve is which is read off its label, the legend, and the words on its axes; two curves
without a word are taken for the two that are asked for. A curve of accuracies is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.expect.expectation import Ask, Expectation
from grader.expect.tongues import TEST_WORDS, TRAINING_WORDS
from grader.expect.unseen import unseen
from grader.expect.verdicts import failed, passed, pending
from grader.observed import Axes, Curve, Figure, FloatArray
from grader.records import Verdict
from grader.student import Student

TRAIN = re.compile(rf"train|\btr\b|tr_|_tr\b|{TRAINING_WORDS}", re.IGNORECASE)
TEST = re.compile(rf"test|valid|\bval\b|val_|_val\b|\beval|{TEST_WORDS}", re.IGNORECASE)
LOSS = re.compile(r"loss|entropy|cost|\bce\b|\bnll\b|objective|error", re.IGNORECASE)
ACCURACY = re.compile(r"\bacc\b|accura|acc_|_acc\b|%|percent", re.IGNORECASE)


@dataclass(frozen=True)
class Drawn:
    """A curve that may be a loss, and what it is of."""

    y: FloatArray
    of: str
    """'train', 'test' or ''."""
    title: str

    @property
    def falls(self) -> bool:
        """Return whether it ends below where it starts, each taken over a fifth of the curve."""
        few = max(1, len(self.y) // 5)
        return bool(np.mean(self.y[-few:]) < np.mean(self.y[:few]))

    @property
    def fell(self) -> bool:
        """Return whether it was clearly lower once than where it starts."""
        return bool(np.min(self.y) < 0.98 * self.y[0])


class LossCurves(Expectation):
    """A curve of the training loss and one of the test loss were drawn, and both fall."""

    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn by chance
        """Return whether both curves are there and fall."""
        found, accuracies = _seen(student)
        if not found:
            return _nothing(student, accuracies=accuracies)
        train, test = _best(found, "train"), _best(found, "test")
        loose = [curve for curve in found if not curve.of]
        remarks: list[str] = []
        if (train is None or test is None) and len(loose) >= 2 - (train is not None) - (test is not None):
            remarks.append("No label or legend says which curve is of training and which of test data.")
            train = train or loose.pop(0)
            test = test or loose.pop(0)
        if train is None or test is None:
            return _one_only(found, train_is_missing=train is None)
        return _falling(train, test, remarks)


def _falling(train: Drawn, test: Drawn, remarks: list[str]) -> Verdict:
    """Return the verdict on two curves."""
    first, second = _course(train), _course(test)
    if not (train.falls or train.fell):
        hint = "A training loss that does not fall means a wrong step size or a wrong loss."
        return failed(f"The training loss drawn ({train.title}) does not fall: it goes {first}.", hint, mistake="rises")
    if not (test.falls or test.fell):
        found = f"The training loss falls, but the test loss drawn ({test.title}) goes {second}."
        return pending(found, "A person has to say whether that is overfitting, shown and seen.")
    if test.y[-1] > 1.1 * float(np.min(test.y)):
        remarks.append("The test loss grows again towards the end: fewer epochs would do better.")
    return passed(f"The training loss goes {first}, the test loss {second}.", remarks=remarks)


def _course(curve: Drawn) -> str:
    return f"from {curve.y[0]:.3g} to {curve.y[-1]:.3g}"


def _one_only(found: Sequence[Drawn], *, train_is_missing: bool) -> Verdict:
    """Return that one of the two curves is not there."""
    lacking, there = ("training", "a test") if train_is_missing else ("test", "a training")
    there = there if any(curve.of for curve in found) else "one"
    hint = f"Compute the {lacking} loss once an epoch as well, and draw it beside the other."
    mistake = "no_train_curve" if train_is_missing else "no_test_curve"
    return failed(f"Only {there} loss was drawn; the {lacking} loss is missing.", hint, mistake=mistake)


def _nothing(student: Student, *, accuracies: int) -> Verdict:
    """Return that no loss was drawn."""
    hint = "Keep the training and the test loss of every epoch in lists, and plot both."
    if accuracies:
        return failed("Accuracies were drawn; no loss was.", hint, mistake="accuracy_for_loss")
    figures = sum(len(file.figures) for file in student.files)
    found = f"{figures} figures were drawn, none of them with a loss over several epochs."
    return unseen(student, found if figures else "No figure was drawn.", hint)


def _best(found: Sequence[Drawn], of: str) -> Drawn | None:
    """Return the curve of one kind that is meant: one that falls rather than one that does not, then the last."""
    curves = [curve for curve in found if curve.of == of]
    return max(enumerate(curves), key=lambda each: (each[1].falls or each[1].fell, each[0]), default=(0, None))[1]


def _seen(student: Student) -> tuple[list[Drawn], int]:
    """Return the curves that may be losses, and how many are accuracies."""
    losses, accuracies = [], 0
    for file in student.files:
        for figure in file.figures:
            for axes in figure.axes:
                for curve, label in _labelled(axes):
                    if _is_accuracy(figure, axes, label):
                        accuracies += 1
                    else:
                        losses.append(_drawn(figure, axes, curve, label))
    return losses, accuracies


def _labelled(axes: Axes) -> Iterator[tuple[Curve, str]]:
    """Yield the curves that could be losses with their labels, which may stand in the legend alone."""
    lines = [curve for curve in axes.curves if curve.kind in ("line", "scatter")]
    named = [curve.label for curve in lines]
    if not any(named) and len(axes.legend) == len(lines):
        named = list(axes.legend)
    for curve, label in zip(lines, named, strict=True):
        y = curve.y[np.isfinite(curve.y)]
        if len(y) >= 2 and len(y) > 0.5 * len(curve.y) and np.all(np.diff(curve.x) >= 0) and axes.images == 0:
            yield Curve(curve.kind, curve.x, y, label), label


def _is_accuracy(figure: Figure, axes: Axes, label: str) -> bool:
    """Return whether a curve is of accuracies: by the nearest words that say so or say otherwise."""
    for words in (label, axes.y_label, axes.title, figure.title):
        if LOSS.search(words) or ACCURACY.search(words):
            return not LOSS.search(words)
    return False


def _drawn(figure: Figure, axes: Axes, curve: Curve, label: str) -> Drawn:
    """Return a curve with what it is of: by the nearest words that say one thing and not the other."""
    for words in (label, axes.y_label, axes.title, figure.title):
        train, test = bool(TRAIN.search(words)), bool(TEST.search(words))
        if train != test:
            return Drawn(curve.y, "train" if train else "test", label or words)
    return Drawn(curve.y, "", label or axes.title or "without a label")
