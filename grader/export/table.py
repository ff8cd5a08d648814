"""A table as platforms read it back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.export.grades import Standing


@dataclass(frozen=True)
class Table:
    """What is written for a platform, and what a person should know of it."""

    text: str
    rows: int
    remarks: tuple[str, ...] = ()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV (RFC 4180)."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return written.getvalue()


def points(standing: Standing | None) -> str:
    """Return points as a number that loses nothing; '' where the cell is to stay empty."""
    return "" if standing is None else decimal(standing.earned)


def decimal(value: float) -> str:
    """Return a number in decimal digits, up to six after the point."""
    written = f"{round(value, 6):.6f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
