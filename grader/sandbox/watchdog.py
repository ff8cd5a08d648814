"""Looks at a box from outside for as long as it lives, and says when it takes more than it may.

Theory of operation. One thread per box, from the fork to the end of the last conversation. It keeps two numbers that
others read, the CPU seconds used and the peak of memory, and reports an excess of memory or disk once, as a sentence;
what is done about it is the box's affair. A cheap over-estimate of memory says 'perhaps', and only then is it looked
at closely: summed resident memory counts shared pages twice and would end an innocent DataLoader. CPU and wall time
are not judged here but where the cells are run, since they cost a cell before they cost a kernel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.sandbox import scratch
from grader.sandbox.processes import CpuMeter, Shared, memory, memory_at_most, tree

MOST_FILES = 20_000
_SLOW, _FAST = 0.2, 0.05
_CLOSELY, _FAR_BELOW = 5, 25
"""Every so many looks, memory is looked at closely, and files are counted; memory less often far below its limit, since
a close look has Linux go through every page."""


@dataclass(frozen=True)
class Allowance:
    """What a box may take, and where its files are counted. Bytes."""

    memory: int
    disk: int
    folders: tuple[Path, ...] = ()
    """Empty where the box's file system has a quota of its own."""
    shared: Shared = field(default_factory=Shared)
    """Memory that each process has in common with the zygote."""
    own_network: bool = False


class Watch:
    """A thread that looks at one box."""

    def __init__(self, root: int, allowance: Allowance, excess: Callable[[str], None]) -> None:
        """Start to look at the tree below `root`; `excess` is called from the thread with a sentence."""
        self.peak = self._twice = 0
        self._meter = CpuMeter(root)
        self._root, self._allowance, self._excess = root, allowance, excess
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name=f"watch-{root}", daemon=True)
        self._thread.start()

    @property
    def cpu(self) -> float:
        """CPU seconds of the tree when last looked at."""
        return self._meter.total

    def cpu_now(self) -> float:
        """Look, and return the CPU seconds of the tree."""
        with self._lock:
            return self._meter.read()

    def memory_now(self) -> int:
        """Look closely, and return the bytes of memory of the tree."""
        return self._closely(tree(self._root))

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _look(self) -> None:
        """Look until told to stop; faster when memory is taken quickly, at disk less often."""
        turn = 0
        while not self._stopped.is_set():
            pids = tree(self._root)
            with self._lock:
                self._meter.count(pids)
            used = self._memory(pids, turn)
            self.peak = max(self.peak, used)
            sentence = self._too_much_memory(used) or (self._too_much_disk() if turn % _CLOSELY == 0 else "")
            if sentence:
                self._excess(sentence)
            turn += 1
            self._stopped.wait(_FAST if used > self._allowance.memory // 4 else _SLOW)

    def _memory(self, pids: Sequence[int], turn: int) -> int:
        """Return the tree's memory; between two close looks the pages counted twice are taken to stay the same."""
        most = memory_at_most(pids, own_network=self._allowance.own_network)
        every = _FAR_BELOW if most < self._allowance.memory // 4 else _CLOSELY
        if turn % every == 0 or most > self._allowance.memory:
            self._twice = most - self._closely(pids)
        return max(0, most - self._twice)

    def _closely(self, pids: Sequence[int]) -> int:
        return memory(pids, self._allowance.shared, own_network=self._allowance.own_network)

    def _too_much_memory(self, used: int) -> str:
        return f"it used more than {size(self._allowance.memory)} of memory" if used > self._allowance.memory else ""

    def _too_much_disk(self) -> str:
        if not self._allowance.folders:
            return ""
        found = scratch.taken(self._allowance.folders, MOST_FILES)
        if found.bytes > self._allowance.disk:
            return f"it wrote more than {size(self._allowance.disk)} of files"
        if found.closed:
            return "it made a folder in which files cannot be counted"
        return f"it made more than {MOST_FILES} files" if found.entries > MOST_FILES else ""


def size(count: int) -> str:
    """Return a number of bytes as a person would say it: '3 GiB', '512 MiB'."""
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << shift:
            return f"{count / (1 << shift):.3g} {unit}"
    return f"{count} bytes"
