"""The seven outcomes as people meet them: a word for the student, one for the instructor, a drawn sign.

Colour is never the only carrier: each outcome has a sign of its own shape and a word beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.records import Finding, Outcome


@dataclass(frozen=True)
class Face:
    """How one outcome is shown."""

    word: str
    """To the student."""
    path: str
    """Of the sign, on a grid of 16 by 16, drawn as a stroke."""


FACES: dict[Outcome, Face] = {
    Outcome.PASSED: Face("Right", "M3.8 8.5l2.9 2.9 5.6-6.3"),
    Outcome.PARTIAL: Face("Partly right", "M4 9c1.2-2 2.6-2 4-.8s2.8 1.2 4-.8"),
    Outcome.FAILED: Face("Not right yet", "M5 5l6 6M11 5l-6 6"),
    Outcome.MISSING: Face("Not found", "M6.2 6.4a1.9 1.9 0 1 1 2.8 1.7c-.7.4-1 .8-1 1.4M8 11.6v.1"),
    Outcome.BLOCKED: Face("Not reached", "M5 8h6"),
    Outcome.PENDING: Face("To be marked", "M8 4.4V8l2.4 1.6"),
    Outcome.FAULT: Face("Our error", "M8 4.4v4M8 11.4v.1"),
}

ORDER: tuple[Outcome, ...] = tuple(FACES)


def face(outcome: Outcome) -> Face:
    """Return how an outcome is shown."""
    return FACES[outcome]


def word(finding: Finding) -> str:
    """Return what a student reads first of a finding; what is worth nothing waits for nobody."""
    left_open = finding.verdict.outcome is Outcome.PENDING and not finding.points
    return "Left open" if left_open else face(finding.verdict.outcome).word
