"""Plots that wait for somebody: there is no window, so nothing is waited for, and figures are shown as outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .imports import when_imported
from .sealed import seal

seal(globals())

Note = Callable[[str], None]
FILES = ("agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "inline")
"""Backends that need no window, but for those given by module."""


def install(note: Note) -> None:
    """Let waits return at once and windows be outputs."""
    when_imported("matplotlib", lambda matplotlib: _ignore_windows(matplotlib, "use", note))
    when_imported("matplotlib.pyplot", lambda pyplot: _ignore_windows(pyplot, "switch_backend", note))
    when_imported("matplotlib.backend_bases", lambda bases: _wait_for_nothing(bases, note))


def needs_window(backend: object) -> bool:
    """Tell whether matplotlib would open a window, or a widget in a browser, for this backend."""
    name = backend.lower() if type(backend) is str else "agg"
    return name not in FILES and not name.startswith("module://matplotlib_inline")


def _ignore_windows(holder: Any, name: str, note: Note) -> None:
    """Let a choice of backend that needs a window change nothing."""
    original = getattr(holder, name)

    @functools.wraps(original)
    def choose(backend: Any, *arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        if needs_window(backend):
            note(f"matplotlib's backend {backend[:40]!r} needs a window; figures were shown as outputs instead.")
            return None
        return original(backend, *arguments, **keywords)

    setattr(holder, name, choose)


def _wait_for_nothing(bases: Any, note: Note) -> None:
    """Let a canvas's event loop end at once: `plt.pause`, `waitforbuttonpress` and `ginput` all run it."""

    def start_event_loop(*_: Any, **__: Any) -> None:
        note("A plot waited, for a while or for a click; it was shown and the program went on at once.")

    bases.FigureCanvasBase.start_event_loop = start_event_loop
