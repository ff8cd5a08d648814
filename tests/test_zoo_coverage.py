"""The homeworks are covered: what a claim is worth a sample earns, another loses by a slip, and two mistakes are known.

`grade selfcheck` hands in what is counted here (tests/authoring/test_own_homeworks.py).
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from zoo import EXPECTED, HOMEWORKS, expected, rubric

from grader.assignment import Claim
from grader.authoring.mistakes import attempts
from grader.course import Homework, locate, open_homework
from grader.expect import Explained, Mentions, Typeset
from grader.reference import load

CHECKS = [
    (homework, claim)
    for homework in HOMEWORKS
    for _, claim in rubric(homework).claims
    if claim.by == "check" and claim.points
]
NEVER_WRONG = (Explained, Mentions, Typeset)
"""Kinds that find writing or miss it, and leave all else to people: nothing that is written is wrong by them."""
NOT_A_SLIP = frozenset({"hostile"})
"""Samples that fail claims by what they are, not by a mistake anybody makes."""
every_check = pytest.mark.parametrize(
    ("homework", "claim"), CHECKS, ids=[f"{homework}-{claim.key}" for homework, claim in CHECKS]
)


def found(homework: str, claim: Claim) -> dict[str, tuple[str, str]]:
    """Return outcome and mistake by sample."""
    assignment = rubric(homework)
    ordinary = (student for student in EXPECTED[homework] if student not in NOT_A_SLIP)
    return {student: expected(assignment, student)[claim.key] for student in ordinary}


@every_check
def test_a_sample_earns_it(homework: str, claim: Claim) -> None:
    assert any(outcome == "passed" for outcome, _ in found(homework, claim).values())


@every_check
def test_a_sample_loses_it_by_a_slip_that_is_named(homework: str, claim: Claim) -> None:
    outcomes = found(homework, claim).values()
    assert any(outcome in {"failed", "partial"} and mistake for outcome, mistake in outcomes)


@cache
def opened(homework: str) -> Homework:
    return open_homework(locate(Path(__file__).parents[1]), homework)


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_of_every_automatic_claim_two_mistakes_are_handed_in(homework: str) -> None:
    own = opened(homework)
    tried = Counter(claim.key for each in attempts(own) for claim in each.claims(own.assignment))
    for _, claim in own.assignment.claims:
        if claim.by == "check" and not isinstance(own.expectations[claim.expects], NEVER_WRONG):
            assert tried[claim.key] >= 2, claim


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_what_earns_partial_credit_is_a_known_mistake(homework: str) -> None:
    expectations = load(Path(rubric(homework).reference))
    for _, claim in rubric(homework).claims:
        known = {mistake.name for mistake in expectations[claim.expects].mistakes} if claim.expects else set()
        assert known >= claim.credit.keys()
