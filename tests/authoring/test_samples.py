"""Sample submissions against what is expected of them: what is refused, and what disagrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course, score
from grader.assignment import Assignment
from grader.authoring import new, samples
from grader.errors import RubricError, UsageError
from grader.expect.verdicts import failed, passed, pending
from grader.records import Grade, RunRecord, Submission, WrittenAnswer

CLAIMS = ("1.1", "1.2", "2.1", "3.1", "3.2", "3.3", "3.4", "3.5")


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    return course.find(course.read(new.make(tmp_path).folder), "1")


def read(assignment: Assignment, text: str) -> dict[str, samples.Sample]:
    file = assignment.rubric.with_name("expected.toml")
    file.write_text(text)
    return dict(samples.read(file, assignment))


def graded(assignment: Assignment, student: str = "ada", **verdicts: object) -> Grade:
    found = {"1_2": pending("A person decides this."), **verdicts}
    findings = [
        score.finding(problem, claim, found.get(claim.key.replace(".", "_"), passed("Right.")))
        for problem, claim in assignment.claims
    ]
    record, answers = RunRecord(student, "", (), sandbox=""), {"1": WrittenAnswer("1", "So.", "", "")}
    return score.grade(assignment, Submission(student, student, ()), record, findings, answers, ())


def said(assignment: Assignment, text: str, *grades: Grade) -> list[str]:
    return list(samples.complaints(assignment, read(assignment, text), grades))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("[ada]\nwhat = 'x'\nfail = {}", "ada: unknown key 'fail'. Did you mean 'failed'?"),
        ("[ada]\n", "ada: the key 'what' is missing."),
        ("[ada]\nwhat = 'x'\nfailed = { '3.6' = '' }", "ada: names no claim and no problem of hw1.toml: '3.6'."),
        ("[ada]\nwhat = 'x'\nfailed = { '3.1' = 1 }", "ada, failed: 3.1: input should be a valid string, not 1."),
    ],
)
def test_what_is_refused_names_the_sample(assignment, text, refusal):
    with pytest.raises(RubricError) as error:
        read(assignment, text)
    assert refusal in str(error.value)


def test_without_expectations_it_is_said_how_to_have_them(assignment, tmp_path):
    (tmp_path / "sample_submissions" / "hw1" / "expected.toml").unlink()
    with pytest.raises(UsageError, match=r"hw1/expected.toml says what is to be found .* `grade new` makes one"):
        samples.opened(assignment, tmp_path).__enter__()


def test_what_is_as_expected_is_no_complaint(assignment):
    ada = "[ada]\nwhat = 'right'\n"
    assert said(assignment, ada, graded(assignment)) == []
    adam = failed("Adam.", mistake="adam")
    assert said(assignment, ada + "failed = { '3.2' = 'adam' }", graded(assignment, **{"3_2": adam})) == []
    loud = passed("Right.", remarks=("It was loud.",))
    assert said(assignment, ada + "remarks = { '3.2' = 'loud' }", graded(assignment, **{"3_2": loud})) == []


def test_what_is_not_as_expected_is_said(assignment):
    other = graded(assignment, **{"3_2": failed("It is Adam.", mistake="adam")})
    sentence = "Training is plain gradient descent with step size 0.1 and fresh gradients at every step"
    assert said(assignment, "[ada]\nwhat = 'right'", other) == [
        f"The sample 'ada', 3.2 ({sentence}), is failed as 'adam'; expected.toml says passed. It is Adam."
    ]
    assert said(assignment, "[ada]\nwhat = 'x'\nremarks = { '3.2' = 'loud' }\nfailed = { '3.2' = 'adam' }", other) == [
        f"The sample 'ada', 3.2 ({sentence}), has no remark with the words 'loud'."
    ]
    assert said(assignment, "[ada]\nwhat = 'right'\nwritten = []", graded(assignment)) == [
        "The sample 'ada': written answers are found to 1, not to none."
    ]


def test_samples_and_expectations_are_the_same_ones(assignment):
    assert said(assignment, "[bob]\nwhat = 'x'", graded(assignment)) == [
        "The sample 'bob' is named in expected.toml, and not there.",
        "The sample 'ada' is not named in expected.toml: give it a table there, `[ada]`, with `what` it is.",
    ]


def test_a_problem_stands_for_its_checks_and_what_is_not_handed_in_is_missing(assignment):
    whole = samples.expected(assignment, samples.Sample(what="x", only=["3"], pending=["3"]))
    outcomes = ("missing", "pending", "missing", *["pending"] * 5)
    assert whole == {key: (outcome, "") for key, outcome in zip(CLAIMS, outcomes, strict=True)}


def test_a_problem_stands_for_its_checks_wherever_it_is_named(assignment):
    wrong = graded(assignment, **{"2_1": failed("No.", mistake="weights_alone")})
    assert said(assignment, "[ada]\nwhat = 'x'\nfailed = { '2' = 'weights_alone' }", wrong) == []
    whole = samples.expected(assignment, samples.Sample(what="x", only=["3"], passed=["2"], partial={"1": "half"}))
    assert (whole["1.1"], whole["2.1"]) == (("partial", "half"), ("passed", ""))
    (quiet,) = said(assignment, "[ada]\nwhat = 'x'\nremarks = { '2' = 'loud' }", graded(assignment))
    assert quiet.endswith("has no remark with the words 'loud'.")
