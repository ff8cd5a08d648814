"""Has Linux keep the zygote's memory in large pages, so that a fork of it has less to copy.

Theory of operation. A fork copies the page table of all memory that no file backs: 65,000 entries for the 260 MB of
torch and matplotlib, which is most of what a fork costs, and its end costs as much again. Where pages are large, one
entry serves 2 MiB; what is written to after a fork is copied in small pages as before. It is an offer to Linux (from
6.1 on): nothing depends on whether it is taken.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

from . import linux

COLLAPSE = 25
"""Advice of madvise(2): gather what is there in large pages now."""
SIZE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")


def gather() -> None:
    """Gather the memory of this process in large pages, as far as Linux will."""
    if not SIZE.exists():
        return
    for start, end in private():
        linux.libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), COLLAPSE)


def private() -> Iterator[tuple[int, int]]:
    """Yield where memory of our own begins and ends: what no file backs and can be written to, without the stack."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, _, _, inode, *name = line.split(None, 5)
        if rights == "rw-p" and inode == "0" and name[:1] != ["[stack]"]:
            start, end = (int(number, 16) for number in place.split("-"))
            yield start, end
