"""Tables of people's decisions, TOML or CSV, read and checked before any of them becomes a mark.

A table is taken whole or not at all, so that after a refusal nobody has to find out which half of it counts. A line
without points and without a reason is one that nobody has decided yet.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

from pydantic import Field

from grader import spreadsheet, strict
from grader.assignment import Assignment
from grader.errors import UsageError
from grader.records import Mark

COLUMNS = ("student", "key", "points", "author", "reason")
FULL = "Full points."
"""The reason of a decision for all points that gives none."""


@dataclass(frozen=True)
class Decision:
    """One line of a table of decisions, not yet checked."""

    where: str
    """'line 3' or 'mark 3'."""
    student: str
    """Key or name."""
    key: str
    points: float
    """NaN if what was written is no number."""
    written: str
    author: str
    reason: str
    claim: str = ""
    """Its sentence, where it is written beside the key."""

    @property
    def open(self) -> bool:
        """Whether nobody has decided this yet."""
        return not self.written and not self.reason


@dataclass(frozen=True)
class Checked:
    """What a table of decisions comes to."""

    marks: tuple[Mark, ...]
    """None if there is a complaint."""
    complaints: tuple[str, ...]
    """One for each thing that is wrong, with its line."""
    open: int
    """Lines that nobody has decided."""


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


def read(path: Path) -> tuple[Decision, ...]:
    """Return the decisions in a TOML or CSV file; raise RubricError or UsageError if it is neither."""
    if path.suffix.lower() == ".toml":
        said = strict.read(path, _Decisions)
        return tuple(_from_entry(place, entry, said.author) for place, entry in enumerate(said.mark, start=1))
    if path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return _from_table(path)
    raise UsageError(f"{path}: decisions are read from a .toml or a .csv file; a spreadsheet can be saved as CSV.")


def check(made: Sequence[Decision], assignment: Assignment, students: Mapping[str, str]) -> Checked:
    """Return the marks these decisions make, or a complaint for each that is wrong; `students` are names by key."""
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    worth = {claim.key: claim.points for _, claim in assignment.claims}
    keys = _keys(students)
    decided = [_complete(one, keys, worth) for one in made if not one.open]
    first = {(one.student, one.key): one for one in reversed(decided)}
    told = {claim.key: _plain(claim.sentence) for _, claim in assignment.claims}
    complaints = tuple(
        f"{one.where}: {complaint}"
        for one in decided
        for complaint in (
            *_complaints(one, worth, students),
            *_misplaced(one, told),
            *_contradictions(one, first[one.student, one.key]),
        )
    )
    marks = [Mark(one.student, one.key, one.points, one.author, one.reason, at) for one in decided]
    return Checked(() if complaints else tuple(marks), complaints, sum(one.open for one in made))


def _keys(students: Mapping[str, str]) -> dict[str, str]:
    """Return the key of each student by key and by name, where no other has that name."""
    crowd = Counter(students.values())
    return {name: key for key, name in students.items() if crowd[name] == 1} | {key: key for key in students}


def _complete(one: Decision, keys: Mapping[str, str], worth: Mapping[str, float]) -> Decision:
    """Return the decision with the student's key, and with a reason where all points need none."""
    reason = one.reason or (FULL if one.points == worth.get(one.key) else "")
    student = keys.get(one.student, one.student)
    return replace(one, student=student, reason=reason)


def _complaints(decision: Decision, worth: Mapping[str, float], students: Mapping[str, str]) -> list[str]:
    said = []
    if decision.student not in students:
        said.append(f"there is no student {decision.student!r}.{_meant(decision.student, students)}")
    if decision.key not in worth:
        said.append(f"there is no claim {decision.key!r}.{_meant(decision.key, worth)}")
    if not decision.written:
        said.append("the points are missing.")
    elif not math.isfinite(decision.points):
        said.append(f"points: {decision.written!r} is no number.")
    elif decision.key in worth and not 0 <= decision.points <= worth[decision.key]:
        said.append(f"{decision.points:g} points for {decision.key}, which is worth 0 to {worth[decision.key]:g}.")
    return said + [f"the {what} is missing." for what in ("author", "reason") if not getattr(decision, what)]


def _misplaced(decision: Decision, told: Mapping[str, str]) -> list[str]:
    """Return a complaint if the sentence is another claim's: to a spreadsheet program 3.10 is the number 3.1."""
    written = _plain(decision.claim)
    meant = [key for key, sentence in told.items() if sentence == written]
    if not meant or decision.key in meant:
        return []
    return [f"the claim written there is {meant[0]}, not {decision.key}: did a spreadsheet program change it?"]


def _plain(sentence: str) -> str:
    """Return a sentence without what is done to it where it stands in a cell."""
    return " ".join(sentence.split()).lstrip("'")


def _contradictions(decision: Decision, first: Decision) -> list[str]:
    """Return a complaint if the first decision on the same claim is another."""
    same = first is decision or first.points == decision.points
    return [] if same else [f"{first.where} decides {decision.key} of {decision.student} otherwise."]


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def _from_entry(place: int, entry: _Entry, author: str) -> Decision:
    who = (entry.author or author).strip()
    return Decision(
        f"mark {place}", entry.student, entry.key, entry.points, f"{entry.points:g}", who, entry.reason.strip()
    )


def _from_table(path: Path) -> tuple[Decision, ...]:
    lines = spreadsheet.read(path)
    header = [name.strip().lower() for name in lines[0].cells] if lines else []
    if lost := [name for name in COLUMNS if name not in header]:
        raise UsageError(f"{path}, line 1: no column {', '.join(lost)}; it needs {', '.join(COLUMNS)}.")
    return tuple(_from_line(line, header) for line in lines[1:])


def _from_line(line: spreadsheet.Line, header: Sequence[str]) -> Decision:
    cells = dict(zip(header, (*map(str.strip, line.cells), *[""] * len(header)), strict=False))
    student, key, written, author, reason = (cells[name] for name in COLUMNS)
    return Decision(
        f"line {line.number}", student, key, _points(written), written, author, reason, cells.get("claim", "")
    )


def _points(written: str) -> float:
    """Return a number, with a point or a comma; NaN if it is none."""
    try:
        return float(written.replace(",", "."))
    except ValueError:
        return math.nan
