"""What a class did, counted: totals, claims, trouble with running, time."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from grader.assignment import Assignment, Claim, Problem
from grader.records import Finding, Grade, Outcome
from grader.report.standing import faulty

MOST_BARS = 10
MOST_REPLACEMENTS = 40
_WIDTHS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 4.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?")
_UNDECIDED = (Outcome.PENDING, Outcome.FAULT)
_COLOURS = {one: one.value for one in (Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED, Outcome.PENDING, Outcome.FAULT)}
_WORDLESS = (Outcome.PASSED, Outcome.PENDING)


@dataclass(frozen=True)
class Bar:
    """One bar of the distribution: totals from `low` up to, but not with, `high`; the last one with it."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Distribution:
    """Totals of a class, without those that a fault stands in the way of."""

    bars: tuple[Bar, ...]
    mean: float
    median: float
    counted: int

    @property
    def highest(self) -> int:
        """The largest count, at least 1."""
        return max(1, *(bar.count for bar in self.bars))


@dataclass(frozen=True)
class Group:
    """Findings of one claim that say the same but for their numbers."""

    outcome: Outcome
    mistake: str
    found: str
    """Of the first of them."""
    members: tuple[tuple[Grade, Finding], ...]

    @property
    def count(self) -> int:
        """How many submissions."""
        return len(self.members)


@dataclass(frozen=True)
class ClaimResult:
    """How a class did on one claim."""

    problem: Problem
    claim: Claim
    counts: dict[Outcome, int]
    groups: tuple[Group, ...]
    """Worth reading: not the plain passes, the commonest first."""
    noted: tuple[tuple[Grade, Finding], ...]
    """Findings with a detail for the staff."""
    waiting: tuple[Grade, ...] = ()
    """Those in which a person decides this; none where nothing can be earned."""

    @property
    def decided(self) -> int:
        """Findings that neither wait for a person nor for us."""
        return sum(count for outcome, count in self.counts.items() if outcome not in _UNDECIDED)

    @property
    def bar(self) -> tuple[tuple[str, int], ...]:
        """The counts as the parts of a bar, each with its colour."""
        return tuple((_COLOURS.get(outcome, "rest"), self.counts[outcome]) for outcome in Outcome)

    @property
    def spoken(self) -> str:
        """The counts in words."""
        return ", ".join(f"{count} {outcome.value}" for outcome, count in self.counts.items() if count) or "none"

    @property
    def pass_rate(self) -> float:
        """Share of the decided findings that passed; 0 if none is decided."""
        return self.counts[Outcome.PASSED] / self.decided if self.decided else 0.0


@dataclass(frozen=True)
class RunProblem:
    """Submissions that one kind of trouble with running befell."""

    title: str
    theirs: bool
    """Whether the submission was the cause, rather than this machine or its limits."""
    cases: tuple[tuple[Grade, str], ...]
    """With a sentence each."""


@dataclass(frozen=True)
class Replacement:
    """Something that was replaced so that code could run here, and in whose."""

    sentence: str
    grades: tuple[Grade, ...]


@dataclass(frozen=True)
class TimeTaken:
    """Seconds of running students' code."""

    cpu: float
    median_cpu: float
    longest_cpu: float
    longest: Grade | None
    memory: int
    """Highest peak, bytes."""
    replayed: int
    """Submissions that were graded from a recording."""


def distribution(grades: Sequence[Grade], assignment: Assignment) -> Distribution:
    """Return the histogram of totals."""
    totals = [grade.earned for grade in grades if not faulty(grade)]
    width = _width(assignment.total)
    count = max(1, math.ceil(assignment.total / width - 1e-9))
    places = Counter(min(count - 1, max(0, math.floor(total / width + 1e-9))) for total in totals)
    bars = tuple(Bar(place * width, (place + 1) * width, places[place]) for place in range(count))
    return Distribution(bars, mean(totals) if totals else 0.0, median(totals) if totals else 0.0, len(totals))


def _width(total: float) -> float:
    """Return a round number of points for a bar, so that there are not too many bars."""
    return next((width for width in _WIDTHS if total <= width * MOST_BARS), max(total, 1.0) / MOST_BARS)


def claims(grades: Sequence[Grade], assignment: Assignment) -> tuple[ClaimResult, ...]:
    """Return each claim's result, in the order of the rubric."""
    by_key: dict[str, list[tuple[Grade, Finding]]] = defaultdict(list)
    for grade in grades:
        for finding in grade.findings:
            by_key[finding.key].append((grade, finding))
    return tuple(_claim(problem, claim, by_key[claim.key]) for problem, claim in assignment.claims)


def _claim(problem: Problem, claim: Claim, members: list[tuple[Grade, Finding]]) -> ClaimResult:
    counts = Counter(finding.verdict.outcome for _, finding in members)
    return ClaimResult(
        problem,
        claim,
        {outcome: counts[outcome] for outcome in Outcome},
        _groups(members),
        tuple((grade, finding) for grade, finding in members if finding.verdict.staff),
        tuple(grade for grade, one in members if one.verdict.outcome is Outcome.PENDING and one.points),
    )


