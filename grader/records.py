"""The nouns: what is handed in, what running it produced, what was found, what it is worth.

Plain frozen dataclasses, made of text, numbers, tuples and NumPy arrays; nothing here computes a grade or runs code.
Everything that came out of a student's process has been converted to these by `grader.wire` and `grader.traces`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from grader.observed import Exchange, Figure, Training

# ---------------------------------------------------------------------------------------------- handed in


@dataclass(frozen=True)
class SubmittedFile:
    """One file of a submission that can be run: a notebook or a script."""

    path: Path
    """Where the bytes are on this machine (never shown to students)."""
    name: str
    """As handed in, relative to the submission, cleaned for display."""


@dataclass(frozen=True)
class Account:
    """One person who handed in, as the platform where it was handed in knows them; '' where it does not tell."""

    name: str = ""
    sid: str = ""
    """The university's number."""
    email: str = ""
    number: str = ""
    """The platform's own: Canvas's of the user, Moodle's of the participant, Gradescope's of the submission."""
    platform: str = ""
    """'gradescope', 'canvas' or 'moodle'."""


@dataclass(frozen=True)
class Submission:
    """What one student or group handed in."""

    student: str
    """Key of the results: unique, safe as a file name, stable from run to run."""
    name: str
    """As a person would write it."""
    files: tuple[SubmittedFile, ...]
    """Notebooks and scripts, in the order they are run, each in a kernel of its own; then texts (.md) with answers."""
    beside: tuple[SubmittedFile, ...] = ()
    """Other files handed in, copied next to the code (data, images, helper text)."""
    remarks: tuple[str, ...] = ()
    """What intake saw and did ('notes.pdf is not a notebook or a script'), one sentence each."""
    unreadable: str = ""
    """Why nothing could be run at all; empty if something can."""
    submitted_at: str = ""
    """ISO 8601 with zone, where the source tells."""
    members: tuple[str, ...] = ()
    """Names of a group's members, where the source tells."""
    accounts: tuple[Account, ...] = ()
    """Whose gradebook rows this fills, where the source tells."""
    fault: str = ""
    """Why we could not take it in, which is not its author's doing: no right to a folder, a full disk."""


# ---------------------------------------------------------------------------------------------- run


@dataclass(frozen=True)
class CellError:
    """What stopped one cell."""

    kind: str
    """Exception class as the kernel named it (untrusted text)."""
    message: str
    traceback: str = ""
    """The student's own frames, without escape codes and without paths of ours."""
    blame: str = "student"
    """'student', or 'environment' when a module, data set or device is not available here."""


@dataclass(frozen=True)
class Output:
    """One output of a cell, cut to size."""

    kind: str
    """'text', 'html', 'png', 'svg', 'error' or 'note' (a note is ours)."""
    content: str
    """Text as is; images in base64."""


@dataclass(frozen=True)
class CellRun:
    """One cell, after it was run (or skipped)."""

    number: int
    """Counts all cells of the file from 1, text cells too."""
    kind: str
    """'code' or 'text'."""
    source: str
    outputs: tuple[Output, ...] = ()
    error: CellError | None = None
    stopped: str = ""
    """A sentence when a limit stopped this cell: 'stopped after 600 s of computing'."""
    cpu: float = 0.0
    """Seconds of CPU time."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usage:
    """What a run took. Seconds and bytes."""

    cpu: float = 0.0
    """In the student's process tree, all told."""
    cpu_student: float = 0.0
    """Of it, while student code ran."""
    wall: float = 0.0
    memory: int = 0
    """Peak of the process tree."""


@dataclass(frozen=True)
class FileRun:
    """One file's execution in one kernel."""

    name: str
    cells: tuple[CellRun, ...]
    status: str
    """'finished', 'stopped' (a limit ended the kernel), 'died' (it ended itself) or 'unreadable'."""
    reason: str = ""
    """One sentence for the student when the status is not 'finished'."""
    usage: Usage = Usage()
    events: tuple[str, ...] = ()
    """What the sandbox stopped or cut, a sentence each."""
    shims: tuple[str, ...] = ()
    """What was replaced so that the code could run here, a sentence each."""
    trainings: tuple[Training, ...] = ()
    figures: tuple[Figure, ...] = ()
    remarks: tuple[str, ...] = ()
    """What was odd about the file itself ('was nbformat 3'), a sentence each."""
    unwatched: str = ""
    """Why it cannot be told what was trained and drawn; empty if it can."""

    @property
    def left_out(self) -> bool:
        """Whether a limit left it no turn at all."""
        return self.status == "stopped" and not self.usage.wall


