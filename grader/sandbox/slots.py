"""User ids lent to boxes, one each, so that no box can touch another's processes or files.

A slot is held by a name in the abstract socket namespace: it is seen by every grader on the machine, needs no file, and
frees itself when its holder dies, however it dies.
"""

from __future__ import annotations

import contextlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderFault
from grader.sandbox.processes import end_all_of

FIRST_UID = 210_000
COUNT = 256


@dataclass
class UidSlot:
    """One user id, ours until released."""

    uid: int
    _lock: socket.socket

    def release(self) -> None:
        """Sweep up what ran or was left in shared memory under this id, and let others have it."""
        end_all_of(self.uid)
        _sweep_shared_memory(self.uid)
        self._lock.close()


def take() -> UidSlot:
    """Return a free slot; raises GraderFault when all are taken."""
    for uid in range(FIRST_UID, FIRST_UID + COUNT):
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            lock.bind(f"\0deepgrader-uid-{uid}")
        except OSError:
            lock.close()
        else:
            return UidSlot(uid, lock)
    raise GraderFault(f"All {COUNT} user ids for sandboxes are in use on this machine.")


def _sweep_shared_memory(uid: int) -> None:
    """Remove the files that a user id left in /dev/shm."""
    folder = Path("/dev/shm")
    for entry in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(OSError):
            if os.lstat(entry).st_uid == uid:
                entry.unlink()
