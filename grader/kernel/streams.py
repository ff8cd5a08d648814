"""Printing, cut to what will be kept anyway.

Theory of operation. The grader keeps so many bytes of a file's output and drops the rest; a loop that prints 400 MB
would make it read them all the same, and end the kernel of a student who only forgot a `print`. So the streams
themselves stop after that much in one cell. This is a courtesy: who goes round it meets the grader's own bounds.
"""

from __future__ import annotations

import sys
from typing import Any


def limit(shell: Any, most: int) -> None:
    """Let stdout and stderr each take at most so many characters in one cell, from now on."""
    for stream in (sys.stdout, sys.stderr):
        shell.events.register("pre_run_cell", _Tap(stream, most).open)


class _Tap:
    """Stands before a stream and closes when enough has flowed."""

    def __init__(self, stream: Any, most: int) -> None:
        """Take the place of the stream's `write`."""
        self._write = stream.write
        self._most = self._left = most
        stream.write = self.write

    def open(self, *_: object) -> None:
        """Start a new cell."""
        self._left = self._most

    def write(self, text: str) -> int:
        """Write what there is room for; answers as if all had been written."""
        if not isinstance(text, str):
            return int(self._write(text))  # which raises what it always raises
        if self._left > 0:
            self._write(text[: self._left + 1])  # one too many tells the grader that something is missing
        self._left -= len(text)
        return len(text)
