"""System calls that Python has no name for, each raising OSError with the call in its text.

The numbers of `mount_setattr` and the Landlock calls are the same on every architecture; the rest goes through the C
library's own functions.
"""

from __future__ import annotations

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

MOUNT_SETATTR = 442

NEW_MOUNTS, NEW_HOSTNAME, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000

READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
"""Of a mount; the flags of mount(2) and the attributes of mount_setattr(2) agree in these four."""
BIND, RECURSIVE, PRIVATE = 4096, 16384, 1 << 18
DETACH = 2

DEATH_SIGNAL, DUMPABLE, SECCOMP, DROP_BOUND, SECURE_BITS = 1, 4, 22, 24, 28
SUBREAPER, NO_NEW_PRIVILEGES, AMBIENT = 36, 38, 47


def check(result: int, call: str) -> int:
    """Return what a call returned; raise its errno as an OSError that names the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
    return result


def prctl(option: int, first: int = 0, second: int | ctypes.c_void_p = 0) -> int:
    """Change something about this process; prctl of section 2 of the manual."""
    rest = second if isinstance(second, ctypes.c_void_p) else ctypes.c_ulong(second)
    zero = ctypes.c_ulong(0)
    return check(libc.prctl(option, ctypes.c_ulong(first), rest, zero, zero), f"prctl({option})")


def syscall(call: str, number: int, *arguments: object) -> int:
    """Make a system call by its number; `call` is its name, for the error."""
    return check(libc.syscall(ctypes.c_long(number), *arguments), call)


def unshare(flags: int) -> None:
    """Leave the namespaces named in `flags` for new ones."""
    check(libc.unshare(flags), f"unshare({flags:#x})")


def enter(namespace: int, kind: int) -> None:
    """Enter a namespace by its descriptor."""
    check(libc.setns(namespace, kind), "setns")


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mount a file system, or bind one place to another."""
    names = [None if name is None else os.fsencode(name) for name in (source, target, kind)]
    rest = None if data is None else os.fsencode(data)
    check(libc.mount(*names, ctypes.c_ulong(flags), rest), f"mount({source} on {target})")


def restrict_mount(target: str, attributes: int, *, below: bool = True) -> None:
    """Add attributes (read-only, no devices …) to a mount and, unless told otherwise, to all mounts below it."""
    here, recursive = ctypes.c_int(-100), ctypes.c_uint(0x8000 if below else 0)
    change = struct.pack("QQQQ", attributes, 0, 0, 0)
    syscall(
        f"mount_setattr({target})", MOUNT_SETATTR, here, os.fsencode(target), recursive, change, ctypes.c_size_t(32)
    )


def pivot_root(new: str) -> None:
    """Make the folder `new`, a mount point, the root, and let go of the old root."""
    os.chdir(new)
    check(libc.pivot_root(b".", b"."), "pivot_root")
    check(libc.umount2(b".", DETACH), "umount2")
    os.chdir("/")
