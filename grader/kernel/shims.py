"""What is replaced so that honest code can run here: a sentence is noted for each, when it is used and not before.

One thread, no processor but the CPU, nobody at the keyboard, a newer NumPy, packages that are imported and never used:
none of these is what the homework is about.
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable
from typing import Any

from . import devices, standins
from .imports import when_imported
from .sealed import seal

seal(globals())

Note = Callable[[str], None]


def install(shell: Any, options: dict[str, Any]) -> list[str]:
    """Put the replacements in place; return the list in which each notes a sentence when it is used."""
    notes: list[str] = []

    def note(sentence: str) -> None:
        if sentence not in notes and len(notes) < 100:
            notes.append(sentence)

    _answer_input(shell, note)
    when_imported("numpy", lambda numpy: _bring_back_names(numpy, note))
    when_imported("torch", lambda torch: _hold_threads(torch, note))
    when_imported("torch", lambda torch: devices.use_processor(torch, note))
    if not options["workers"]:
        when_imported("torch.utils.data", lambda data: _load_here(data, note))
    standins.install(note)
    return notes


def _answer_input(shell: Any, note: Note) -> None:
    """Let `input()` return '' at once: nobody is there."""

    def nothing(*_: Any, **__: Any) -> str:
        note("input() was answered with an empty line.")
        return ""

    builtins.input = nothing
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:  # ipykernel sets builtins.input to these before every cell
        kernel.raw_input = kernel.getpass = nothing


_ITEM: Callable[[Any], Any] = lambda array: array.item()  # noqa: E731 - what np.asscalar was
_REMOVED: dict[str, Any] = {"asscalar": _ITEM, "int": int, "float": float, "bool": bool, "complex": complex, "str": str}
_REMOVED |= {"object": object, "Inf": float("inf"), "infty": float("inf"), "NaN": float("nan"), "NAN": float("nan")}
_RENAMED = {"product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "float_": "float64"}
_RENAMED |= {"complex_": "complex128", "row_stack": "vstack", "trapz": "trapezoid", "in1d": "isin", "unicode_": "str_"}


def _bring_back_names(numpy: Any, note: Note) -> None:
    """Let names that NumPy has removed mean what they meant."""
    original = vars(numpy).get("__getattr__")

    def __getattr__(name: str) -> Any:
        found = _REMOVED.get(name, getattr(numpy, _RENAMED[name], None) if name in _RENAMED else None)
        if found is not None:
            note(f"np.{name} is gone from NumPy; it was read as what it used to be.")
            return found
        if original is not None:
            return original(name)
        raise AttributeError(f"module 'numpy' has no attribute {name!r}")

    numpy.__getattr__ = __getattr__


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
