"""The instructor's page and the gradebook files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from grader.assignment import Assignment, Problem
from grader.records import Grade, Outcome
from grader.report.discretion import discreet
from grader.report.files import write
from grader.report.gradebook import grades_csv
from grader.report.ledger import grades_json
from grader.report.outcomes import ORDER
from grader.report.pages import asset, hashed, rendered
from grader.report.standing import STATES, faulty, lacking, note, ordered, state
from grader.report.tallies import claims, distribution, replacements, run_problems, time_taken


def write_class(grades: Sequence[Grade], assignment: Assignment, out: Path, *, seconds: float, sandbox: str) -> Path:
    """Write `index.html`, `grades.csv` and `grades.json` into `out`; return the page.

    Args:
        grades: one for each submission, in any order.
        assignment: what they are grades of.
        out: the folder that holds each student's folder.
        seconds: wall time of the whole run.
        sandbox: the mode in which code was run, or a word for why none was.
    """
    write(out / "grades.csv", grades_csv(grades, assignment))
    write(out / "grades.json", discreet(grades_json(grades, assignment, seconds=seconds, sandbox=sandbox)))
    return write(out / "index.html", page(grades, assignment, seconds=seconds, sandbox=sandbox))


def page(grades: Sequence[Grade], assignment: Assignment, *, seconds: float, sandbox: str) -> str:
    """Return the instructor's page."""
    grades = ordered(grades)
    return rendered(
        "class.html",
        assignment=assignment,
        grades=grades,
        faults=[grade for grade in grades if faulty(grade)],
        distribution=distribution(grades, assignment),
        claims=claims(grades, assignment),
        run_problems=run_problems(grades),
        replacements=replacements(grades),
        lacking=sum(lacking(grade) > 0 for grade in grades),
        time=time_taken(grades),
        seconds=seconds,
        sandbox=sandbox,
        waiting=sum(grade.count(Outcome.PENDING) for grade in grades),
        outcomes=ORDER,
        states=STATES,
        state=state,
        note=note,
        faulty=faulty,
        link=link,
        earned=earned,
        script_hash=hashed(asset("class.js")),
    )


def link(grade: Grade) -> str:
    """Return where a student's page lies, seen from the instructor's."""
    return f"{quote(grade.submission.student, safe='')}/report.html"


def earned(grade: Grade, problem: Problem) -> float | str:
    """Return the points earned in a problem so far; '' where nothing was judged."""
    findings = [finding for finding in grade.findings if finding.problem == problem.id]
    return sum(finding.earned for finding in findings) if findings else ""
