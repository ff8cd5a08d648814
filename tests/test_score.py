"""The arithmetic of grades: nothing missing, nothing invented, marks on top."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import assignment

from grader import score
from grader.assignment import LateRule
from grader.expect.verdicts import failed, fault, missing, partial, passed, pending
from grader.records import Finding, Grade, Mark, Outcome, Submission, Verdict

ADA = Submission("ada", "Ada", ())
RUBRIC = assignment()


def findings(*verdicts: Verdict) -> list[Finding]:
    pairs = zip(RUBRIC.claims, verdicts, strict=False)
    return [score.finding(problem, claim, verdict) for (problem, claim), verdict in pairs]


def graded(*verdicts: Verdict, marks: tuple[Mark, ...] = ()) -> Grade:
    return score.grade(RUBRIC, ADA, None, findings(*verdicts), {}, marks)


def mark(key: str, points: float, student: str = "ada", reason: str = "because") -> Mark:
    return Mark(student, key, points, "kim", reason, "2026-01-01T00:00:00+00:00")


def outcomes(grade: Grade) -> list[str]:
    return [finding.verdict.outcome.value for finding in grade.findings]


def test_findings_add_up():
    grade = graded(passed("a"), partial(0.25, "b"), pending("c"))
    assert (grade.earned, grade.total) == (1.5, 6.0)
    assert outcomes(grade) == ["passed", "partial", "pending"]


def test_what_lateness_takes_off_is_a_share_of_what_was_earned():
    due = datetime(2026, 1, 1, tzinfo=timezone.utc)
    late = replace(RUBRIC, late=LateRule(due, per_day=0.25))
    ada = replace(ADA, submitted_at="2026-01-02T12:00:00+00:00")
    grade = score.grade(late, ada, None, findings(passed("a"), partial(0.25, "b"), pending("c")), {}, ())
    assert (grade.earned, grade.taken_off) == (0.75, 0.75)
    assert grade.late is not None and grade.late.days == 2
    assert [finding.earned for finding in grade.findings] == [1.0, 0.5, 0.0]


def test_a_claim_without_a_finding_is_a_fault():
    grade = graded(passed("a"))
    assert outcomes(grade) == ["passed", "fault", "fault"]
    assert grade.earned == 1.0


def test_findings_stand_in_the_rubrics_order():
    grade = score.grade(RUBRIC, ADA, None, findings(passed("a"), failed("b"), pending("c"))[::-1], {}, ())
    assert [finding.key for finding in grade.findings] == ["1.1", "1.2", "1.3"]


@given(st.sampled_from(list(Outcome)), st.floats())
def test_a_fraction_that_does_not_fit_its_outcome_is_a_fault(outcome, fraction):
    grade = graded(Verdict(outcome, fraction, "f"), passed("b"), passed("c"))
    verdict = grade.findings[0].verdict
    assert math.isfinite(grade.earned)
    assert 0 <= verdict.fraction <= 1
    fits = {"passed": fraction == 1, "partial": 0 < fraction < 1}.get(outcome.value, fraction == 0)
    assert verdict.outcome is (outcome if fits else Outcome.FAULT)


@pytest.mark.parametrize(("points", "outcome"), [(3, "passed"), (1, "partial"), (0, "failed")])
def test_a_mark_settles_an_item(points, outcome):
    grade = graded(passed("a"), missing("b"), pending("A person decides this."), marks=(mark("1.3", points),))
    last = grade.findings[2]
    assert outcomes(grade) == ["passed", "missing", outcome]
    assert last.earned == pytest.approx(points)
    assert last.verdict.found == "Marked by kim: because"
    assert grade.earned == pytest.approx(1 + points)
    assert grade.marks == (mark("1.3", points),)


def test_a_mark_overrides_a_check_and_keeps_what_it_found_for_staff():
    grade = graded(failed("Wrong at x.", staff="expected 3"), passed("b"), pending("c"), marks=(mark("1.1", 1),))
    verdict = grade.findings[0].verdict
    assert (verdict.outcome, verdict.found) == (Outcome.PASSED, "Marked by kim: because")
    assert verdict.staff.splitlines()[1:] == ["Before the mark: failed. Wrong at x. expected 3"]


def test_staff_read_who_decided_what_and_when():
    first, other, last = mark("1.1", 0), mark("1.1", 1, student="bob"), mark("1.1", 0.5, reason="after a dispute")
    made = (first, other, replace(last, author="prof", at="2025-03-02T08:00:00+00:00"))
    verdict = graded(failed("Wrong at x."), passed("b"), pending("c"), marks=made).findings[0].verdict
    assert verdict.staff.splitlines() == [
        f"{first.at} kim, 0 of 1: because",
        "2025-03-02T08:00:00+00:00 prof, 0.5 of 1: after a dispute",
        "Before the marks: failed. Wrong at x.",
    ]


def test_the_latest_mark_counts_and_only_ones_own():
    given_marks = (mark("1.3", 1), mark("1.3", 2, reason="better"), mark("1.3", 3, student="bob"), mark("9.9", 1))
    grade = graded(passed("a"), passed("b"), pending("c"), marks=given_marks)
    assert grade.marks == (given_marks[1],)
    assert grade.findings[2].earned == pytest.approx(2)


def test_a_mark_above_what_the_claim_is_now_worth_waits_for_a_person():
    grade = graded(passed("a"), passed("b"), pending("c"), marks=(mark("1.3", 5),))
    assert grade.findings[2].verdict.outcome is Outcome.PENDING
    assert "mark it again" in grade.findings[2].verdict.staff


def test_what_is_worth_nothing_is_not_counted_unless_the_grader_failed():
    grade = graded(missing("a"), pending("b"), pending("c"))
    idle = replace(grade, findings=tuple(replace(each, points=0.0) for each in grade.findings))
    assert [grade.count(each) for each in (Outcome.MISSING, Outcome.PENDING)] == [1, 2]
    assert [idle.count(each) for each in (Outcome.MISSING, Outcome.PENDING)] == [0, 0]
    broken = replace(idle.findings[0], verdict=fault("d"))
    assert replace(idle, findings=(broken,)).count(Outcome.FAULT) == 1


def test_a_claim_worth_nothing_can_be_marked():
    rubric = assignment(points=(1.0, 2.0, 0.0))
    claims = [score.finding(problem, claim, passed("x")) for problem, claim in rubric.claims]
    grade = score.grade(rubric, ADA, None, claims, {}, (mark("1.3", 0),))
    assert grade.findings[2].verdict.outcome is Outcome.PASSED
    assert grade.earned == 3.0
