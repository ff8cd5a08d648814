"""Scores for Canvas: its own gradebook, cut down to the rows that were graded and to one assignment's column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.export import gradebook
from grader.export.gradebook import Gradebook, Person, Row
from grader.export.grades import Grades
from grader.export.table import Table, decimal, points, table

IDENTITY = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_ASSIGNMENT = re.compile(r"(?P<title>.+) \((?P<number>\d+)\)")
_POINTS_POSSIBLE = "Points Possible"


def scores(grades: Grades, file: Path, column: str | None) -> Table:
    """Return a gradebook that Canvas imports; rows of students who were not graded are left out. Raises UsageError."""
    book = gradebook.read(file, ("Student", "ID"))
    assignment = _column(book, grades, column, file)
    matches = gradebook.matched(grades.entries, [_person(row) for row in book.rows], "canvas")
    identity = [name for name in IDENTITY if name in book.header]
    graded = [(row, matches.found[place]) for place, row in enumerate(book.rows) if place in matches.found]
    rows = [
        [*(row[name] for name in identity), points(entry.total)] for row, entry in graded if entry.total is not None
    ]
    possible = next((row for row in book.rows if row["Student"].strip() == _POINTS_POSSIBLE), None)
    worth = possible[assignment].strip() if possible else ""
    above = [_points_possible(identity, worth or decimal(grades.points))]
    remarks = (*matches.complaints, *_other_worth(worth, grades))
    return Table(table([*identity, assignment], [*above, *rows]), len(rows), remarks)


def _person(row: Row) -> Person:
    student = row["Student"].strip()
    if not row["ID"].strip():
        return Person()
    last, comma, first = student.partition(",")
    names = (student, f"{first} {last}") if comma else (student,)
    others = tuple(row.get(name, "").strip() for name in ("SIS User ID", "SIS Login ID"))
    return Person(row["ID"].strip(), names, others)


def _points_possible(identity: Sequence[str], worth: str) -> list[str]:
    return [f"    {_POINTS_POSSIBLE}", *[""] * (len(identity) - 1), worth]


def _other_worth(worth: str, grades: Grades) -> tuple[str, ...]:
    """Return a remark if Canvas takes the homework to be worth something else."""
    try:
        alike = not worth or abs(float(worth) - grades.points) < 1e-6
    except ValueError:
        alike = False
    return () if alike else (f"Canvas gives this assignment {worth} points, the rubric {decimal(grades.points)}.",)


def _column(book: Gradebook, grades: Grades, asked: str | None, file: Path) -> str:
    """Return the header of the one column that is meant, by its title, its number or the homework's name."""
    columns = {name: match for name in book.header if (match := _ASSIGNMENT.fullmatch(name))}
    short = grades.title.partition(":")[0]
    meant = {_plain(asked)} if asked else {_plain(text) for text in (grades.title, short, grades.homework)}
    fitting = [
        name for name, match in columns.items() if meant & {_plain(name), _plain(match["title"]), match["number"]}
    ]
    if len(fitting) != 1:
        known = ", ".join(map(repr, list(columns)[:20])) or "none"
        which = repr(asked) if asked else f"{grades.title!r}"
        raise UsageError(f"{file} has {len(fitting)} columns for {which}; say --column with one of: {known}.")
    return fitting[0]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
