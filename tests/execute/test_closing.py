"""A box is closed once, whoever closes it and how often: a number closed twice may be somebody else's by then."""

import os
import threading
import time
from dataclasses import replace

import pytest

from grader.assignment import Limits
from grader.errors import GraderFault
from grader.execute import Sandbox, Settings, running
from grader.notebook import Cell, Document
from grader.records import Submission
from grader.sandbox import box, slots

HANDED_IN = Submission("s", "S", ())
DOCUMENT = Document("a.py", (Cell(1, "code", "x = 1"),), "python")


@pytest.fixture()
def closed(monkeypatch):
    """The numbers that were closed as a box's own."""
    numbers, close = [], box.close_all
    monkeypatch.setattr(box, "close_all", lambda given: (numbers.extend(given), close(given)))
    return numbers


def test_many_who_close_a_box_at_once_close_it_once(sandbox, closed):
    with sandbox.run(HANDED_IN, [DOCUMENT], Limits(), seed=1) as finished:
        (open_box,) = finished._boxes
        together = threading.Barrier(6)
        threads = [threading.Thread(target=lambda: (together.wait(), open_box.close())) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(closed) == sorted((open_box.init, open_box.kernel))
    assert len(closed) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends user ids")
def test_a_box_that_never_was_ready_lets_go_of_its_user_once(monkeypatch):
    released, release = [], slots.UidSlot.release

    def not_ready(_):
        raise GraderFault("It did not start.")

    def noted(slot):
        released.append(slot._held)
        release(slot)

    monkeypatch.setattr(box, "_await_ready", not_ready)
    monkeypatch.setattr(slots.UidSlot, "release", noted)
    with (
        Sandbox(Settings()) as sandbox,
        pytest.raises(GraderFault, match="did not start"),
        sandbox.run(HANDED_IN, [DOCUMENT], Limits(), seed=1),
    ):
        pass
    assert [held for held in released if held] == released[:1]


def test_a_start_of_python_is_not_waited_for(tmp_path):
    """It imports what a course uses, for seconds or minutes; Ctrl-C comes whenever it likes."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 4712\n")
    python.chmod(0o755)
    sandbox = Sandbox(Settings(mode="none"))
    sandbox._settings = replace(sandbox._settings, python=python)
    told: list[str] = []

    def opens() -> None:
        try:
            sandbox._ready()
        except GraderFault as fault:
            told.append(str(fault))

    worker = threading.Thread(target=opens)
    worker.start()
    while sandbox._starting is None or sandbox._starting.pid < 0:
        time.sleep(0.01)
    started = time.monotonic()
    sandbox.close()
    worker.join(60)
    assert time.monotonic() - started < 60
    assert "did not start" in told[0]
    assert sandbox.folder is None


def test_who_closes_a_box_second_waits_for_the_first(sandbox, monkeypatch):
    """What was made around the box goes next, and would not be empty."""
    removing, remove = threading.Event(), box.scratch.remove

    def slowly(folder):
        removing.set()
        time.sleep(0.3)
        remove(folder)

    monkeypatch.setattr(box.scratch, "remove", slowly)
    with sandbox.run(HANDED_IN, [DOCUMENT], Limits(), seed=1) as finished:
        (open_box,) = finished._boxes
        first = threading.Thread(target=open_box.close)
        first.start()
        assert removing.wait(60)
        open_box.close()
        assert not os.path.lexists(open_box.request.folder)
        first.join()


@pytest.mark.parametrize("moment", ["box_folder", "open_box"])
def test_a_box_that_is_being_started_is_waited_for(monkeypatch, moment):
    """Ctrl-C comes between any two steps, and nothing may be made in a folder that has gone, or is going."""
    place = running if moment == "open_box" else running.scratch
    reached, closing, step = threading.Event(), threading.Event(), getattr(place, moment)

    def late(*given):
        reached.set()
        assert closing.wait(60)
        while not sandbox._closed or sandbox._zygote is not None:
            time.sleep(0.01)
        return step(*given)

    told: list[str] = []

    def runs() -> None:
        try:
            with sandbox.run(HANDED_IN, [DOCUMENT], Limits(), seed=1):
                told.append("it ran")
        except GraderFault as fault:
            told.append(str(fault))

    sandbox = Sandbox(Settings())
    monkeypatch.setattr(place, moment, late)
    worker = threading.Thread(target=runs)
    worker.start()
    assert reached.wait(180)
    folder = sandbox.folder
    closing.set()
    sandbox.close()
    assert not os.path.lexists(folder)
    worker.join(60)
    assert told == ["The warm Python process did not start: nobody wants it any more."]


def test_a_box_that_was_up_too_late_is_closed_by_who_started_it(monkeypatch):
    closers, start = [], running.open_box

    def late(*given):
        opened = start(*given)
        closer = threading.Thread(target=sandbox.close)
        closer.start()
        closers.append((opened, closer))
        while not sandbox._closed or sandbox._zygote is not None:
            time.sleep(0.01)
        return opened

    monkeypatch.setattr(running, "open_box", late)
    sandbox = Sandbox(Settings())
    with (
        pytest.raises(GraderFault, match="closed"),
        sandbox.run(HANDED_IN, [DOCUMENT], Limits(), seed=1),
    ):
        pass
    ((opened, closer),) = closers
    closer.join(60)
    assert opened.closed
    assert not os.path.lexists(opened.request.folder)
