"""The cells of one file, run in one kernel from the first to the last, or to the one that ends the kernel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from grader.execute.cells import Cells, Ran
from grader.execute.continuation import rest_after
from grader.execute.failure import cell_error, failing_line
from grader.execute.outputs import Shown, room_for_cell
from grader.notebook import Cell
from grader.records import CellError, CellRun, Output

LEFT = Output("note", "The cell ended itself here; the cells after it were run.")


@dataclass
class Attempt:
    """What came of one kernel."""

    cells: dict[int, CellRun] = field(default_factory=dict)
    """By number; the ones that were run."""
    fatal: int | None = None
    """Number of the cell during which the kernel ended."""
    gone: str = ""
    """Why it ended, the end of a sentence."""
    killed: bool = False
    """Whether it was us who ended it."""
    left_out: bool = False
    """Whether cells were not run because the file's time was over."""

    @property
    def cpu(self) -> float:
        """CPU seconds of student code."""
        return sum(cell.cpu for cell in self.cells.values())


@dataclass
class Room:
    """Bytes of output that may still be kept for the file."""

    left: int


@dataclass(frozen=True)
class Plan:
    """What to run, and what to know about it."""

    cells: Sequence[Cell]
    own_files: Collection[str]
    """Names handed in: a module among them that cannot be imported is the student's fault."""
    started: Callable[[int], None]
    """Told the number of each cell as it starts."""


async def run(plan: Plan, kernel: Cells, room: Room, *, without: Collection[int], until: int | None) -> Attempt:
    """Run the cells in order, `without` some and only before `until`; goes on after errors and after stops."""
    attempt, budget, over = Attempt(), kernel.budget, False
    for cell in plan.cells:
        if cell.number in without or (until is not None and cell.number >= until):
            continue
        if cell.kind == "text":
            attempt.cells[cell.number] = as_written(cell)
            continue
        if over or budget.spent(kernel.box.cpu):
            attempt.left_out = True
            break
        plan.started(cell.number)
        result, last = await _run_cell(plan, cell, kernel, room)
        attempt.cells[cell.number] = result
        over = bool(last.stopped) and budget.extended
        budget.extended = budget.extended or bool(last.stopped)
        if last.gone:
            attempt.fatal, attempt.gone, attempt.killed = cell.number, last.gone, last.killed
            break
    return attempt


def as_written(cell: Cell) -> CellRun:
    """Return a cell that was not run: a text, or code that had no turn."""
    return CellRun(cell.number, cell.kind, cell.source, tags=cell.tags)


async def _run_cell(plan: Plan, cell: Cell, kernel: Cells, room: Room) -> tuple[CellRun, Ran]:
    """Run a cell, statement after failing statement; its first error is the one that is kept."""
    shown = Shown(room_for_cell(room.left))
    offered, errors, cpu, source, left = shown.room, list[CellError](), 0.0, cell.source, False
    while True:
        source = _as_counted(source)
        ran = await kernel.run(source, shown) if source else Ran({}, 0.0, 0.0)
        cpu += ran.cpu
        left = _left(ran)
        if ran.stopped or ran.gone or not ran.failed or left:
            break
        errors.append(cell_error(ran.reply, plan.own_files))
        source = rest_after(source, failing_line(ran.reply) or 0)
    room.left -= offered - shown.room
    outputs = (*shown.outputs(), *_followed(len(errors) - 1), *([LEFT] if left else []))
    record = CellRun(cell.number, cell.kind, cell.source, outputs, next(iter(errors), None), cpu=cpu, tags=cell.tags)
    return replace(record, stopped=ran.stopped or _lost(ran)), ran


def _left(ran: Ran) -> bool:
    """Return whether a cell left by `sys.exit()`, which ends it and is no error."""
    return ran.failed and ran.reply.get("ename") == "SystemExit"


def _as_counted(source: str) -> str:
    """Return code without leading blank lines, as IPython counts the lines of its tracebacks."""
    lines = source.split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines)


def _followed(count: int) -> tuple[Output, ...]:
    if count < 1:
        return ()
    sentence = "One more error followed in this cell." if count == 1 else f"{count} more errors followed in this cell."
    return (Output("note", sentence),)


def _lost(ran: Ran) -> str:
    """Return what became of a cell with which the kernel went."""
    if not ran.gone:
        return ""
    return f"stopped, since {ran.gone}" if ran.killed else f"the end of the program: {ran.gone}"
