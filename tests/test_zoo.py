"""The zoo: every sample submission of every homework is found to be what it is, live and again from its record."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console
from zoo import EXPECTED, HERE, SAMPLES, documents, every_homework, every_sample, expected, left_out, rubric

from grader import session
from grader.assignment import Assignment
from grader.authoring.samples import checks
from grader.intake import Batch, submissions
from grader.kernel import landlock
from grader.notebook import written_answers

FIELDS = {"what", "only", "passed", "failed", "partial", "missing", "blocked", "pending", "remarks", "written"}
DOCKERLIKE = HERE / "tests" / "sandbox" / "dockerlike.py"
RACING = {"hostile"}
"""Which of its attacks ends it first differs from run to run, and the sentences say which."""
Findings = Mapping[str, Mapping[str, Any]]
"""By claim."""


@pytest.fixture
def assignment(homework: str) -> Assignment:
    return rubric(homework)


@pytest.fixture(scope="module")
def batches() -> Iterator[Callable[[str], Batch]]:
    with ExitStack() as kept:
        yield cache(lambda homework: kept.enter_context(submissions(SAMPLES / homework)))


@pytest.fixture
def batch(batches: Callable[[str], Batch], homework: str) -> Batch:
    return batches(homework)


# ------------------------------------------------------------------------------------------------- without running


@every_homework
def test_expectations_name_the_samples_and_nothing_else(homework, batch):
    assert sorted(EXPECTED[homework]) == sorted(submission.student for submission in batch)
    assert batch.remarks == ("Not submissions, left out: expected.toml.",)
    assert all(submission.files and not submission.unreadable for submission in batch)


@every_sample
def test_expectations_name_claims_that_there_are(assignment, homework, student):
    said = EXPECTED[homework][student]
    assert set(said) <= FIELDS
    assert said["what"]
    keys = {claim.key for problem, claim in assignment.claims if claim.by == "check"}
    named = [*said.get("missing", ()), *said.get("blocked", ()), *said.get("pending", ())]
    assert {key for where in named for key in checks(assignment, where)} <= keys
    assert {*said.get("failed", {}), *said.get("partial", {}), *said.get("remarks", {})} <= keys


@every_sample
def test_written_answers_are_found(assignment, batch, homework, student):
    submission = next(each for each in batch if each.student == student)
    away = left_out(assignment, student)
    wanted = [problem.id for problem in assignment.problems if problem.answer and problem.id not in away]
    found = written_answers(documents(submission), assignment.problems)
    assert list(found) == EXPECTED[homework][student].get("written", wanted)
    assert all(len(answer.text) > 40 for answer in found.values())


# ------------------------------------------------------------------------------------------------- run


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return what grades all samples of a homework on the command line, once, and tells where the results are."""
    folder = tmp_path_factory.mktemp("zoo")

    @cache
    def results_of(homework: str, *confined: str) -> Path:
        out = folder / f"{homework}{len(confined)}"
        asked = [str(SAMPLES / homework), "--hw", homework, "--course", str(HERE), "--out", str(out)]
        environment = os.environ | {"NO_COLOR": "1"}
        command = [*confined, sys.executable, "-m", "grader.cli", *asked]
        ran = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True)
        assert ran.returncode == session.WAITING, ran.stdout + ran.stderr
        return out

    return results_of


@pytest.fixture
def results(graded: Callable[..., Path], homework: str) -> Path:
    return graded(homework)


def findings(results: Path) -> dict[str, Findings]:
    """Return what was found, by student and claim."""
    said = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    return {one["student"]: {each["key"]: each for each in one["findings"]} for one in said["submissions"]}


@pytest.mark.slow
@every_sample
def test_a_sample_is_found_to_be_what_it_is(assignment, results, homework, student):
    found = findings(results)[student]
    wanted = expected(assignment, student)
    told = {key: (each["outcome"], each["mistake"]) for key, each in found.items() if key in wanted}
    said = {key: found[key]["found"] for key in wanted if told[key] != wanted[key]}
    assert told == wanted, said
    for key, words in EXPECTED[homework][student].get("remarks", {}).items():
        assert words in " ".join(found[key]["remarks"])


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not landlock.version(), reason="only root can be as in a container here")
@every_homework
def test_in_a_container_the_same_is_found(graded, results, homework):
    """Word for word, with Docker's capabilities and about its filter; `test_parity` goes Gradescope's whole way."""
    there = findings(graded(homework, sys.executable, str(DOCKERLIKE), "--container"))
    here = findings(results)
    assert {student for student in here if told(here[student]) != told(there[student])} <= RACING
    for student in RACING & {*here}:
        assert told(here[student], words=False) == told(there[student], words=False)


def told(found: Findings, *, words: bool = True) -> dict[str, object]:
    """Return what a student is told; all but the words, if those may differ from run to run."""
    left_out = {"staff", "measured"} if words else {"staff", "measured", "found", "hint", "remarks"}
    return {key: {name: said for name, said in each.items() if name not in left_out} for key, each in found.items()}


@pytest.mark.slow
@every_homework
def test_the_records_alone_give_the_same_findings(results, homework, monkeypatch):
    def unavailable(*_: object, **__: object) -> object:
        pytest.fail("a sandbox was asked for")

    live = findings(results)
    monkeypatch.setattr(session, "sandboxed", unavailable)
    order = session.Order(homework, SAMPLES / homework, course=HERE, out=results)
    with Path(os.devnull).open("w") as nowhere:
        assert session.grade_class(order, Console(file=nowhere)) == session.WAITING
    assert findings(results) == live
    said = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    assert all(cast("bool", one["replayed"]) for one in said["submissions"] if not one["unreadable"])
