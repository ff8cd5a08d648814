"""How much memory and time there is in a container, and the limits that follow for one submission.

A program that takes more than its share must be stopped by us, with a sentence that says so: whatever Gradescope stops
is a zero, and what the container's own memory limit kills may be the grader.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.assignment import Limits

OURS = 256 << 20
"""Bytes for the grader, and for what students' kernels share."""
LEAST = 256 << 20
RUNNING = 0.6
"""Of the time, for running the files; the rest is for the questions."""
_GROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory(groups: tuple[Path, ...] = _GROUPS) -> int:
    """Return the bytes of memory there are: the container's limit, else the machine's memory."""
    limits = [int(text) for path in groups if (text := _text(path)).isdigit()]
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemTotal:"):
            limits.append(int(line.split()[1]) << 10)
    return min(limits)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def fitted(limits: Limits, *, seconds: float, files: int, memory: int) -> Limits:
    """Return limits that this many files keep together, within so many seconds and so much memory."""
    return replace(
        limits,
        wall=min(limits.wall, max(1.0, seconds * RUNNING / max(1, files))),
        memory=min(limits.memory, max(LEAST, memory - OURS)),
    )
