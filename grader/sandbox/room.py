"""Room for processes and threads, found out by taking it.

Theory of operation. How many may be started is limited in several places (a container's cgroup, the service manager's,
the user's own), each with its own account of what counts. Where the limit is met in the middle of a run, libraries that
start threads end the whole program with a line about `thread.cpp`. So before anything is run as many threads as will be
needed are started, and ended; that takes a hundredth of a second. Their stacks are as large as any: the size is set
for the whole process, and others start threads meanwhile, which have to grade on theirs.
"""

from __future__ import annotations

import threading

from grader.errors import UsageError

_OURS, _EACH, _MOST = 6, 16, 1024
"""Measured with homework 3: 3 for the grader, and 14 for each submission at once, most of them its kernel's threads."""
_WHERE = "in a container --pids-limit, under systemd TasksMax=, else ulimit -u"


def refuse_without_room(at_once: int) -> None:
    """Raise UsageError if so many submissions at once could not have the processes and threads they need."""
    needed = min(_OURS + _EACH * at_once, _MOST)
    free = started(needed)
    if free >= needed:
        return
    fewer = (free - _OURS) // _EACH
    advice = f"Say -j {fewer}, or raise" if fewer > 0 else "Raise"
    raise UsageError(
        f"This machine lets us start only {free} more processes and threads, and running {at_once} at once takes"
        f" {needed}. {advice} the limit ({_WHERE})."
    )


def started(wanted: int) -> int:
    """Return how many threads, up to so many, could be started at the same time."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    try:
        while len(threads) < wanted:
            thread = threading.Thread(target=over.wait, daemon=True)
            thread.start()
            threads.append(thread)
    except RuntimeError:  # "can't start new thread"
        pass
    finally:
        over.set()
        for thread in threads:
            thread.join()
    return len(threads)
