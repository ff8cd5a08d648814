"""One homework, loaded and checked: the claims of its rubric joined to the expectations of its reference.

`grader.rubric` reads the claims, `grader.reference` the expectations, `grader.course` finds both and joins them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What running one submission may take. Seconds and bytes."""

    cpu: float = 600.0
    """CPU seconds of the whole process tree, per file."""
    wall: float = 1200.0
    """Wall seconds, per file."""
    rest: float = 120.0
    """Wall seconds in which a cell neither computes nor shows anything, at a stretch."""
    memory: int = 3 << 30
    """Of the process tree."""
    output: int = 10 << 20
    """Bytes of output kept, per file."""
    question: float = 20.0
    """Wall seconds for one question of the conversation."""
    processes: int = 256
    disk: int = 512 << 20
    files: int = 16
    """Files of one submission that are run."""


@dataclass(frozen=True)
class Claim:
    """One true-or-false sentence about a submission, worth points."""

    key: str
    """'3a.1': problem id, then its place among the problem's claims, checks before items, from 1."""
    sentence: str
    points: float
    by: str
    """'check' or 'item'."""
    expects: str = ""
    """Of a check: name of the expectation, without its part."""
    part: str = ""
    credit: Mapping[str, float] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """Keys of earlier claims that must have passed (or be partly right), or this one is blocked."""
    reveal: bool = False
    visibility: str = "visible"


@dataclass(frozen=True)
class Ranking:
    """A column of the leaderboard: what was measured for one claim."""

    name: str
    claim: str
    """The claim's key."""
    order: str = "desc"
    """'asc' where less is better."""


@dataclass(frozen=True)
class LateRule:
    """What handing in late takes off."""

    due: datetime
    """With its zone."""
    grace: float = 0.0
    """Seconds after it that are not late."""
    per_day: float = 0.0
    """Share of the points earned, for each day begun."""
    free_days: int = 0
    """Days that take nothing off."""
    most: float = 1.0
    """Share that is taken off at most."""
    extensions: Mapping[str, datetime | float] = field(default_factory=dict)
    """By a student's key, name or address: another due time, or days more."""


@dataclass(frozen=True)
class Problem:
    """A part of an assignment."""

    id: str
    title: str
    claims: tuple[Claim, ...]
    answer: str = ""
    """Tag under which the written answer is looked for first; '' if none is asked for."""


@dataclass(frozen=True)
class Assignment:
    """A rubric: what is claimed and what it is worth. Expectations are looked up by name in the reference."""

    id: str
    title: str
    total: float
    limits: Limits
    problems: tuple[Problem, ...]
    rubric: Path
    """The file it was read from."""
    reference: Path
    """The file its expectations stand in; imported only on the trusted side."""
    secret: str = ""
    """The course's; decides the inputs that are drawn."""
    late: LateRule | None = None
    leaderboard: tuple[Ranking, ...] = ()
    """What a platform that has one may rank submissions by."""
    surroundings: str = ""
    """Digest of what the course offers programs to download, and the shims it switches off; others, other runs."""

    @property
    def claims(self) -> tuple[tuple[Problem, Claim], ...]:
        """Return every claim with its problem, in the order of the rubric."""
        return tuple((problem, claim) for problem in self.problems for claim in problem.claims)
