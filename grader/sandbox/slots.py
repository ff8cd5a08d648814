"""User ids lent to boxes, one each, so that no box can touch another's processes or files.

Theory of operation. A user id is held by two things. A lock on a file, in a folder that only root can enter, is seen by
every grader that shares the file system; nobody else can take or fake it, and it frees itself when its holder dies,
however it dies. But graders may share processes and no folder, such as a container's and the machine's own. So whoever
has the lock also puts up a sign: a sleeping process of root's with the user id among its groups, which ends with us.
Then it looks through all processes, and leaves a user id alone that another one runs under or has a sign for. First the
sign and then the look: of two who want the same, one at least sees the other. So whatever is killed under a user id was
started after it was found empty, by us. A sandbox keeps what it took for its next boxes, so this is rarely done.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GraderFault
from grader.sandbox.processes import end_all_of, users

FIRST_UID = 210_000
COUNT = 256
PLACES = (Path("/run/deepgrader-users"), Path("/tmp/deepgrader-users"))
"""Where the locks may be: the same for every grader, whatever its TMPDIR; the second where /run is read-only."""


@dataclass(frozen=True)
class _Held:
    """A user id that is ours: nobody else takes it, and nothing ran under it when we took it."""

    uid: int
    lock: int
    sign: subprocess.Popen[bytes]

    def let_go(self) -> None:
        """Let others have it."""
        _end(self.sign)
        os.close(self.lock)


@dataclass
class UidSlot:
    """One user id, a box's until released."""

    uid: int
    _held: _Held | None
    _lender: Slots

    def release(self) -> None:
        """Sweep up what ran or was left in shared memory under this id, and lend it anew; may be called twice."""
        held, self._held = self._held, None
        if held is None:
            return  # somebody else's by now
        end_all_of(held.uid)
        _sweep_shared_memory(held.uid)
        self._lender.take_back(held)


@dataclass
class Slots:
    """The user ids of one sandbox; `close` must be called."""

    _idle: list[_Held] = field(default_factory=list)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> UidSlot:
        """Return a free slot; raises GraderFault when all are taken, or when the locks are not safe from others."""
        with self._lock:
            held = self._idle.pop() if self._idle else None
        held = held or _hold()
        return UidSlot(held.uid, held, self)

    def take_back(self, held: _Held) -> None:
        """Keep a user id for the next box, or let others have it if there will be none."""
        with self._lock:
            if not self._closed:
                self._idle.append(held)
                return
        held.let_go()

    def close(self) -> None:
        """Let others have what no box uses; what is in use follows when it is released. May be called twice."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for held in idle:
            held.let_go()


def _hold() -> _Held:
    """Return a user id that nobody else holds or runs anything under."""
    folder = _folder()
    used = users()
    for uid in range(FIRST_UID, FIRST_UID + COUNT):
        if uid not in used and (held := _held(uid, folder)):
            return held
    raise GraderFault(f"All {COUNT} user ids for sandboxes are in use on this machine.")


def _held(uid: int, folder: Path) -> _Held | None:
    """Return a user id, held; None if somebody else holds it."""
    lock = os.open(folder / str(uid), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    # It ends when its input does, which is when we die; a session of its own, so that Ctrl-C does not end it before.
    sign = subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, extra_groups=[uid], start_new_session=True
    )
    if uid in users(but=sign.pid):
        _end(sign)
        os.close(lock)
        return None
    return _Held(uid, lock, sign)


def _end(sign: subprocess.Popen[bytes]) -> None:
    sign.kill()
    sign.communicate()


def _folder() -> Path:
    """Return the folder of the locks, made if need be."""
    for place in PLACES:
        with contextlib.suppress(OSError):  # it is there already, or nothing can be made here
            place.mkdir(mode=0o700)
        if os.path.lexists(place):
            return _safe(place)
    raise GraderFault(f"No user id can be reserved: none of {', '.join(map(str, PLACES))} can be made.")


def _safe(folder: Path) -> Path:
    """Return the folder if nobody but us can enter or replace it."""
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o077:
        raise GraderFault(f"{folder} is not a folder of our own that nobody else can enter; remove it.")
    return folder


def _sweep_shared_memory(uid: int) -> None:
    """Remove the files that a user id left in /dev/shm."""
    folder = Path("/dev/shm")
    for entry in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            if os.lstat(entry).st_uid == uid:
                entry.unlink()
