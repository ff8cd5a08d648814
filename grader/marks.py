"""People's decisions: read from a file, checked, and kept for ever.

Theory of operation. `marks.jsonl` in the results folder has one decision a line and only ever grows; of several
decisions on one claim the latest is in force, and the earlier ones stay as its history. A crash while a line is written
spoils that line alone: the next one starts on a line of its own, and reading skips what is no decision. A file of new
decisions is taken whole or not at all, so that after a refusal nobody has to find out which half of it counts.
"""

from __future__ import annotations

import csv
import difflib
import fcntl
import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

from pydantic import Field

from grader import strict
from grader.assignment import Assignment
from grader.errors import UsageError
from grader.records import Mark

COLUMNS = ("student", "key", "points", "author", "reason")


@dataclass(frozen=True)
class Decision:
    """One line of a file of decisions, not yet checked."""

    where: str
    """'line 3' or 'mark 3'."""
    student: str
    key: str
    points: float
    author: str
    reason: str


@dataclass(frozen=True)
class Kept:
    """What is in `marks.jsonl`."""

    marks: tuple[Mark, ...]
    """All of them, in the order they were made."""
    complaints: tuple[str, ...] = ()


class _Entry(strict.Table):
    student: str
    key: str
    points: float
    author: str = ""
    reason: str = ""


class _Decisions(strict.Table):
    author: str = ""
    """Of every mark that names none."""
    mark: Annotated[list[_Entry], Field(min_length=1)]


# ---------------------------------------------------------------------------------------------- kept


def read(path: Path) -> Kept:
    """Return the marks in `path`, none if there is no such file; a spoilt line is skipped with a complaint."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return Kept(())
    found = [(number, _mark(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    spoilt = tuple(f"{path}, line {number}: not a whole mark; it is skipped." for number, mark in found if mark is None)
    return Kept(tuple(mark for _, mark in found if mark is not None), spoilt)


def in_force(marks: Iterable[Mark]) -> dict[tuple[str, str], Mark]:
    """Return the latest mark for each student and claim."""
    return {(mark.student, mark.key): mark for mark in marks}


def new(made: Iterable[Mark], kept: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return the marks that say something else than the ones in force: the same file may be given twice."""
    before = in_force(kept)

    def said(mark: Mark) -> tuple[float, str, str]:
        return mark.points, mark.author, mark.reason

    return tuple(
        mark
        for mark in made
        if (mark.student, mark.key) not in before or said(before[mark.student, mark.key]) != said(mark)
    )


def append(path: Path, marks: Sequence[Mark]) -> None:
    """Add marks at the end of `path`, in one write that is forced to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(asdict(mark), allow_nan=False) + "\n" for mark in marks)
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write((_line_break(file) + lines).encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


def _line_break(file: io.BufferedRandom) -> str:
    """Return what ends a line that a crash left open."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    return "" if file.read(1) in (b"", b"\n") else "\n"


def _mark(line: bytes) -> Mark | None:
    try:
        said = json.loads(line)
        mark = Mark(**said)
        texts = (mark.student, mark.key, mark.author, mark.reason, mark.at)
        sound = math.isfinite(mark.points) and mark.points >= 0 and all(isinstance(text, str) for text in texts)
    except (ValueError, TypeError):
        return None
    return mark if sound else None


# ---------------------------------------------------------------------------------------------- new ones


def decisions(path: Path) -> tuple[Decision, ...]:
    """Return the decisions in a TOML or CSV file; raise RubricError or UsageError if it is neither."""
    if path.suffix.lower() == ".toml":
        said = strict.read(path, _Decisions)
        return tuple(_from_entry(place, entry, said.author) for place, entry in enumerate(said.mark, start=1))
    if path.suffix.lower() == ".csv":
        return _from_csv(path)
    raise UsageError(f"{path}: decisions are read from a .toml or a .csv file.")


def check(
    made: Sequence[Decision], assignment: Assignment, students: Mapping[str, str]
) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Return the marks these decisions make, and a complaint for each that is wrong; `students` are names by key."""
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    worth = {claim.key: claim.points for _, claim in assignment.claims}
    complaints = tuple(
        f"{decision.where}: {complaint}" for decision in made for complaint in _complaints(decision, worth, students)
    )
    marks = (Mark(one.student, one.key, one.points, one.author, one.reason, at) for one in made)
    return tuple(marks), complaints


def _complaints(decision: Decision, worth: Mapping[str, float], students: Mapping[str, str]) -> list[str]:
    said = []
    if decision.student not in students:
        said.append(f"there is no student {decision.student!r}.{_meant(decision.student, students)}")
    if decision.key not in worth:
        said.append(f"there is no claim {decision.key!r}.{_meant(decision.key, worth)}")
    elif not 0 <= decision.points <= worth[decision.key]:
        said.append(f"{decision.points:g} points for {decision.key}, which is worth 0 to {worth[decision.key]:g}.")
    said += [f"the {what} is missing." for what in ("author", "reason") if not getattr(decision, what).strip()]
    return said


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def _from_entry(place: int, entry: _Entry, author: str) -> Decision:
    return Decision(f"mark {place}", entry.student, entry.key, entry.points, entry.author or author, entry.reason)


def _from_csv(path: Path) -> tuple[Decision, ...]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start}).") from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if lost := [name for name in COLUMNS if name not in header]:
            raise UsageError(f"{path}, line 1: no column {', '.join(lost)}; it needs {', '.join(COLUMNS)}.")
        reader.fieldnames = header
        return tuple(_from_row(path, reader.line_num, row, separator) for row in reader)
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num + 1}: {error}.") from None


def _from_row(path: Path, line: int, row: Mapping[str, str | None], separator: str) -> Decision:
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    number = cells["points"] if separator == "," else cells["points"].replace(",", ".")
    try:
        points = float(number)
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        raise UsageError(f"{path}, line {line}: points: {cells['points']!r} is no number.")
    return Decision(f"line {line}", cells["student"], cells["key"], points, cells["author"], cells["reason"])
