"""The sample submissions of every homework, and what each is expected to be found to be (`expected.toml`)."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grader import course
from grader.assignment import Assignment
from grader.authoring import samples
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

every_homework = pytest.mark.parametrize("homework", HOMEWORKS)
every_sample = pytest.mark.parametrize(("homework", "student"), EVERY)


@cache
def rubric(homework: str) -> Assignment:
    """Return a homework of the course that comes with the program."""
    return course.find(course.read(HERE), homework)


def left_out(assignment: Assignment, student: str) -> list[str]:
    """Return the problems that a sample does not hand in."""
    return samples.left_out(assignment, _sample(assignment, student))


def expected(assignment: Assignment, student: str) -> dict[str, tuple[str, str]]:
    """Return outcome and mistake by claim."""
    return samples.expected(assignment, _sample(assignment, student))


def _sample(assignment: Assignment, student: str) -> samples.Sample:
    return samples.Sample.model_validate(EXPECTED[assignment.id][student])


def documents(submission: Submission) -> list[Document]:
    found = []
    for file in submission.files:
        try:
            found.append(read(file.path, file.name))
        except Unreadable:
            continue
    return found
