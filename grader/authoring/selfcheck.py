"""A homework, checked itself: its reference earns everything, an empty notebook nothing, each known mistake is named.

All three are handed in like any submission and run in the sandbox (`grader.authoring.stand_in`), several at once. Items
are left out: people decide them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Claim
from grader.authoring import wording
from grader.authoring.mistakes import Attempt, Tried, attempts, cpu, idle, tried
from grader.authoring.samples import Samples
from grader.authoring.samples import complaints as disagreements
from grader.authoring.stand_in import prelude, submission
from grader.authoring.truths import refuse_unanswered
from grader.bench import Bench, Deferred
from grader.grade import grade_submission
from grader.records import Finding, Grade, Outcome

NO_SAMPLES = Samples()


@dataclass(frozen=True)
class Checked:
    """What came of the reference, of an empty notebook, of the known mistakes and of the samples."""

    reference: Grade
    mistakes: tuple[Tried, ...]
    """All that were handed in."""
    unknown: tuple[Claim, ...]
    """Checks worth points of which no mistake is known."""
    idle: tuple[Attempt, ...]
    """Mistakes that no claim is to catch."""
    complaints: tuple[str, ...]
    """A sentence for each claim that disagrees; empty if the homework is sound."""
    cpu: float
    """Seconds of CPU time that all hand-ins took."""
    samples: int = 0
    """How many sample submissions were graded."""

    @property
    def claims(self) -> int:
        """Return how many checks there are."""
        return sum(finding.by == "check" for finding in self.reference.findings)


def selfcheck(
    bench: Bench,
    sandbox: Deferred,
    folder: Path,
    *,
    samples: Samples = NO_SAMPLES,
    jobs: int = 1,
    told: Callable[[Tried], None] = lambda _: None,
) -> Checked:
    """Grade the reference, an empty notebook and the known mistakes, made in `folder`; return what disagrees.

    Raises RubricError if a function of the reference cannot answer its own inputs.

    Args:
        bench: what to grade with.
        sandbox: what `bench` runs code in; closed at the end, whatever happens.
        folder: where notebooks are made.
        samples: are graded as well, and compared with what is expected of them.
        jobs: how many are graded at once.
        told: told of each mistake that was tried, in their order.
    """
    refuse_unanswered(bench.homework)
    with _several(sandbox, jobs) as pool:
        before = prelude(bench.assignment.reference)
        reference = pool.submit(_of_reference, bench, folder, before)
        empty = pool.submit(grade_submission, submission(folder, "empty", []), bench)
        futures = [pool.submit(tried, bench, folder, before, each) for each in attempts(bench.homework)]
        handed_in = [pool.submit(grade_submission, each, bench) for each in samples.submissions]
        mistakes = tuple(_each(futures, told))
        grades = [each.result() for each in handed_in]
        complaints = (
            *_complaints(reference.result(), "The reference", _earns_all, bench),
            *_complaints(empty.result(), "An empty notebook", _earns_nothing, bench),
            *(said for each in mistakes for said in each.complaints),
            *disagreements(bench.assignment, samples.said, grades),
        )
        ended = wording.stopped(reference.result(), bench.assignment.reference, bench.python)
        return Checked(
            reference.result(),
            mistakes,
            unknown=_unknown(bench, mistakes),
            idle=idle(bench.homework),
            # What is not installed where students' code runs is the cause of all else, and said once.
            complaints=(ended,)
            if ended and wording.lacking(reference.result())
            else (*filter(None, [ended]), *complaints),
            cpu=sum(map(cpu, (reference.result(), empty.result(), *grades))) + sum(each.cpu for each in mistakes),
            samples=len(grades),
        )


@contextmanager
def _several(sandbox: Deferred, jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Have so many threads; whatever still runs at the end is ended with its sandbox."""
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="selfcheck")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        sandbox.close()
        pool.shutdown(wait=True)


def _each(futures: list[Future[Tried]], told: Callable[[Tried], None]) -> Iterator[Tried]:
    for future in futures:
        told(future.result())
        yield future.result()


def _of_reference(bench: Bench, folder: Path, before: str) -> Grade:
    cells = [before, bench.assignment.reference.read_text(encoding="utf-8")]
    return grade_submission(submission(folder, "reference", cells), bench)


def _unknown(bench: Bench, mistakes: tuple[Tried, ...]) -> tuple[Claim, ...]:
    """Return the checks worth points that no mistake was tried on."""
    caught = {finding.key for each in mistakes for finding in each.findings}
    checks = (claim for _, claim in bench.assignment.claims if claim.by == "check" and claim.points)
    return tuple(claim for claim in checks if claim.key not in caught)


def _complaints(grade: Grade, who: str, sound: Callable[[Finding], bool], bench: Bench) -> list[str]:
    if grade.record and grade.record.fault:
        return [f"{who} could not be graded: {grade.record.fault}"]
    folder = bench.assignment.reference.parent
    return [
        f"{who} is {finding.verdict.outcome.value} on {finding.key} ({finding.claim}): {_found(finding, folder)}"
        for finding in grade.findings
        if finding.by == "check" and finding.points and not sound(finding)
    ]


def _earns_all(finding: Finding) -> bool:
    return finding.verdict.outcome is Outcome.PASSED


def _earns_nothing(finding: Finding) -> bool:
    return finding.verdict.outcome in (Outcome.FAILED, Outcome.MISSING, Outcome.BLOCKED)


def _found(finding: Finding, folder: Path) -> str:
    """Return what was found; where nothing was, what counts as handed in."""
    program = 'What is handed in is what the reference does as a program, under `if __name__ == "__main__"`.'
    missing = finding.verdict.outcome is Outcome.MISSING
    return f"{wording.told(finding.verdict, folder)}{f' {program}' if missing else ''}"
