"""The accuracy that a student reports: printed, in a variable, in a text cell, or on a figure.

A number counts where the same line or sentence speaks of accuracy (or of examples that are right) and is not about
training; 0.873, .873, 87.3 and 87.3 % are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from grader.errors import StudentFailure
from grader.expect.numerals import LONGEST, plain_number
from grader.expect.printed import printed
from grader.expect.tongues import ACCURACY_WORDS, TEST_WORDS, TRAINING_WORDS
from grader.records import CellRun, FileRun
from grader.student import Student

ABOUT = re.compile(rf"\bacc\b|accurac|\bcorrect|test_acc|acc_|_acc|{ACCURACY_WORDS}", re.IGNORECASE)
NAME = re.compile(r"acc(?:$|_|\d|s$|urac)", re.IGNORECASE)
TEST = re.compile(rf"test|valid|\bval\b|val_|held|unseen|final|{TEST_WORDS}", re.IGNORECASE)
TRAINING = re.compile(rf"train|{TRAINING_WORDS}", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d+)?|\.\d+)\s*(\\?%|percent)?(?![\w.]*\d)")
FRACTION = re.compile(r"(?<![\w.])(\d{1,6})\s*(?:/|(?:out )?of(?= \d{3}))\s*(\d{2,6})(?![\w.])")
COMMA = re.compile(r"(?<![\w.,])(\d{1,2}),(\d{1,4})(?=\s*\\?%)")
"""A decimal comma."""
PROGRESS = re.compile(r"(?:[eé]po[ckq]\w{0,3}|\bsteps?|\bbatch\w{0,2}|\biter\w{0,6})[\s#:=(\[]*$", re.IGNORECASE)
"""What a number counts that stands after it."""
MOST_NAMES = 12
_NEAR = 80
"""Characters before a number that may say what it is."""


@dataclass(frozen=True)
class Report:
    """One accuracy as it was reported, from 0 to 1."""

    value: float
    where: str
    words: bool = False
    """Whether it stands in a text that a person wrote."""
    shown: bool = True
    """Whether a reader sees it; else it is only the value of a variable."""


def reports(student: Student) -> tuple[Report, ...]:
    """Return the accuracies that are reported; of what was printed line after line, the last ones."""
    found: list[Report] = []
    for file in student.files:
        for cell in file.cells:
            found += _of_cell(file, cell)
        found += _of_figures(file)
    return (*found, *_of_names(student))


def _of_cell(file: FileRun, cell: CellRun) -> list[Report]:
    """Return what one cell says: a text cell all of it, of what was printed its last lines, of a test and of none."""
    where = f"in cell {cell.number} of {file.name}"
    if cell.kind == "text":
        parts = re.split(r"(?<=[.!?])\s|\n", cell.source[:LONGEST])
        return [Report(value, where, words=True) for part in parts for value in accuracies(part)]
    remarks = re.findall(r"#(.*)", cell.source[:LONGEST])
    comments = [Report(value, where, words=True) for remark in remarks for value in accuracies(remark)]
    shown: list[Report] = []
    for text in printed(cell):
        lines = text[-LONGEST:].splitlines()
        told = [(line, values) for line in lines if (values := accuracies(line))]
        # What is printed epoch after epoch counts as it ends; what is said of a test is not undone by what follows.
        last = {bool(TEST.search(line)): values for line, values in told}
        shown += [Report(value, where) for values in last.values() for value in values]
        shown += [Report(value, where) for value in _bare(cell, lines)]
    return [*comments, *shown]


def _bare(cell: CellRun, lines: Sequence[str]) -> Iterator[float]:
    """Yield a number that is all a cell shows, if the cell's last line speaks of accuracy."""
    last = cell.source[:LONGEST].rstrip().rpartition("\n")[2]
    if len(lines) == 1 and ABOUT.search(last) and not TRAINING.search(last):
        number = plain_number(re.sub(r"(?:tensor|np\.float\d+)\(|[)%'\"]", "", lines[0]).strip())
        yield from [value for value in [_share(number, percent="%" in lines[0])] if value is not None]


