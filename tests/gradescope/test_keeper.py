"""The keeper has the last word: whatever becomes of the worker, results.json is valid at every moment."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradescope_schema import valid, withholds_the_total

from grader.gradescope import publish, run

JUDGED = {"name": "1.1) First", "score": 1.0, "max_score": 1.0, "status": "passed", "output": "Right."}
START = "import sys; from grader.gradescope import run; run.WORKER = ('-I', '-c', {worker!r}); {more}; run.main()"
PRELUDE = """
import json, os, signal, subprocess, sys, time
from pathlib import Path
from grader.gradescope import publish
home, seconds = Path(sys.argv[1]), float(sys.argv[2])
results = home / "results"
"""
INTERIM = f"publish.write(results / 'results.json', publish.withheld('At problem 2.', [{JUDGED!r}]))\n"
LAST = f"publish.write(results / '.last.json', {{'tests': [{JUDGED!r}]}})\n"


class Container:
    """A home such as /autograder, and a keeper with a worker of the test's own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for name in ("source", "results", "submission"):
            (home / name).mkdir(parents=True)
        self.result = home / "results" / "results.json"
        self.seen: list[str] = []

    def start(self, worker: str, timeout: str = "60", more: str = "pass") -> subprocess.Popen:
        command = [sys.executable, "-c", START.format(worker=PRELUDE + worker, more=more), str(self.home)]
        environment = {"PATH": os.environ["PATH"], "TIMEOUT_SECONDS": timeout}
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def watch(self, keeper: subprocess.Popen, until=lambda document: False, seconds: float = 20) -> None:
        """Look at the result all the time, until the keeper has ended or `until` says so; it must always be valid."""
        deadline = time.monotonic() + seconds
        while keeper.poll() is None and time.monotonic() < deadline:
            if self.look() and until(json.loads(self.seen[-1])):
                return
            time.sleep(0.002)
        self.look()

    def look(self) -> bool:
        if not self.result.exists():
            return False
        text = self.result.read_text()
        if not self.seen or self.seen[-1] != text:
            valid(text)
            self.seen.append(text)
        return True

    def run(self, worker: str, more: str = "pass") -> dict:
        """Return the result once everything is over."""
        with self.start(worker, more=more) as keeper:
            return self.end(keeper)

    def end(self, keeper: subprocess.Popen) -> dict:
        self.watch(keeper)
        keeper.wait()
        assert keeper.returncode == 0
        assert [path.name for path in self.result.parent.iterdir()] == ["results.json"]
        return valid(self.result.read_text())


@pytest.fixture
def container(tmp_path):
    return Container(tmp_path / "autograder")


def test_the_workers_last_word_is_the_result(container):
    assert container.run("time.sleep(0.3)\n" + INTERIM + "time.sleep(0.3)\n" + LAST) == {"tests": [JUDGED]}
    assert len(container.seen) >= 3
    assert all(withholds_the_total(json.loads(text)) for text in container.seen[:-1])


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "no memory left"),
        ("sys.exit(3)", "the grader has a defect"),
        ("(results / '.last.json').write_text('{\"tests\"')", "the grader has a defect"),
        ("pass", "the grader has a defect"),
    ],
    ids=["killed", "failed", "half a word", "no word"],
)
def test_a_worker_that_leaves_no_result_is_explained(container, end, words):
    result = container.run(INTERIM + end)
    assert words in result["output"]
    assert JUDGED in result["tests"]
    assert withholds_the_total(result)


def test_a_worker_that_says_nothing_at_all_is_explained(container):
    result = container.run("os.kill(os.getpid(), signal.SIGKILL)")
    assert result["output"] == run.KILLED
    assert withholds_the_total(result)


@pytest.mark.slow
def test_our_clock_ends_before_gradescopes(container):
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + INTERIM + "time.sleep(60)"
    with container.start(stubborn, timeout="8") as keeper:
        container.watch(keeper, lambda _: True)  # a busy machine may take its time to start a Python
        started = time.monotonic()
        result = container.end(keeper)
    assert time.monotonic() - started < 8
    assert result["output"] == run.TOO_LATE
    assert JUDGED in result["tests"]


def test_a_worker_asked_in_time_has_its_say(container):
    worker = f"signal.signal(signal.SIGTERM, lambda *_: ({LAST.strip()}, os._exit(0)))\ntime.sleep(60)"
    assert container.run(worker, more="run.spare = lambda seconds: seconds - 2") == {"tests": [JUDGED]}


def test_the_result_comes_when_every_process_is_dead(container):
    orphan = "subprocess.Popen(['setsid', 'sleep', '61.375'])"
    nested = f"subprocess.Popen([sys.executable, '-c', \"import subprocess; {orphan}; {orphan}\"]).wait()\n"
    assert "tests" in container.run(nested + orphan + "\n" + LAST)
    sleeping = subprocess.run(["pgrep", "-f", r"^sleep 61\.375$"], capture_output=True, text=True).stdout
    assert not sleeping


def test_whoever_ends_the_keeper_gets_a_result(container):
    heeds = f"signal.signal(signal.SIGTERM, lambda *_: ({LAST.strip()}, os._exit(0)))\n"
    with container.start(heeds + INTERIM + "time.sleep(60)") as keeper:
        container.watch(keeper, lambda document: document["output"] == "At problem 2.")
        time.sleep(0.1)
        keeper.terminate()
        container.watch(keeper)
        keeper.wait()
    assert valid(container.result.read_text()) == {"tests": [JUDGED]}


def test_a_keeper_that_is_killed_leaves_no_total(container):
    with container.start(INTERIM + "time.sleep(2)") as keeper:
        container.watch(keeper, lambda document: document["output"] == "At problem 2.")
        keeper.kill()
        keeper.wait()
    assert withholds_the_total(valid(container.result.read_text()))


def test_what_gradescope_put_there_is_closed_to_others(container):
    container.run(LAST)
    folders = [container.home, *(container.home / name for name in ("source", "results", "submission"))]
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


def test_the_first_result_is_there_before_the_worker(container):
    result = container.run("(home / 'first').write_text((results / 'results.json').read_text()); sys.exit(1)")
    assert json.loads((container.home / "first").read_text())["output"] == publish.STARTING
    assert withholds_the_total(result)


@pytest.mark.parametrize(
    ("said", "seconds"), [("600", 600), ("1200.5", 1200.5), ("", 600), ("soon", 600), ("nan", 600), ("-1", 600)]
)
def test_the_time_allowed_is_read_with_care(said, seconds):
    assert run.allowance(said) == seconds
    assert 0 < run.spare(seconds) < seconds / 2


def test_the_keeper_knows_nothing_that_takes_memory():
    ask = "import sys, grader.gradescope.run; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "torch", "pydantic", "typer", "grader.records"} & set(loaded)


def test_the_worker_does_not_import_torch():
    ask = "import sys, grader.gradescope.work, grader.execute; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "matplotlib", "IPython"} & set(loaded)
