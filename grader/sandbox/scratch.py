"""Folders of boxes on the trusted side, and how they go away.

Theory of operation. Each grader process has one folder, held by a lock on a file in it. A box has a folder inside,
with random names and no right to list, so that one box cannot find another's. The folder of a grader that was killed
holds no lock any more, and the next grader to start removes it. Of what a student handed in, only plain files are
given to the box: a link, a pipe or a device is left out, and no link is followed, since we may be root and the
student is not.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import secrets
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.errors import GraderFault
from grader.records import SubmittedFile

_MOST_DELIVERED, _MOST_REMARKS = 500, 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST = 60
"""A socket's path has at most 107 characters; what is left is for our own names below."""


def _parent() -> Path:
    """Return the folder that all graders of this user share, made if need be."""
    where = Path(tempfile.gettempdir())
    folder = (where if len(str(where)) < _LONGEST else Path("/tmp")) / f"deepgrader-{os.geteuid()}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o711)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
        raise GraderFault(f"{folder} is not a folder of our own; remove it or set TMPDIR to another place.")
    folder.chmod(0o711)
    return folder


@dataclass
class RunFolder:
    """This process's folder; removed when closed, or by a later grader if we are killed."""

    path: Path
    _lock: int

    def close(self) -> None:
        """Remove everything and let go."""
        remove(self.path)
        os.close(self._lock)


def run_folder() -> RunFolder:
    """Return a fresh folder for this process, after removing those of dead graders."""
    parent = _parent()
    remove_stale(parent)
    while True:
        path = parent / secrets.token_hex(4)
        path.mkdir(mode=0o711)
        path.chmod(0o711)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.lexists(path / "lock"):
            return RunFolder(path, lock)
        os.close(lock)  # another grader had the lock first, and took us for dead


def remove_stale(parent: Path) -> None:
    """Remove the folders whose grader no longer holds their lock."""
    for folder in parent.iterdir():
        with contextlib.suppress(OSError):
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(folder)
            finally:
                os.close(lock)


def box_folder(run: RunFolder) -> Path:
    """Return an empty folder for one box; it may be passed through but not listed."""
    path = run.path / secrets.token_hex(8)
    path.mkdir()
    path.chmod(0o711)
    return path


def deliverable(files: Iterable[SubmittedFile]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return (path here, name in the box) of every plain file, and a sentence for each that is left out."""
    pairs: dict[str, str] = {}
    remarks = []
    for file in files:
        name = _inside(file.name)
        if len(pairs) < _MOST_DELIVERED and name and not _in_the_way(name, pairs) and _is_plain(file.path):
            pairs[name] = str(file.path.absolute())
        else:
            remarks.append(f"{file.name} was not put beside the code: it is not a plain file with a name of its own.")
    return tuple((path, name) for name, path in pairs.items()), tuple(remarks[:_MOST_REMARKS])


def _in_the_way(name: str, names: Iterable[str]) -> bool:
    """Return whether a name is taken, or would have to be a file and a folder at once."""
    return any(name == other or name.startswith(f"{other}/") or other.startswith(f"{name}/") for other in names)


def _inside(name: str) -> str:
    """Return a relative name that stays inside a folder, or nothing if this one does not."""
    path = PurePosixPath(name)
    sane = path.parts and not path.is_absolute() and ".." not in path.parts and "\0" not in name
    sane = sane and len(path.parts) < 20 and all(len(os.fsencode(part)) < 250 for part in path.parts)
    return str(path) if sane else ""


def _is_plain(path: Path) -> bool:
    """Return whether there is a regular file, not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def remove(path: Path) -> None:
    """Remove a folder and everything in it, however deep it goes, also what a student made unreadable.

    Each folder inside is first moved up to the top, so that no depth is too deep for us, and no path too long.
    """
    with contextlib.suppress(OSError):
        top = os.open(path, _FOLDER)
        try:
            _empty(top)
            path.rmdir()
        finally:
            os.close(top)


def _empty(top: int) -> None:
    """Remove what is in an open folder, following no link."""
    names = (f"{secrets.token_hex(8)}-{count}" for count in itertools.count())
    waiting = ["."]
    while waiting:
        name = waiting.pop()
        with contextlib.suppress(OSError):
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                entries = os.listdir(folder)  # noqa: PTH208 - a Path cannot list a descriptor
                waiting += [moved for entry in entries if (moved := _taken(folder, entry, top, names))]
            finally:
                os.close(folder)
            if name != ".":
                os.rmdir(name, dir_fd=top)


def _taken(folder: int, entry: str, top: int, names: Iterator[str]) -> str:
    """Remove an entry that is no folder; move one that is up to the top, and return its name there."""
    with contextlib.suppress(OSError):
        if not stat.S_ISDIR(os.stat(entry, dir_fd=folder, follow_symlinks=False).st_mode):
            os.unlink(entry, dir_fd=folder)
            return ""
        os.chmod(entry, 0o700, dir_fd=folder)
        moved = next(names)
        os.rename(entry, moved, src_dir_fd=folder, dst_dir_fd=top)
        return moved
    return ""


@dataclass(frozen=True)
class Taken:
    """What stands below some folders."""

    bytes: int
    entries: int
    closed: bool
    """Whether there is a folder that we may not list, or that lies too deep for that."""


def taken(folders: Iterable[Path], most: int) -> Taken:
    """Return what stands below some folders; gives up counting after `most` entries, follows no link."""
    size = entries = 0
    closed, waiting = False, list(folders)
    while waiting and entries <= most:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in itertools.islice(found, most + 1 - entries):
                    entries += 1
                    with contextlib.suppress(FileNotFoundError):  # it has gone; the others have not
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                        waiting += [Path(entry.path)] if entry.is_dir(follow_symlinks=False) else []
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            closed = True
    return Taken(size, entries, closed)
