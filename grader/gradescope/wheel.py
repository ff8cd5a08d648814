"""A wheel of this very package, made from its files as they are: no network, no tool, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from grader import __version__
from grader.gradescope.packed import packed

PACKAGE = Path(__file__).resolve().parents[1]
DISTRIBUTION = "deepgrader"
NAME = f"{DISTRIBUTION}-{__version__}-py3-none-any.whl"
_INFO = f"{DISTRIBUTION}-{__version__}.dist-info"
_METADATA = f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: {__version__}\nRequires-Python: >=3.10\n"
"""It requires nothing: what it needs stands in `container/requirements.txt`, version by version."""
_LEFT_OUT = ("__pycache__", "packaged")
"""Folders that are no part of the program: what Python compiled, and the course that comes with an installed grader."""


def wheel() -> bytes:
    """Return the wheel's bytes."""
    files = {f"grader/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in _own_files()}
    files |= {
        f"{_INFO}/METADATA": _METADATA.encode(),
        f"{_INFO}/WHEEL": b"Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{_INFO}/entry_points.txt": b"[console_scripts]\ngrade = grader.cli:main\n",
    }
    record = "".join(f"{name},{_digest(data)},{len(data)}\n" for name, data in sorted(files.items()))
    return packed({**files, f"{_INFO}/RECORD": f"{record}{_INFO}/RECORD,,\n".encode()})


def _own_files() -> Iterator[Path]:
    for path in PACKAGE.rglob("*"):
        parts = path.relative_to(PACKAGE).parts
        if path.is_file() and path.suffix != ".pyc" and not any(_is_left_out(part) for part in parts):
            yield path


def _is_left_out(part: str) -> bool:
    return part.startswith(".") or part in _LEFT_OUT


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
