"""What every kind of expectation shares: a name, known mistakes, and one question, `judge`.

An expectation is a declared truth with its inputs and tolerance. It lives in a reference file, under a name that a
rubric's `expects` gives. It converses with a `Student` and returns a `Verdict`; it may let the student's failures
(`grader.errors.StudentFailure`) pass through, `grader.check` turns them into findings. Anything else it raises is ours:
a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from grader.chance import Normal
from grader.records import Verdict, WrittenAnswer
from grader.student import Student


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that is known, with the sentence a student who gives it should read."""

    name: str
    answer: Callable[..., object]
    sentence: str
    part: str = ""
    """Which part of the expectation shows it; '' for all that are claimed."""
    meets: Expectation | None = None
    """What a hand-in with this mistake meets, and no right one does: then it is named by that."""

    def shows(self, part: str) -> bool:
        """Return whether a claim about this part of the expectation is to name it."""
        return self.part in ("", part)


@dataclass(frozen=True)
class Ask:
    """What a check brings to the conversation besides its expectation."""

    seed: tuple[int, ...]
    """From the course's secret, the assignment and the claim: the same claim draws the same inputs for everybody."""
    part: str = ""
    """Which part of the expectation the claim is about: 'rule' for `expects = "training.rule"`."""
    credit: Mapping[str, float] = field(default_factory=dict)
    """Fraction of the points by name of a known mistake."""
    reveal: bool = False
    """Whether a finding may name the reference's value."""
    others: frozenset[str] = frozenset()
    """Names of the homework's other expectations: what bears one of them is not taken for this one."""
    problem: str = ""
    """Of the claim, '3a'."""
    answers: Mapping[str, WrittenAnswer] = field(default_factory=dict)
    """The written answers found, by problem."""
    beside: tuple[str, ...] = ()
    """Names of the files that were handed in beside code and text."""

    def rng(self) -> np.random.Generator:
        """Return a fresh generator; each call starts the same stream again."""
        return np.random.default_rng(self.seed)


class Expectation:
    """A declared truth; `name`, `folder` and `mistakes` are filled in while its reference file is loaded."""

    parts: tuple[str, ...] = ()
    """Parts a claim can name after a dot; empty if it has none."""
    takes: tuple[str, ...] | None = None
    """What the function of a known mistake is called with; None where that is another matter."""
    reveals: bool = False
    """Whether a finding can name the right answer, where the rubric wants that."""
    law: Normal | None = None
    """Of the first weights, if it is about them: their page draws them beside it."""

    def __init__(self) -> None:
        """Start without a name and without known mistakes."""
        self.name = ""
        self.folder = Path()
        """Of the reference file; what it names lies there."""
        self.mistakes: list[Mistake] = []

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the cells by which a student makes a known mistake: here it is a program, which is run.

        In the first one `wrong` is the mistake's function, and all names of the reference are there; whatever stands
        under a name afterwards is handed in. `others` are the homework's expectations.
        """
        return ("handed_in = wrong()",)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict on this submission; `ask.part` is one of `parts`, or ''."""
        raise NotImplementedError
