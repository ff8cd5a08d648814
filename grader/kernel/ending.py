"""Ends a tree of processes from above, where no process namespace would do it at once.

Theory of operation. A program that does not want to end forks and lets the parent leave, again and again, faster than
anyone reads `/proc`. One signal to everybody is not outrun: the machine's kernel sends it while nobody can fork. So
where such a signal reaches the box alone, because the box has a user of its own or because Landlock bounds us, that is
what is used (`end_everybody`). Elsewhere whatever lost its parent becomes our child, we being a subreaper, and we kill
our children as fast as they come (`end_descendants`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection
from pathlib import Path

QUIET = 0.05
"""Seconds without a child after which there is none left."""
PAUSE = 0.002
"""Seconds between two looks that find nobody: of a program that keeps forking, one process is always our child."""


def end_everybody() -> None:
    """Kill every process that we may signal at all, but ourselves, and reap what is ours; never done as root."""
    if os.geteuid() == 0:
        raise PermissionError("root may signal everybody: this would end the machine's own programs")
    with contextlib.suppress(ProcessLookupError, PermissionError):  # there is nobody left, or nobody of ours
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def end_descendants(spared: Collection[int] = ()) -> None:
    """Kill and reap all descendants of this process but the children in `spared` and theirs.

    Those that can be seen are stopped before any is killed, or a bomb of forks would outrun us; those that cannot,
    because they live too short, are met as our children.
    """
    while _stop_and_kill(spared) or _kill_children(spared):
        pass


def _stop_and_kill(spared: Collection[int]) -> bool:
    """Stop all descendants, until no new ones appear, and kill them; return whether there were any."""
    stopped: set[int] = set()
    while new := set(descendants(os.getpid(), spared)) - stopped:
        _signal(new, signal.SIGSTOP)
        stopped |= new
    _signal(stopped, signal.SIGKILL)
    return bool(stopped)


def _kill_children(spared: Collection[int]) -> bool:
    """Kill and reap our own children as fast as they come, until none do; return whether there were any."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    met, quiet_since = False, time.monotonic()
    while time.monotonic() - quiet_since < QUIET:
        children = [int(child) for child in own.read_bytes().split() if int(child) not in spared]
        for child in children:
            _signal([child], signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        if children:
            met, quiet_since = True, time.monotonic()
        else:
            time.sleep(PAUSE)
    return met


def descendants(process: int, spared: Collection[int] = ()) -> list[int]:
    """Return the processes below `process`, without the branches that start at one of `spared`."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            children.setdefault(_parent(entry), []).append(int(entry.name))
    found, waiting = [], [process]
    while waiting:
        below = [child for child in children.get(waiting.pop(), ()) if child not in spared]
        found += below
        waiting += below
    return found


def _parent(entry: Path) -> int:
    """Return the parent of a living process by its entry in /proc; 0 if it is gone or only waits to be reaped.

    A process whose first thread has ended looks like one that waits to be reaped, but for its number of threads.
    """
    try:
        fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == b"Z" and int(fields[17]) < 2 else int(fields[1])


def _signal(processes: Collection[int], number: int) -> None:
    """Send a signal to each that is still there."""
    for process in processes:
        with contextlib.suppress(OSError):
            os.kill(process, number)
