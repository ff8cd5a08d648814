"""Magics that do not apply here: they are passed over at once, and it is said."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import Any

from .sealed import seal
from .waiting import needs_window

seal(globals())

Note = Callable[[str], None]
Magic = tuple[str, str, str]
"""A cell magic: its name, the rest of its line, and the cell."""
Look = Callable[[str, str, str], "Magic | None"]
INSTALLING = ("pip", "conda", "mamba", "micromamba", "uv")
ASKING = ("debug", "pdb", "pinfo2", "edit", "gui", "qtconsole", "connect_info", "tensorboard")
_INLINE = ("", "inline", "agg", "svg", "pdf", "ps", "--list", "-l")
_SAME = {"shell": "bash"}
"""Colab's names for what IPython has."""


def install(shell: Any, note: Note) -> None:
    """Stand before a shell's magics."""
    if hasattr(shell, "run_line_magic"):
        _before_lines(shell, note)
        before_cells(shell).append(lambda name, line, cell: _known(shell, note, name, line, cell))


def _before_lines(shell: Any, note: Note) -> None:
    """Pass over line magics that cannot do anything here."""
    original = shell.run_line_magic

    @functools.wraps(original)
    def run_line_magic(name: str, line: str, _stack_depth: int = 1) -> Any:
        __tracebackhide__ = True
        reason = _inapplicable(shell, name, line.strip())
        if reason:
            note(f"%{name[:40]} {line.strip()[:60]}".rstrip() + f" was passed over: {reason}.")
            return None
        return original(name, line, _stack_depth + 1)

    shell.run_line_magic = run_line_magic


def before_cells(shell: Any) -> list[Look]:
    """Return what looks at cell magics before they are run; what gives None has them passed over.

    All look from one place: IPython finds a magic's variables by counting the frames above it.
    """
    known: list[Look] | None = getattr(shell.run_cell_magic, "looks", None)
    if known is not None:
        return known
    original, looks = shell.run_cell_magic, list[Look]()

    @functools.wraps(original)
    def run_cell_magic(name: str, line: str, cell: str) -> Any:
        __tracebackhide__ = True
        for look in looks:
            looked = look(name, line, cell)
            if looked is None:
                return None
            name, line, cell = looked
        return original(name, line, cell)

    run_cell_magic.looks = looks  # type: ignore[attr-defined]
    shell.run_cell_magic = run_cell_magic
    return looks


def _known(shell: Any, note: Note, name: str, line: str, cell: str) -> Magic | None:
    """Return a cell magic under the name it has here; None if nobody knows it, and its cell is passed over."""
    name = _SAME.get(name, name)
    if shell.find_cell_magic(name) is None and shell.find_line_magic(name) is None:
        note(f"A cell of %%{name[:40]} was passed over: there is no such magic here.")
        return None
    return name, line, cell


def _inapplicable(shell: Any, name: str, line: str) -> str:
    """Return why a line magic cannot do anything here, or ''."""
    if name in INSTALLING:
        return "nothing can be installed here, and what is installed can be imported"
    if name in ASKING:
        return "there is nobody at the keyboard, and no browser"
    if name == "matplotlib" and line not in _INLINE and (line == "auto" or needs_window(line)):
        return "there is no window; figures were shown as outputs"
    if name in ("load_ext", "reload_ext") and not _loadable(line):
        return "this extension is not here"
    if shell.find_line_magic(name) is None and shell.find_cell_magic(name) is None:
        return "there is no such magic here"
    return ""


def _loadable(extension: str) -> bool:
    """Tell whether an extension of IPython can be loaded: its own ones, and installed modules."""
    if "." not in extension and find_spec(f"IPython.extensions.{extension}") is not None:
        return True
    return PathFinder.find_spec(extension.partition(".")[0]) is not None  # not by a stand-in
