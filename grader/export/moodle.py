"""Scores for Moodle: its grading worksheet, cut down to the rows that were graded, with the grade filled in."""

from __future__ import annotations

from pathlib import Path

from grader.export import gradebook
from grader.export.gradebook import Gradebook, Person, Row
from grader.export.grades import Grades
from grader.export.table import Table, decimal, points, table


def scores(grades: Grades, file: Path) -> Table:
    """Return a worksheet that Moodle imports; rows of students who were not graded are left out. Raises UsageError."""
    book = gradebook.read(file, ("Identifier", "Grade"))
    matches = gradebook.matched(grades.entries, [_person(row) for row in book.rows], "moodle")
    rows, remarks = [], [*matches.complaints, *_other_worth(book, grades)]
    for place, entry in sorted(matches.found.items()):
        row = book.rows[place]
        if row.get("Grade can be changed", "").strip().casefold() == "no":
            remarks.append(f"Moodle does not let the grade of {row['Identifier']} ({entry.student}) be changed.")
        elif entry.total is not None:
            rows.append([points(entry.total) if name == "Grade" else row[name] for name in book.header])
    return Table(table(book.header, rows), len(rows), tuple(remarks))


def _person(row: Row) -> Person:
    number = row["Identifier"].strip().rpartition(" ")[2]
    names = tuple(name for key in ("Full name", "Identifier") if (name := row.get(key, "").strip()))
    return Person(number, names, tuple(row.get(key, "").strip() for key in ("Email address", "ID number", "Username")))


def _other_worth(book: Gradebook, grades: Grades) -> tuple[str, ...]:
    """Return a remark if Moodle takes the homework to be worth something else."""
    told = {row.get("Maximum Grade", "").strip() for row in book.rows} - {""}
    other = sorted(worth for worth in told if not _is(worth, grades.points))
    return (f"Moodle gives this assignment {other[0]} points, the rubric {decimal(grades.points)}.",) if other else ()


def _is(text: str, value: float) -> bool:
    try:
        return abs(float(text.replace(",", ".")) - value) < 1e-6
    except ValueError:
        return False
