"""Installs a system-call filter that the trusted side has built (`grader.sandbox.filter`)."""

from __future__ import annotations

import ctypes

from . import linux

FILTER = 2
INSTRUCTION = 8
"""Bytes of one."""


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def install(program: bytes) -> None:
    """Filter every system call of this thread, and of all it starts from now on, for good."""
    text = ctypes.create_string_buffer(program, len(program))
    loaded = _Program(len(program) // INSTRUCTION, ctypes.cast(text, ctypes.c_void_p))
    linux.prctl(linux.NO_NEW_PRIVILEGES, 1)
    linux.prctl(linux.SECCOMP, FILTER, ctypes.cast(ctypes.byref(loaded), ctypes.c_void_p))
