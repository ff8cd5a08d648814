"""User ids lent to boxes, one each, so that no box can touch another's processes or files.

A slot is held by a lock on a file in a folder that only root can enter: every grader on the machine sees it, nobody
else can take or fake it, and it frees itself when its holder dies, however it dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderFault
from grader.sandbox.processes import end_all_of

FIRST_UID = 210_000
COUNT = 256
PLACES = (Path("/run/deepgrader-users"), Path("/tmp/deepgrader-users"))
"""Where the locks may be: the same for every grader, whatever its TMPDIR; the second where /run is read-only."""


@dataclass
class UidSlot:
    """One user id, ours until released."""

    uid: int
    _lock: int

    def release(self) -> None:
        """Sweep up what ran or was left in shared memory under this id, and let others have it; may be called twice."""
        if self._lock < 0:
            return  # somebody else's by now
        end_all_of(self.uid)
        _sweep_shared_memory(self.uid)
        lock, self._lock = self._lock, -1
        os.close(lock)


def take() -> UidSlot:
    """Return a free slot; raises GraderFault when all are taken, or when the locks are not safe from others."""
    folder = _folder()
    for uid in range(FIRST_UID, FIRST_UID + COUNT):
        lock = os.open(folder / str(uid), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
        else:
            return UidSlot(uid, lock)
    raise GraderFault(f"All {COUNT} user ids for sandboxes are in use on this machine.")


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
