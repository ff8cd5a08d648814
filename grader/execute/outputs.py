"""What a cell showed, kept within bounds.

Everything comes from the student: each field is looked at before it is believed, and work is linear in its size. A
cell may keep a quarter of what is left for the file, so that one flood does not take the later cells' room.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.execute.failure import plain
from grader.records import Output

_MOST_PIECES = 300
_LEAST_ROOM = 16 << 10
_PNG = b"\x89PNG\r\n\x1a\n"
_CONTROL = re.compile(r"\x1b\[[0-9;?]{0,20}[a-zA-Z]|\x1b[^\[]?|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
CUT = "The rest of this cell's output was cut."


@dataclass
class _Piece:
    """One output in the making."""

    kind: str
    stream: str = ""
    parts: list[str] = field(default_factory=list)
    display: str = ""


@dataclass
class Shown:
    """What one cell has shown so far."""

    room: int
    """Bytes that may still be kept."""
    cut: bool = False
    _pieces: list[_Piece] = field(default_factory=list)
    _clear_first: bool = False

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Keep what a message of the kernel shows; anything that is not well formed shows nothing."""
        if kind == "clear_output":
            self._clear(wait=bool(content.get("wait")))
        elif kind == "stream":
            self._write(content.get("name"), content.get("text"))
        elif kind in ("display_data", "execute_result", "update_display_data"):
            self._display(kind, content)

    def outputs(self) -> tuple[Output, ...]:
        """Return the outputs, with a note when something was cut."""
        shown = [Output(piece.kind, _content(piece)) for piece in self._pieces]
        notes = [Output("note", CUT)] if self.cut else []
        return (*(output for output in shown if output.content), *notes)

    def _write(self, name: object, text: object) -> None:
        if name not in ("stdout", "stderr") or not isinstance(text, str):
            return
        text = self._fit(text)
        self._make_way()
        last = self._pieces[-1] if self._pieces else None
        if last and last.stream == name:
            last.parts.append(text)
        elif text:
            self._add(_Piece("text", str(name), [text]))

    def _display(self, message: str, content: Mapping[str, Any]) -> None:
        best = _richest(content.get("data"))
        if best is None or not self._fits(len(best[1])):
            return
        name = _display_name(content)
        found = next((piece for piece in self._pieces if name and piece.display == name), None)
        if found:
            found.kind, found.parts = best[0], [best[1]]
        elif message != "update_display_data":
            self._make_way()
            self._add(_Piece(best[0], "", [best[1]], name))

    def _add(self, piece: _Piece) -> None:
        if len(self._pieces) < _MOST_PIECES:
            self._pieces.append(piece)
        else:
            self.cut = True

    def _fits(self, size: int) -> bool:
        self.cut = self.cut or size > self.room
        self.room -= size if size <= self.room else 0
        return size <= self.room + size and not self.cut

    def _fit(self, text: str) -> str:
        """Return as much of a text as there is room for."""
        kept = text[: self.room]
        self.cut = self.cut or len(kept) < len(text)
        self.room -= len(kept)
        return kept

    def _clear(self, *, wait: bool) -> None:
        self._clear_first = wait
        if not wait:
            self._pieces.clear()

    def _make_way(self) -> None:
        if self._clear_first:
            self._clear(wait=False)


def room_for_cell(left: int) -> int:
    """Return the bytes that one cell may keep, given what is left for the file."""
    return min(left, max(left // 4, _LEAST_ROOM))


def _display_name(content: Mapping[str, Any]) -> str:
    transient = content.get("transient")
    name = transient.get("display_id") if isinstance(transient, dict) else None
    return name[:200] if isinstance(name, str) else ""


def _richest(data: object) -> tuple[str, str] | None:
    """Return (kind, text) of the richest form that a report can show."""
    if not isinstance(data, dict):
        return None
    for media, kind in (("image/png", "png"), ("image/svg+xml", "svg"), ("text/html", "html"), ("text/plain", "text")):
        text = _joined(data.get(media))
        if text and (kind != "png" or _is_png(text)):
            return kind, text
    return None


def _joined(text: object) -> str:
    """Return text that may come as a list of lines."""
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "".join(text)
    return text if isinstance(text, str) else ""


def _is_png(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=False)[:8] == _PNG
    except (binascii.Error, ValueError):
        return False


def _content(piece: _Piece) -> str:
    """Return a piece's final text: images without line ends, text as a terminal would have left it."""
    text = "".join(piece.parts)
    if piece.kind == "png":
        return base64.b64encode(base64.b64decode(text, validate=False)).decode()
    if piece.kind == "text":
        return _as_on_screen(text)
    return plain(text, len(text)) if piece.kind == "html" else text


def _as_on_screen(text: str) -> str:
    """Return text after carriage returns (the last writing of a line stays), without escape codes."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _CONTROL.sub("", "\n".join(lines)).encode(errors="replace").decode()
