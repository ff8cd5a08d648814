"""The time that one file may take, over all kernels that are started for it.

A cell that used it up costs itself first: a quarter more is granted once, so that the cells after it, or a second
kernel that repeats the cells before it, still count. After that the file is over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from grader.assignment import Limits

EXTRA = 0.25
_STIR = 0.1
"""CPU seconds from which on a program is at work, however little it does."""


@dataclass
class Budget:
    """CPU and wall seconds of one file."""

    limits: Limits
    before: float = 0.0
    """CPU seconds of kernels that are gone."""
    started: float = field(default_factory=time.monotonic)
    extended: bool = False
    forgiven: float = 0.0
    """Seconds in which a cell that was interrupted might have ended; they are not counted."""

    @property
    def wall(self) -> float:
        """Wall seconds since the start."""
        return time.monotonic() - self.started

    @property
    def _factor(self) -> float:
        return 1 + EXTRA if self.extended else 1.0

    def spent(self, cpu: float) -> bool:
        """Return whether nothing is left, given the CPU seconds of the present kernel."""
        return self.left(cpu) <= 0

    def left(self, cpu: float) -> float:
        """Return the seconds left, of whichever kind is scarcer."""
        factor = self._factor
        spent = self.before + cpu
        return min(factor * self.limits.cpu - spent, factor * self.limits.wall - self.wall) + self.forgiven

    def sentence(self, cpu: float, cell_cpu: float, cell_wall: float) -> str:
        """Return why a cell was stopped, for the student."""
        if self._factor * self.limits.cpu <= self.before + cpu - self.forgiven:
            done, limit, kind = cell_cpu, self.limits.cpu, "of computing"
        else:
            done, limit, kind = cell_wall, self.limits.wall, "by the clock"
        whole = f"stopped after {done:.0f} s {kind}"
        return whole if done >= 0.9 * limit else f"{whole}; all cells together may take {limit:.0f} s"


@dataclass
class Rest:
    """For how long a cell has done nothing at all: who sleeps between steps, or waits for a process, does something."""

    limit: float
    _since: float = field(default_factory=time.monotonic)
    _cpu: float = 0.0
    _heard: int = -1

    def is_over(self, cpu: float, heard: int) -> bool:
        """Return whether neither CPU seconds nor the number of messages have grown for too long."""
        if heard != self._heard or cpu - self._cpu > _STIR:
            self._since, self._cpu, self._heard = time.monotonic(), cpu, heard
        return time.monotonic() - self._since >= self.limit

    @property
    def sentence(self) -> str:
        """Return why the cell was stopped, for the student."""
        return f"stopped after {self.limit:.0f} s in which it neither computed nor showed anything"
