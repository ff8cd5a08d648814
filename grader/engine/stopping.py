"""Being asked to stop."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MOMENT = 0.02
"""Seconds."""
KINDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Make the first request to end, also that of a terminal that goes, a KeyboardInterrupt, and ignore all others.

    What clears sandboxes away is so never interrupted itself, however often somebody presses Ctrl-C; it is bounded in
    time. Nor is what comes after it: the last sentence, and Python's own end. What was ignored before, as a hangup
    under `nohup`, still is. Where Python loses the exception, as it does in what runs when an object goes, it is raised
    once more a moment later.
    """
    before = {kind: signal.getsignal(kind) for kind in (*KINDS, signal.SIGALRM)}
    report = sys.unraisablehook
    kinds = [kind for kind in KINDS if before[kind] is not signal.SIG_IGN]
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        asked = True
        for kind in kinds:
            signal.signal(kind, _pass_over)
        raise KeyboardInterrupt

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, MOMENT)
        else:
            report(unraisable)

    sys.unraisablehook = lost
    for kind in (*kinds, signal.SIGALRM):
        signal.signal(kind, stop)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = report
        signal.signal(signal.SIGALRM, before[signal.SIGALRM])
        for kind in kinds:
            signal.signal(kind, signal.SIG_IGN if asked else before[kind])


def _pass_over(*_: object) -> None:
    """Do nothing; other than with SIG_IGN, a process that is started meanwhile still hears the signal."""
