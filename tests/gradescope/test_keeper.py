"""The keeper has the last word: whatever becomes of the worker, results.json is valid at every moment."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradescope_schema import valid, withholds_the_total
from sandbox import stations

from grader.gradescope import publish, run

JUDGED = {"name": "1.1) First", "score": 1.0, "max_score": 1.0, "status": "passed", "output": "Right."}
START = """
import sys, time
from pathlib import Path
from grader.gradescope import run
run.WORKER = ("-I", "-c", {worker!r})
{more}
run.main()
"""
PRELUDE = """
import json, os, signal, subprocess, sys, time
from pathlib import Path
from grader.gradescope import publish
home, seconds = Path(sys.argv[1]), float(sys.argv[2])
results = home / "results"
def wait_for(name):
    while not (home / name).exists():
        time.sleep(0.01)
"""
READY = "(home / 'ready').touch()\n"
"""The worker says that it is."""
ONCE_READY = """
wait = run.subprocess.Popen.wait
def once_ready(worker, timeout=None):
    while timeout and worker.poll() is None and not Path(sys.argv[1], "ready").exists():
        time.sleep(0.01)
    return wait(worker, timeout)
run.subprocess.Popen.wait = once_ready
"""
"""The keeper's clock starts when the worker is ready: a busy machine may take its time to start a Python."""
HEARS = """
def hears(pid, number):
    told = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()[0]
    return int(told, 16) >> (number - 1) & 1
while not hears(os.getppid(), signal.SIGTERM):
    time.sleep(0.01)
"""
"""The worker waits until the keeper can be asked to end."""
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

    def start(self, worker: str, timeout: str = "300", more: str = "") -> subprocess.Popen:
        command = [sys.executable, "-c", START.format(worker=PRELUDE + worker, more=more), str(self.home)]
        environment = {"PATH": os.environ["PATH"], "TIMEOUT_SECONDS": timeout}
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def watch(self, keeper: subprocess.Popen, until=lambda document: False, seconds: float = 200) -> None:
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

    def run(self, worker: str, more: str = "") -> dict:
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
    with container.start("wait_for('first')\n" + INTERIM + "wait_for('second')\n" + LAST) as keeper:
        container.watch(keeper, lambda document: document["output"] == publish.STARTING)
        (container.home / "first").touch()
        container.watch(keeper, lambda document: document["output"] == "At problem 2.")
        (container.home / "second").touch()
        assert container.end(keeper) == {"tests": [JUDGED]}
    assert len(container.seen) == 3
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
def test_our_clock_ends_before_gradescopes(tmp_path):
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + INTERIM + READY + "time.sleep(300)"

    def taken(attempt: int) -> float:
        container = Container(tmp_path / str(attempt))
        with container.start(stubborn, timeout="8", more=ONCE_READY) as keeper:
            container.watch(keeper, lambda document: document["output"] == "At problem 2.")
            started = time.monotonic()
            result = container.end(keeper)
        assert result["output"] == run.TOO_LATE
        assert JUDGED in result["tests"]
        return time.monotonic() - started

    assert any(taken(attempt) < 8 for attempt in range(3)), "a busy machine may hold us up once, or twice"


def test_a_worker_asked_in_time_has_its_say(container):
    worker = f"signal.signal(signal.SIGTERM, lambda *_: ({LAST.strip()}, os._exit(0)))\n{READY}time.sleep(300)"
    more = f"run.spare = lambda seconds: seconds - 1\n{ONCE_READY}"
    assert container.run(worker, more) == {"tests": [JUDGED]}


def test_the_result_comes_when_every_process_is_dead(container):
    mark = f"300.{os.getpid()}"
    orphan = f"subprocess.Popen(['setsid', 'sleep', '{mark}'])"
    nested = f"subprocess.Popen([sys.executable, '-c', \"import subprocess; {orphan}; {orphan}\"]).wait()\n"
    assert "tests" in container.run(nested + orphan + "\n" + LAST)
    assert not stations.processes_with(mark)


def test_whoever_ends_the_keeper_gets_a_result(container):
    heeds = f"signal.signal(signal.SIGTERM, lambda *_: ({LAST.strip()}, os._exit(0)))\n"
    with container.start(heeds + HEARS + INTERIM + "time.sleep(300)") as keeper:
        container.watch(keeper, lambda document: document["output"] == "At problem 2.")
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
