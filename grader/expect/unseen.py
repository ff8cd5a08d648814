"""What to say where nothing was seen: whose doing it was, and what stopped the code before it got there."""

from __future__ import annotations

from collections.abc import Iterator

from grader.expect.verdicts import missing, pending
from grader.records import CellError, CellRun, FileRun, Verdict
from grader.student import Student

REPAIR = "Run the whole file anew, from top to bottom, and repair the first cell that fails."


def unseen(student: Student, looked_for: str, hint: str = "") -> Verdict:
    """Return 'missing', or 'pending' where this environment kept the code from running, or us from seeing."""
    foreign = next(stopped(student, "environment"), None)
    if foreign:
        needs = "That code needs something that is not available here; a person has to look."
        return pending(f"{looked_for} {told(*foreign)}", needs)
    unwatched = next((file.unwatched for file in student.files if file.unwatched), "")
    if unwatched:
        return pending(f"{looked_for} {unwatched}", "A person has to look.")
    ended = next((file.reason for file in student.files if file.status != "finished" and file.reason), "")
    if ended:
        return missing(f"{looked_for} {ended}", "Make the file run to its end within the limits.")
    own = stumble(student)
    return missing(f"{looked_for} {own}", REPAIR) if own else missing(looked_for, hint)


def stumble(student: Student) -> str:
    """Return the sentence on the first cell that the student's own error stopped; '' without one."""
    own = next(stopped(student, "student"), None)
    return told(*own) if own else ""


def told(file: FileRun, cell: CellRun, error: CellError) -> str:
    """Return 'Cell 3 of hw3.ipynb stopped with NameError: …', cut to size."""
    message = f": {error.message}" if error.message else ""
    return f"Cell {cell.number} of {file.name} stopped with {error.kind}{message}"[:300].rstrip(".") + "."


def stopped(student: Student, blame: str) -> Iterator[tuple[FileRun, CellRun, CellError]]:
    """Yield the cells that stopped with an error of this blame."""
    for file in student.files:
        for cell in file.cells:
            if cell.error is not None and cell.error.blame == blame:
                yield file, cell, cell.error
