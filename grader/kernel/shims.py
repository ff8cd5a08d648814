"""What is replaced so that honest code can run here: a sentence is noted for each, when it is used and not before.

One thread, no processor but the CPU, nobody at the keyboard, no window, no network, newer libraries, packages that are
imported and never used: none of these is what the homework is about. A course can switch each of `SHIMS` off; how
many threads and processes there are is not for a course to say.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import devices, downloads, drift, keyboard, magics, programs, standins, waiting
from .imports import when_imported
from .mirrored import Mirror
from .sealed import seal

seal(globals())

Note = Callable[[str], None]
MOST = 100
"""Sentences that are kept."""


@dataclass(frozen=True)
class Place:
    """What a shim has to do with."""

    shell: Any
    note: Note
    mirror: Mirror


SHIMS: dict[str, Callable[[Place], None]] = {
    "colab": lambda place: standins.install_colab(place.note),
    "commands": lambda place: programs.install(place.shell, place.note, place.mirror),
    "downloads": lambda place: downloads.install(place.mirror),
    "drift": lambda place: drift.install(place.note),
    "gpu": lambda place: when_imported("torch", lambda torch: devices.use_processor(torch, place.note)),
    "imports": lambda place: standins.install_absent(place.note),
    "keyboard": lambda place: keyboard.install(place.shell, place.note),
    "magics": lambda place: magics.install(place.shell, place.note),
    "plots": lambda place: waiting.install(place.note),
    "progress": lambda place: standins.install_progress(place.note),
}
"""By the name under which a course switches one off."""


def install(shell: Any, options: Mapping[str, Any]) -> list[str]:
    """Put the replacements in place; return the list in which each notes a sentence when it is used."""
    notes: list[str] = []

    def note(sentence: str) -> None:
        if sentence not in notes and len(notes) < MOST:
            notes.append(sentence)

    place = Place(shell, note, Mirror(note, options.get("mirror", "")))
    for name, put in SHIMS.items():
        if name not in options.get("without", ()):
            put(place)
    when_imported("torch", lambda torch: _hold_threads(torch, note))
    if not options["workers"]:
        when_imported("torch.utils.data", lambda data: _load_here(data, note))
    return notes


def _hold_threads(torch: Any, note: Note) -> None:
    """Keep the kernel at one thread: with two, its forks would hang, and on shared machines it is slower."""
    for name in ("set_num_threads", "set_num_interop_threads"):
        original = getattr(torch, name)

        def hold(count: int, *, original: Any = original, name: str = name) -> None:
            if int(count) > 1:
                note(f"torch.{name}({int(count)}) was ignored: everything runs in one thread here.")
            else:
                original(count)

        setattr(torch, name, functools.wraps(original)(hold))


def _load_here(data: Any, note: Note) -> None:
    """Let a `DataLoader` load in its own process: others cannot be started in this sandbox."""
    original = data.DataLoader.__init__

    @functools.wraps(original)
    def __init__(self: Any, *arguments: Any, **keywords: Any) -> None:
        if keywords.get("num_workers"):
            note("DataLoader(num_workers=…) was set to 0: data are loaded in the same process here.")
            keywords["num_workers"] = 0
            for name in ("persistent_workers", "prefetch_factor", "multiprocessing_context", "timeout"):
                keywords.pop(name, None)
        original(self, *arguments, **keywords)

    data.DataLoader.__init__ = __init__