def _groups(members: list[tuple[Grade, Finding]]) -> tuple[Group, ...]:
    """Return findings that say the same together; numbers differ from student to student and do not count."""
    alike: dict[tuple[Outcome, str], list[tuple[Grade, Finding]]] = defaultdict(list)
    for grade, finding in members:
        verdict = finding.verdict
        if verdict.outcome not in _WORDLESS:
            alike[verdict.outcome, verdict.mistake or _NUMBER.sub("#", verdict.found)].append((grade, finding))
    groups = [
        Group(outcome, some[0][1].verdict.mistake, some[0][1].verdict.found, tuple(some))
        for (outcome, _), some in alike.items()
    ]
    return tuple(sorted(groups, key=lambda group: -group.count))


def run_problems(grades: Sequence[Grade]) -> tuple[RunProblem, ...]:
    """Return what went wrong in running, by kind, without the kinds that befell nobody."""
    kinds = (
        RunProblem("Could not be read", True, _unreadable(grades)),
        RunProblem("Ended by themselves", True, _with_status(grades, "died")),
        RunProblem("Stopped by a limit", True, _with_status(grades, "stopped") + _stopped_cells(grades)),
        RunProblem("Not available in this environment", False, _errors(grades, "environment")),
        RunProblem("Cells that raised an error", True, _errors(grades, "student")),
        RunProblem("Refused by the sandbox", True, _events(grades)),
        RunProblem("Odd in what was handed in", True, _remarks(grades)),
    )
    return tuple(kind for kind in kinds if kind.cases)


def _unreadable(grades: Sequence[Grade]) -> tuple[tuple[Grade, str], ...]:
    whole = [(grade, grade.submission.unreadable) for grade in grades if grade.submission.unreadable]
    return (*whole, *_with_status(grades, "unreadable"))


def _remarks(grades: Sequence[Grade]) -> tuple[tuple[Grade, str], ...]:
    return tuple((grade, remark) for grade in grades for remark in grade.submission.remarks)


def _with_status(grades: Sequence[Grade], status: str) -> tuple[tuple[Grade, str], ...]:
    return tuple(
        (grade, f"{file.name}: {file.reason}")
        for grade in grades
        for file in (grade.record.files if grade.record else ())
        if file.status == status
    )


def _stopped_cells(grades: Sequence[Grade]) -> tuple[tuple[Grade, str], ...]:
    return tuple(
        (grade, f"{file.name}, cell {cell.number}: {cell.stopped}")
        for grade in grades
        for file in (grade.record.files if grade.record else ())
        for cell in file.cells
        if cell.stopped and file.status != "stopped"
    )


def _errors(grades: Sequence[Grade], blame: str) -> tuple[tuple[Grade, str], ...]:
    """Return each file's first error of that blame, as the later ones often follow from it."""
    found = []
    for grade in grades:
        for file in grade.record.files if grade.record else ():
            errors = [(cell.number, cell.error) for cell in file.cells if cell.error and cell.error.blame == blame]
            for number, error in errors[:1]:
                more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
                found.append((grade, f"{file.name}, cell {number}: {error.kind}: {error.message}{more}"))
    return tuple(found)


def _events(grades: Sequence[Grade]) -> tuple[tuple[Grade, str], ...]:
    return tuple(
        (grade, f"{file.name}: {event}")
        for grade in grades
        for file in (grade.record.files if grade.record else ())
        for event in file.events
    )


def replacements(grades: Sequence[Grade]) -> tuple[Replacement, ...]:
    """Return what was replaced so that code could run, the commonest first."""
    users: dict[str, list[Grade]] = defaultdict(list)
    for grade in grades:
        files = grade.record.files if grade.record else ()
        for sentence in dict.fromkeys(shim for file in files for shim in file.shims):
            users[sentence].append(grade)
    found = (Replacement(sentence, tuple(some)) for sentence, some in users.items())
    return tuple(sorted(found, key=lambda one: -len(one.grades))[:MOST_REPLACEMENTS])


def time_taken(grades: Sequence[Grade]) -> TimeTaken:
    """Return what running took, over all submissions that were run."""
    run = [(grade, sum(file.usage.cpu for file in grade.record.files)) for grade in grades if grade.record]
    slowest = max(run, key=lambda pair: pair[1], default=None)
    return TimeTaken(
        cpu=sum(cpu for _, cpu in run),
        median_cpu=median(cpu for _, cpu in run) if run else 0.0,
        longest_cpu=slowest[1] if slowest else 0.0,
        longest=slowest[0] if slowest else None,
        memory=max((file.usage.memory for grade, _ in run if grade.record for file in grade.record.files), default=0),
        replayed=sum(grade.replayed for grade in grades),
    )
