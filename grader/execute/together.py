"""What the files of one submission may take together: as much as a few of them, whatever their number.

Limits hold for each file, since one that runs for ever must not cost another its answers. But finished kernels wait
for questions, and somebody may hand in a thousand files. So the first files are run, and of these none may take what
would make it more than `TIMES` one file's share in all; the others stay as they were written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.assignment import Limits
from grader.execute.attempt import as_written
from grader.notebook import Document
from grader.records import FileRun, Usage
from grader.sandbox.watchdog import size

TIMES = 3
_SOON_OVER, _SCARCE = 0.02, 512 << 20
"""Share of a time, and bytes of memory, with less than which a file is not worth being started."""


def allowed(limits: Limits, taken: Sequence[Usage], held: int) -> Limits:
    """Return the limits of the next file, after what others have taken and the bytes that their kernels hold."""
    return replace(
        limits,
        cpu=min(limits.cpu, TIMES * limits.cpu - sum(usage.cpu for usage in taken)),
        wall=min(limits.wall, TIMES * limits.wall - sum(usage.wall for usage in taken)),
        memory=min(limits.memory, TIMES * limits.memory - held),
    )


def refusal(limits: Limits, left: Limits, count: int) -> str:
    """Return why a file is not run, after `count` others and with these limits left to it; '' if it is."""
    if count >= limits.files:
        return f"only {limits.files} files of a submission are run"
    if left.cpu < _SOON_OVER * limits.cpu:
        return f"the files before it computed for the {TIMES * limits.cpu:.0f} s that all may take together"
    if left.wall < _SOON_OVER * limits.wall:
        return f"the files before it took the {TIMES * limits.wall:.0f} s by the clock that all may take together"
    if left.memory < min(limits.memory, _SCARCE):
        return f"the files before it hold the {size(TIMES * limits.memory)} of memory that all may take together"
    return ""


def what_is_left(limits: Limits, left: Limits) -> list[str]:
    """Return a sentence on limits that are tighter than the rubric's, since other files took their share; or none."""
    told = {
        f"{left.cpu:.0f} s of computing": left.cpu < limits.cpu,
        f"{left.wall:.0f} s by the clock": left.wall < limits.wall,
        f"{size(left.memory)} of memory": left.memory < limits.memory,
    }
    tighter = [words for words, holds in told.items() if holds]
    return [f"The files before it left no more to it than {' and '.join(tighter)}."] if tighter else []


def not_run(document: Document, reason: str) -> FileRun:
    """Return the record of a file that had no turn."""
    cells = tuple(as_written(cell) for cell in document.cells)
    return FileRun(document.name, cells, "stopped", f"It was not run: {reason}.")
