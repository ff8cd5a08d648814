"""Ended at any moment, `grade` leaves whole records and no processes, and the next run takes up the rest."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sandbox import stations

from grader.store import Results

RUBRIC = """
title = "Homework 1"
total = 2
[[problem]]
id = "1"
title = "First"
  [[problem.check]]
  claim = "There is a first"
  points = 2
  expects = "first"
"""
REFERENCE = 'from fake_runner import Named\nfirst = Named("first")\n'
STUDENTS = 5
LONG_BEFORE_THE_OTHERS = 80.0
"""Seconds in which `grade` ends when it is asked to: no submission that takes longer was waited for."""
SUBREAPER = 36

pytestmark = pytest.mark.slow


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return written(tmp_path)


def written(folder: Path) -> Path:
    """Write a course and submissions into a folder."""
    for name, text in {"rubrics/hw1.toml": RUBRIC, "reference/hw1.py": REFERENCE}.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    (folder / "submissions").mkdir()
    hand_in(folder, all_but_the_first=0.2)
    return folder


def hand_in(course: Path, *, all_but_the_first: float) -> None:
    """Write the submissions, of which all but the first take so many seconds."""
    for number in range(STUDENTS):
        seconds = all_but_the_first if number else 0.2
        code = f"import time\ntime.sleep({seconds})\n{'first' if number % 2 else 'second'} = {number}\n"
        (course / "submissions" / f"student{number}.py").write_text(code)


def start(course: Path, out: str, mode: str = "", **more: str) -> subprocess.Popen[str]:
    """Start `grade` in a process group of its own, as a shell does; in the circumstances of a mode, if one is named."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more}
    words = [sys.executable, "-m", "grader.cli", "submissions", "--hw", "1", "--out", out, "-j", "2"]
    asked = ["--sandbox", mode] if mode else []
    return subprocess.Popen(
        [*(stations.CIRCUMSTANCES[mode] if mode else ()), *words, *asked],
        cwd=course,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heard,
    )


def heard() -> None:
    """Have a hangup heard, also where the tests themselves are run under `nohup`."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def code_of(process: subprocess.Popen[str]) -> int:
    """Wait for the end of a process and return its exit code."""
    process.communicate()
    return process.returncode


def findings(course: Path, out: str) -> dict[str, object]:
    said = json.loads((course / out / "grades.json").read_text())
    return {one["student"]: one["findings"] for one in said["submissions"]}


def kept(course: Path, out: str) -> dict[str, bytes]:
    """Return every record that is there, and see that each is whole."""
    results = Results(course / out)
    found = {}
    for path in sorted((course / out).glob("*/run.zip")):
        assert results.load(path.parent.name).record is not None
        found[path.parent.name] = path.read_bytes()
    return found


def descendants(pid: int) -> list[int]:
    """Return the processes below one, as they are now; a child belongs to the thread that made it."""
    below = [child for task in Path(f"/proc/{pid}/task").glob("*/children") for child in _children(task)]
    return [one for child in below for one in (child, *descendants(child))]


def _children(task: Path) -> list[int]:
    try:
        return [int(word) for word in task.read_text().split()]
    except OSError:
        return []


def gone(pids: list[int], within: float = 30.0) -> bool:
    deadline = time.monotonic() + within
    while any(Path(f"/proc/{pid}").exists() and _running(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def start_and_wait_for_a_record(course: Path, out: str, mode: str = "", **more: str) -> subprocess.Popen[str]:
    """Start `grade` and wait until the first submission is graded; the others are not, however late we look."""
    hand_in(course, all_but_the_first=100.0)
    process = start(course, out, mode, **more)
    while not list((course / out).glob("*/run.zip")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


def test_killed_ten_times_nothing_is_lost_and_nothing_counted_twice(course):
    undisturbed = start(course, "undisturbed")
    assert code_of(undisturbed) == 0
    chance = random.Random(4)
    before: dict[str, bytes] = {}
    for _ in range(10):
        process = start(course, "killed")
        time.sleep(chance.uniform(0.3, 4.0))
        below = descendants(process.pid) if process.poll() is None else []
        process.kill()
        process.communicate()
        assert gone(below)
        now = kept(course, "killed")
        assert before.items() <= now.items()
        before = now
    last = start(course, "killed")
    assert code_of(last) == 0
    assert before.items() <= kept(course, "killed").items()
    assert findings(course, "killed") == findings(course, "undisturbed")
    assert len(kept(course, "killed")) == STUDENTS


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_clears_away_and_says_how_to_go_on(course, kind):
    process = start_and_wait_for_a_record(course, "stopped")
    below = descendants(process.pid)
    os.killpg(process.pid, kind)
    _, err = process.communicate(timeout=LONG_BEFORE_THE_OTHERS)
    assert process.returncode == 130
    assert "submissions are graded and kept; the same command goes on from there." in err
    assert "Traceback" not in err
    assert below
    assert gone(below)
    before = kept(course, "stopped")
    assert list(before) == ["student0"]
    hand_in(course, all_but_the_first=0.2)
    again = start(course, "stopped")
    assert code_of(again) == 0
    assert before.items() <= kept(course, "stopped").items()
    outcomes = [found[0]["outcome"] for _, found in sorted(findings(course, "stopped").items())]
    assert outcomes == ["failed", "passed"] * (STUDENTS // 2) + ["failed"]


@pytest.fixture
def orphanage() -> Iterator[Callable[[], list[int]]]:
    """Adopt what outlives its parents from now on; gives what there is of it that still runs."""
    mine = {*descendants(os.getpid())}
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    yield lambda: [pid for pid in descendants(os.getpid()) if pid not in mine and _running(pid)]
    ctypes.CDLL(None).prctl(SUBREAPER, 0, 0, 0, 0)
    for pid in {*_children(Path("/proc/thread-self"))} - mine:  # nobody else waits for them
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


@pytest.fixture
def open_course() -> Iterator[Path]:
    """A course that anybody may write to, below a path as short as sockets need; no pytest closes it to others."""
    with tempfile.TemporaryDirectory(prefix="twice") as name:
        course = Path(name) / "course"
        course.mkdir()
        (course / "temporary").mkdir()
        for path in (Path(name), course, *written(course).rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        yield course


@pytest.mark.skipif(os.geteuid() != 0, reason="the modes are put by root")
@pytest.mark.parametrize("mode", ["priv", "plain"])
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.4])
def test_asked_twice_it_clears_away_all_the_same(open_course, orphanage, mode, pause):
    course, scratch = open_course, open_course / "temporary"
    process = start_and_wait_for_a_record(course, "twice", mode, TMPDIR=str(scratch), HOME=str(scratch))
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(pause)
    with contextlib.suppress(ProcessLookupError):  # it was that quick
        os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=LONG_BEFORE_THE_OTHERS)
    assert process.returncode == 130, err
    assert "the same command goes on from there." in err
    assert gone(orphanage()), [Path(f"/proc/{pid}/cmdline").read_text() for pid in orphanage()]
    assert [path for folder in scratch.glob("deepgrader-*") for path in folder.iterdir()] == []
    assert str(scratch) not in Path("/proc/self/mounts").read_text()
    before = kept(course, "twice")
    hand_in(course, all_but_the_first=0.2)
    again = start(course, "twice", mode, TMPDIR=str(scratch), HOME=str(scratch))
    _, err = again.communicate()
    assert again.returncode == 0, err
    assert list(before) == ["student0"]
    assert len(kept(course, "twice")) == STUDENTS
    assert before.items() <= kept(course, "twice").items()
