"""The bytes of one file, and the text in them, whatever the encoding."""

from __future__ import annotations

import codecs
import io
import os
import re
import stat
import tokenize
from dataclasses import dataclass
from pathlib import Path

from grader.defect import is_machines
from grader.errors import GraderFault
from grader.intake import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLAIN_CODECS = re.compile(r"(utf|ascii|iso|latin|cp|windows|mac|koi8|gb|big5|euc|shift|johab|hz)[\w-]*", re.IGNORECASE)
"""Codecs a script may declare; others ('unicode_escape', 'punycode') decode slowly or change the program."""
_DISGUISES = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip file or an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"version https://git-lfs", "only a pointer to a file kept elsewhere (Git LFS)"),
)
_WEB_PAGE = re.compile(rb"\s*<(!doctype html|html|head)", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A file's text, its lines ended as Python ends them, without null characters."""

    text: str
    remarks: tuple[str, ...] = ()


def content(path: Path, name: str, most: int) -> bytes:
    """Return the bytes of an ordinary file of at most so many bytes. Raises `Unreadable`, or `GraderFault`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as source:  # noqa: PTH123 - the descriptor is looked at before it is read
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable(f"{name} is not an ordinary file.")
            data = source.read(most + 1)
            size = os.fstat(descriptor).st_size
    except OSError as error:
        said = error.strerror or type(error).__name__
        if is_machines(error):
            raise GraderFault(f"{name} could not be read here: {said}.") from error
        raise Unreadable(f"{name} cannot be read ({said}).") from error
    if len(data) > most:
        raise Unreadable(f"{name} is too large ({size / 1e6:.0f} MB; up to {most / 1e6:.0f} MB are read).")
    if not data.strip():
        raise Unreadable(f"{name} is empty.")
    return data


def refuse_disguise(data: bytes, name: str) -> None:
    """Raise `Unreadable` if the bytes are plainly something else than text of code."""
    for start, what in _DISGUISES:
        if data.startswith(start):
            raise Unreadable(f"{name} is not a notebook or a script but {what}.")
    if _WEB_PAGE.match(data):
        raise Unreadable(f"{name} is a web page; the notebook itself has to be downloaded and handed in.")


def decoded(data: bytes, name: str) -> Text:
    """Return the text in some bytes: by byte order mark, by declaration, as UTF-8, else as Latin-1."""
    text, remarks = _decoded(data, name)
    if "\x00" in text:
        text = text.replace("\x00", "")
        remarks = (*remarks, f"{name} held null characters; they were taken out.")
    return Text(text.replace("\r\n", "\n").replace("\r", "\n"), remarks)


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            said = () if encoding == "utf-8" else (f"{name} is encoded as {encoding.upper()}.",)
            return data[len(mark) :].decode(encoding, "replace"), said
    for encoding in (_utf_16(data), _declared(data), "utf-8"):
        try:
            if encoding:
                return data.decode(encoding), () if encoding == "utf-8" else (f"{name} is encoded as {encoding}.",)
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252", "replace"), (f"{name} is not valid UTF-8; it was read as Latin-1.",)


def _utf_16(data: bytes) -> str:
    """Return the encoding of text in which every other byte is null, or ''."""
    start = data[:4000]
    if start[1::2].count(0) > 0.7 * len(start[1::2]):
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > 0.7 * len(start[::2]) else ""


def _declared(data: bytes) -> str:
    """Return the encoding a script declares in its first two lines, if it is one that text is written in."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        return ""
    return encoding if _PLAIN_CODECS.fullmatch(encoding) and encoding != "utf-8" else ""


def printable(text: str) -> str:
    """Return text that can be encoded: half pairs of UTF-16 and null characters replaced."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
