"""Scripts with `# %%` marks (Spyder, VS Code, jupytext's percent format) as the cells their author made.

Read line by line: what stands after a mark is a title, a kind and perhaps tags; anything odd there is a title.
(jupytext itself raises one thing or another over odd metadata in a mark, which is the student's to write.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.intake import Unreadable
from grader.notebook.document import Cell

MOST_CELLS = 2000
_MARK = re.compile(r"# ?%%+(?:[ \t]+(?P<rest>.*))?$")
_TEXT = re.compile(r"(?:^|\s)\[(?:markdown|md|raw)\]", re.IGNORECASE)
_TAGS = re.compile(r"""\btags["']?\s*[=:]\s*\[([^\]]*)\]""")
_QUOTED = re.compile(r"""["']([^"']{1,60})["']""")
_MAGIC = re.compile(r"# ?(?=%[a-zA-Z]|%%[a-zA-Z]|![a-zA-Z])")
_STRING = re.compile(r"""\s*[rR]?(\"{3}|'{3})(?P<text>.*?)\1\s*""", re.DOTALL)
_HEADER = re.compile(r"\s*# ---\n(?:#(?! ?%%).*\n)*?# ---\n")


def is_percent(source: str) -> bool:
    """Return whether a script has marks of cells."""
    return any(_MARK.match(line) for line in source.split("\n"))


def percent_cells(source: str, name: str) -> tuple[Cell, ...]:
    """Return the cells of a script, those of text without their comment signs. Raises `Unreadable`."""
    header = _HEADER.match(source)
    lines = source.split("\n")
    first = header[0].count("\n") if header else 0
    marks = [number for number in range(first, len(lines)) if _MARK.match(lines[number])]
    if len(marks) > MOST_CELLS:
        raise Unreadable(f"{name} holds more than {MOST_CELLS} cells.")
    starts = [first, *marks] if "".join(lines[first : marks[0]]).strip() else marks
    ends = [*starts[1:], len(lines)]
    found = (_cell(lines[start:end], start) for start, end in zip(starts, ends, strict=True))
    return tuple(Cell(number, *parts) for number, parts in enumerate(found, 1))


def _cell(lines: Sequence[str], start: int) -> tuple[str, str, tuple[str, ...], int]:
    """Return kind, source, tags and first line of a cell."""
    mark = _MARK.match(lines[0])
    rest = (mark["rest"] or "") if mark else ""
    body = lines[1:] if mark else lines
    tags = _TAGS.search(rest)
    kind = "text" if _TEXT.search(rest) else "code"
    source = _uncommented(body) if kind == "text" else "\n".join(_MAGIC.sub("", line) for line in body)
    return kind, source.strip("\n"), tuple(_QUOTED.findall(tags[1])) if tags else (), start + (2 if mark else 1)


def _uncommented(lines: Sequence[str]) -> str:
    """Return text that was written as comments or as a string."""
    text = "\n".join(lines)
    string = _STRING.fullmatch(text)
    return string["text"] if string else re.sub(r"^[ \t]*# ?", "", text, flags=re.MULTILINE)
