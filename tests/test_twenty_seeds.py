"""What a sample submission earns does not depend on the inputs that happen to be drawn.

Each sample runs once; its finished kernels are asked under twenty course secrets: a right sample about everything, a
wrong one about what is wrong. Nothing that is drawn depends on how long a network was trained, so trainings are cut
short; and a claim whose questions are the same under two secrets draws nothing, so it is asked no more. A function does
not change by being asked: its conversation goes on from one secret to the next.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from zoo import HERE, SAMPLES, documents, every_sample, expected, rubric

from grader import course
from grader.assignment import Assignment
from grader.bench import Runner, sandboxed
from grader.check import check
from grader.conversation import Live
from grader.expect import Expectation, Function, Law, Network
from grader.intake import submissions
from grader.notebook import Document
from grader.records import Submission
from grader.student import Student

SECRETS = [f"secret {number}" for number in range(20)]
EPOCHS = re.compile(r"\b(?:1000|300)\b")
"""Of the sheets that train for long, as students write them."""
LOOP = re.compile(r"(for\s+\w*epoch\w*\s+in\s+(?:\w*range)\()[^()]*\)")
"""Of any training, where it says so."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Runner]:
    runner = sandboxed(None, Path(sys.executable), course.read(HERE))
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def of() -> Iterator[Callable[[str, str], Submission]]:
    """Return what finds a sample, unpacked as long as the tests run."""
    with ExitStack() as kept:
        batches: dict[str, dict[str, Submission]] = {}

        def find(homework: str, student: str) -> Submission:
            if homework not in batches:
                found = kept.enter_context(submissions(SAMPLES / homework))
                batches[homework] = {submission.student: submission for submission in found}
            return batches[homework][student]

        yield find


def cut(document: Document) -> Document:
    """Return a document whose trainings are over soon."""
    cells = [
        replace(cell, source=LOOP.sub(r"\g<1>1)", EPOCHS.sub("2", cell.source))) if cell.kind == "code" else cell
        for cell in document.cells
    ]
    return replace(document, cells=tuple(cells))


def alone(assignment: Assignment, keys: set[str], secret: str) -> Assignment:
    """Return the homework with these claims alone, none of which waits for another, under another secret."""
    problems = [
        replace(problem, claims=tuple(replace(claim, needs=()) for claim in problem.claims if claim.key in keys))
        for problem in assignment.problems
    ]
    return replace(assignment, problems=tuple(problems), secret=secret)


class Kept:
    """A sitting whose conversations about `lasting` claims go on; others are held anew."""

    def __init__(self, live: Live, lasting: set[str], stack: ExitStack) -> None:
        self.live, self.files, self.lasting, self.stack = live, live.files, lasting, stack
        self.open: dict[str, Student] = {}

    def conversation(self, key: str) -> AbstractContextManager[Student]:
        if key not in self.lasting:
            return self.live.conversation(key)
        if key not in self.open:
            self.open[key] = self.stack.enter_context(self.live.conversation(key))
        return nullcontext(self.open[key])


def questionable(assignment: Assignment, wanted: Mapping[str, tuple[str, str]]) -> set[str]:
    """Return the claims that are told apart by questions: the wrong ones, or, where none is wrong, the right ones."""
    checks = [claim.key for _, claim in assignment.claims if claim.by == "check" and claim.key in wanted]
    wrong = {key for key in checks if wanted[key][0] in ("failed", "partial")}
    return wrong or {key for key in checks if wanted[key][0] == "passed"}


def told(
    live: Live, assignment: Assignment, expectations: Mapping[str, Expectation], keys: set[str]
) -> Iterator[dict[str, tuple[str, str]]]:
    """Yield outcome and mistake of these claims, under each secret; of those that draw nothing, under two."""
    asked: list[object] = []
    for secret in SECRETS[:2]:
        yield judged(alone(assignment, keys, secret), expectations, live)
        asked.append({key: [(each.question, each.question_buffers) for each in live.recorded[key]] for key in keys})
    keys = {key for key in keys if asked[0][key] != asked[1][key]}
    claims = [claim for _, claim in assignment.claims if claim.key in keys]
    lasting = {claim.key for claim in claims if isinstance(expectations[claim.expects], Function | Law | Network)}
    with ExitStack() as stack:
        sitting = Kept(live, lasting, stack)
        for secret in SECRETS[2:] if keys else ():
            yield judged(alone(assignment, keys, secret), expectations, sitting)


def judged(assignment: Assignment, expectations: Mapping[str, Expectation], sitting: Any) -> dict[str, tuple[str, str]]:
    findings = check(assignment, expectations, sitting)
    return {each.key: (each.verdict.outcome.value, each.verdict.mistake) for each in findings}


DRAWS_NOTHING = (
    *("Recipe", "Initial", "Fit", "Plot", "Trained", "LossCurves", "Probabilities", "Accuracy"),
    *("Value", "Graph", "Text"),
)
"""Kinds that look at a whole training, which is not there, or at what is written or drawn."""


@pytest.mark.slow
@every_sample
def test_no_draw_changes_what_a_sample_earns(sandbox, of, homework, student):
    expectations = course.open_homework(course.read(HERE), homework).expectations
    assignment, submission = rubric(homework), of(homework, student)
    wanted = expected(assignment, student)
    kinds = {claim.key: type(expectations[claim.expects]).__name__ for _, claim in assignment.claims if claim.expects}
    keys = {key for key in questionable(assignment, wanted) if kinds[key] not in DRAWS_NOTHING}
    read = [cut(document) for document in documents(submission)]
    if not read or not keys:
        pytest.skip("nothing of it depends on a draw")
    with sandbox.run(submission, read, assignment.limits, seed=1, progress=lambda _: None) as finished:
        live = Live(finished.files, finished.connect, assignment.limits.question)
        for number, found in enumerate(told(live, assignment, expectations, keys)):
            assert found == {key: wanted[key] for key in found}, SECRETS[number]
