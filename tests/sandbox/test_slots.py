"""A user id is lent to one box at a time on the whole machine, and nobody but a grader can hold one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from patience import until

from grader.errors import GraderFault
from grader.sandbox import processes, slots

COURSE = Path(__file__).resolve().parents[2]
HOLDER = f"""
import sys, time
sys.path.insert(0, {str(COURSE)!r})
from pathlib import Path
from grader.sandbox import slots
slots.PLACES, slots.FIRST_UID = (Path(sys.argv[1]),), {{first}}
print(slots.Slots().take().uid, flush=True)
time.sleep(600)
"""
FIRST = 1_500_000_000 + 16 * os.getpid()
"""Of user ids that no grader lends, and no other test at the same time."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends user ids")


@pytest.fixture()
def place(tmp_path, monkeypatch):
    """A folder for locks that no grader uses."""
    monkeypatch.setattr(slots, "PLACES", (tmp_path / "absent/users", tmp_path / "users"))
    monkeypatch.setattr(slots, "FIRST_UID", FIRST)
    return tmp_path / "users"


@pytest.fixture()
def lender(place):
    """What lends user ids; gets them all back in the end."""
    lent = []

    class Lender(slots.Slots):
        def take(self):
            lent.append(super().take())
            return lent[-1]

    with contextlib.closing(Lender()) as made:
        yield made
    for slot in lent:
        slot.release()


@contextlib.contextmanager
def another_grader(place):
    """Yield a grader that holds a user id, and which."""
    command = [sys.executable, "-c", HOLDER.format(first=FIRST), str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        try:
            yield other, int(other.stdout.readline())
        finally:
            other.kill()


@pytest.mark.parametrize("shared", [True, False])
def test_another_grader_leaves_a_slot_alone_until_its_holder_is_dead(lender, place, tmp_path, shared):
    with another_grader(place if shared else tmp_path / "elsewhere") as (other, held):
        ours = lender.take()
        assert (held, ours.uid) == (FIRST, FIRST + 1)
        other.send_signal(signal.SIGKILL)
        other.wait()
        until(lambda: held not in processes.users())
        freed = lender.take()
        assert freed.uid == held


def test_two_who_want_the_same_never_both_have_it(lender, place, tmp_path, monkeypatch):
    """The other puts up its sign after we looked for the first time."""
    first = [set()]
    monkeypatch.setattr(slots, "users", lambda **asked: first.pop() if first else processes.users(**asked))
    with another_grader(tmp_path / "elsewhere") as (_, held):
        assert held == FIRST
        assert lender.take().uid == FIRST + 1


def test_under_a_user_id_that_is_taken_nothing_runs_yet(lender):
    """Processes that a dead grader left behind, say; they are neither joined nor ended."""
    with subprocess.Popen(["sleep", "60"], user=FIRST) as left:
        slot = lender.take()
        slot.release()
        assert slot.uid == FIRST + 1
        assert left.poll() is None
        left.kill()


def test_what_runs_under_a_slot_ends_with_it_and_the_next_box_has_it(lender):
    slot = lender.take()
    with subprocess.Popen(["sleep", "60"], user=slot.uid) as started:
        slot.release()
        assert started.wait(60) == -signal.SIGKILL
    assert lender.take().uid == slot.uid


def test_a_slot_given_back_twice_is_not_taken_from_its_next_holder(lender, monkeypatch):
    ended = []
    monkeypatch.setattr(slots, "end_all_of", ended.append)
    slot = lender.take()
    slot.release()
    holder = lender.take()
    slot.release()
    assert ended == [slot.uid]
    assert lender.take().uid == holder.uid + 1


def test_a_closed_lender_holds_nothing(lender):
    idle, used = lender.take(), lender.take()
    idle.release()
    lender.close()
    assert {idle.uid, used.uid} & processes.users() == {used.uid}
    used.release()
    assert used.uid not in processes.users()


def test_a_name_that_anybody_can_bind_holds_nothing(lender):
    with socket.socket(socket.AF_UNIX) as bound:
        with contextlib.suppress(OSError):  # somebody has done so already
            bound.bind(f"\0deepgrader-uid-{FIRST}")
        assert lender.take().uid == FIRST


def test_the_locks_are_for_us_alone(lender, place):
    lender.take().release()
    assert place.stat().st_mode & 0o777 == 0o700
    place.chmod(0o755)
    lender.take()  # it is held since before
    with pytest.raises(GraderFault, match="nobody else can enter"):
        lender.take()


def test_a_link_in_their_place_is_not_followed(lender, place, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GraderFault, match="not a folder of our own"):
        lender.take()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_folder_of_somebody_else_is_refused(lender, place):
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)
    with pytest.raises(GraderFault, match="not a folder of our own"):
        lender.take()


def test_there_is_an_end_of_them(lender, monkeypatch):
    monkeypatch.setattr(slots, "COUNT", 2)
    lender.take()
    lender.take()
    with pytest.raises(GraderFault, match="All 2 user ids"):
        lender.take()
