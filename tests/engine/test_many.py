"""Several submissions at once: their order, a stop in the middle, and what is cleared away."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from fake_runner import FakeRunner, bench, handed_in

from grader.bench import Bench, Deferred, Interrupted
from grader.engine import grade_all
from grader.errors import GraderFault, UsageError
from grader.records import Grade, Submission

NAMES = ("ada", "bob", "cyd", "dan", "eve")


def submissions(folder: Path) -> list[Submission]:
    return [handed_in(folder, name, hw=f"first # {name}") for name in NAMES]


def run(folder: Path, runner: FakeRunner, *, jobs: int = 2, **more) -> tuple[Grade, ...]:
    sandbox = Deferred(lambda: runner)
    at = bench(folder, runner)
    at = Bench(at.homework, at.results, sandbox)
    return grade_all(submissions(folder), at, sandbox, jobs=jobs, **more)


def test_grades_come_in_the_order_of_the_submissions(tmp_path):
    def slower_first(submission: Submission) -> None:
        time.sleep(0.02 * (5 - NAMES.index(submission.student)))

    runner = FakeRunner(slower_first)
    told: list[str] = []
    grades = run(tmp_path, runner, jobs=5, graded=lambda grade: told.append(grade.submission.student))
    assert [grade.submission.student for grade in grades] == list(NAMES)
    assert sorted(told) == sorted(NAMES)
    assert runner.closed


def test_so_many_at_once_and_no_more(tmp_path):
    lock, at_once, most = threading.Lock(), 0, 0
    together = threading.Barrier(2)

    def count(submission: Submission) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        if submission.student in NAMES[:2]:
            together.wait(60)
        time.sleep(0.03)
        with lock:
            at_once -= 1

    run(tmp_path, FakeRunner(count), jobs=2)
    assert most == 2


def test_one_fault_stops_nobody_else(tmp_path):
    def bob(submission: Submission) -> None:
        if submission.student == "bob":
            raise GraderFault("Bob's box.")

    grades = run(tmp_path, FakeRunner(bob))
    assert [bool(grade.record.fault) for grade in grades] == [False, True, False, False, False]


def test_ctrl_c_keeps_what_is_finished_and_goes_on_later(tmp_path):
    closed = threading.Event()

    class Slow(FakeRunner):
        def close(self) -> None:
            super().close()
            closed.set()

    def stop_at_the_third(submission: Submission) -> None:
        if submission.student == "cyd":
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            closed.wait(60)

    runner = Slow(stop_at_the_third)
    with pytest.raises(Interrupted, match="2 of 5 submissions are graded and kept"):
        run(tmp_path, runner, jobs=1)
    assert runner.closed
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["ada", "bob"]
    rest = FakeRunner()
    grades = run(tmp_path, rest, jobs=1)
    assert rest.ran == ["cyd", "dan", "eve"]
    assert [grade.replayed for grade in grades] == [True, True, False, False, False]


def test_what_the_person_has_to_mend_ends_everything(tmp_path):
    def none() -> FakeRunner:
        raise UsageError("No sandbox here.")

    sandbox = Deferred(none)
    at = bench(tmp_path)
    with pytest.raises(UsageError, match="No sandbox here"):
        grade_all(submissions(tmp_path), Bench(at.homework, at.results, sandbox), sandbox, jobs=2)


def test_the_sandbox_is_made_once_and_only_if_something_runs(tmp_path):
    made: list[FakeRunner] = []

    def make() -> FakeRunner:
        made.append(FakeRunner())
        return made[-1]

    at = bench(tmp_path)
    for _ in range(2):
        sandbox = Deferred(make)
        grade_all(submissions(tmp_path), Bench(at.homework, at.results, sandbox), sandbox, jobs=3)
    assert len(made) == 1


def test_a_closed_sandbox_is_not_made_again():
    sandbox = Deferred(FakeRunner)
    sandbox.close()
    with pytest.raises(GraderFault):
        sandbox()
