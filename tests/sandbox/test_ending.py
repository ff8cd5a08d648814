"""Ending a tree of processes where no process namespace does it."""

import subprocess
import sys
from pathlib import Path

import pytest

COURSE = Path(__file__).resolve().parents[2]
PRELUDE = f"""
import ctypes, os, signal, subprocess, sys, threading, time
sys.path.insert(0, {str(COURSE)!r})
from grader.kernel import ending, linux
linux.prctl(linux.SUBREAPER, 1)
spared = subprocess.Popen(["sleep", "1000"])
child = os.fork()
if child == 0:
"""
COUNT = """
    time.sleep(1000)
time.sleep(0.5)
ending.end_descendants(spared={spared.pid})
time.sleep(0.2)
print(sorted(map(int, open(f"/proc/self/task/{os.getpid()}/children").read().split())) == [spared.pid], spared.poll())
spared.kill()
spared.wait()
"""
TREES = {
    "a child": "    pass",
    "a deep one": "    [os.fork() for _ in range(4)]",
    "daemons": "    os.setsid(); os.fork() and os._exit(0)",
    "deaf ones": "    [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; os.kill(os.getpid(), signal.SIGSTOP)",
    "one whose first thread has ended": """
    threading.Thread(target=time.sleep, args=(1000,)).start()
    time.sleep(0.1)
    ctypes.CDLL(None).syscall(60, 0)""",
    "ones that keep forking": """
    os.setsid()
    for _ in range(20):
        if os.fork() == 0:
            break
    end = time.monotonic() + 20
    while time.monotonic() < end:
        os.fork() and os._exit(0)
        time.sleep(0.002)
    os._exit(0)""",
    "ones that keep forking into new sessions": """
    end = time.monotonic() + 20
    while time.monotonic() < end:
        os.fork() and os._exit(0)
        os.setsid()
    os._exit(0)""",
}


@pytest.mark.parametrize("tree", TREES)
def test_all_descendants_end_but_those_that_are_spared(tree):
    program = PRELUDE + TREES[tree] + COUNT
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["True", "None"], done.stderr
