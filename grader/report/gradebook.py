"""`grades.csv`: one row a student, one column a problem, for spreadsheets and gradebooks."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from grader.assignment import Assignment
from grader.records import Grade, Outcome
from grader.report.standing import faulty, lacking, ordered, state
from grader.report.text import line, number

BEFORE = ("student", "name", "total", "out of")
AFTER = ("pending", "status", "not available here", "submitted at", "late days", "taken off")
_STARTS_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def grades_csv(grades: Sequence[Grade], assignment: Assignment) -> str:
    """Return the table (RFC 4180); its columns depend on the rubric alone.

    Points are those earned so far; `pending` counts the points a person still decides. Where a fault of ours stands in
    the way the cell is empty, so that nobody takes it for a zero. `not available here` counts the cells that failed
    for want of something that this environment does not have.
    """
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow([*BEFORE, *(cell(problem.id) for problem in assignment.problems), *AFTER])
    table.writerows(_row(grade, assignment) for grade in ordered(grades))
    return written.getvalue()


def cell(text: str) -> str:
    """Return a text as one line that no spreadsheet takes for a formula."""
    flat = line(text)
    return f"'{flat}" if flat.startswith(_STARTS_FORMULA) else flat


def _row(grade: Grade, assignment: Assignment) -> list[str]:
    waiting = sum(one.points for one in grade.findings if one.verdict.outcome is Outcome.PENDING)
    return [
        cell(grade.submission.student),
        cell(grade.submission.name),
        "" if faulty(grade) else number(grade.earned),
        number(grade.total),
        *(_earned(grade, problem.id) for problem in assignment.problems),
        number(waiting),
        state(grade),
        str(lacking(grade) or ""),
        cell(grade.submission.submitted_at),
        str(grade.late.days) if grade.late else "",
        number(grade.taken_off) if grade.late else "",
    ]


def _earned(grade: Grade, problem: str) -> str:
    """Return the points earned in a problem; '' where nothing was judged or a fault stands."""
    findings = [finding for finding in grade.findings if finding.problem == problem]
    if not findings or any(finding.verdict.outcome is Outcome.FAULT for finding in findings):
        return ""
    return number(sum(finding.earned for finding in findings))
