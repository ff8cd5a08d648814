"""Of a user's tasks, those outside of a container are counted too: Linux does, and `/proc` does not show them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2]
SOMEBODY = 1_600_000_000 + os.getpid()
MANY = 200
BUSY = f"""
import os, threading, time
os.setuid({SOMEBODY})
for _ in range({MANY}):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
print("there", flush=True)
time.sleep(600)
"""
COUNT = f"""
import os
from grader.kernel import linux, rlimits
if {{inside}}:
    linux.unshare(linux.NEW_PROCESSES | linux.NEW_MOUNTS)
    if child := os.fork():
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("proc", "/proc", "proc")
os.setuid({SOMEBODY})
print(rlimits.tasks_of({SOMEBODY}), rlimits.tasks_out_of_sight({SOMEBODY}))
"""


def counted(*, inside):
    """What a user sees of its tasks, and what it finds besides: outside and inside of a process namespace."""
    program = [sys.executable, "-c", COUNT.format(inside=inside)]
    told = subprocess.run(program, capture_output=True, text=True, cwd=HERE, check=True).stdout
    return tuple(map(int, told.split()))


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_tasks_outside_are_counted():
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True) as busy:
        assert busy.stdout.readline() == "there\n"
        try:
            seen, unseen = counted(inside=False)
            assert seen > MANY and unseen == 0
            seen, unseen = counted(inside=True)
            assert seen < 5 and MANY <= unseen + seen < MANY + 40
        finally:
            busy.kill()
