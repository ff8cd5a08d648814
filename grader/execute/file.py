"""One file of a submission, run to its record, with a second kernel where the first was lost.

Theory of operation. A cell that ends its kernel must not take along what was built before it. So the file is run
again without that cell, in a new kernel, and goes on after it; if that kernel is lost too, a third is taken just up
to the place. Each has to fit into what is left of the file's budget. The record keeps what each cell showed the first
time it was run; the kernel that is left answers the questions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from grader.assignment import Limits
from grader.errors import GraderFault, StudentFailure
from grader.execute import attempt as attempts
from grader.execute.attempt import Attempt, Plan, Room
from grader.execute.budget import Budget
from grader.execute.cells import kernel
from grader.execute.consequences import traced
from grader.execute.observe import observed
from grader.notebook import Document
from grader.records import CellRun, FileRun, Usage
from grader.sandbox.box import Box
from grader.sandbox.channels import Violation

_MOST_KERNELS = 3
_TELL_EVERY = 0.5


@dataclass
class FileInHand:
    """One file being run, and what is known so far. `box` is the kernel that will answer, if one is left."""

    document: Document
    own_files: tuple[str, ...]
    limits: Limits
    open_box: Callable[[], Box]
    progress: Callable[[int, float], None]
    """Told the number of the cell at work and the seconds so far."""
    box: Box | None = None
    cells: dict[int, CellRun] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    status: str = "finished"
    reason: str = ""
    cpu_student: float = 0.0
    peak: int = 0
    _budget: Budget = field(init=False)
    _room: Room = field(init=False)
    _at: int = 0
    _told: float = 0.0

    def run(self) -> FileRun:
        """Run the file and return its record. Raises GraderFault for faults of ours."""
        self._budget = Budget(self.limits)
        self._room = Room(self.limits.output)
        self._run_all()
        self._leave_out_the_rest()
        return self._observed(self._record())

    def close(self) -> None:
        """Clear the kernel away."""
        if self.box is not None:
            self.box.close()

    def _run_all(self) -> None:
        """Run every cell, in as many kernels as that takes and as there may be."""
        lost: set[int] = set()
        until: int | None = None
        for turn in range(1, _MOST_KERNELS + 1):
            done = self._run_once(frozenset(lost), until)
            self._keep(done)
            if done.fatal is None:
                return
            self._note_loss(done, first=not lost)
            lost.add(done.fatal)
            if turn == _MOST_KERNELS - 1:
                until = done.fatal
            if turn == _MOST_KERNELS or not self._worth_another(until or done.fatal):
                return

    def _run_once(self, without: frozenset[int], until: int | None) -> Attempt:
        """Run the cells in one kernel, which stays open unless it was lost."""
        plan = Plan(self.document.cells, self.own_files, self._starting)
        try:
            done = asyncio.run(self._in_kernel(plan, without, until))
        except Violation as violation:  # before the first cell: nothing of the student's had been run
            raise GraderFault(f"A kernel could not be talked to: {violation}.") from violation
        if done.fatal is not None:
            self._lose_box()
        return done

    async def _in_kernel(self, plan: Plan, without: frozenset[int], until: int | None) -> Attempt:
        async with kernel(self._opened, self._budget, self._tick) as cells:
            return await attempts.run(plan, cells, self._room, without=without, until=until)

    def _opened(self) -> Box:
        start = time.monotonic()
        self.box = self.open_box()
        self._budget.started += time.monotonic() - start  # how long we take is not the student's time
        return self.box

    def _lose_box(self) -> None:
        """Clear away a kernel that has ended, and count what it took."""
        if self.box is not None:
            self._budget.before += self.box.cpu
            self.peak = max(self.peak, self.box.peak)
            self.events += self.box.events
            self.box.close()
            self.box = None

    def _keep(self, done: Attempt) -> None:
        """Keep what each cell did the first time it was run."""
        self.cells = {**done.cells, **self.cells}
        self.cpu_student += done.cpu
        if done.left_out and not self.reason:
            self.status, self.reason = "stopped", f"The cells were not all run: {self._limit_reached()}."

    def _note_loss(self, done: Attempt, *, first: bool) -> None:
        """Say what ended a kernel; the first loss makes the file's status."""
        what = "was stopped, since" if done.killed else "was the end of the program:"
        sentence = f"Cell {done.fatal} {what} {done.gone}."
        self.events.append(sentence)
        if first:
            self.status, self.reason = ("stopped" if done.killed else "died"), sentence

    def _worth_another(self, until: int) -> bool:
        """Return whether the cells before the lost one can be run again in the time that is left."""
        self._budget.extended = True
        before = [cell for number, cell in self.cells.items() if number < until and cell.kind == "code"]
        if not before or sum(cell.cpu for cell in before) < self._budget.left(0.0):
            self.events.append("The file was run again without it, so that the other cells count.")
            return True
        self.events.append("There was no time left to run the cells before it again, so that nothing can be asked.")
        return False

    def _limit_reached(self) -> str:
        if self._budget.wall >= self.limits.wall:
            return f"{self.limits.wall:.0f} s by the clock were over"
        return f"{self.limits.cpu:.0f} s of computing were used"

    def _leave_out_the_rest(self) -> None:
        """Put cells that had no turn into the record as they were written."""
        for cell in self.document.cells:
            self.cells.setdefault(cell.number, attempts.as_written(cell))

    def _record(self) -> FileRun:
        cells = traced([self.cells[cell.number] for cell in self.document.cells])
        cut = [f"The output of cell {cell.number} was cut." for cell in cells if _was_cut(cell)]
        stopped = [
            f"Cell {cell.number} was {cell.stopped}." for cell in cells if cell.stopped.startswith("stopped after")
        ]
        events = (*stopped, *self.events, *cut)
        return FileRun(self.document.name, cells, self.status, self.reason, self._usage(), events)

    def _usage(self) -> Usage:
        now = self.box.cpu if self.box else 0.0
        peak = max(self.peak, self.box.peak if self.box else 0)
        return Usage(self._budget.before + now, self.cpu_student, self._budget.wall, peak)

    def _observed(self, record: FileRun) -> FileRun:
        """Return the record with what the recorder saw; a kernel that will not tell is an event."""
        if self.box is None:
            return record
        try:
            seen = observed(self.box, self.limits.question)
        except StudentFailure as failure:
            sentence = f"What was trained and drawn could not be looked at: {failure}"
            return replace(record, unwatched=sentence, events=(*record.events, sentence))
        events = (*record.events, *seen.remarks)
        return replace(record, trainings=seen.trainings, figures=seen.figures, shims=seen.shims, events=events)

    def _starting(self, number: int) -> None:
        self._at, self._told = number, 0.0
        self._tick()

    def _tick(self) -> None:
        """Tell of progress, not too often."""
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self.progress(self._at, self._budget.wall)


def _was_cut(cell: CellRun) -> bool:
    return any(output.kind == "note" and output.content.startswith("The rest") for output in cell.outputs)
