"""The grades in a results folder, as far as a gradebook wants to know them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from grader.errors import UsageError
from grader.records import Account
from grader.report.text import counted, line

Pending = Literal["refuse", "empty", "earned"]


@dataclass(frozen=True)
class Standing:
    """Points in one problem or in all of them."""

    earned: float
    waiting: float
    """Points a person still decides."""


@dataclass(frozen=True)
class Entry:
    """One submission's grade."""

    student: str
    name: str
    accounts: tuple[Account, ...]
    submitted_at: str
    total: Standing | None
    """None where the cell is to stay empty."""
    problems: tuple[Standing | None, ...]
    """In the rubric's order."""


@dataclass(frozen=True)
class Column:
    """One problem of the rubric."""

    id: str
    title: str
    points: float


@dataclass(frozen=True)
class Grades:
    """All grades of one homework."""

    homework: str
    title: str
    points: float
    columns: tuple[Column, ...]
    entries: tuple[Entry, ...]


def read(results: Path, pending: Pending) -> Grades:
    """Return the grades in a results folder; raise UsageError if they must not be given out as they are."""
    document = _document(results)
    if not document["released"]:
        faulty = [line(one["name"], 60) for one in document["submissions"] if one["status"] == "fault"]
        named = f" ({', '.join(faulty[:5])}{' and others' if len(faulty) > 5 else ''})" if faulty else ""
        raise UsageError(f"A report that holds a fault cannot be released{named}: grade again once that is mended.")
    _not_outdated(results)
    grades = _grades(document)
    waiting = [entry for entry in grades.entries if entry.total and entry.total.waiting]
    if waiting and pending == "refuse":
        raise UsageError(
            f"{counted(len(waiting), 'submission waits', 'submissions wait')} for a person's decision. Mark them, or"
            " say --pending empty (their cells stay empty) or --pending earned (the points earned so far)."
        )
    return replace(grades, entries=tuple(map(_emptied, grades.entries))) if pending == "empty" else grades


def _document(results: Path) -> dict[str, Any]:
    try:
        document = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"{results} holds no grades: grade the submissions first.") from None
    if not isinstance(document, dict) or document.get("format") != 1:
        raise UsageError(f"{results / 'grades.json'} is of another version of grader: grade again.")
    return document


def _not_outdated(results: Path) -> None:
    """Raise UsageError if a mark was recorded after the grades were written."""
    marks = results / "marks.jsonl"
    if marks.exists() and marks.stat().st_mtime_ns > (results / "grades.json").stat().st_mtime_ns:
        raise UsageError("Marks were recorded since these grades were made: grade again, which runs nobody's code.")


def _grades(document: dict[str, Any]) -> Grades:
    said = document["assignment"]
    columns = tuple(
        Column(one["id"], one["title"], sum(claim["points"] for claim in one["claims"])) for one in said["problems"]
    )
    entries = tuple(_entry(one, columns) for one in document["submissions"])
    return Grades(said["id"], said["title"], said["total"], columns, entries)


def _entry(one: dict[str, Any], columns: tuple[Column, ...]) -> Entry:
    problems = [
        Standing(one["problems"][column.id]["earned"], one["problems"][column.id]["pending"]) for column in columns
    ]
    return Entry(
        student=one["student"],
        name=one["name"],
        accounts=tuple(Account(**account) for account in one.get("accounts", ())),
        submitted_at=one["submitted_at"],
        total=Standing(one["earned"], sum(problem.waiting for problem in problems)),
        problems=tuple(problems),
    )


def _emptied(entry: Entry) -> Entry:
    """Return the entry without the numbers that a person still has a say in."""
    total = None if entry.total is None or entry.total.waiting else entry.total
    return replace(entry, total=total, problems=tuple(one and (None if one.waiting else one) for one in entry.problems))
