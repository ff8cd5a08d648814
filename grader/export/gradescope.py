"""Scores in the form in which Gradescope itself exports them: one row a person, one column a problem."""

from __future__ import annotations

from collections.abc import Iterator

from grader.export.grades import Entry, Grades
from grader.export.table import Table, decimal, points, table
from grader.records import Account
from grader.report.gradebook import cell

HEADER = (
    *("First Name", "Last Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status"),
    *("Submission ID", "Submission Time", "Lateness (H:M:S)", "View Count", "Submission Count"),
)


def scores(grades: Grades) -> Table:
    """Return everybody's scores; members of a group have a row each."""
    header = [*HEADER, *(cell(f"{one.id}: {one.title} ({float(one.points)} pts)") for one in grades.columns)]
    rows = [row for entry in grades.entries for row in _rows(entry, grades)]
    return Table(table(header, rows), len(rows))


def _rows(entry: Entry, grades: Grades) -> Iterator[list[str]]:
    for account in entry.accounts or (Account(name=entry.name),):
        first, last = _names(account.name or account.email or account.sid or entry.name)
        yield [
            *map(cell, (first, last, account.sid, account.email, "")),
            points(entry.total),
            decimal(grades.points),
            "Ungraded" if entry.total is None or entry.total.waiting else "Graded",
            account.number if account.platform == "gradescope" else "",
            cell(entry.submitted_at.replace("T", " ").replace("+00:00", " +0000")),
            *("", "", ""),
            *map(points, entry.problems),
        ]


def _names(name: str) -> tuple[str, str]:
    """Return first and last name, also of 'Lovelace, Ada'; what is one word is a first name."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and last.strip():
        return first.strip(), last.strip()
    first, _, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")
