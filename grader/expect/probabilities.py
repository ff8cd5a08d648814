"""`Probabilities`: for some samples the probability of every class is shown, and they sum to 1.

They are read from bars (upright or lying), lines and clouds of as many points as there are classes, from maps with a
number in each field, and from what was printed: brackets or lines of so many numbers, or so many lines with one each.

A confusion matrix has such rows too: with 100 images of each class its counts sum to 100, and its shares to 1. What may
as well be one is for a person: whole numbers that are not said to be per cent, a map with as many rows as classes or
with more texts than are kept, and printed rows whose greatest numbers stand on a diagonal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from grader.expect.expectation import Ask, Expectation
from grader.expect.numerals import LONGEST
from grader.expect.printed import printed
from grader.expect.unseen import unseen
from grader.expect.verdicts import failed, partial, passed, pending
from grader.observed import Axes, Curve, FloatArray
from grader.records import FileRun, Verdict
from grader.student import Student

WHOLE = re.compile(r"[-+]?(?:\d{1,3}\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?\s*%?")
PRECISE, ROUNDED = 0.01, 0.06
"""How far from 1 a sum may be: of what is drawn, of what is printed to two digits."""
BRACKETS = re.compile(r"\[([^\[\]]{5,4000})\]")
DECIMAL = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d{1,3})?(?![\w.]*\d)")
NAMED = re.compile(r"[:=]\s*(?:np\.float\d+\(|tensor\()?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)(?![\w.]*\d)")
SHARE = re.compile(r"(?<![\w.])[-+]?(?:\d{1,3}\.\d*|\.\d+|[01])(?:[eE][-+]?\d{1,3})?\s*%?$")
COUNT = re.compile(r"[-+]?\d+")
KEPT = 50
"""Texts that are kept of one set of axes; where there are so many, there may have been more."""
ROWS = 100_000
"""Rows of maps and of what was printed that are looked at."""
DIAGONAL = 0.7
"""The part of a confusion matrix's rows whose greatest number is on the diagonal, at least: guessing reaches 0.1."""


@dataclass(frozen=True)
class Row:
    """As many numbers as there are classes, and whether they may as well be a row of a confusion matrix."""

    values: FloatArray
    doubtful: bool


class Probabilities(Expectation):
    """For `samples` samples the probabilities of `classes` classes are drawn or printed."""

    def __init__(self, *, samples: int, classes: int) -> None:
        """Declare of how many samples and classes."""
        super().__init__()
        self.samples = samples
        self.classes = classes

    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn by chance
        """Return whether enough samples have probabilities that sum to 1."""
        drawn = [row for file in student.files for row in _drawn(file, self.classes)]
        right = [row for row in drawn if _sums(row, PRECISE)]  # one that was drawn twice may be drawn by chance
        if len(right) >= self.samples:
            return passed(f"The probabilities of {len(right)} samples are drawn, and sum to 1.")
        others = [read(file, self.classes) for read in (_written, _printed) for file in student.files]
        shown, doubtful = _distinct(chain.from_iterable(others), self.samples - len(right))
        right += shown
        if len(right) >= self.samples:
            return passed(f"The probabilities of at least {self.samples} samples are shown, and sum to 1.")
        if doubtful:
            found = f"{self.classes} numbers that sum to 1 or 100 are shown {_times(doubtful, 'time')}"
            return pending(f"{found}, but they may as well be counts or a confusion matrix.", "A person has to look.")
        return self._too_few(student, right, [row for row in drawn if not _sums(row, PRECISE)])

    def _too_few(self, student: Student, right: Sequence[FloatArray], wrong: Sequence[FloatArray]) -> Verdict:
        """Return what is there instead."""
        if wrong and not right:
            row = wrong[-1]
            found = (
                f"{self.classes} values are drawn for {_times(len(wrong), 'sample')}, but they sum to {row.sum():.3g}"
            )
            below = ", and some are negative" if (row < 0).any() else ""
            hint = "Apply a softmax to the outputs of the network before you draw them: torch.softmax(outputs, dim=1)."
            return failed(f"{found}{below}: those are no probabilities.", hint, mistake="no_probabilities")
        if right:
            found = f"The probabilities of {_times(len(right), 'sample')} are shown; {self.samples} are asked for."
            return partial(len(right) / self.samples, found, "Show further samples.", mistake="too_few")
        figures = [axes for file in student.files for figure in file.figures for axes in figure.axes]
        if any(axes.images and re.search(r"\d\s*%|0?\.\d", _words(axes)) for axes in figures):
            found = f"Images are shown with numbers, but no {self.classes} probabilities of one were found."
            return pending(found, "A person has to look.")
        hint = f"For {self.samples} test images, draw softmax(model(image)) as bars, one for each class."
        return unseen(student, f"No {self.classes} probabilities were found, neither drawn nor printed.", hint)


def _words(axes: Axes) -> str:
    return " ".join((axes.title, axes.x_label, axes.y_label, *axes.texts))


