"""Everything that can go wrong, by whose fault it was.

    GraderError
    ├── RubricError        the author of a rubric, a reference or a course file has to act
    ├── UsageError         the person at the keyboard has to act (unknown homework, no such folder)
    └── GraderFault        ours: a defect or a machine that cannot do what was asked

    StudentFailure         the submission did something that a finding will describe
    ├── Absent             what was looked for is not there
    ├── Raised             the student's code raised an exception
    ├── TooSlow            the answer did not come within its time
    └── Unusable           the answer came but is not plain data, or breaks the protocol

    NotRecorded            a recorded conversation does not hold this question: the submission has to be run again

A `StudentFailure` never leaves `grader.check`: it becomes a finding there. A `GraderError` reaches the terminal as a
sentence, never as a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class GraderError(Exception):
    """Anything of ours that ends in a sentence to a person."""


class UsageError(GraderError):
    """What was asked for on the command line cannot be done as asked."""


class GraderFault(GraderError):
    """The grader or its machine failed; no student is to blame."""


@dataclass
class RubricError(GraderError):
    """A rubric, reference or course file is wrong; says where, what, and the nearest right thing."""

    file: Path
    where: str
    problem: str
    nearest: str | None = None

    def __str__(self) -> str:
        """Return one line: file, place, what is wrong, and what was probably meant."""
        meant = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        place = f", {self.where}" if self.where else ""
        return f"{self.file}{place}: {self.problem}{meant}"


class StudentFailure(Exception):
    """The submission is the cause; the message is fit for the student."""


class Absent(StudentFailure):
    """Nothing in the submission answers to what was looked for."""

    def __init__(self, looked_for: str, seen: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> None:
        """Remember what was `looked_for`, under which `names`, and the near things that were `seen` instead."""
        super().__init__(looked_for)
        self.looked_for = looked_for
        self.seen = seen
        self.names = names


class Raised(StudentFailure):
    """The student's code raised; `kind` and `message` are untrusted text, already cut to size."""

    def __init__(self, kind: str, message: str, line: int | None = None) -> None:
        """Remember the exception's class name, its message and the line of the student's code, if known."""
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind
        self.message = message
        self.line = line


class TooSlow(StudentFailure):
    """No answer within the time a question may take."""


class Unusable(StudentFailure):
    """An answer that is not plain data, is too large, or breaks the protocol."""

    def __init__(self, message: str = "", hint: str = "") -> None:
        """Say what came back, and what to try."""
        super().__init__(message)
        self.hint = hint


class NotAsked(Exception):
    """A question was not put, since those before it have taken what all of a submission's may take; a sentence."""


class NotRecorded(Exception):
    """A recording was asked something the live conversation never was."""
