"""Landlock: what files the kernel may open, which holds even where there is no mount namespace.

Theory of operation. A ruleset names every right this kernel version knows and so denies all of them; rules give some
back below a folder. Rules can only add, never take away below what they gave: to hide a folder inside a readable one,
its neighbours are allowed one by one (`around`). From the fourth version on TCP is denied as well, from the sixth
signals and abstract sockets to anyone outside.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import linux

CREATE, ADD, RESTRICT = 444, 445, 446

EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8
REMOVE_FOLDER, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_FOLDER, MAKE_FILE, MAKE_SOCKET, MAKE_PIPE, MAKE_LINK = 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 12
MOVE, TRUNCATE, DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15

LOOK = EXECUTE | READ | LIST
CHANGE = WRITE | TRUNCATE | MOVE | REMOVE_FOLDER | REMOVE_FILE
MAKE = MAKE_FOLDER | MAKE_FILE | MAKE_SOCKET | MAKE_PIPE | MAKE_LINK
OF_A_FILE = EXECUTE | WRITE | READ | TRUNCATE | DEVICE_CONTROL

TCP = 3
ABSTRACT_SOCKETS, SIGNALS = 1, 2
OF_SIGNALS = 6
"""The version from which on signals can be held in."""


@dataclass(frozen=True)
class Rules:
    """Paths and what may be done with them and below them. Paths that are not there are passed over."""

    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    listable: tuple[str, ...] = ()
    """Folders whose names may be seen, at any depth, but not what is in the files."""
    devices: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Yield every path with the rights it gets."""
        of_a_device = READ | WRITE | DEVICE_CONTROL
        groups = (self.readable, LOOK), (self.writable, LOOK | CHANGE | MAKE), (self.listable, LIST)
        for paths, rights in (*groups, (self.devices, of_a_device)):
            yield from ((path, rights) for path in paths)


def version() -> int:
    """Return the version of Landlock that this machine offers, 0 for none."""
    try:
        return linux.syscall("landlock_create_ruleset", CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def around(readable: Iterable[str], hidden: Iterable[str]) -> Rules:
    """Return rules that allow all that is readable without what is hidden in it.

    Names stay visible: whoever may list a folder, as an import does, may list all below it.
    """
    out_of_sight = {str(Path(path).resolve()) for path in hidden}
    allowed, listed = [], []
    waiting = [str(Path(path).resolve()) for path in readable]
    while waiting:
        path = waiting.pop()
        if path in out_of_sight:
            continue
        if not any(other.startswith(path + "/") for other in out_of_sight):
            allowed.append(path)
            continue
        listed.append(path)
        waiting += [str(entry) for entry in Path(path).iterdir() if not entry.is_symlink()]
    return Rules(readable=tuple(allowed), listable=tuple(listed))


def install(rules: Rules) -> int:
    """Restrict this thread, and all it starts from now on, to `rules`; return Landlock's version (0: nothing done)."""
    offered = version()
    if not offered:
        return 0
    known = (1 << _rights_known(offered)) - 1
    ruleset = _ruleset(offered, known)
    for path, rights in rules:
        _allow(ruleset, path, rights & known)
    linux.prctl(linux.NO_NEW_PRIVILEGES, 1)
    linux.syscall("landlock_restrict_self", RESTRICT, ruleset, ctypes.c_uint(0))
    os.close(ruleset)
    return offered


def keep_signals_in() -> bool:
    """Let this process signal only itself and what it starts; return whether Landlock can do that."""
    if version() < OF_SIGNALS:
        return False
    linux.prctl(linux.NO_NEW_PRIVILEGES, 1)
    bounded = struct.pack("3Q", 0, 0, SIGNALS)
    ruleset = linux.syscall("landlock_create_ruleset", CREATE, bounded, ctypes.c_size_t(24), ctypes.c_uint(0))
    linux.syscall("landlock_restrict_self", RESTRICT, ruleset, ctypes.c_uint(0))
    os.close(ruleset)
    return True


def _rights_known(offered: int) -> int:
    """Return how many rights on files a version of Landlock knows."""
    return {1: 13, 2: 14, 3: 15, 4: 15}.get(offered, 16)


def _ruleset(offered: int, known: int) -> int:
    """Return the descriptor of a ruleset that denies everything this version can deny."""
    fields = [known] + [TCP] * (offered >= 4) + [ABSTRACT_SOCKETS | SIGNALS] * (offered >= OF_SIGNALS)
    denied = struct.pack(f"{len(fields)}Q", *fields)
    return linux.syscall("landlock_create_ruleset", CREATE, denied, ctypes.c_size_t(len(denied)), ctypes.c_uint(0))


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Give back `rights` at `path` and below; a path that this user cannot reach needs no rule."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= OF_A_FILE
    rule = struct.pack("=Qi", rights, place)
    linux.syscall(f"landlock_add_rule({path})", ADD, ruleset, ctypes.c_uint(1), rule, ctypes.c_uint(0))
    os.close(place)
