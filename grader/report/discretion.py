"""What a student reads names no folder of the machine that graded: neither ours nor that of the Python that ran it.

A path to an installed package begins at the package; other paths lose what lies on this machine alone. Time is linear
in the text: a path is looked at over a bounded number of folders.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

_INSTALLED = re.compile(
    r"(?:/[^\s:'\"<>()&/]{1,100}){1,12}/((?:site|dist)-packages|lib/python3\.\d+|python3\d+\.zip|lib-dynload)\b"
)
_INTERPRETER = re.compile(r"(?:/[^\s:'\"<>()&/]{1,100}){0,12}/bin/(python[\d.]*)\b")
_SCRATCH = re.compile(r"(?:/[^\s:'\"<>()&/]{1,100}){0,12}/deepgrader-\d+(?:/[0-9a-f]{8,16}){0,2}")
_PATH = re.compile(r"(?:/[^\s:'\"<>()&/]+){2,}|/deepgrader-\d+")
"""Whatever may be one of these; most of a page is not."""
_WORDS = ("-packages", "python", "lib-dynload", "deepgrader-")
"""One of these is in each of them; in a picture that is written out in letters and slashes hardly ever."""
_PACKAGE = Path(__file__).resolve().parents[1]
_OURS = sorted({str(_PACKAGE), str(_PACKAGE.parent), sys.prefix, sys.base_prefix}, key=len, reverse=True)


def discreet(text: str) -> str:
    """Return a text, HTML or JSON too, without folders of this machine."""
    text = _PATH.sub(_shortened, text)
    for folder in _OURS:
        if folder.count("/") > 1:  # not a folder that every machine has, such as /usr
            text = text.replace(folder, "…")
    return text


def _shortened(path: re.Match[str]) -> str:
    """Return a path without folders of this machine."""
    text = path[0]
    if not any(word in text for word in _WORDS):
        return text
    for pattern, kept in ((_INSTALLED, r"\1"), (_INTERPRETER, r"\1"), (_SCRATCH, "…")):
        text = pattern.sub(kept, text)
    return text
