"""One handed-in file, read by what it holds more than by what it is called."""

from __future__ import annotations

from pathlib import Path

from grader.intake import Unreadable
from grader.intake.kinds import kind_of
from grader.notebook.content import Text, content, decoded, refuse_disguise
from grader.notebook.document import Cell, Document
from grader.notebook.jupyter import notebook
from grader.notebook.script import script

_MOST = {"notebook": 50_000_000, "script": 1_000_000, "text": 1_000_000}
"""Bytes of a file; a notebook's saved outputs count."""


def read(path: Path, name: str) -> Document:
    """Return the cells of a notebook (.ipynb), a script (.py) or a file of text (.md).

    Raises `Unreadable` with one sentence for the student.
    """
    kind = kind_of(name)
    if kind not in _MOST:
        raise Unreadable(f"{name} is not a notebook or a Python script.")
    data = content(path, name, _MOST[kind])
    refuse_disguise(data, name)
    text = decoded(data, name)
    if kind == "text":
        return Document(name, (Cell(1, "text", text.text),), "text", text.remarks)
    return notebook(text, name) if kind == "notebook" or _is_notebook(text) else script(text, name)


def _is_notebook(text: Text) -> bool:
    """Return whether a script is a notebook under another name."""
    start = text.text[:2000].lstrip()
    return start.startswith("{") and any(word in text.text for word in ('"cells"', '"worksheets"'))
