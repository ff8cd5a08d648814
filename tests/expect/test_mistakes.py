"""Slips that a kind of expectation names itself, in the words of the course's author."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.expect import Ask, Expectation, Mistake, failed, mistake, partial, passed, pending
from grader.expect.mistakes import worded
from grader.records import Outcome, Verdict

ADAM = Mistake("adam", lambda: None, "Adam is another rule.", "rule")
SLIP = failed("The optimizer is Adam.", "Use SGD.", mistake="adam", remarks=("A remark.",), staff="Seen: Adam.")


def ask(part: str = "rule", **credit: float) -> Ask:
    return Ask((1,), part, credit)


def test_the_authors_sentence_comes_first_and_all_else_stays() -> None:
    assert worded(SLIP, [ADAM], ask()) == replace(SLIP, found="Adam is another rule. The optimizer is Adam.")


def test_the_rubrics_credit_is_given() -> None:
    verdict = worded(SLIP, [ADAM], ask(adam=0.5))
    assert (verdict.outcome, verdict.fraction) == (Outcome.PARTIAL, 0.5)
    assert (verdict.found, verdict.hint) == ("Adam is another rule. The optimizer is Adam.", "Use SGD.")


def test_what_the_kind_of_expectation_gives_is_kept_where_the_rubric_says_nothing() -> None:
    verdict = worded(partial(0.25, "Half.", mistake="adam"), [ADAM], ask())
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
    assert worded(verdict, [ADAM], ask()) == verdict


def test_a_mistake_of_another_part_is_not_meant() -> None:
    assert worded(SLIP, [ADAM], ask("data")) == SLIP


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