def accuracies(line: str) -> list[float]:
    """Return the accuracies that a line or a sentence reports, not those of training; of a list of them the last."""
    line = line[:2000]
    found: list[float] = []
    for reading in dict.fromkeys((line, COMMA.sub(r"\1.\2", line))):  # '5,87 %' may be one number, or two
        spoken_of = ABOUT.search(reading) is not None
        for clauses in _clauses(reading):
            values = [_reported(clause, spoken_of=spoken_of) for clause in clauses]
            found += [value for value in next(filter(None, reversed(values)), []) if value not in found]
    return found


def _reported(clause: str, *, spoken_of: bool) -> list[float]:
    about = ABOUT.search(clause) or (spoken_of and re.search(r"%|percent", clause))
    if not about or (TRAINING.search(clause) and not TEST.search(clause)):
        return []
    return list(_numbers(clause))


def _clauses(line: str) -> Iterator[list[str]]:
    """Yield the parts of a line that hold numbers; those that stand alone, as in a table, go with the words before."""
    words, together = "", list[str]()
    for clause in re.split(r"[,;|\t]|\s-\s|\band\b|\s{2,}", line):
        if re.search(r"[^\W\d_]", clause):
            yield together
            together = [clause]
            words = NUMBER.sub(" ", clause)[-_NEAR:]
        elif re.search(r"\d", clause):
            together.append(f"{words} {clause}")
    yield together


def _numbers(clause: str) -> Iterator[float]:
    """Yield the shares in a clause: '87.3 %', '0.873', '873/1000'; 'epoch 12 of 100' is none."""
    for fraction in FRACTION.finditer(clause):
        above, below = map(int, fraction.groups())
        if 0 < above <= below and not PROGRESS.search(clause[: fraction.start()][-_NEAR:]):
            yield above / below
    after, rest = ABOUT.search(clause), FRACTION.sub(" , ", clause)
    for found in NUMBER.finditer(rest):
        percent = bool(found.group(2))
        if PROGRESS.search(rest[: found.start()][-_NEAR:]) or (after is None and not percent):
            continue
        value = _share(float(found.group(1)), percent=percent)
        if value is not None and (percent or "." in found.group(1)):
            yield value


def _share(number: float | None, *, percent: bool) -> float | None:
    """Return a number as a share of 1, or None if it cannot be one."""
    if number is None or not 0 < number <= 100:
        return None
    return number / 100 if percent or number > 1 else number


def _of_figures(file: FileRun) -> Iterator[Report]:
    """Yield what titles say, and where curves of the test accuracy end."""
    for number, figure in enumerate(file.figures, 1):
        where = f"on figure {number} of {file.name}"
        for axes in figure.axes:
            yield from (Report(value, where) for value in accuracies(f"{figure.title} {axes.title}"))
            for curve in axes.curves:
                named = f"{curve.label} {axes.title} {axes.y_label}"
                tested = TEST.search(curve.label) or (TEST.search(named) and not TRAINING.search(curve.label))
                if (
                    curve.kind == "line"
                    and ABOUT.search(named)
                    and tested
                    and curve.y.size
                    and "loss" not in curve.label.casefold()
                ):
                    last = float(curve.y[-1])
                    value = _share(last, percent=False) if np.isfinite(last) else None
                    yield from [Report(value, where)] if value is not None else []


def _of_names(student: Student) -> Iterator[Report]:
    """Yield the numbers in variables that are named for an accuracy, of lists the last one."""
    named = [
        seen for seen in student.survey()
        if seen.kind in ("number", "sequence", "array", "tensor") and NAME.search(seen.handle.name)
        and not TRAINING.search(seen.handle.name)
    ]  # fmt: skip
    for seen in named[:MOST_NAMES]:
        with suppress(StudentFailure):
            value = student.get(seen.handle)
            last = value[-1] if isinstance(value, (list, tuple)) and value else value
            last = last.ravel()[-1] if isinstance(last, np.ndarray) and last.size and last.dtype.kind in "iuf" else last
            share = _share(plain_number(last), percent=False)
            if share is not None:
                yield Report(share, f"in `{seen.handle.name}`", shown=False)