def _times(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _sums(row: FloatArray, within: float) -> bool:
    """Return whether these are probabilities, or per cent."""
    return any(abs(row.sum() - whole) <= within * whole and row.min() >= -1e-6 * whole for whole in (1.0, 100.0))


def _distinct(rows: Iterable[Row], enough: int) -> tuple[list[FloatArray], int]:
    """Return the rows of probabilities that differ, up to `enough` of them, and how many doubtful ones were met."""
    sure: dict[bytes, FloatArray] = {}
    doubtful: set[bytes] = set()
    for row in islice(rows, ROWS):
        if _sums(row.values, ROUNDED):
            key = (row.values + 0.0).tobytes()  # -0.0 is 0.0
            if row.doubtful:
                doubtful.add(key)
            else:
                sure[key] = row.values
        if len(sure) >= enough:
            break
    return list(sure.values()), len(doubtful)


def _drawn(file: FileRun, classes: int) -> Iterator[FloatArray]:
    """Yield what may be probabilities on a file's figures."""
    for figure in file.figures:
        for axes in figure.axes:
            curves = [curve for curve in axes.curves if len(curve.y) == classes]
            bars = [curve for curve in curves if curve.kind in ("bar", "hist")]
            # Lines count only where nothing else can be meant: losses of ten epochs are ten numbers too.
            lines = [curve for curve in curves if curve.kind in ("line", "scatter") and _sums(curve.y, PRECISE)]
            for curve in bars or lines:
                row = _heights(curve)
                if np.isfinite(row).all():
                    yield row


def _written(file: FileRun, classes: int) -> Iterator[Row]:
    """Yield the probabilities that are written into a file's maps and pies, which have no curves."""
    for figure in file.figures:
        for axes in figure.axes:
            yield from () if axes.curves else _in_table(axes, classes)


def _in_table(axes: Axes, classes: int) -> Iterator[Row]:
    """Yield the rows of the numbers on a set of axes, or their columns, if they are probabilities."""
    texts = [text.strip() for text in axes.texts if WHOLE.fullmatch(text.strip())]
    if not texts or len(texts) % classes:
        return
    numbers = np.array([float(text.rstrip("%")) for text in texts])
    counts = _are_counts(texts, " ".join((axes.title, axes.x_label, axes.y_label)))
    doubtful = counts or len(numbers) == classes**2 or len(axes.texts) >= KEPT
    for rows in (numbers.reshape(-1, classes), numbers.reshape(classes, -1).T):
        if all(_sums(row, ROUNDED) for row in rows):
            yield from (Row(row, doubtful) for row in rows)
            return


def _are_counts(numbers: Sequence[str], around: str) -> bool:
    """Return whether all these are whole numbers, and nothing around them says that they are per cent."""
    return "%" not in around and all(COUNT.fullmatch(number) for number in numbers)


def _heights(curve: Curve) -> FloatArray:
    """Return the lengths of bars: of lying ones, which all have one height, those along x."""
    lying = curve.kind != "line" and len(curve.y) > 1 and np.ptp(curve.y) < 1e-12 and np.ptp(curve.x) > 0
    if lying and not np.allclose(np.diff(curve.x, 2), 0):
        return 2 * curve.x
    return curve.y


def _printed(file: FileRun, classes: int) -> Iterator[Row]:
    """Yield what may be probabilities in what a file printed."""
    for cell in file.cells:
        for text in printed(cell):
            rows = list(_in_text(text[:LONGEST], classes))
            matrix = _in_matrix([row.values for row in rows], classes)
            yield from (Row(row.values, row.doubtful or at in matrix) for at, row in enumerate(rows))
            yield from (Row(row, doubtful=False) for row in _in_lines(text[:LONGEST], classes))


def _in_text(text: str, classes: int) -> Iterator[Row]:
    """Yield brackets and lines of so many numbers."""
    rows = [(found, DECIMAL.findall(found)) for found in BRACKETS.findall(text)]
    for line in text.splitlines():
        alone = line.split() if re.fullmatch(r"[-+.\deE\s]+", line[:1000]) else []
        rows += [(line, alone), (line, NAMED.findall(line[:4000]))]
    for around, numbers in rows:
        if len(numbers) == classes and all(DECIMAL.fullmatch(number) for number in numbers):
            yield Row(np.array([float(number) for number in numbers]), _are_counts(numbers, around))


def _in_matrix(rows: Sequence[FloatArray], classes: int) -> set[int]:
    """Return which of the rows stand, as many as classes, with their greatest numbers on a diagonal."""
    starts = Counter(at - int(row.argmax()) for at, row in enumerate(rows))
    found = [start for start, met in starts.items() if met >= DIAGONAL * classes]
    return {start + k for start in found for k in range(classes)}


def _in_lines(text: str, classes: int) -> Iterator[FloatArray]:
    """Yield the numbers at the ends of so many lines in a row."""
    run: list[float] = []
    for line in (*text.splitlines(), ""):
        share = SHARE.search(line.rstrip()[-100:])
        if share and not BRACKETS.search(line):
            run.append(float(share.group().rstrip("%").strip()))
            if len(run) == classes:
                yield np.array(run)
                run = []
        else:
            run = []
