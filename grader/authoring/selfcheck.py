"""A homework, checked itself: its reference earns everything, an empty notebook nothing, each known mistake is named.

All three are handed in like any submission and run in the sandbox (`grader.authoring.stand_in`). Items are left out:
people decide them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.mistakes import tried
from grader.authoring.stand_in import STAND_IN, module, submission
from grader.bench import Bench
from grader.grade import grade_submission
from grader.records import Finding, Grade, Outcome
from grader.siblings import siblings


@dataclass(frozen=True)
class Checked:
    """What came of the reference, of an empty notebook and of the known mistakes."""

    claims: int
    """How many checks there are."""
    mistakes: int
    """How many known mistakes were handed in."""
    complaints: tuple[str, ...]
    """A sentence for each claim that disagrees; empty if the homework is sound."""


def selfcheck(bench: Bench, folder: Path) -> Checked:
    """Grade the reference, an empty notebook and known mistakes, made in `folder`, and return what disagrees."""
    path = bench.assignment.reference
    cells = [STAND_IN, *map(module, siblings(path)), path.read_text(encoding="utf-8")]
    reference = grade_submission(submission(folder, "reference", cells), bench)
    empty = grade_submission(submission(folder, "empty", []), bench)
    complaints = (*_complaints(reference, "The reference", _earns_all), *_complaints(empty, "Nothing", _earns_nothing))
    checks = sum(finding.by == "check" for finding in reference.findings)
    mistakes = tried(bench, folder)
    return Checked(checks, len(mistakes), (*complaints, *(said for each in mistakes for said in each.complaints)))


def _complaints(grade: Grade, who: str, sound: Callable[[Finding], bool]) -> list[str]:
    if grade.record and grade.record.fault:
        return [f"{who} could not be graded: {grade.record.fault}"]
    return [
        f"{who} is {finding.verdict.outcome.value} on {finding.key} ({finding.claim}): {_all_found(finding)}"
        for finding in grade.findings
        if finding.by == "check" and finding.points and not sound(finding)
    ]


def _earns_all(finding: Finding) -> bool:
    return finding.verdict.outcome is Outcome.PASSED


def _earns_nothing(finding: Finding) -> bool:
    return finding.verdict.outcome in (Outcome.FAILED, Outcome.MISSING, Outcome.BLOCKED)


def _all_found(finding: Finding) -> str:
    verdict = finding.verdict
    return " ".join(words for words in (verdict.found, verdict.hint, verdict.staff) if words)
