"""`grade export`: which platform, which file, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.text import Text

from grader.errors import UsageError
from grader.export import canvas, gradescope, moodle
from grader.export.grades import Grades, Pending, read
from grader.export.table import Table
from grader.report.files import write
from grader.report.text import counted

PLATFORMS = ("gradescope", "canvas", "moodle")
PENDING: tuple[Pending, ...] = get_args(Pending)


def export(
    results: Path,
    to: str,
    console: Console,
    *,
    gradebook: Path | None = None,
    column: str | None = None,
    pending: str = "refuse",
    out: Path | None = None,
) -> bool:
    """Write the file that a platform takes; return whether every submission found its place. Raises UsageError."""
    if to not in PLATFORMS:
        raise UsageError(f"Grades are exported to {', '.join(PLATFORMS[:-1])} or {PLATFORMS[-1]}, not to {to!r}.")
    chosen = next((mode for mode in PENDING if mode == pending), None)
    if chosen is None:
        raise UsageError(f"--pending is {', '.join(PENDING[:-1])} or {PENDING[-1]}, not {pending!r}.")
    made = _table(read(results, chosen), to, gradebook, column)
    file = out or results / f"{to}.csv"
    try:
        write(file, made.text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror or error}).") from None
    for remark in made.remarks:
        console.print(Text(remark), soft_wrap=True)
    console.print(Text(f"{counted(made.rows, 'row')} written to {file}"), soft_wrap=True)
    return not made.remarks


def _table(grades: Grades, to: str, gradebook: Path | None, column: str | None) -> Table:
    if to == "gradescope":
        return gradescope.scores(grades)
    if gradebook is None:
        raise UsageError(
            f"{to.capitalize()} knows students by its own numbers: say --gradebook with the file it exports."
        )
    return canvas.scores(grades, gradebook, column) if to == "canvas" else moodle.scores(grades, gradebook)
