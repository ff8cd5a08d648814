"""Whether there is room for the processes and threads of a run is known before it."""

from __future__ import annotations

import threading

import pytest

from grader.errors import UsageError
from grader.execute import Sandbox, Settings
from grader.sandbox import room


@pytest.fixture
def limited(monkeypatch):
    """Return what limits how many threads may be started, whatever becomes of those that are there."""
    start, started = threading.Thread.start, set[threading.Thread]()

    def to(most: int) -> None:
        def starts(thread: threading.Thread) -> None:
            if sum(other.is_alive() for other in started) >= most:
                raise RuntimeError("can't start new thread")
            start(thread)
            started.add(thread)

        monkeypatch.setattr(threading.Thread, "start", starts)

    return to


def test_as_many_as_are_wanted_are_started_and_none_is_left():
    before, stack = set(threading.enumerate()), threading.stack_size()
    assert room.started(40) == 40
    assert (set(threading.enumerate()) - before, threading.stack_size()) == (set(), stack)


def test_a_thread_that_is_started_meanwhile_has_the_stack_it_would_have(monkeypatch):
    start, seen = threading.Thread.start, set()

    def starts(thread: threading.Thread) -> None:
        seen.add(threading.stack_size())
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starts)
    room.started(3)
    assert seen == {threading.stack_size()}  # which holds for whatever thread is started now, others' too


def test_a_limit_is_found(limited):
    before = set(threading.enumerate())
    limited(7)
    assert room.started(40) == 7
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(("most", "advice"), [(29, "Say -j 1, or raise the limit"), (14, "Raise the limit")])
def test_too_little_room_is_said_with_what_to_do(limited, most, advice):
    limited(most)
    with pytest.raises(UsageError) as refused:
        room.refuse_without_room(2)
    assert f"only {most} more processes and threads, and running 2 at once takes 38. {advice}" in str(refused.value)


def test_a_sandbox_is_not_opened_without_room(limited):
    limited(60)
    Sandbox(Settings(mode="none", at_once=3)).close()
    limited(10)
    with pytest.raises(UsageError, match="--pids-limit"):
        Sandbox(Settings(mode="none"))
