"""Being asked to stop, at any moment."""

from __future__ import annotations

import signal
import sys
import time
import weakref

import pytest

from grader.engine.stopping import interruptible


class Thing:
    """Something that goes."""


def test_a_request_that_comes_while_an_object_goes_is_not_lost():
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt), interruptible():
        del thing
        time.sleep(10)
        pytest.fail("the request was lost")
    assert reference() is None


def test_afterwards_all_is_as_it_was():
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)
    before = [signal.getsignal(kind) for kind in kinds], sys.unraisablehook
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGTERM)
    assert ([signal.getsignal(kind) for kind in kinds], sys.unraisablehook) == before


def test_a_second_request_does_not_interrupt_what_clears_away():
    cleared = False
    with pytest.raises(KeyboardInterrupt), interruptible():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            cleared = True
    assert cleared
