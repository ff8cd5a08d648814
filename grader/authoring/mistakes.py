"""Known mistakes, made on purpose: each must be caught by the claims it is declared for, and named in the feedback.

Theory of operation. A student who makes a known mistake has all of the reference but one function or number. So the
reference is defined as a module, in which nothing is replaced, its names are bound, and one of them is bound to the
wrong answer: what the reference says elsewhere is not touched by it. Which names those are the kind of expectation says
(`Expectation.made`). Only the claims that expect this expectation are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from inspect import getsourcefile
from pathlib import Path

from grader.assignment import Assignment, Problem
from grader.authoring.stand_in import STAND_IN, module, submission
from grader.bench import Bench
from grader.course import Homework
from grader.expect.expectation import Expectation, Mistake
from grader.grade import grade_submission
from grader.records import Finding, Outcome
from grader.siblings import siblings


@dataclass(frozen=True)
class Tried:
    """One known mistake, handed in."""

    name: str
    complaints: tuple[str, ...]
    """A sentence for each claim that does not name it."""


def tried(bench: Bench, folder: Path) -> tuple[Tried, ...]:
    """Return what came of every known mistake that can be handed in by itself."""
    return tuple(
        _tried(bench, folder, expectation, known, names)
        for expectation in bench.homework.expectations.values()
        for known in expectation.mistakes
        if (names := expectation.made(known, bench.homework.expectations))
    )


def _tried(bench: Bench, folder: Path, expectation: Expectation, known: Mistake, names: tuple[str, ...]) -> Tried:
    reference = bench.assignment.reference
    cells = [STAND_IN, *map(module, siblings(reference)), module(reference), _bound(reference, known, names)]
    handed_in = submission(folder, f"{expectation.name}-{known.name}", cells)
    only = Homework(_about(bench.assignment, expectation.name), bench.homework.expectations)
    grade = grade_submission(handed_in, replace(bench, homework=only))
    if grade.record and grade.record.fault:
        return Tried(known.name, (f"The mistake {known.name!r} could not be graded: {grade.record.fault}",))
    return Tried(known.name, tuple(_complaints(grade.findings, known)))


def _bound(reference: Path, known: Mistake, names: tuple[str, ...]) -> str:
    """Return a cell that has all of the reference's names, some of them bound to the wrong answer instead."""
    wrong = f"vars(sys.modules[{Path(getsourcefile(known.answer) or reference).stem!r}])[{known.answer.__name__!r}]"
    return "\n".join(
        [
            f"wrong = {wrong}",
            f"globals().update(vars(sys.modules[{reference.stem!r}]))",
            *(f"{name} = wrong if isinstance({name}, types.FunctionType) else wrong()" for name in names),
            "del wrong",
        ]
    )


def _about(assignment: Assignment, name: str) -> Assignment:
    """Return the homework with the claims alone that expect this expectation."""
    problems = [
        (problem, [claim for claim in problem.claims if claim.expects == name]) for problem in assignment.problems
    ]
    kept = [replace(problem, claims=tuple(replace(each, needs=()) for each in claims)) for problem, claims in problems]
    return replace(assignment, problems=tuple(_with_claims(kept)))


def _with_claims(problems: list[Problem]) -> Iterator[Problem]:
    yield from (problem for problem in problems if problem.claims)


def _complaints(findings: tuple[Finding, ...], known: Mistake) -> Iterator[str]:
    for finding in findings:
        verdict = finding.verdict
        caught = verdict.mistake == known.name and known.sentence in verdict.found
        if not caught or (verdict.outcome is Outcome.PASSED and verdict.fraction == 1):
            outcome = f"{verdict.outcome.value} as {verdict.mistake!r}" if verdict.mistake else verdict.outcome.value
            yield (
                f"The mistake {known.name!r} is {outcome} on {finding.key} ({finding.claim}), and should be named: "
                f"{verdict.found} {verdict.staff}".rstrip()
            )
