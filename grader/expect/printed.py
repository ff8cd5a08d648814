"""What a cell printed in its author's own words: without warnings, whose paths and line numbers are no answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.records import CellRun

_WARNING = re.compile(r":\d{1,9}: [\w.]{0,80}Warning: |^\[W\d{4} \d\d:")
"""Python's 'hw3.py:4353: UserWarning: …', and torch's '[W1122 13:00:00.1 file.cpp:4353] Warning: …'."""


def printed(cell: CellRun) -> Iterator[str]:
    """Yield the texts that a cell showed, each without its warnings."""
    for output in cell.outputs:
        if output.kind == "text":
            yield "\n".join(_own(output.content))


def _own(text: str) -> Iterator[str]:
    """Yield the lines that belong to no warning; Python quotes the line that warned, indented, below it."""
    quoted = False
    for line in text.splitlines():
        warns = bool(_WARNING.search(line))
        if not warns and not (quoted and line[:2] == "  "):
            yield line
        quoted = warns
