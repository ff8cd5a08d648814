"""A user id is lent to one box at a time on the whole machine, and nobody but a grader can hold one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GraderFault
from grader.sandbox import slots

ROOT = os.geteuid() == 0
COURSE = Path(__file__).resolve().parents[2]
HOLDER = f"""
import sys, time
sys.path.insert(0, {str(COURSE)!r})
from pathlib import Path
from grader.sandbox import slots
slots.PLACES = (Path(sys.argv[1]),)
print(slots.take().uid, flush=True)
time.sleep(60)
"""


@pytest.fixture()
def place(tmp_path, monkeypatch):
    """A folder for locks that no grader uses."""
    monkeypatch.setattr(slots, "PLACES", (tmp_path / "absent/users", tmp_path / "users"))
    monkeypatch.setattr(slots, "end_all_of", lambda _: None)
    return tmp_path / "users"


def test_another_grader_leaves_a_slot_alone_until_its_holder_is_dead(place):
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(place)], stdout=subprocess.PIPE, text=True) as other:
        held = int(other.stdout.readline())
        ours = slots.take()
        assert (held, ours.uid) == (slots.FIRST_UID, slots.FIRST_UID + 1)
        other.send_signal(signal.SIGKILL)
        other.wait()
        freed = slots.take()
        assert freed.uid == held
        ours.release()
        freed.release()


def test_a_slot_given_back_twice_is_not_taken_from_its_next_holder(place, monkeypatch):
    ended = []
    monkeypatch.setattr(slots, "end_all_of", ended.append)
    slot = slots.take()
    slot.release()
    holder = slots.take()
    slot.release()
    assert ended == [slot.uid]
    assert slots.take().uid == holder.uid + 1


def test_a_name_that_anybody_can_bind_holds_nothing(place):
    with socket.socket(socket.AF_UNIX) as bound:
        with contextlib.suppress(OSError):  # somebody has done so already
            bound.bind(f"\0deepgrader-uid-{slots.FIRST_UID}")
        slot = slots.take()
        assert slot.uid == slots.FIRST_UID
        slot.release()


def test_the_locks_are_for_us_alone(place):
    slots.take().release()
    assert place.stat().st_mode & 0o777 == 0o700
    place.chmod(0o755)
    with pytest.raises(GraderFault, match="nobody else can enter"):
        slots.take()


def test_a_link_in_their_place_is_not_followed(place, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GraderFault, match="not a folder of our own"):
        slots.take()
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(not ROOT, reason="must be started as root")
def test_a_folder_of_somebody_else_is_refused(place):
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)
    with pytest.raises(GraderFault, match="not a folder of our own"):
        slots.take()


def test_there_is_an_end_of_them(place, monkeypatch):
    monkeypatch.setattr(slots, "COUNT", 2)
    held = [slots.take(), slots.take()]
    with pytest.raises(GraderFault, match="All 2 user ids"):
        slots.take()
    for slot in held:
        slot.release()
