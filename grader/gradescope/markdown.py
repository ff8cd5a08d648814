"""Text that Markdown leaves alone, whatever a student put into it."""

from __future__ import annotations

import re

from grader.report.discretion import discreet
from grader.report.text import plain

_INLINE = re.compile(r"[\\`*_{}\[\]<>|~$&^#]")
_CODE = re.compile(r"((?<!`)`[^`\s](?:[^`]*[^`\s])?`(?!`))")
_LINK = re.compile(r"(?<=\w):(?=//)|(?<=\bwww)\.|(?<=\w)@(?=\w)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def literal(text: str) -> str:
    """Return Markdown that shows `text` as it is, line by line, without folders of this machine."""
    lines = (line.strip() for line in plain(discreet(text)).replace("\t", " ").split("\n"))
    return "  \n".join(_escaped(line) for line in lines if line)


def _escaped(line: str) -> str:
    """Return one line in Markdown; what stands between two backticks, as our own sentences set names, is code."""
    pieces = _CODE.split(line)
    pieces[::2] = [_out_of_code(piece) for piece in pieces[::2]]
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", "".join(pieces))


def _out_of_code(text: str) -> str:
    text = _INLINE.sub(lambda match: _ENTITIES.get(match[0], "\\" + match[0]), text)
    return _LINK.sub(lambda match: f"&#{ord(match[0])};", text)
