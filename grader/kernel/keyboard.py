"""Questions to whoever sits at the keyboard: nobody does."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

from .imports import when_imported
from .sealed import seal

seal(globals())

Note = Callable[[str], None]
PATIENCE = 100
"""Empty lines that a program is given before it is told that no more will come: it may ask until it likes one."""


def install(shell: Any, note: Note) -> None:
    """Answer every question with an empty line, and pass over debuggers."""
    _answer_input(shell, note)
    _pass_over_debuggers(note)


def _answer_input(shell: Any, note: Note) -> None:
    """Let `input()` return '' at once."""
    asked = 0

    def nothing(*_: Any, **__: Any) -> str:
        nonlocal asked
        asked += 1
        if asked > PATIENCE:
            raise EOFError("Nobody is at the keyboard: input() has no more to give.")
        note("input() was answered with an empty line.")
        return ""

    builtins.input = nothing
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:  # ipykernel sets builtins.input to these before every cell
        kernel.raw_input = kernel.getpass = nothing


def _pass_over_debuggers(note: Note) -> None:
    """Let a breakpoint stop nothing: an empty line would repeat the debugger's last command for ever."""

    def go_on(*_: Any, **__: Any) -> None:
        note("A breakpoint was passed over: nobody is at the keyboard.")

    def disarm(debugger: Any) -> None:
        for name in ("set_trace", "post_mortem", "pm"):
            if hasattr(debugger, name):
                setattr(debugger, name, go_on)

    sys.breakpointhook = go_on
    when_imported("pdb", disarm)
    when_imported("IPython.core.debugger", disarm)
