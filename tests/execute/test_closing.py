"""A box is closed once, whoever closes it and how often: a number closed twice may be somebody else's by then."""

import os
import threading
import time
from dataclasses import replace

import pytest

from grader.assignment import Limits
from grader.errors import GraderFault
from grader.execute import Sandbox, Settings
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
    worker.join(5)
    assert time.monotonic() - started < 5
    assert "did not start" in told[0]
    assert sandbox.folder is None
