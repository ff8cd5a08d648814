"""What to say where nothing was seen: whose doing it was, and what stopped the code before it got there."""

from __future__ import annotations

from grader.expect.verdicts import missing, pending
from grader.records import CellError, CellRun, FileRun, Verdict
from grader.student import Student


def unseen(student: Student, looked_for: str, hint: str = "") -> Verdict:
    """Return 'missing', or 'pending' where this environment kept the code from running."""
    foreign = _first_error(student, "environment")
    if foreign:
        needs = "That code needs something that is not available here; a person has to look."
        return pending(f"{looked_for} {told(*foreign)}", needs)
    stopped = next((file.reason for file in student.files if file.status != "finished" and file.reason), "")
    if stopped:
        return missing(f"{looked_for} {stopped}", "Make the file run to its end within the limits.")
    own = _first_error(student, "student")
    if own:
        first = "Run the notebook from a fresh kernel, top to bottom, and repair the first cell that fails."
        return missing(f"{looked_for} {told(*own)}", first)
    return missing(looked_for, hint)


def told(file: FileRun, cell: CellRun, error: CellError) -> str:
    """Return 'Cell 3 of hw3.ipynb stopped with NameError: …', cut to size."""
    message = f": {error.message}" if error.message else ""
    return f"Cell {cell.number} of {file.name} stopped with {error.kind}{message}"[:300].rstrip(".") + "."


def _first_error(student: Student, blame: str) -> tuple[FileRun, CellRun, CellError] | None:
    """Return the first cell that stopped with an error of this blame."""
    for file in student.files:
        for cell in file.cells:
            if cell.error is not None and cell.error.blame == blame:
                return file, cell, cell.error
    return None
