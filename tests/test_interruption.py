"""Ended at any moment, `grade` leaves whole records and no processes, and the next run takes up the rest."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

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

pytestmark = pytest.mark.slow


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for name, text in {"rubrics/hw1.toml": RUBRIC, "reference/hw1.py": REFERENCE}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (tmp_path / "submissions").mkdir()
    for number in range(STUDENTS):
        code = f"import time\ntime.sleep(0.2)\n{'first' if number % 2 else 'second'} = {number}\n"
        (tmp_path / "submissions" / f"student{number}.py").write_text(code)
    return tmp_path


def start(course: Path, out: str) -> subprocess.Popen[str]:
    """Start `grade` in a process group of its own, as a shell does."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-m", "grader.cli", "submissions", "--hw", "1", "--out", out, "-j", "2"]
    return subprocess.Popen(
        words,
        cwd=course,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


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


def gone(pids: list[int], within: float = 10.0) -> bool:
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


def wait_for_a_record(course: Path, out: str, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and not list((course / out).glob("*/run.zip")):
        time.sleep(0.02)


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
    process = start(course, "stopped")
    wait_for_a_record(course, "stopped", process)
    below = descendants(process.pid)
    os.killpg(process.pid, kind)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "submissions are graded and kept; the same command goes on from there." in err
    assert "Traceback" not in err
    assert below
    assert gone(below)
    before = kept(course, "stopped")
    assert 0 < len(before) < STUDENTS
    again = start(course, "stopped")
    assert code_of(again) == 0
    assert before.items() <= kept(course, "stopped").items()
    outcomes = [found[0]["outcome"] for _, found in sorted(findings(course, "stopped").items())]
    assert outcomes == ["failed", "passed"] * (STUDENTS // 2) + ["failed"]
