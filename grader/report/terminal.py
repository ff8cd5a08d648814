"""The table at the end of a run."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from grader.assignment import Assignment
from grader.records import Grade, Outcome
from grader.report.standing import faulty, lacking, note, ordered
from grader.report.text import counted, line, number

_WRONG = (Outcome.FAILED, Outcome.MISSING, Outcome.BLOCKED)


def summary(grades: Sequence[Grade], assignment: Assignment) -> Table:
    """Return a row a student: points, claims passed, partly right, wrong and pending, and a note on the run."""
    table = Table(
        title=Text(line(assignment.title)),
        box=SIMPLE_HEAD,
        title_style="bold",
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
        collapse_padding=True,
        expand=True,
    )
    table.add_column("student", overflow="fold", min_width=12, max_width=24)
    table.add_column("points", justify="right", no_wrap=True)
    for heading in ("passed", "partial", "wrong", "pending"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("note", overflow="fold", ratio=1, min_width=10)
    table.caption = _counted_apart(grades)
    for grade in ordered(grades):
        table.add_row(*_row(grade))
    return table


def _who(grade: Grade) -> Text:
    """Return a student's key, and the name where the key has lost its letters."""
    submission = grade.submission
    key = Text(line(submission.student, 64))
    letters = sum(letter.isalpha() for letter in submission.name)
    lost = sum(letter.isalpha() and unicodedata.normalize("NFKD", letter)[0] > "\x7f" for letter in submission.name)
    return key.append(f" {line(submission.name, 40)}", style="dim") if 2 * lost > letters else key


def _counted_apart(grades: Sequence[Grade]) -> Text | None:
    """Return how many submissions this environment kept from running as they would elsewhere."""
    count = sum(lacking(grade) > 0 for grade in grades)
    if not count:
        return None
    return Text(
        f"{counted(count, 'submission')} needed something that is not available here, which is not their doing."
    )


def _row(grade: Grade) -> list[Text]:
    wrong = sum(grade.count(outcome) for outcome in _WRONG)
    return [
        _who(grade),
        Text("?" if faulty(grade) else f"{number(grade.earned)} / {number(grade.total)}"),
        _count(grade.count(Outcome.PASSED), "green"),
        _count(grade.count(Outcome.PARTIAL), "yellow"),
        _count(wrong, "red"),
        _count(grade.count(Outcome.PENDING), "cyan"),
        Text(note(grade), style="bold red" if faulty(grade) else "dim"),
    ]


def _count(count: int, style: str) -> Text:
    return Text(str(count), style=style) if count else Text("·", style="dim")
