"""A grader that is killed takes everything along, and the next one clears up after it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.sandbox import scratch

MARK = f"4711.{os.getpid()}"
"""Seconds that nobody else sleeps for."""
PROGRAM = f"""
import sys, time
from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission
cells = (Cell(1, "code", "import subprocess; subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)"),)
with Sandbox(Settings()) as sandbox:
    with sandbox.run(Submission("s", "S", ()), [Document("a.py", cells, "python")], Limits(), seed=0) as finished:
        print(sandbox.folder, flush=True)
        time.sleep(600)
"""


def running():
    """Processes that the student's cell started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes() == f"sleep\0{MARK}\0".encode():
                found.append(entry.name)
        except OSError:
            continue
    return found


def await_none(seconds=60.0):
    deadline = time.monotonic() + seconds
    while running() and time.monotonic() < deadline:
        time.sleep(0.02)
    return running()


@pytest.fixture()
def place():
    """A temporary folder in which no other grader clears up; pytest's own has too long a name for sockets."""
    with tempfile.TemporaryDirectory(prefix="g", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield folder


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_everything_ends_with_the_grader(number, place, monkeypatch):
    environment = {**os.environ, "TMPDIR": place}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as grader:
        folder = Path(grader.stdout.readline().strip())
        assert len(running()) == 1 and folder.is_dir()
        grader.send_signal(number)
        grader.wait(120)
    assert await_none() == []
    if number == signal.SIGINT:
        assert not folder.exists()
    else:
        assert folder.exists()
        monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: place)
        scratch.run_folder().close()
        assert not folder.exists()
