"""Tables as spreadsheet programs and platforms save them, whatever they took for encoding and separator.

Theory of operation. A CSV file says neither how its letters are encoded nor what separates its cells. Both are told by
the file itself: a byte order mark, else UTF-8 if it is that, else what Excel writes on Windows; Excel's own line
`sep=;`, else the separator that the first line has most of.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

_MOST_BYTES = 64 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files of Excel and LibreOffice themselves begin."""
_SEPARATORS = ",;\t"
_DECLARED = re.compile('"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line of a table that has something in it."""

    number: int
    """In the file, counted from 1; of a line that was broken inside a cell, its last."""
    cells: tuple[str, ...]


def read(path: Path) -> tuple[Line, ...]:
    """Return the lines of a CSV file, those without a word left out. Raises UsageError."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is too large for a table.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
    if data.startswith(_WORKBOOKS):
        raise UsageError(f"{path} is a workbook: save the sheet as CSV, and give that.")
    return _lines(path, _text(path, data))


def _text(path: Path, data: bytes) -> str:
    mark, encoding = next((known for known in _MARKS if data.startswith(known[0])), (b"", ""))
    for attempt in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            return data[len(mark) :].decode(attempt)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path} is not a CSV file: its letters are in no encoding that spreadsheets write.")


def _lines(path: Path, text: str) -> tuple[Line, ...]:
    first = text.split("\n", 1)[0].rstrip("\r")
    declared = found[1] if (found := _DECLARED.fullmatch(first)) else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=declared or max(_SEPARATORS, key=first.count))
    try:
        lines = tuple(Line(reader.line_num, tuple(cells)) for cells in reader)
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}.") from None
    return tuple(line for line in lines[1 if declared else 0 :] if any(map(str.strip, line.cells)))
