"""What is in a folder: hidden and generated files skipped, links never followed, other things named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.intake.names import natural, shown

_GENERATED = re.compile(r"\..*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini|node_modules|.*\.pyc|~\$.*", re.IGNORECASE)
MOST_FILES = 2000
"""Files looked at in one submission."""
DEEPEST = 16
"""Folders inside folders."""


@dataclass(frozen=True)
class Listing:
    """What a folder holds, in natural order."""

    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()
    fault: str = ""
    """Why we could not look into it."""


def listing(folder: Path) -> Listing:
    """Return the files and folders directly in `folder`; what is neither gets a remark."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: (natural(entry.name), entry.name))
    except OSError as error:
        return Listing(fault=f"The folder {shown(folder.name)} cannot be opened ({error.strerror}).")
    entries = [entry for entry in entries if not _GENERATED.fullmatch(entry.name)]
    files = tuple(Path(entry.path) for entry in entries if entry.is_file(follow_symlinks=False))
    folders = tuple(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    environments = tuple(path for path in folders if os.path.exists(path / "pyvenv.cfg"))  # noqa: PTH110 - false, too, where we may not look
    remarks = [remark for entry in entries if (remark := _oddity(entry))]
    remarks += [f"{shown(path.name)} is a Python environment and is left out." for path in environments]
    return Listing(files, tuple(path for path in folders if path not in environments), tuple(remarks))


def _oddity(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return f"{shown(entry.name)} is a link and is not followed."
    if not entry.is_file(follow_symlinks=False) and not entry.is_dir(follow_symlinks=False):
        return f"{shown(entry.name)} is not an ordinary file and is left out."
    return ""


def everything(folder: Path) -> Listing:
    """Return all files under `folder`, those higher up first in each folder, up to `MOST_FILES`."""
    files: list[Path] = []
    remarks: list[str] = []
    fault = ""
    for level in _levels(folder, DEEPEST, remarks):
        remarks += level.remarks
        fault = fault or level.fault
        files += level.files
        if len(files) > MOST_FILES:
            remarks.append(f"There are more than {MOST_FILES} files; the others are left out.")
            break
    return Listing(tuple(files[:MOST_FILES]), remarks=tuple(remarks), fault=fault)


def _levels(folder: Path, depth: int, remarks: list[str]) -> Iterator[Listing]:
    found = listing(folder)
    yield found
    if found.folders and not depth:
        remarks.append(f"Folders more than {DEEPEST} deep are left out.")
        return
    for inner in found.folders:
        yield from _levels(inner, depth - 1, remarks)
