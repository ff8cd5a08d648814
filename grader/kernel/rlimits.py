"""Limits of one process, kept by the machine's kernel. Those of the whole tree are watched from outside the box."""

from __future__ import annotations

import contextlib
import math
import os
import resource
from pathlib import Path
from typing import Any

OPEN_FILES, OF_OURS, SPARE = 1024, 1 << 16, 512
NO_CORE = 1
"""Bytes: at 0 a core would still be piped to a collector that runs as root outside; at 1 it is not."""
SOME = 16
"""Tasks that come and go while others are counted."""
SECONDS_TO_SPARE = 5
"""Our own clock stops a cell at its limit and says so; this one is for a process that slips away from it."""


def install(request: dict[str, Any], others: int) -> None:
    """Apply a box's limits; `others` are the tasks of the same user that are there already and do not count."""
    _lower(resource.RLIMIT_NPROC, others + request["processes"])
    _lower(resource.RLIMIT_DATA, request["memory"])
    _lower(resource.RLIMIT_FSIZE, request["disk"])
    _lower(resource.RLIMIT_CPU, math.ceil(request["cpu"]) + SECONDS_TO_SPARE)
    _lower(resource.RLIMIT_CORE, NO_CORE)
    _lower(resource.RLIMIT_MEMLOCK, 64 << 10)
    _lower(resource.RLIMIT_MSGQUEUE, 0)
    _lower(resource.RLIMIT_SIGPENDING, 1024)


def many_open_files() -> None:
    """Let this process, which is ours, have as many open files as it may.

    Descriptors on their way through a socket are counted for all processes of a user together. A box that has as many
    under way as it may must not keep us, who may have more, from sending one.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = OF_OURS if hard == resource.RLIM_INFINITY else min(hard, OF_OURS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def few_open_files() -> None:
    """Let this process, soon the student's, have a usual number of open files, well below ours."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    _lower(
        resource.RLIMIT_NOFILE,
        OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, max(hard // 2, hard - SPARE)),
    )


def _lower(which: int, most: int) -> None:
    """Set soft and hard limit to `most`, or leave a hard limit that is lower already."""
    hard = resource.getrlimit(which)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))


def tasks_of(user: int) -> int:
    """Return how many threads run as a user; RLIMIT_NPROC counts threads, all over the machine."""
    return sum(_threads(process) for process in Path("/proc").iterdir() if _owner(process) == user)


def tasks_out_of_sight(user: int) -> int:
    """Return how many threads of a user, ours, run where `/proc` does not show them: outside of our container.

    Linux counts them all the same. Each limit that is tried costs a fork, so this is for a process that is still small.
    """
    seen = tasks_of(user)
    low, high = seen, seen + SOME
    while not _may_fork(high):
        low, high = high, 2 * high
    if low == seen:
        return 0
    while high - low > SOME:
        middle = (low + high) // 2
        low, high = (low, middle) if _may_fork(middle) else (middle, high)
    return high - seen


def _may_fork(most: int) -> bool:
    """Tell whether this process could fork if its user might have so many tasks; more than we may have are enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    if hard != resource.RLIM_INFINITY and most >= hard:
        return True
    resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
    try:
        child = os.fork()
    except BlockingIOError:
        return False
    finally:
        resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _owner(process: Path) -> int | None:
    """Return whom an entry of /proc belongs to, if it is a process and still there."""
    with contextlib.suppress(OSError):
        return process.stat().st_uid if process.name.isdigit() else None
    return None


def _threads(process: Path) -> int:
    """Return the number of a process's threads; 0 when it has gone, 1 when we may not look."""
    try:
        return len(list((process / "task").iterdir()))
    except FileNotFoundError:
        return 0
    except OSError:
        return 1
