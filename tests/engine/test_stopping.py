"""Being asked to stop, at any moment."""

from __future__ import annotations

import signal
import sys
import time
import weakref

import pytest

from grader.engine.stopping import interruptible

KINDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


@pytest.fixture(autouse=True)
def _heard_again():
    before = {kind: signal.getsignal(kind) for kind in KINDS}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may be run under `nohup`
    yield
    for kind, handler in before.items():
        signal.signal(kind, handler)


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


def settings():
    return [signal.getsignal(kind) for kind in KINDS], sys.unraisablehook


def test_afterwards_all_is_as_it_was():
    before = settings()
    with interruptible():
        assert settings() != before
    assert settings() == before


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_after_a_request_there_is_nothing_left_to_ask_for(kind):
    """Between the clearing away and the last sentence nothing may come in, nor at Python's own end."""
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(kind)
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.raise_signal(again)
    assert {signal.getsignal(again) for again in KINDS[:3]} == {signal.SIG_IGN}


def test_a_second_request_does_not_interrupt_what_clears_away():
    cleared = False
    with pytest.raises(KeyboardInterrupt), interruptible():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            cleared = True
    assert cleared
