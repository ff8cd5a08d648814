"""A grader that is killed takes everything along, and the next one clears up after it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import sys, time
from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission
cells = (Cell(1, "code", "import subprocess; subprocess.Popen(['sleep', '4711'], start_new_session=True)"),)
with Sandbox(Settings()) as sandbox:
    with sandbox.run(Submission("s", "S", ()), [Document("a.py", cells, "python")], Limits(), seed=0) as finished:
        print(sandbox.folder, flush=True)
        time.sleep(60)
"""


def running():
    """Processes that the student's cell started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes() == b"sleep\x004711\x00":
                found.append(entry.name)
        except OSError:
            continue
    return found


def await_none(seconds=5.0):
    deadline = time.monotonic() + seconds
    while running() and time.monotonic() < deadline:
        time.sleep(0.02)
    return running()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_everything_ends_with_the_grader(number, tmp_path):
    environment = {**os.environ, "TMPDIR": "/tmp"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as grader:
        folder = Path(grader.stdout.readline().strip())
        assert len(running()) == 1 and folder.is_dir()
        grader.send_signal(number)
        grader.wait(20)
    assert await_none() == []
    if number == signal.SIGINT:
        assert not folder.exists()
    else:
        from grader.sandbox import scratch

        assert folder.exists()
        scratch.run_folder().close()
        assert not folder.exists()
