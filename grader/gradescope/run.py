"""The keeper: what `run_autograder` starts. It holds the clock, and has the last word when everything else is dead.

It imports nothing but the standard library and `publish`, so that it is small and has nothing in it that could fail.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from grader.gradescope import publish

USUAL = 600.0
"""Seconds that Gradescope gives unless it says otherwise."""
WORKER = ("-I", "-m", "grader.gradescope.work")
SUBREAPER = 36
"""The option of prctl(2) by which orphans become our children instead of vanishing from our sight."""
KILLED = (
    "Your submission was not graded to the end: the machine killed the grader, most likely because there was no memory "
    "left. If your program keeps much data in memory, keep less of it and hand in again; else tell your instructor. "
    "What is listed below was judged before."
)
TOO_LATE = (
    "Your submission was not graded to the end: the time that Gradescope gives was over. If your program takes long, "
    "make it faster and hand in again; else tell your instructor. What is listed below was judged before."
)
BROKEN = (
    "Your submission was not graded to the end: the grader has a defect. That is not your doing; your instructor can "
    "read the details and has to mend it. What is listed below was judged before."
)


def main() -> None:
    """Have the submission in `sys.argv[1]` graded, and leave a valid result whatever happens."""
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")
    result, last = home / "results" / "results.json", home / "results" / ".last.json"
    started, seconds = time.monotonic(), allowance(os.environ.get("TIMEOUT_SECONDS", ""))
    publish.write(result, publish.withheld(publish.STARTING))
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    shut(home)
    words = ended(home, started + seconds, spare(seconds))
    end_everything()
    document = read(last) or {**(read(result) or {"tests": []}), "output": words, "output_format": "text"}
    publish.write(result, document)
    last.unlink(missing_ok=True)


def allowance(said: str) -> float:
    """Return the seconds that Gradescope gives, as its environment says them."""
    try:
        seconds = float(said)
    except ValueError:
        return USUAL
    return seconds if 1 <= seconds <= 1e6 else USUAL


def spare(seconds: float) -> float:
    """Return the seconds before the end in which nothing is judged any more: half to stop, half to clear up."""
    return min(30.0, 0.2 * seconds)


def shut(home: Path) -> None:
    """Close everything that Gradescope put here to other users, such as the one that students' programs run as."""
    for path in (home / "source", home / "results", home / "submission", home):
        with contextlib.suppress(OSError):
            path.chmod(0o700)


def ended(home: Path, deadline: float, spare: float) -> str:
    """Run the worker until it ends, or is ended; return what to say if it left no result."""
    seconds = deadline - spare - time.monotonic()
    worker = subprocess.Popen([sys.executable, *WORKER, str(home), str(seconds)])
    # Whoever asks us to end means the worker, and gets a result all the same.
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    try:
        code = worker.wait(seconds)
    except subprocess.TimeoutExpired:
        worker.terminate()
        code = _given_up(worker, spare / 2)
        return TOO_LATE
    print(f"The worker ended with {code}.")
    return KILLED if code == -signal.SIGKILL else BROKEN


def _given_up(worker: subprocess.Popen[bytes], seconds: float) -> int:
    """Return the code of a worker that was asked to end, and is killed if it does not."""
    try:
        return worker.wait(seconds)
    except subprocess.TimeoutExpired:
        worker.kill()
        return worker.wait()


def end_everything() -> None:
    """Kill all that is left below this process and wait for it: no student's process outlives the grading."""
    for _ in range(100):
        left = list(_children())
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not left:
            return
        _reap()


def _children() -> Iterator[int]:
    """Yield our children; the children of those that died became ours."""
    for task in Path("/proc/self/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def _reap() -> None:
    time.sleep(0.02)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def read(path: Path) -> publish.Node | None:
    """Return a result that was written, if it is there and whole."""
    try:
        document = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


if __name__ == "__main__":
    main()
