"""The terminal, or what stands in its place: a file, a pager, the next command of a pipe."""

from __future__ import annotations

import os
import sys

from rich.console import Console


class Terminal(Console):
    """Writes to standard output for as long as somebody reads it."""

    def on_broken_pipe(self) -> None:
        """Go on in silence: whoever quits the pager has seen enough, and still wants every page and record."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
