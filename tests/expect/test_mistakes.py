"""Slips that a kind of expectation names itself, in the words of the course's author."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from fake_student import FakeStudent

from grader.errors import Absent, StudentFailure
from grader.expect import (
    Ask,
    Expectation,
    Formula,
    Mistake,
    Value,
    equals,
    failed,
    gradient,
    holds,
    mistake,
    normal,
    partial,
    passed,
    pending,
)
from grader.expect.mistakes import worded
from grader.records import Outcome, Verdict
from grader.student import Student

ADAM = Mistake("adam", lambda: None, "Adam is another rule.", "rule")
SLIP = failed("The optimizer is Adam.", "Use SGD.", mistake="adam", remarks=("A remark.",), staff="Seen: Adam.")


def said(verdict: Verdict, *known: Mistake, part: str = "rule", **credit: float) -> Verdict:
    expectation = Expectation()
    expectation.mistakes += known
    return worded(verdict, expectation, FakeStudent({}), Ask((1,), part, credit))


class Meets(Expectation):
    """Says what it was told to say of every hand-in, or raises it."""

    def __init__(self, answer: Verdict | StudentFailure) -> None:
        super().__init__()
        self.answer = answer

    def judge(self, student: Student, ask: Ask) -> Verdict:
        if isinstance(self.answer, StudentFailure):
            raise self.answer
        return self.answer


def test_the_authors_sentence_comes_first_and_all_else_stays() -> None:
    assert said(SLIP, ADAM) == replace(SLIP, found="Adam is another rule. The optimizer is Adam.")


def test_the_rubrics_credit_is_given() -> None:
    verdict = said(SLIP, ADAM, adam=0.5)
    assert (verdict.outcome, verdict.fraction) == (Outcome.PARTIAL, 0.5)
    assert (verdict.found, verdict.hint) == ("Adam is another rule. The optimizer is Adam.", "Use SGD.")


def test_what_the_kind_of_expectation_gives_is_kept_where_the_rubric_says_nothing() -> None:
    verdict = said(partial(0.25, "Half.", mistake="adam"), ADAM)
    assert (verdict.outcome, verdict.fraction) == (Outcome.PARTIAL, 0.25)


@pytest.mark.parametrize(
    "verdict",
    [
        failed("Another.", mistake="other_step"),
        failed("Unnamed."),
        passed("Right."),
        replace(pending("Adam, perhaps."), mistake="adam"),
        failed("Adam is another rule. It was said.", mistake="adam"),
    ],
)
def test_other_verdicts_stay_as_they_are(verdict: Verdict) -> None:
    assert said(verdict, ADAM) == verdict


def test_a_mistake_of_another_part_is_not_meant() -> None:
    assert said(SLIP, ADAM, part="data") == SLIP


def test_what_meets_the_wrong_truth_is_named_by_it_before_the_general_slip() -> None:
    own = Mistake("momentum_of_adam", lambda: None, "Adam, and at 0.01.", "rule", Meets(passed("Met.")))
    verdict = said(SLIP, ADAM, own)
    assert (verdict.mistake, verdict.found) == ("momentum_of_adam", "Adam, and at 0.01. The optimizer is Adam.")
    assert said(failed("Unnamed."), own, momentum_of_adam=0.25).fraction == 0.25
    assert said(passed("Right."), own) == passed("Right.")


@pytest.mark.parametrize("answer", [failed("Not met."), pending("Who knows."), partial(0.5, "Half."), Absent("it")])
def test_what_does_not_meet_the_wrong_truth_is_not_named_by_it(answer: Verdict | StudentFailure) -> None:
    own = Mistake("other", lambda: None, "Another.", "rule", Meets(answer))
    assert said(SLIP, own, ADAM).mistake == "adam"
    assert said(failed("Unnamed."), own) == failed("Unnamed.")


def test_one_program_can_be_a_mistake_of_two_expectations() -> None:
    first, second = Expectation(), Expectation()

    @mistake(first, "One.", part="rule")
    @mistake(second, "Two.")
    def adam() -> str:
        return "ran"

    assert adam() == "ran"
    assert first.mistakes == [Mistake("adam", adam, "One.", "rule")]
    assert second.mistakes == [Mistake("adam", adam, "Two.")]
    assert second.mistakes[0].shows("data") and not first.mistakes[0].shows("data")


# ---------------------------------------------------------------------------------------------- those that fail


@equals(inputs=normal(5))
def double(z: Any) -> Any:
    return 2 * z


@gradient(of=lambda z: float(z @ z), inputs=normal(3))
def slope(z: Any) -> Any:
    return 2 * z


@holds
def doubles(student: Student) -> None:
    """It doubles."""
    if student.call("double", 2.0) != 4.0:  # pytest adds to what an assert says
        raise AssertionError("It does not double.")


KINDS = (
    (double, lambda z: z + 1, lambda z: z + 1),
    (slope, lambda z: z + 1, lambda z: z + 1),
    (doubles, lambda z: z + 1, lambda z: z + 1),
    (Value(3.0), 4.0, lambda: 4.0),
    (Formula("2 * x", symbols="x"), "x + 1", lambda: "x + 1"),
)


@pytest.mark.parametrize("error", [ValueError("no"), ZeroDivisionError(), TypeError(), NameError(), KeyError(3)])
@pytest.mark.parametrize(("expectation", "theirs", "wrong"), KINDS)
def test_a_mistake_that_fails_is_not_the_one_that_was_made(expectation, theirs, wrong, error) -> None:
    def fails(*_: object) -> object:
        raise error

    expectation = copy(expectation)
    expectation.name = expectation.name or "double"
    student = FakeStudent({expectation.name: theirs, "double": theirs})
    expectation.mistakes = [Mistake("fails", fails, "It fails.")]
    assert expectation.judge(student, Ask((1,))).outcome is Outcome.FAILED
    expectation.mistakes.append(Mistake("adds", wrong, "One is added."))
    assert expectation.judge(student, Ask((1,))).mistake == "adds"
