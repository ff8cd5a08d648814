"""The only arithmetic of grades: findings and people's marks, added up.

Three laws. Every claim of the rubric has exactly one finding, in the rubric's order. A fraction is a number from 0 to 1
that fits its outcome; whatever is not is our fault and says so, instead of becoming a grade. A mark settles its claim,
in place of the check or of the silence before it, and its reason is what the student reads. What lateness takes off is
a share of the sum, and is kept apart from the findings (`grader.late`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.assignment import Assignment, Claim, Problem
from grader.expect.verdicts import fault, pending
from grader.late import lateness
from grader.marks import in_force
from grader.records import Finding, Grade, Mark, Outcome, RunRecord, Submission, Verdict, WrittenAnswer


def grade(
    assignment: Assignment,
    submission: Submission,
    record: RunRecord | None,
    findings: Sequence[Finding],
    answers: Mapping[str, WrittenAnswer],
    marks: Sequence[Mark],
    *,
    replayed: bool = False,
) -> Grade:
    """Return the grade of one submission; of `marks` (everybody's) the latest for each of its claims counts."""
    found = {finding.key: finding for finding in findings}
    latest = in_force(marks)
    keys = [claim.key for _, claim in assignment.claims]
    mine = {key: latest[submission.student, key] for key in keys if (submission.student, key) in latest}
    history = _histories(marks, submission.student)
    settled = [
        _settled(_sound(found.get(claim.key) or _unjudged(problem, claim)), history.get(claim.key, ()))
        for problem, claim in assignment.claims
    ]
    return Grade(
        submission=submission,
        record=record,
        findings=tuple(settled),
        answers=answers,
        marks=tuple(mine.values()),
        total=math.fsum(claim.points for _, claim in assignment.claims),
        replayed=replayed,
        late=lateness(assignment.late, submission),
    )


def finding(problem: Problem, claim: Claim, verdict: Verdict) -> Finding:
    """Return the finding that a verdict makes of a claim."""
    return Finding(problem.id, claim.sentence, claim.key, claim.by, claim.points, verdict, claim.visibility)


def _unjudged(problem: Problem, claim: Claim) -> Finding:
    return finding(problem, claim, fault("This was not judged.", staff="No finding was made for this claim."))


def _sound(finding: Finding) -> Finding:
    """Return the finding itself if its fraction fits its outcome, else a fault."""
    verdict = finding.verdict
    fits = {
        Outcome.PASSED: verdict.fraction == 1,
        Outcome.PARTIAL: 0 < verdict.fraction < 1,
    }.get(verdict.outcome, verdict.fraction == 0)
    if fits:
        return finding
    detail = f"{verdict.outcome.value} with the fraction {verdict.fraction!r}: {verdict.found}"
    return replace(finding, verdict=fault("The grader failed on this claim.", staff=detail))


def _histories(marks: Sequence[Mark], student: str) -> dict[str, list[Mark]]:
    """Return one student's marks by claim, in the order they were made."""
    history: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.student == student:
            history.setdefault(mark.key, []).append(mark)
    return history


def _settled(finding: Finding, history: Sequence[Mark]) -> Finding:
    """Return the finding as the latest mark has it, keeping for staff who decided what and when, and what was found."""
    if not history:
        return finding
    mark, before = history[-1], finding.verdict
    words = f"Marked by {mark.author}: {mark.reason}"
    if mark.points > finding.points:
        now_worth = f"{mark.points:g} points were given, but the claim is now worth {finding.points:g}; mark it again."
        return replace(finding, verdict=pending(words, staff=now_worth))
    fraction = 1.0 if mark.points == finding.points else mark.points / finding.points
    decided = [f"{one.at} {one.author}, {one.points:g} of {finding.points:g}: {one.reason}" for one in history]
    found = f"Before the mark{'s' * (len(history) > 1)}: {before.outcome.value}. {before.found} {before.staff}".strip()
    staff = "\n".join((*decided, found))
    return replace(finding, verdict=Verdict(_outcome(fraction), fraction, words, remarks=before.remarks, staff=staff))


def _outcome(fraction: float) -> Outcome:
    if fraction == 0:
        return Outcome.FAILED
    return Outcome.PASSED if fraction == 1 else Outcome.PARTIAL
