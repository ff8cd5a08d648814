"""People's decisions, kept for ever.

Theory of operation. `marks.jsonl` in the results folder has one decision a line and only ever grows; of several
decisions on one claim the latest is in force, and the earlier ones stay as its history. A crash while a line is written
spoils that line alone: the next one starts on a line of its own, and reading skips what is no decision. How decisions
come in is `grader.decisions`' matter.
"""

from __future__ import annotations

import fcntl
import io
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.records import Mark


@dataclass(frozen=True)
class Kept:
    """What is in `marks.jsonl`."""

    marks: tuple[Mark, ...]
    """All of them, in the order they were made."""
    complaints: tuple[str, ...] = ()


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
