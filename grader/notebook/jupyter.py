"""Notebooks (.ipynb), formats 2 to 4, read with as little faith as possible.

Only the sources, tags and language of a notebook matter here: saved outputs and counts are ignored. The whole of a
notebook's JSON may be wrong in any way, so each of the few things needed is asked for by type. (nbformat's own reader
raises what it happens to raise on such input, and is slow to import where its schema validator builds grammars.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from grader.intake import Unreadable
from grader.notebook.content import Text, printable
from grader.notebook.document import Cell, Document

MOST_CELLS = 5000
MOST_TEXT = 5_000_000
"""Characters of all sources together."""
_PYTHON = ("python", "ipython", "sage", "")
_SPOKEN = {"r": "R", "ir": "R", "julia": "Julia"}


def notebook(text: Text, name: str) -> Document:
    """Return the cells of a notebook. Raises `Unreadable`."""
    root = _parsed(text.text, name)
    remarks = list(text.remarks)
    raw = _cells(root, name, remarks)
    _refuse_language(root, raw, name)
    if _is_python_2(root):
        remarks.append(f"{name} was written for Python 2; it is run with Python 3.")
    cells = tuple(_cell(number, node, name, remarks) for number, node in enumerate(raw, 1))
    if sum(len(cell.source) for cell in cells) > MOST_TEXT:
        raise Unreadable(f"{name} holds more than {MOST_TEXT / 1e6:.0f} million characters of code and text.")
    if not any(cell.kind == "code" and cell.source.strip() for cell in cells):
        remarks.insert(0, f"{name} holds no code.")
    return Document(name, cells, "python", tuple(remarks))


def _parsed(text: str, name: str) -> Mapping[str, object]:
    try:
        root = json.loads(text)
    except RecursionError as error:
        raise Unreadable(f"{name} is not a notebook: its JSON is nested without end.") from error
    except ValueError as error:
        raise Unreadable(f"{name} is not a whole notebook: {_json_trouble(text, error)}.") from error
    if not isinstance(root, dict):
        raise Unreadable(f"{name} is not a notebook: it is JSON, but holds a {type(root).__name__} instead of cells.")
    return root


def _json_trouble(text: str, error: ValueError) -> str:
    """Return what is wrong with JSON, in words for somebody who has never seen any."""
    if any(mark in text for mark in ("\n<<<<<<< ", "\n>>>>>>> ")):
        return "it holds unresolved conflicts of a version control merge"
    if not text.lstrip().startswith("{"):
        return "it does not begin like one"
    if not isinstance(error, json.JSONDecodeError):
        return "it holds a number without end"
    if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
        return f"it breaks off at line {text.count(chr(10)) + 1}"
    return f"it is damaged at line {error.lineno} ({error.msg})"


def _cells(root: Mapping[str, object], name: str, remarks: list[str]) -> list[object]:
    """Return the raw cells of any format; older ones keep them in worksheets."""
    found = root.get("cells")
    if not isinstance(found, list):
        sheets = root.get("worksheets")
        if not isinstance(sheets, list):
            raise Unreadable(f"{name} is not a notebook: it is JSON, but has no cells.")
        found = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
        remarks.append(f"{name} is in an old notebook format ({root.get('nbformat', 3)!s:.5}).")
    if len(found) > MOST_CELLS:
        raise Unreadable(f"{name} holds {len(found)} cells; up to {MOST_CELLS} are run.")
    return found


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _refuse_language(root: Mapping[str, object], cells: list[object], name: str) -> None:
    """Raise `Unreadable` for a notebook in another language than Python."""
    metadata = _mapping(root.get("metadata"))
    spec = _mapping(metadata.get("kernelspec"))
    said = [_mapping(metadata.get("language_info")).get("name"), spec.get("language")]
    said += [_mapping(cell).get("language") for cell in cells]
    languages = [language.strip().lower() for language in said if isinstance(language, str)]
    kernel = str(spec.get("name", "")).lower()
    language = languages[0] if languages else next((word for word in ("julia", "ir") if kernel.startswith(word)), "")
    if not language.startswith(_PYTHON[:-1]) and language:
        spoken = _SPOKEN.get(language, printable(language)[:30])
        raise Unreadable(f"{name} is a notebook in {spoken}; only Python is run.")


def _is_python_2(root: Mapping[str, object]) -> bool:
    metadata = _mapping(root.get("metadata"))
    version = _mapping(metadata.get("language_info")).get("version")
    kernel = _mapping(metadata.get("kernelspec")).get("name")
    return str(version).startswith("2.") or kernel == "python2"


def _cell(number: int, node: object, name: str, remarks: list[str]) -> Cell:
    """Return one cell; what cannot be read of it is left empty, with a remark."""
    fields = _mapping(node)
    kind = "code" if fields.get("cell_type") == "code" else "text"
    source = _joined(fields.get("input", fields.get("source")))
    if source is None or not isinstance(fields.get("cell_type"), str):
        remarks.append(f"Cell {number} of {name} cannot be read and is taken as empty text.")
        return Cell(number, "text", "")
    level = fields.get("level")
    if fields.get("cell_type") == "heading" and isinstance(level, int):
        source = f"{'#' * min(max(level, 1), 6)} {' '.join(source.splitlines())}"
    return Cell(number, kind, printable(source.replace("\r\n", "\n")), _tags(fields))


def _joined(source: object) -> str | None:
    """Return a source, which is text or a list of lines; None if it is neither."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else None


def _tags(fields: Mapping[str, object]) -> tuple[str, ...]:
    """Return a cell's tags, and the names that notebook tools give cells."""
    metadata = _mapping(fields.get("metadata"))
    names = [
        *_list(metadata.get("tags"))[:20],
        metadata.get("name"),
        _mapping(metadata.get("nbgrader")).get("grade_id"),
    ]
    return tuple(printable(name)[:60] for name in names if isinstance(name, str))
