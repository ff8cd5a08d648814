"""Who the box runs as: another user, without any capability, without a way back."""

from __future__ import annotations

import contextlib
import os
import struct

from . import linux

CAPABILITY_VERSION_3 = 0x20080522
CLEAR_AMBIENT = 4
NO_ROOT_FOR_GOOD = 0b101111
"""Secure bits: neither user 0 nor a set-uid file gives capabilities, and none of that can be undone."""


def become(uid: int, gid: int) -> None:
    """Become another user for good; the bounding set goes first, as long as we may still drop it."""
    forget_bounding_set()
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def forget_bounding_set() -> None:
    """Make sure that no program started from here can gain a capability (where we have the right to say so)."""
    with contextlib.suppress(OSError):
        for capability in range(64):
            linux.prctl(linux.DROP_BOUND, capability)


def drop_capabilities() -> None:
    """Give up every capability of this process."""
    with contextlib.suppress(OSError):
        linux.prctl(linux.AMBIENT, CLEAR_AMBIENT)
    forget_bounding_set()
    with contextlib.suppress(OSError):  # needs a capability that a plain user does not have, and does not need
        linux.prctl(linux.SECURE_BITS, NO_ROOT_FOR_GOOD)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    linux.check(linux.libc.capset(header, bytes(24)), "capset")
