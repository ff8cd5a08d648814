"""Waiting for what takes a moment, or longer on a busy machine."""

import time
from collections.abc import Callable


def until(true: Callable[[], object]) -> None:
    """Return as soon as something is so; fail where it is not so for a minute."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.02)
