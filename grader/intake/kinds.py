"""What a file is, by its name: browsers and mail programs like to add endings of their own."""

from __future__ import annotations

from typing import Literal

Kind = Literal["notebook", "script", "zip", "text", "other"]

_ENDINGS: tuple[tuple[str, Kind], ...] = (
    (".ipynb", "notebook"),
    (".ipynb.txt", "notebook"),
    (".ipynb.json", "notebook"),
    (".py", "script"),
    (".py.txt", "script"),
    (".zip", "zip"),
    (".md", "text"),
    (".markdown", "text"),
)
_MODULE_ONLY = {"__init__.py", "setup.py", "conftest.py"}


def kind_of(name: str) -> Kind:
    """Return what a file of this name is taken for."""
    if name.rpartition("/")[2] in _MODULE_ONLY:
        return "other"
    matches = [(len(ending), kind) for ending, kind in _ENDINGS if name.lower().endswith(ending)]
    return max(matches)[1] if matches else "other"


def is_code(name: str) -> bool:
    """Return whether a file of this name is run."""
    return kind_of(name) in ("notebook", "script")


def is_read(name: str) -> bool:
    """Return whether a file of this name is code, or text that may answer a written problem."""
    about = name.rpartition("/")[2].lower().startswith(("readme", "license", "changelog"))
    return is_code(name) or (kind_of(name) == "text" and not about)


def stem_of(name: str) -> str:
    """Return the last part of a path without the endings that `kind_of` knows."""
    last = name.rpartition("/")[2]
    endings = [ending for ending, _ in _ENDINGS if last.lower().endswith(ending) and len(last) > len(ending)]
    return last[: -len(max(endings, key=len))] if endings else last.rpartition(".")[0] or last
