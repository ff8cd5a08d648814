"""Where archives lie unpacked: a folder that goes when we do, or, if we are killed, at the next grader's start."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "grader-intake-"
_JUST_MADE = 10.0
"""Seconds in which a folder may be there whose owner has not yet locked it."""


@contextlib.contextmanager
def unpacking_folder() -> Iterator[Path]:
    """Yield an empty folder of our own, locked for as long as we live, after removing those of dead graders."""
    _remove_stale(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        lock = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(name)
        finally:
            os.close(lock)


def _remove_stale(parent: Path) -> None:
    """Remove the folders of ours that nobody holds any more."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            seen = folder.lstat()
            if seen.st_uid != os.geteuid() or time.time() - seen.st_ctime < _JUST_MADE:
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
