"""Sample submissions, and what each is expected to be found to be: `sample_submissions/<homework>/expected.toml`.

A check that a sample does not name passes and an item waits for a person, so that only what is special about a sample
has to be written down. A problem's id stands for all of its checks. What is worth nothing counts only where named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader import strict
from grader.assignment import Assignment
from grader.errors import RubricError, UsageError
from grader.intake import submissions
from grader.records import Finding, Grade, Submission

FILE = "expected.toml"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Sample(strict.Table):
    """What one sample is expected to be found to be."""

    what: str
    """In a few words."""
    only: list[str] | None = None
    """The problems that it hands in: nothing is found of the checks of others. '2' means 2a, 2b and so on."""
    passed: list[str] = []
    missing: list[str] = []
    blocked: list[str] = []
    pending: list[str] = []
    failed: dict[str, str] = {}
    """By claim, the known mistake that is to be named; '' if it has no name."""
    partial: dict[str, str] = {}
    remarks: dict[str, str] = {}
    """By claim, words that a remark on it has."""
    written: list[str] | None = None
    """The problems whose written answer is found, if not all that are handed in."""

    @property
    def fates(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """Return the mistake by place for each outcome; what comes later counts."""
        plain = (("missing", self.missing), ("blocked", self.blocked), ("pending", self.pending))
        named = (("failed", self.failed), ("partial", self.partial), ("passed", dict.fromkeys(self.passed, "")))
        return (*((outcome, dict.fromkeys(places, "")) for outcome, places in plain), *named)

    @property
    def places(self) -> tuple[str, ...]:
        """Return all claims and problems that are named."""
        return (*self.passed, *self.missing, *self.blocked, *self.pending, *self.failed, *self.partial, *self.remarks)


@dataclass(frozen=True)
class Samples:
    """The samples of a homework."""

    submissions: tuple[Submission, ...] = ()
    said: Mapping[str, Sample] = field(default_factory=dict)
    """What is expected of each."""


@contextmanager
def opened(assignment: Assignment, course: Path) -> Iterator[Samples]:
    """Have a homework's samples at hand. Raises UsageError if it has none, RubricError for what is said of them."""
    folder = course / "sample_submissions" / assignment.id
    if not (folder / FILE).is_file():
        said = "says what is to be found in each sample, and is not there; `grade new` makes one to learn from."
        raise UsageError(f"{folder / FILE} {said}")
    with submissions(folder) as batch:
        yield Samples(tuple(batch), read(folder / FILE, assignment))


def read(file: Path, assignment: Assignment) -> Mapping[str, Sample]:
    """Return what is expected, by sample; raise RubricError."""
    samples = {name: _sample(file, name, said) for name, said in strict.document(file).items()}
    known = {*(claim.key for _, claim in assignment.claims), *(problem.id for problem in assignment.problems)}
    for name, sample in samples.items():
        for where in sample.places:
            if where not in known:
                said = f"names no claim and no problem of {assignment.rubric.name}: {where!r}."
                raise RubricError(file, name, said, strict.nearest(where, known))
    return samples


def _sample(file: Path, name: str, said: object) -> Sample:
    try:
        return strict.checked(file, said, Sample)
    except RubricError as error:
        raise replace(error, where=f"{name}, {error.where}" if error.where else name) from None


def expected(assignment: Assignment, sample: Sample) -> dict[str, tuple[str, str]]:
    """Return outcome and mistake by claim."""
    whole = {claim.key: ("passed" if claim.by == "check" else "pending", "") for _, claim in assignment.claims}
    away = left_out(assignment, sample)
    gone = [claim.key for problem, claim in assignment.claims if problem.id in away and claim.by == "check"]
    whole.update(dict.fromkeys(gone, ("missing", "")))
    for outcome, mistakes in sample.fates:
        for where, mistake in mistakes.items():
            whole.update(dict.fromkeys(checks(assignment, where), (outcome, mistake)))
    idle = {claim.key for _, claim in assignment.claims if not claim.points} - {*sample.places}
    return {key: each for key, each in whole.items() if key not in idle}


def checks(assignment: Assignment, where: str) -> list[str]:
    """Return the claims meant by a claim's key, or by a problem: its checks."""
    keys = [claim.key for problem, claim in assignment.claims if problem.id == where and claim.by == "check"]
    return keys or [where]


def left_out(assignment: Assignment, sample: Sample) -> list[str]:
    """Return the problems that a sample does not hand in."""
    ids, only = [problem.id for problem in assignment.problems], sample.only
    return [] if only is None else [each for each in ids if each not in only and each.rstrip(LETTERS) not in only]


def complaints(assignment: Assignment, samples: Mapping[str, Sample], grades: Iterable[Grade]) -> Iterator[str]:
    """Yield a sentence for each finding that is not as expected, and each sample that only one of the two knows."""
    graded = {grade.submission.student: grade for grade in grades}
    yield from (f"The sample {name!r} is named in {FILE}, and not there." for name in samples if name not in graded)
    for name, grade in graded.items():
        if name not in samples:
            yield f"The sample {name!r} is not named in {FILE}: give it a table there, `[{name}]`, with `what` it is."
        elif grade.record and grade.record.fault:
            yield f"The sample {name!r} could not be graded: {grade.record.fault}"
        else:
            yield from _of(grade, assignment, samples[name])


def _of(grade: Grade, assignment: Assignment, sample: Sample) -> Iterator[str]:
    wanted = expected(assignment, sample)
    remarked = {key: words for where, words in sample.remarks.items() for key in checks(assignment, where)}
    for finding in grade.findings:
        verdict = finding.verdict
        told = (verdict.outcome.value, verdict.mistake)
        if finding.key in wanted and told != wanted[finding.key]:
            fates = f"is {_fate(*told)}; {FILE} says {_fate(*wanted[finding.key])}"
            yield f"{_said(grade, finding)} {fates}. {verdict.found}"
        words = remarked.get(finding.key, "")
        if words not in " ".join(verdict.remarks):
            yield f"{_said(grade, finding)} has no remark with the words {words!r}."
    yield from _unwritten(grade, assignment, sample)


def _unwritten(grade: Grade, assignment: Assignment, sample: Sample) -> Iterator[str]:
    away = left_out(assignment, sample)
    there = [problem.id for problem in assignment.problems if problem.answer and problem.id not in away]
    wanted, found = there if sample.written is None else sample.written, list(grade.answers)
    if wanted != found:
        said = f"written answers are found to {', '.join(found) or 'no problem'}, not to {', '.join(wanted) or 'none'}"
        yield f"The sample {grade.submission.student!r}: {said}."


def _said(grade: Grade, finding: Finding) -> str:
    return f"The sample {grade.submission.student!r}, {finding.key} ({finding.claim}),"


def _fate(outcome: str, mistake: str) -> str:
    return f"{outcome} as {mistake!r}" if mistake else outcome
