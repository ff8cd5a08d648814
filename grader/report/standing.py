"""Where each submission stands: one word for its state, one short note on its run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.records import FileRun, Grade, Outcome
from grader.report.text import counted, line

STATES = ("fault", "unreadable", "pending", "graded")
_NO_ANSWER = (Outcome.MISSING, Outcome.BLOCKED)


def faulty(grade: Grade) -> bool:
    """Tell whether an error of ours stands in the way of this grade."""
    return bool(grade.record and grade.record.fault) or grade.count(Outcome.FAULT) > 0


def releasable(grades: Iterable[Grade]) -> bool:
    """Tell whether these grades may be given out."""
    return not any(faulty(grade) for grade in grades)


def state(grade: Grade) -> str:
    """Return one of `STATES`, the worst that applies."""
    if faulty(grade):
        return "fault"
    if grade.submission.unreadable:
        return "unreadable"
    return "pending" if grade.count(Outcome.PENDING) else "graded"


def ordered(grades: Iterable[Grade]) -> list[Grade]:
    """Return the grades by student, so that reports do not depend on who finished first."""
    return sorted(grades, key=lambda grade: grade.submission.student)


def lacking(grade: Grade) -> int:
    """Return in how many cells the code needed what is not available here: our matter, not the student's."""
    files = grade.record.files if grade.record else ()
    return sum(cell.error is not None and cell.error.blame == "environment" for file in files for cell in file.cells)


def note(grade: Grade) -> str:
    """Return what matters most about the run in a few words; '' if nothing does."""
    if faulty(grade):
        return "fault"
    if grade.submission.unreadable:
        return "could not be read"
    troubles = [*_late(grade), *_odd(grade)]
    files = grade.record.files if grade.record else ()
    troubles += [trouble for file in files for trouble in _troubles(file, named=len(files) > 1)]
    return min(troubles)[1] if troubles else ""


def _late(grade: Grade) -> list[tuple[int, str]]:
    """Return (rank, words) of a late submission; whatever is wrong with its run, or leaves no answer, is graver."""
    late = grade.late
    if not late or not late.days:
        return []
    taken = f", {100 * late.share:.4g} % off" if late.share else ""
    return [(20, f"{late.days} day{'s' if late.days > 1 else ''} late{taken}")]


def _odd(grade: Grade) -> list[tuple[int, str]]:
    """Return (rank, words) of what was odd about the files; that no check found an answer is graver than being late."""
    checks = [finding.verdict.outcome for finding in grade.findings if finding.by == "check"]
    empty = bool(checks) and all(outcome in _NO_ANSWER for outcome in checks)
    said = [counted(len(grade.submission.remarks), "remark")] if grade.submission.remarks else []
    if empty:
        return [(10, ", ".join(["no answer found", *said]))]
    return [(30, said[0])] if said else []


def _troubles(file: FileRun, *, named: bool) -> Sequence[tuple[int, str]]:
    """Return (rank, words) of what went wrong in one file, the gravest with the lowest rank."""
    where = f" of {line(file.name, 60)}" if named else ""
    found = []
    if file.status in _ENDED:
        rank, words = _ENDED[file.status]
        found.append((rank, words + (f": {line(file.name, 60)}" if named else "")))
    for cell in file.cells:
        if cell.stopped:
            found.append((3, f"stopped in cell {cell.number}{where}"))
        elif cell.error and cell.error.blame == "environment":
            found.append((5, f"not available here, cell {cell.number}{where}"))
        elif cell.error:
            found.append((4, f"crashed in cell {cell.number}{where}"))
    return sorted(found, key=lambda trouble: trouble[0])[:1]


_ENDED = {
    "unreadable": (0, "a file could not be read"),
    "died": (1, "its process died"),
    "stopped": (2, "stopped by a limit"),
}
