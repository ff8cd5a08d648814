"""The verdicts an expectation can return, one short function each."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import Outcome, Verdict


def passed(found: str, *, remarks: Sequence[str] = (), staff: str = "") -> Verdict:
    """Return full credit."""
    return Verdict(Outcome.PASSED, 1.0, found, remarks=tuple(remarks), staff=staff)


def failed(found: str, hint: str = "", *, mistake: str = "", remarks: Sequence[str] = (), staff: str = "") -> Verdict:
    """Return no credit: an answer is there and it is wrong."""
    return Verdict(Outcome.FAILED, 0.0, found, hint, tuple(remarks), mistake, staff)


def partial(
    fraction: float, found: str, hint: str = "", *, mistake: str = "", remarks: Sequence[str] = (), staff: str = ""
) -> Verdict:
    """Return a part of the credit, 0 < fraction < 1."""
    return Verdict(Outcome.PARTIAL, fraction, found, hint, tuple(remarks), mistake, staff)


def missing(found: str, hint: str = "", *, staff: str = "") -> Verdict:
    """Return no credit: no answer is there; `found` says what was looked for and what was seen."""
    return Verdict(Outcome.MISSING, 0.0, found, hint, staff=staff)


def blocked(found: str, hint: str = "") -> Verdict:
    """Return no credit: something this depends on failed."""
    return Verdict(Outcome.BLOCKED, 0.0, found, hint)


def pending(found: str, hint: str = "", *, staff: str = "") -> Verdict:
    """Leave it to a person."""
    return Verdict(Outcome.PENDING, 0.0, found, hint, staff=staff)


def fault(found: str, *, staff: str = "") -> Verdict:
    """Say that the grader failed: no grade is meant by it, and the report cannot be released."""
    return Verdict(Outcome.FAULT, 0.0, found, staff=staff)
