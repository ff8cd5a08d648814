"""What a selfcheck says to the author of a homework: an error in the reference is told by its place there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from grader.records import CellError, Grade, Outcome, Verdict
from grader.student import Student

LONGEST = 300
"""Characters of what staff is told besides."""
_FRAME = re.compile(r'^  File "(.+)", line (\d+)', re.MULTILINE)
_LINE_OF_CELL = re.compile(r"^(?:Cell In|Input In) ?\[\d+\], line (\d+)", re.MULTILINE)
_ASKED_AMISS = re.compile(r"^AttributeError: '(?:Interview|Impostor)' object has no attribute", re.MULTILINE)


def told(verdict: Verdict, folder: Path) -> str:
    """Return what was found and what staff is told besides; `folder` holds the reference."""
    if verdict.outcome is Outcome.FAULT:
        return _of_fault(verdict.staff, folder)
    staff = next(iter(verdict.staff.splitlines()), "")
    return " ".join(words for words in (verdict.found, verdict.hint, staff[:LONGEST]) if words)


def place(traceback: str, folder: Path) -> str:
    """Return 'reference/hw1.py, line 22: ' of the last line of the reference that a traceback passes, or ''."""
    frames = [(Path(file), line) for file, line in _FRAME.findall(traceback)]
    file, line = next((frame for frame in reversed(frames) if frame[0].parent == folder), (folder, ""))
    return f"{folder.name}/{file.name}, line {line}: " if line else ""


def _of_fault(traceback: str, folder: Path) -> str:
    """Return where in the reference a check failed, and by what; the whole traceback if it did so elsewhere."""
    where = place(traceback, folder)
    if not where:
        ours = re.search(r"^grader\.errors\.GraderFault: (.+)", traceback, re.MULTILINE)
        return ours[1] if ours else traceback
    problem = next((each for each in reversed(traceback.splitlines()) if re.match(r"[\w.]+(?::|$)", each)), "")
    asked = f" A student can be asked for: {', '.join(_questions())}." if _ASKED_AMISS.match(problem) else ""
    return f"{where}{problem}.{asked}"


def _questions() -> Iterator[str]:
    return (name for name in vars(Student) if not name.startswith("_"))


def stopped(grade: Grade, reference: Path, python: Path) -> str:
    """Return a sentence on the error that the reference stopped with when it was run as a program, or ''."""
    error = next(_errors(grade), None)
    if error is None:
        return ""
    lines = _LINE_OF_CELL.findall(error.traceback)
    where = f"{reference.parent.name}/{reference.name}{f', line {lines[-1]}' if lines else ''}"
    said = f"{where}: run as a program, it stopped with {error.kind}: {error.message}."
    install = f"Students' code runs in {python}: install it there, or name another Python with --python."
    return f"{said} {install}" if error.kind == "ModuleNotFoundError" else said


def lacking(grade: Grade) -> bool:
    """Return whether a hand-in stopped for want of something that is not there where students' code runs."""
    return any(error.blame == "environment" for error in _errors(grade))


def _errors(grade: Grade) -> Iterator[CellError]:
    cells = (cell for file in grade.record.files for cell in file.cells) if grade.record else ()
    return (cell.error for cell in cells if cell.error)