@dataclass(frozen=True)
class RunRecord:
    """All that executing a submission produced: the audit trail of a grade. Written once."""

    student: str
    digest: str
    """Of the files and everything that decides how they are run."""
    files: tuple[FileRun, ...]
    sandbox: str
    """The mode: 'priv', 'userns', 'setuid', 'plain' or 'none'."""
    layers: tuple[str, ...] = ()
    conversations: Mapping[str, tuple[Exchange, ...]] = field(default_factory=dict)
    """By claim key: what was asked and answered."""
    fault: str = ""
    """Ours: why this record cannot be graded. Empty if it can."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of Python, NumPy, torch in the student environment, and of grader."""


# ---------------------------------------------------------------------------------------------- judged


class Outcome(str, Enum):
    """What became of a claim. Kept apart for ever: a grade is never inferred from silence."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    MISSING = "missing"
    """The answer is not there."""
    BLOCKED = "blocked"
    """Something it depends on failed."""
    PENDING = "pending"
    """A person has to look."""
    FAULT = "fault"
    """Our own error; blocks release."""


@dataclass(frozen=True)
class Verdict:
    """What an expectation says of a submission, before points."""

    outcome: Outcome
    fraction: float
    """Of the claim's points, 0 to 1; exactly 1 when passed, 0 unless passed or partial."""
    found: str
    """What was found, for the student; never the reference's value unless the rubric reveals it."""
    hint: str = ""
    """What to try."""
    remarks: tuple[str, ...] = ()
    """Costs nothing, worth knowing ('the order was the same in every epoch')."""
    mistake: str = ""
    """Name of the known mistake, if it was one."""
    staff: str = ""
    """Detail for the instructor only: may show the reference's value."""
    measured: float | None = None
    """The number that was judged, where there is one that submissions can be ranked by: a fit's error, an accuracy."""


@dataclass(frozen=True)
class Finding:
    """A verdict on one claim of one submission."""

    problem: str
    """Number as on the sheet, '3a'."""
    claim: str
    """The sentence."""
    key: str
    """'3a.1': problem and place within it; key of conversations and marks."""
    by: str
    """'check' or 'item'."""
    points: float
    """What the claim is worth."""
    verdict: Verdict
    visibility: str = "visible"

    @property
    def earned(self) -> float:
        """Points earned so far; a pending claim has earned nothing yet."""
        return self.points * self.verdict.fraction


@dataclass(frozen=True)
class Mark:
    """A person's decision on one claim of one submission."""

    student: str
    key: str
    """The claim's key."""
    points: float
    author: str
    reason: str
    at: str
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class WrittenAnswer:
    """A written answer as it was found."""

    problem: str
    text: str
    """Untrusted."""
    how: str
    """'by tag q3a', 'by the heading "Problem 3"', ..."""
    file: str
    markdown: bool = True
    """Whether it is Markdown; what stood in comments and strings is text as it was typed."""


@dataclass(frozen=True)
class Lateness:
    """How late a submission is, by the homework's late rule."""

    days: int
    """Days begun after it was due; 0 if it was on time, or if it is not known when it came."""
    share: float
    """Of the points earned that are taken off, 0 to 1."""
    sentence: str
    """For the student and the instructor."""


@dataclass(frozen=True)
class Grade:
    """Findings and marks, added up."""

    submission: Submission
    record: RunRecord | None
    findings: tuple[Finding, ...]
    answers: Mapping[str, WrittenAnswer]
    """By problem id."""
    marks: tuple[Mark, ...]
    """The ones in force, the latest for each claim."""
    total: float
    """Points that can be earned."""
    replayed: bool = False
    """Whether the findings come from a recording, without running anything."""
    late: Lateness | None = None
    """None where the homework has no late rule."""

    @property
    def taken_off(self) -> float:
        """Points taken off for being late."""
        return (self.late.share if self.late else 0.0) * sum(finding.earned for finding in self.findings)

    @property
    def earned(self) -> float:
        """Points earned so far, less what is taken off for being late."""
        return sum(finding.earned for finding in self.findings) - self.taken_off

    def count(self, outcome: Outcome) -> int:
        """Return how many claims that are worth points have this outcome; of faults, how many claims at all.

        What is worth nothing is a remark: it is nobody's to decide, and neither right nor wrong in a total.
        """
        found = [finding for finding in self.findings if finding.points or outcome is Outcome.FAULT]
        return sum(finding.verdict.outcome is outcome for finding in found)
