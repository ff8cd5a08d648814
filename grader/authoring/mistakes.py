"""Known mistakes, made on purpose: each must be caught by the claims it is declared for, and named in the feedback.

Theory of operation. A student who makes a known mistake has all of the reference but one thing. So the reference is
defined as a module, in which nothing is replaced, and its names are bound; how the wrong answer takes its place among
them the kind of expectation says (`Expectation.made`): a function stands under the right one's name, a program is run.
What the reference says elsewhere is not touched by it. Only the claims that expect this expectation are judged.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from inspect import getsourcefile
from pathlib import Path

from grader.assignment import Assignment, Claim, Problem
from grader.authoring.stand_in import module, submission
from grader.authoring.wording import told
from grader.bench import Bench
from grader.course import Homework
from grader.expect.expectation import Expectation, Mistake
from grader.grade import grade_submission
from grader.records import Finding, Grade, Outcome, Verdict


@dataclass(frozen=True)
class Attempt:
    """A known mistake that can be handed in."""

    expectation: Expectation
    known: Mistake

    def claims(self, assignment: Assignment) -> tuple[Claim, ...]:
        """Return the claims that are to name it."""
        return tuple(claim for _, claim in assignment.claims if self.concerns(claim))

    def concerns(self, claim: Claim) -> bool:
        """Return whether this claim is to name it."""
        return claim.expects == self.expectation.name and self.known.shows(claim.part)


@dataclass(frozen=True)
class Tried:
    """One known mistake, handed in."""

    attempt: Attempt
    findings: tuple[Finding, ...]
    """Of the claims that are to catch it."""
    complaints: tuple[str, ...]
    """A sentence for each claim that does not name it, or one if it could not be tried."""
    cpu: float
    """Seconds of CPU time that the hand-in took."""


def attempts(homework: Homework) -> tuple[Attempt, ...]:
    """Return all known mistakes that some claim is to catch, in the order of the rubric."""
    every = [Attempt(each, known) for each in homework.expectations.values() for known in each.mistakes]
    order = {claim.key: place for place, (_, claim) in enumerate(homework.assignment.claims)}
    places = [[order[claim.key] for claim in each.claims(homework.assignment)] for each in every]
    return tuple(every[at] for at in sorted(range(len(every)), key=places.__getitem__) if places[at])


def idle(homework: Homework) -> tuple[Attempt, ...]:
    """Return all known mistakes that no claim is to catch, though there are claims about the expectation."""
    claimed = {claim.expects for _, claim in homework.assignment.claims}
    every = [Attempt(each, known) for each in homework.expectations.values() for known in each.mistakes]
    return tuple(one for one in every if one.expectation.name in claimed and not one.claims(homework.assignment))


def tried(bench: Bench, folder: Path, before: str, attempt: Attempt) -> Tried:
    """Hand in a known mistake, by a notebook in `folder`, and return what came of it; `before` is the `prelude`."""
    cells = [f"{before}\n{module(bench.assignment.reference)}", *_made(bench.homework, attempt)]
    handed_in = submission(folder, f"{attempt.expectation.name}-{attempt.known.name}", cells)
    homework = Homework(_about(bench.assignment, attempt), bench.homework.expectations)
    grade = grade_submission(handed_in, replace(bench, homework=homework))
    return Tried(attempt, grade.findings, tuple(_complaints(grade, attempt)), cpu(grade))


def cpu(grade: Grade) -> float:
    """Return the seconds of CPU time that running a submission took."""
    return sum(file.usage.cpu for file in grade.record.files) if grade.record else 0.0


def _made(homework: Homework, attempt: Attempt) -> Iterator[str]:
    """Yield cells that leave behind all of the reference's names, the mistake made among them.

    What is right is under no global name, not even for a moment, where something wrong takes its place.
    """
    reference, known = homework.assignment.reference, attempt.known
    first, *rest = attempt.expectation.made(known, homework.expectations)
    home = Path(getsourcefile(known.answer) or reference).stem
    yield "\n".join(
        [
            "def made():",
            f"    names = dict(vars(sys.modules[{reference.stem!r}]))",
            f"    names['wrong'] = vars(sys.modules[{home!r}])[{known.answer.__name__!r}]",
            f"    exec({first!r}, names)",
            "    return {name: each for name, each in names.items() if name not in ('wrong', 'right')}",
            "globals().update(made())",
        ]
    )
    yield from rest


def _about(assignment: Assignment, attempt: Attempt) -> Assignment:
    """Return the homework with the claims alone that are to name the mistake."""
    problems = [
        (problem, [claim for claim in problem.claims if attempt.concerns(claim)]) for problem in assignment.problems
    ]
    kept = [replace(problem, claims=tuple(replace(each, needs=()) for each in claims)) for problem, claims in problems]
    return replace(assignment, problems=tuple(_with_claims(kept)))


def _with_claims(problems: Iterable[Problem]) -> Iterator[Problem]:
    yield from (problem for problem in problems if problem.claims)


def _complaints(grade: Grade, attempt: Attempt) -> Iterator[str]:
    if grade.record and grade.record.fault:
        yield f"The mistake {attempt.known.name!r} could not be graded: {grade.record.fault}"
        return
    for finding in grade.findings:
        if not is_named(finding, attempt.known):
            yield f"{_fate(finding, attempt)}{_stopped(grade)}"


def is_named(finding: Finding, known: Mistake) -> bool:
    """Return whether a finding is this mistake's, in its words, and costs something."""
    verdict = finding.verdict
    named = verdict.mistake == known.name and known.sentence in verdict.found
    return named and not (verdict.outcome is Outcome.PASSED and verdict.fraction == 1)


def _fate(finding: Finding, attempt: Attempt) -> str:
    verdict, known = finding.verdict, attempt.known
    advice = _advice(verdict, known, [each.name for each in attempt.expectation.mistakes])
    said = f"The mistake {known.name!r} is {verdict.outcome.value} on {finding.key} ({finding.claim})"
    return f"{said} and should be named. {advice} Found: {told(verdict, attempt.expectation.folder)}".rstrip()


def _advice(verdict: Verdict, known: Mistake, others: Container[str]) -> str:
    """Return what the course's author might look at; `others` are the names of what else is declared there."""
    if verdict.mistake == known.name:
        return "It is named, and costs nothing: is its credit 1?"
    if verdict.mistake in others:
        return f"It was taken for {verdict.mistake!r}, which answers the same."
    if verdict.mistake:
        return f"It is known as {verdict.mistake!r} there: call the function that, or say what its hand-ins `meets`."
    if verdict.outcome is Outcome.PASSED:
        return "Is it one, of this claim, and does it go on for long enough to be seen?"
    if verdict.outcome in (Outcome.FAILED, Outcome.PARTIAL):
        return "It was not told from other wrong answers: is it random, or does `meets` have to say what it is?"
    return "Nothing could be judged, for want of an answer or by an error in the reference itself."


def _stopped(grade: Grade) -> str:
    """Return a sentence on the cell in which the hand-in stopped, if one did."""
    cells = [cell for file in grade.record.files for cell in file.cells] if grade.record else []
    errors = [cell.error for cell in cells if cell.error]
    ends = [cell.stopped for cell in cells if cell.stopped]
    told = [f"{error.kind[:60]}: {error.message[:200]}" for error in errors] + ends
    return f" It could not be handed in whole: {told[0]}" if told else ""
