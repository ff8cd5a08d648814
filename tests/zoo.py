"""The sample submissions of every homework, and what each is expected to be found to be (`expected.toml`)."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.assignment import Assignment
from grader.intake import Unreadable
from grader.notebook import Document, read
from grader.records import Submission

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parents[1]
SAMPLES = HERE / "sample_submissions"
HOMEWORKS = sorted(path.parent.name for path in SAMPLES.glob("*/expected.toml"))
EXPECTED: dict[str, dict[str, dict[str, Any]]] = {
    homework: tomllib.loads((SAMPLES / homework / "expected.toml").read_text(encoding="utf-8"))
    for homework in HOMEWORKS
}
EVERY = [(homework, student) for homework in HOMEWORKS for student in EXPECTED[homework]]
LETTERS = "abcdefghijklmnopqrstuvwxyz"

every_homework = pytest.mark.parametrize("homework", HOMEWORKS)
every_sample = pytest.mark.parametrize(("homework", "student"), EVERY)


@cache
def rubric(homework: str) -> Assignment:
    """Return a homework of the course that comes with the program."""
    return course.find(course.read(HERE), homework)


def checks(assignment: Assignment, where: str) -> list[str]:
    """Return the claims meant by a claim's key, or by a problem: its checks."""
    keys = [claim.key for problem, claim in assignment.claims if problem.id == where and claim.by == "check"]
    return keys or [where]


def left_out(assignment: Assignment, student: str) -> list[str]:
    """Return the problems that a sample does not hand in, where it says which it does: '2' means 2a, 2b and so on."""
    only = EXPECTED[assignment.id][student].get("only")
    ids = [problem.id for problem in assignment.problems]
    return [] if only is None else [each for each in ids if each not in only and each.rstrip(LETTERS) not in only]


def expected(assignment: Assignment, student: str) -> dict[str, tuple[str, str]]:
    """Return outcome and mistake by claim; a claim worth nothing counts only where the sample names it."""
    said = EXPECTED[assignment.id][student]
    whole = {claim.key: ("passed" if claim.by == "check" else "pending", "") for _, claim in assignment.claims}
    away = left_out(assignment, student)
    gone = [claim.key for problem, claim in assignment.claims if problem.id in away and claim.by == "check"]
    whole.update(dict.fromkeys(gone, ("missing", "")))
    for outcome in ("missing", "blocked", "pending"):
        for where in said.get(outcome, ()):
            whole.update(dict.fromkeys(checks(assignment, where), (outcome, "")))
    for outcome in ("failed", "partial"):
        whole.update({key: (outcome, mistake) for key, mistake in said.get(outcome, {}).items()})
    whole.update(dict.fromkeys(said.get("passed", ()), ("passed", "")))
    named = {*said.get("failed", ()), *(key for each in ("passed", "missing", "pending") for key in said.get(each, ()))}
    idle = {claim.key for _, claim in assignment.claims if not claim.points} - named
    return {key: each for key, each in whole.items() if key not in idle}


def documents(submission: Submission) -> list[Document]:
    found = []
    for file in submission.files:
        try:
            found.append(read(file.path, file.name))
        except Unreadable:
            continue
    return found
