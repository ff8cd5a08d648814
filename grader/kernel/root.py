"""The root of a box: an empty file system that holds what was granted, read-only, and one bounded scratch space.

Theory of operation. The new root is a small tmpfs, mounted in the box's own mount namespace, then made read-only and
pivoted into; the old root is let go, so no path leads back. Home, `/tmp` and `/dev/shm` are three folders of one tmpfs
with a size and a number of files: a quota for everything a student writes. What is hidden inside something granted is
covered with an empty mount.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from . import copying, linux

HOME = "/home/student"
MIRROR = "/mirror"
COLAB = "/content"
"""Where notebooks that were written in Colab look for their files."""
DEVICES = ("null", "full", "random", "urandom")
"""Not `zero`: mapped, it is memory that no process need hold to keep."""
SCRATCH = {"home": HOME, "tmp": "/tmp", "shared": "/dev/shm"}
FILES = 20_000
"""In all of the scratch space."""
_QUIET = linux.NO_SETUID | linux.NO_DEVICES


def enter(request: dict[str, Any], view: dict[str, Any], uid: int, gid: int) -> None:
    """Assemble the root of one box and pivot into it."""
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    new = Path(request["folder"]) / "root"
    new.mkdir()
    linux.mount("tmpfs", str(new), "tmpfs", _QUIET, "size=1m,mode=755")
    _scratch(new, request["disk"], uid, gid)
    copying.copy_in(request["files"], inside(new, HOME), uid, gid)
    _grant(new, view["readable"])
    _hide(new, view["hidden"])
    inside(new, COLAB).symlink_to(HOME)
    if view["mirror"]:
        _bind(Path(view["mirror"]), inside(new, MIRROR), linux.READ_ONLY | linux.NO_EXEC | _QUIET)
    _accounts(new, uid, gid)
    _devices(new)
    _processes(new)
    linux.restrict_mount(str(new), linux.READ_ONLY, below=False)
    linux.pivot_root(str(new))


def inside(root: Path, path: str) -> Path:
    """Return where the box's `path` is, seen from here."""
    return root / path.lstrip("/")


def _scratch(new: Path, size: int, uid: int, gid: int) -> None:
    """Mount the folders that a student may write to, all on one bounded tmpfs."""
    whole = inside(new, "/scratch")
    whole.mkdir()
    linux.mount("tmpfs", str(whole), "tmpfs", _QUIET, f"size={size},nr_inodes={FILES},mode=755")
    for name, path in SCRATCH.items():
        (whole / name).mkdir(mode=0o700)
        os.chown(whole / name, uid, gid)
        inside(new, path).mkdir(parents=True)
        linux.mount(str(whole / name), str(inside(new, path)), flags=linux.BIND)
    linux.check(linux.libc.umount2(os.fsencode(whole), linux.DETACH), "umount2(scratch)")
    whole.rmdir()


def _grant(new: Path, readable: list[str]) -> None:
    """Bind what may be read at the same path; repeat the root's own links (`/lib` to `usr/lib`)."""
    for path in map(Path, readable):
        if path.is_symlink():
            inside(new, str(path)).symlink_to(path.readlink())
        else:
            _bind(path, inside(new, str(path)), linux.READ_ONLY | _QUIET)


def _bind(source: Path, target: Path, attributes: int) -> None:
    """Bind a folder or a file, making the place for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        target.mkdir(exist_ok=True)
    else:
        target.touch()
    linux.mount(str(source), str(target), flags=linux.BIND | linux.RECURSIVE)
    linux.restrict_mount(str(target), attributes)


def _hide(new: Path, hidden: list[str]) -> None:
    """Cover folders with an empty one that nobody may enter, files with the empty file."""
    closed = linux.READ_ONLY | linux.NO_EXEC | _QUIET
    for path in (inside(new, name) for name in hidden):
        if path.is_dir():
            linux.mount("tmpfs", str(path), "tmpfs", closed, "size=4k,mode=000")
        elif path.exists():
            linux.mount(os.devnull, str(path), flags=linux.BIND)


def _accounts(new: Path, uid: int, gid: int) -> None:
    """Write the few files of /etc that programs ask for: there is one user, and no name service."""
    etc = inside(new, "/etc")
    etc.mkdir(exist_ok=True)
    (etc / "passwd").write_text(f"student:x:{uid}:{gid}:student:{HOME}:/bin/sh\n")
    (etc / "group").write_text(f"student:x:{gid}:\n")
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")


def _devices(new: Path) -> None:
    """Bind the harmless devices and make the usual links to a process's own descriptors."""
    for name in DEVICES:
        _bind(Path("/dev") / name, inside(new, f"/dev/{name}"), linux.NO_SETUID | linux.NO_EXEC)
    inside(new, "/dev/fd").symlink_to("/proc/self/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        inside(new, f"/dev/{name}").symlink_to(f"/proc/self/fd/{number}")


def _processes(new: Path) -> None:
    """Mount a /proc that shows this box only; where a container forbids that, the box does without."""
    inside(new, "/proc").mkdir()
    with contextlib.suppress(OSError):
        linux.mount("proc", str(inside(new, "/proc")), "proc", linux.NO_SETUID | linux.NO_DEVICES | linux.NO_EXEC)
