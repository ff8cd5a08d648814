"""A submission of many files takes no more than a few files would."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from grader.assignment import Limits
from grader.errors import Unusable
from grader.execute.together import TIMES, allowed, refusal, what_is_left
from grader.notebook import Cell, Document
from grader.records import Usage

LIMITS = Limits()


@contextmanager
def ran(laboratory, *sources: str, limits: Limits):
    """The submission after these programs, each a file."""
    documents = [
        Document(f"work{place}.py", (Cell(1, "code", source),), "python") for place, source in enumerate(sources, 1)
    ]
    with laboratory.sandbox.run(laboratory.submission(), documents, limits, seed=1) as finished:
        yield finished


def test_a_first_file_has_the_limits_of_a_file():
    assert allowed(LIMITS, [], 0) == LIMITS


def test_a_second_file_that_follows_an_ordinary_one_has_them_too():
    assert allowed(LIMITS, [Usage(cpu=600, wall=1200)], 3 << 30) == LIMITS


@pytest.mark.parametrize(
    ("taken", "held", "left", "said"),
    [
        (Usage(cpu=TIMES * 600 - 60), 0, {"cpu": 60}, ""),
        (Usage(cpu=TIMES * 600 + 5), 0, {"cpu": -5}, "computed for the 1800 s"),
        (Usage(wall=TIMES * 1200 - 1), 0, {"wall": 1}, "took the 3600 s by the clock"),
        (Usage(), (TIMES << 30) * 3 - 5, {"memory": 5}, "hold the 9 GiB of memory"),
    ],
)
def test_what_files_took_is_taken_off_what_all_may_take(taken, held, left, said):
    limits = allowed(LIMITS, [taken], held)
    assert limits == replace(LIMITS, **left)
    assert said in refusal(LIMITS, limits, 1)
    assert bool(said) == bool(refusal(LIMITS, limits, 1))


def test_tighter_limits_are_told():
    assert what_is_left(LIMITS, LIMITS) == []
    tighter = replace(LIMITS, cpu=40.0, memory=3 << 29)
    assert what_is_left(LIMITS, tighter) == [
        "The files before it left no more to it than 40 s of computing and 1.5 GiB of memory."
    ]


def test_files_beyond_the_most_are_kept_as_written(laboratory, asked):
    with ran(laboratory, "a = 1", "b = 2", "c = 3", limits=replace(LIMITS, files=2)) as finished:
        first, second, third = finished.files
        assert (first.status, second.status, third.status) == ("finished", "finished", "stopped")
        assert third.reason == "It was not run: only 2 files of a submission are run."
        assert third.cells[0].source == "c = 3"
        with asked(finished) as student:
            assert student.get("b") == 2
            with pytest.raises(Unusable, match=r"work3\.py was not run"):
                student.get("c")


@pytest.mark.slow
def test_what_finished_kernels_hold_is_taken_off_what_the_next_may(laboratory):
    """Each may have 1 GiB and takes some 700 MiB, kernel and all; after four there is not enough for a kernel."""
    hold = "held = b'x' * (600 << 20)"
    with ran(laboratory, *[hold] * 5, limits=replace(LIMITS, memory=1 << 30)) as finished:
        assert [file.cells[0].error for file in finished.files] == [None] * 5
        assert [file.status for file in finished.files] == ["finished"] * 4 + ["stopped"]
        assert "hold the 3 GiB of memory" in finished.files[4].reason


@pytest.mark.slow
def test_seconds_are_taken_off_what_the_next_may(laboratory):
    """Each may compute for 1 s; the three before the last used what all four may."""
    busy = "import time\nend = time.process_time() + 30\nwhile time.process_time() < end: pass"
    with ran(laboratory, *[busy] * 3, "a = 1", limits=replace(LIMITS, cpu=1.0)) as finished:
        assert finished.files[3].reason.startswith("It was not run: the files before it computed for the 3 s")
        assert sum(file.usage.cpu for file in finished.files) < 30
