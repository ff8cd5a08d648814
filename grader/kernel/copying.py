"""Copies what was handed in into the kernel's home, following nothing.

This may run as root, and both ends are hostile: the tree that is copied may hold links to secrets, and a link copied
first may stand in the path of a file copied later. So every step of every path is opened by its parent's descriptor and
without following links; links are copied as links; what is neither a file, a folder nor a link is left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

CHUNK = 1 << 20
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def copy_in(files: Iterable[tuple[str, str]], home: Path, uid: int, gid: int) -> None:
    """Copy each (source, name) to `home`/name, owned by `uid` and `gid`."""
    for source, name in files:
        steps = PurePosixPath(name).parts
        if not steps or name.startswith("/") or ".." in steps:
            raise ValueError(f"not a name inside a folder: {name!r}")
        target = os.open(home, FOLDER)
        for step in steps[:-1]:
            target = _enter(target, step, uid, gid)
        parent = os.open(Path(source).parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        _copy(parent, Path(source).name, target, steps[-1], uid, gid)
        os.close(parent)
        os.close(target)


def _enter(parent: int, name: str, uid: int, gid: int) -> int:
    """Return the descriptor of a folder below `parent`, made if it is not there; `parent` is closed."""
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
        os.chown(name, uid, gid, dir_fd=parent, follow_symlinks=False)
    except FileExistsError:
        pass
    below = os.open(name, FOLDER, dir_fd=parent)
    os.close(parent)
    return below


def _copy(parent: int, source: str, target: int, name: str, uid: int, gid: int) -> None:
    """Copy one entry of the folder `parent` to the folder `target`, whatever kind it is."""
    kind = os.stat(source, dir_fd=parent, follow_symlinks=False).st_mode
    if stat.S_ISLNK(kind):
        os.symlink(os.readlink(source, dir_fd=parent), name, dir_fd=target)
        os.chown(name, uid, gid, dir_fd=target, follow_symlinks=False)
    elif stat.S_ISDIR(kind):
        _copy_folder(parent, source, target, name, uid, gid)
    elif stat.S_ISREG(kind):
        _copy_file(parent, source, target, name, uid, gid)


def _copy_folder(parent: int, source: str, target: int, name: str, uid: int, gid: int) -> None:
    """Copy a folder and all that is in it."""
    here = os.open(source, FOLDER, dir_fd=parent)
    there = _enter(os.dup(target), name, uid, gid)
    for entry in sorted(os.listdir(here)):  # noqa: PTH208 - a Path cannot list a descriptor
        _copy(here, entry, there, entry, uid, gid)
    os.close(here)
    os.close(there)


def _copy_file(parent: int, source: str, target: int, name: str, uid: int, gid: int) -> None:
    """Copy the bytes of a regular file."""
    origin = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
    made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=target)
    while chunk := os.read(origin, CHUNK):
        while chunk:
            chunk = chunk[os.write(made, chunk) :]
    os.fchown(made, uid, gid)
    os.close(origin)
    os.close(made)
