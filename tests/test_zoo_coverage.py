"""The samples cover the homeworks: whatever a claim is worth, a sample earns it, and another loses it by a slip."""

from __future__ import annotations

from pathlib import Path

import pytest
from zoo import EXPECTED, HOMEWORKS, expected, rubric

from grader.assignment import Claim
from grader.expect import (
    Accuracy,
    Fit,
    Graph,
    Initial,
    LossCurves,
    Network,
    Plot,
    Probabilities,
    Recipe,
    Trained,
)
from grader.reference import load

CHECKS = [
    (homework, claim)
    for homework in HOMEWORKS
    for _, claim in rubric(homework).claims
    if claim.by == "check" and claim.points
]
OWN_NAMES = (Accuracy, Fit, Graph, Initial, LossCurves, Network, Plot, Probabilities, Recipe, Trained)
"""Kinds that judge a training or a figure. Nobody can hand in a wrong one as a function: they name slips themselves."""
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


@every_check
def test_at_least_two_mistakes_are_known(homework: str, claim: Claim) -> None:
    expectation = load(Path(rubric(homework).reference))[claim.expects]
    assert len(expectation.mistakes) >= 2 or isinstance(expectation, OWN_NAMES)


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_what_earns_partial_credit_is_a_known_mistake(homework: str) -> None:
    expectations = load(Path(rubric(homework).reference))
    for _, claim in rubric(homework).claims:
        known = {mistake.name for mistake in expectations[claim.expects].mistakes} if claim.expects else set()
        assert known >= claim.credit.keys()
