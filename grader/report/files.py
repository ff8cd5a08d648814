"""Writing a report: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from grader.report.text import encodable


def write(path: Path, text: str) -> Path:
    """Write `text` as UTF-8 in one step, so that a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(encodable(text).encode())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
