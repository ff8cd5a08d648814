"""What the terminal shows while submissions run: a line for each that is running, a line for each that is done."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from grader.execute import Progress

MOST = 16
"""Running submissions that are shown at once."""


class Display:
    """Lines of progress: they move on a terminal; elsewhere one plain line is written for each submission done."""

    def __init__(self, console: Console, submissions: int) -> None:
        """Write to `console`; expect so many submissions."""
        self._console = console
        self._expected = submissions
        self._done = 0
        self._running: dict[str, Progress] = {}
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4, transient=True)

    def __enter__(self) -> Display:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def progress(self, progress: Progress) -> None:
        """Show where a submission is; called from any thread."""
        with self._lock:
            self._running[progress.student] = progress

    def say(self, sentence: str) -> None:
        """Write a sentence above the moving lines; called from any thread."""
        self._console.print(Text(sentence), soft_wrap=True)

    def done(self, student: str, words: str) -> None:
        """Take a submission off the board and say in a few words what became of it."""
        with self._lock:
            self._running.pop(student, None)
            self._done += 1
            count = f"[{self._done}/{self._expected}]"
        self.say(f"{count:>9}  {student}  {words}")

    def _table(self) -> Table:
        """Return the moving lines."""
        table = Table.grid(padding=(0, 2))
        with self._lock:
            running = sorted(self._running.values(), key=lambda one: one.student)
        for one in running[:MOST]:
            table.add_row(Text(one.student), Text(one.file), f"cell {one.cell} of {one.cells}", f"{one.seconds:.0f} s")
        left = self._expected - self._done
        elapsed = time.monotonic() - self._started
        table.add_row(
            Text(f"{self._done} of {self._expected} graded, {left} to go", style="dim"), "", "", f"{elapsed:.0f} s"
        )
        return table
