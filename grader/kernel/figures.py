"""Notes every figure when it is shown or saved, and those left open at the end, before the backend throws them away.

All ways of showing a figure inline or saving it end in its canvas's `print_figure`; `pyplot.show` is the other way. A
figure that is shown again replaces what was noted of it before. Whatever fails in here stays here: the student's figure
comes first.
"""

from __future__ import annotations

import functools
import sys
import weakref
from typing import Any

from .drawn import told
from .imports import when_imported
from .sealed import seal

seal(globals())

FIGURES, TIMES = 60, 3000
"""Figures that are noted, and how often one is looked at, all told."""


class Gallery:
    """What was seen of figures."""

    def __init__(self) -> None:
        """Start without any."""
        self._noted: list[tuple[Any, dict[str, Any]]] = []
        self._times = 0

    def figures(self) -> list[dict[str, Any]]:
        """Return what was noted, with the figures that are still open, and what was drawn on others since then."""
        self.note_open()
        for place, (known, before) in enumerate(self._noted):
            now = self._drawn_since(known())
            if now is not None and _amount(now) > _amount(before):
                self._noted[place] = (known, now)
        return [data for _, data in self._noted]

    def _drawn_since(self, figure: Any) -> dict[str, Any] | None:
        """Return a figure as it is at the end: a script's cells end, and show it, while it is still being drawn."""
        try:
            return None if figure is None else told(figure)
        except Exception:  # noqa: BLE001 - as in `note`
            return None

    def note(self, figure: Any) -> None:
        """Note a figure as it is now; one without axes is not worth it."""
        self._times += 1
        if self._times > TIMES:
            return
        try:
            data = told(figure)
            place = next((at for at, (known, _) in enumerate(self._noted) if known() is figure), len(self._noted))
            if data["axes"] and place < FIGURES:
                self._noted[place : place + 1] = [(weakref.ref(figure), data)]
        except Exception:  # noqa: BLE001 - a figure of the student's making may raise anything; showing it goes on
            return

    def note_open(self) -> None:
        """Note the figures that pyplot holds open."""
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        for manager in list(helpers.Gcf.figs.values()) if helpers is not None else ():
            self.note(manager.canvas.figure)

    def watch_canvas(self, backend_bases: Any) -> None:
        """Note a figure whenever its canvas is printed: by the inline backend, by display, by savefig."""
        canvas_type = backend_bases.FigureCanvasBase
        original = canvas_type.print_figure

        @functools.wraps(original)
        def print_figure(canvas: Any, *arguments: Any, **keywords: Any) -> Any:
            __tracebackhide__ = True
            self.note(canvas.figure)
            return original(canvas, *arguments, **keywords)

        canvas_type.print_figure = print_figure

    def watch_show(self, pyplot: Any) -> None:
        """Note the open figures whenever they are shown, and never wait for a window."""
        original = pyplot.show

        @functools.wraps(original)
        def show(*_: Any, **keywords: Any) -> Any:
            __tracebackhide__ = True
            self.note_open()
            return original(**{**keywords, "block": False}) if "inline" not in pyplot.get_backend() else original()

        pyplot.show = show


def _amount(data: dict[str, Any]) -> int:
    """Return how much is drawn on a figure."""
    return sum(len(axes["curves"]) + axes["images"] + len(axes["texts"]) for axes in data["axes"])


def install() -> Gallery:
    """Return a gallery that is open as soon as matplotlib is there."""
    gallery = Gallery()
    when_imported("matplotlib.backend_bases", gallery.watch_canvas)
    when_imported("matplotlib.pyplot", gallery.watch_show)
    return gallery
