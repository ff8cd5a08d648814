"""Ends a tree of processes from above, where no process namespace would do it at once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection
from pathlib import Path


def end_descendants(spared: Collection[int] = ()) -> None:
    """Kill and reap all descendants of this process but the children in `spared` and theirs.

    The caller is a subreaper: whatever loses its parent becomes its child, so nothing slips out of the tree. All are
    stopped before any is killed, or a fork bomb would outrun us.
    """
    while doomed := descendants(os.getpid(), spared):
        stopped: set[int] = set()
        while new := set(descendants(os.getpid(), spared)) - stopped:
            _signal(new, signal.SIGSTOP)
            stopped |= new
        _signal(stopped, signal.SIGKILL)
        _reap(stopped.union(doomed))


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


def _reap(processes: Collection[int]) -> None:
    """Reap those of `processes` that are our children; the others become so and are met again."""
    for process in processes:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, 0)
