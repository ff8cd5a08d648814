"""The zoo: every sample submission of homework 3 is found to be what it is, live and again from its record."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from grader import course, session
from grader.assignment import Assignment
from grader.intake import Batch, Unreadable, submissions
from grader.notebook import Document, read, written_answers
from grader.records import Submission

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parents[1]
SAMPLES = HERE / "sample_submissions" / "hw3"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))
FIELDS = {"what", "failed", "missing", "blocked", "pending", "remarks", "written"}
Findings = Mapping[str, Mapping[str, Any]]
"""By claim."""


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return course.find(course.read(HERE), "hw3")


@pytest.fixture(scope="module")
def batch() -> Iterator[Batch]:
    with submissions(SAMPLES) as found:
        yield found


def checks(assignment: Assignment, where: str) -> list[str]:
    """Return the claims meant by a claim's key, or by a problem: its checks."""
    keys = [claim.key for problem, claim in assignment.claims if problem.id == where and claim.by == "check"]
    return keys or [where]


def expected(assignment: Assignment, student: str) -> dict[str, tuple[str, str]]:
    """Return outcome and mistake by claim."""
    said = EXPECTED[student]
    whole = {claim.key: ("passed" if claim.by == "check" else "pending", "") for _, claim in assignment.claims}
    for outcome in ("missing", "blocked", "pending"):
        for where in said.get(outcome, ()):
            whole.update(dict.fromkeys(checks(assignment, where), (outcome, "")))
    whole.update({key: ("failed", mistake) for key, mistake in said.get("failed", {}).items()})
    return whole


def documents(submission: Submission) -> list[Document]:
    found = []
    for file in submission.files:
        try:
            found.append(read(file.path, file.name))
        except Unreadable:
            continue
    return found


# ------------------------------------------------------------------------------------------------- without running


def test_expectations_name_the_samples_and_nothing_else(batch):
    assert sorted(EXPECTED) == sorted(submission.student for submission in batch)
    assert batch.remarks == ("Not submissions, left out: expected.toml.",)
    assert all(submission.files and not submission.unreadable for submission in batch)


@pytest.mark.parametrize("student", EXPECTED)
def test_expectations_name_claims_that_there_are(assignment, student):
    said = EXPECTED[student]
    assert set(said) <= FIELDS
    assert said["what"]
    keys = {claim.key for problem, claim in assignment.claims if claim.by == "check"}
    named = [*said.get("missing", ()), *said.get("blocked", ()), *said.get("pending", ())]
    assert {key for where in named for key in checks(assignment, where)} <= keys
    assert {*said.get("failed", {}), *said.get("remarks", {})} <= keys


@pytest.mark.parametrize("student", EXPECTED)
def test_written_answers_are_found(assignment, batch, student):
    submission = next(each for each in batch if each.student == student)
    wanted = [problem.id for problem in assignment.problems if problem.answer]
    found = written_answers(documents(submission), assignment.problems)
    assert list(found) == EXPECTED[student].get("written", wanted)
    assert all(len(answer.text) > 40 for answer in found.values())


# ------------------------------------------------------------------------------------------------- run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of grading all samples on the command line."""
    out = tmp_path_factory.mktemp("zoo") / "out"
    command = [sys.executable, "-m", "grader.cli", str(SAMPLES), "--hw", "3", "--course", str(HERE), "--out", str(out)]
    ran = subprocess.run(command, cwd=HERE, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True)
    assert ran.returncode == session.WAITING, ran.stdout + ran.stderr
    return out


def findings(results: Path) -> dict[str, Findings]:
    """Return what was found, by student and claim."""
    said = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    return {one["student"]: {each["key"]: each for each in one["findings"]} for one in said["submissions"]}


@pytest.mark.slow
@pytest.mark.parametrize("student", EXPECTED)
def test_a_sample_is_found_to_be_what_it_is(assignment, results, student):
    found = findings(results)[student]
    told = {key: (each["outcome"], each["mistake"]) for key, each in found.items()}
    wanted = expected(assignment, student)
    said = {key: found[key]["found"] for key in wanted if told[key] != wanted[key]}
    assert told == wanted, said
    for key, words in EXPECTED[student].get("remarks", {}).items():
        assert words in " ".join(found[key]["remarks"])


@pytest.mark.slow
def test_the_records_alone_give_the_same_findings(results, monkeypatch):
    def unavailable(*_: object) -> object:
        pytest.fail("a sandbox was asked for")

    live = findings(results)
    monkeypatch.setattr(session, "sandboxed", unavailable)
    order = session.Order("3", SAMPLES, course=HERE, out=results)
    with Path(os.devnull).open("w") as nowhere:
        assert session.grade_class(order, Console(file=nowhere)) == session.WAITING
    assert findings(results) == live
    said = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    assert all(cast("bool", one["replayed"]) for one in said["submissions"] if not one["unreadable"])
