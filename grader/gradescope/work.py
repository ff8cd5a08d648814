"""The worker: grades the one submission, and after each problem writes what is known so far.

Its result goes to a file that the keeper puts in place once every process has ended. What it prints, instructors can
read on Gradescope and students cannot.
"""

from __future__ import annotations

import argparse
import ctypes
import signal
import sys
import tempfile
import textwrap
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from grader import course, defect, environment, score
from grader.bench import Bench, Deferred, Interrupted, sandboxed
from grader.course import Course, Homework
from grader.engine import grade_all
from grader.errors import GraderError
from grader.expect.verdicts import pending
from grader.gradescope import carry, machine, metadata, publish, results
from grader.intake.single import single
from grader.records import Finding, Grade, RunRecord, Submission
from grader.store import Results

DEATH_SIGNAL = 1
"""The option of prctl(2) by which we end when the keeper does, however it ends."""
OUT_OF_TIME = "There was no time left to judge this: your program takes too long for the time that Gradescope gives."
CUT_SHORT = (
    "The time that Gradescope gives was over before everything was judged. If your program takes long, make it faster "
    "and hand in again; else tell your instructor."
)
NOT_STARTED = (
    "Your submission was not graded: the grader could not start, since {what}. That is not your doing; your instructor "
    "can read the details and has to mend it."
)


@dataclass(frozen=True)
class Place:
    """The folders of a container."""

    home: Path
    """`/autograder`."""

    @property
    def result(self) -> Path:
        """Return where Gradescope looks."""
        return self.home / "results" / "results.json"

    @property
    def last(self) -> Path:
        """Return where the worker leaves its last word."""
        return self.home / "results" / ".last.json"


@dataclass
class Journal:
    """The findings so far, written down after each problem."""

    place: Path
    problems: Sequence[str]
    findings: list[Finding] = field(default_factory=list)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Take nothing more: what is found while everything is being ended may only look like the student's doing."""
        with self._lock:
            self._closed = True

    def note(self, finding: Finding) -> None:
        """Take a finding; write everything down if it is the first of a problem."""
        with self._lock:
            if self._closed:
                return
            if self.findings and self.findings[-1].problem != finding.problem:
                self._write(finding.problem)
            self.findings.append(finding)

    def _write(self, problem: str) -> None:
        place = self.problems.index(problem) + 1
        words = f"{publish.STARTING}\n\nIt is at problem {problem}, which is {place} of {len(self.problems)}."
        publish.write(self.place, results.unfinished(words, self.findings))


def main(arguments: Sequence[str] | None = None) -> None:
    """Grade `<home>/submission` and leave the result at `Place.last`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("seconds", type=float)
    asked = parser.parse_args(arguments)
    ctypes.CDLL(None).prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    place = Place(asked.home)
    publish.write(place.last, _result(place, time.monotonic() + asked.seconds))


def _result(place: Place, deadline: float) -> publish.Node:
    """Return the last word on the submission; whatever goes wrong with the grader is one too."""
    try:
        home = course.read(place.home / "source" / "course")
        homework = course.open_homework(home, home.homeworks[0])
        return _graded(place, home.serving(homework.assignment.id), homework, deadline)
    except GraderError as error:
        print(error)
        return publish.withheld(NOT_STARTED.format(what="its own files are not in order"))
    # The wall of blame: anything else is a defect of ours, which instructors read and students are spared.
    except Exception:  # noqa: BLE001
        traceback.print_exc(file=sys.stdout)
        return publish.withheld(NOT_STARTED.format(what="it has a defect"))


def _graded(place: Place, home: Course, homework: Homework, deadline: float) -> publish.Node:
    started = time.monotonic()
    who = metadata.read(place.home / "submission_metadata.json")
    journal = Journal(place.result, [problem.id for problem in homework.assignment.problems])
    with single(place.home / "submission", who.key, who.name) as found, tempfile.TemporaryDirectory() as scratch:
        submission = replace(found, members=who.members, submitted_at=who.submitted_at)
        fitting = _fitting(homework, submission, deadline, who.due)
        grade = _grade(submission, home, fitting, journal, Path(scratch))
        _tell(grade, Path(scratch))
        result = results.finished(grade, homework.assignment.leaderboard)
        if grade.record and not grade.record.fault:
            result = publish.with_extra(result, carry.load(submission, grade.record))
    return {**result, "execution_time": round(time.monotonic() - started, 2)}


def _fitting(homework: Homework, submission: Submission, deadline: float, due: str) -> Homework:
    """Return the homework with limits that this container can keep, and due when Gradescope says, if that is later."""
    late = homework.assignment.late
    if late and due:
        late = replace(late, due=max(late.due, datetime.fromisoformat(due)))
    limits = machine.fitted(
        homework.assignment.limits,
        seconds=deadline - time.monotonic(),
        files=len(submission.files),
        memory=machine.memory(),
    )
    return replace(homework, assignment=replace(homework.assignment, limits=limits, late=late))


def _grade(submission: Submission, home: Course, homework: Homework, journal: Journal, scratch: Path) -> Grade:
    """Return the grade; when the time is over before the end, of what was judged by then."""
    python = environment.interpreter()
    sandbox = Deferred(lambda: sandboxed(None, python, home))
    bench = Bench(
        homework,
        Results(scratch),
        sandbox,
        python=python,
        versions=lambda: environment.versions(python),
        judged=journal.note,
        say=print,
    )
    try:
        with _stoppable(journal):
            (grade,) = grade_all([submission], bench, sandbox, jobs=1)
    except Interrupted:
        return _cut_short(submission, homework, journal.findings)
    return grade


@contextmanager
def _stoppable(journal: Journal) -> Iterator[None]:
    """Make the keeper's word that time is over the same as Ctrl-C; the journal is closed before anything is ended."""

    def stop(*_: object) -> NoReturn:
        journal.close()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _cut_short(submission: Submission, homework: Homework, findings: Sequence[Finding]) -> Grade:
    """Return the grade of a submission whose time was over: a person decides what was not judged."""
    late = pending(OUT_OF_TIME, "Make it faster, and hand in again.")
    judged = {finding.key for finding in findings}
    rest = [
        score.finding(problem, claim, late) for problem, claim in homework.assignment.claims if claim.key not in judged
    ]
    told = replace(submission, remarks=(CUT_SHORT, *submission.remarks))
    return score.grade(homework.assignment, told, None, [*findings, *rest], {}, ())


def _tell(grade: Grade, scratch: Path) -> None:
    """Print, for the instructor, what was found and what stands behind it."""
    record = grade.record or RunRecord(grade.submission.student, "", (), sandbox="not recorded")
    print(f"{grade.submission.name}: {grade.earned:g} of {grade.total:g} points so far")
    print(f"sandbox: {record.sandbox} ({', '.join(record.layers)}); {dict(record.versions)}")
    for finding in () if record.fault else grade.findings:
        verdict = finding.verdict
        print(f"{finding.key} {verdict.outcome.value} {finding.earned:g}/{finding.points:g} {verdict.found}")
        if verdict.staff:
            print(textwrap.indent(verdict.staff, "    "))
    log = scratch / defect.LOG
    print(record.fault, log.read_text(errors="replace") if log.exists() else "")


if __name__ == "__main__":
    main()
