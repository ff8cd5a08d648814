"""Being asked to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

KINDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Make the first request to end, also that of a terminal that goes, a KeyboardInterrupt, and ignore all others.

    What clears sandboxes away is so never interrupted itself, however often somebody presses Ctrl-C; it is bounded in
    time. What was ignored before, as a hangup under `nohup`, still is.
    """
    before = {kind: signal.getsignal(kind) for kind in KINDS}
    kinds = [kind for kind, handler in before.items() if handler is not signal.SIG_IGN]

    def stop(*_: object) -> None:
        for kind in kinds:
            signal.signal(kind, _pass_over)
        raise KeyboardInterrupt

    for kind in kinds:
        signal.signal(kind, stop)
    try:
        yield
    finally:
        for kind in kinds:
            signal.signal(kind, before[kind])


def _pass_over(*_: object) -> None:
    """Do nothing; other than with SIG_IGN, a process that is started meanwhile still hears the signal."""
