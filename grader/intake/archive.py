"""Zip files, unpacked without trust.

Nothing is believed that the archive says of itself: names are cut to plain relative paths, sizes are counted while
bytes come out, links and special files are skipped, and what would grow too large stops with one sentence.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from grader.defect import is_machines
from grader.errors import GraderFault
from grader.intake.names import shown
from grader.intake.unreadable import Unreadable

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
_CHUNK = 1 << 20
_NAME_BYTES = 200
_PATH_BYTES = 3500
_DEEPEST = 40


@dataclass(frozen=True)
class Room:
    """How much may come out of one archive."""

    files: int
    size: int
    """Bytes, all files together."""
    ratio: int = 200
    """Unpacked to packed size, beyond the first ten megabytes."""


WHOLE_CLASS = Room(files=20_000, size=4 << 30)
ONE_STUDENT = Room(files=2_000, size=512 << 20)


def unpack(archive: Path, into: Path, room: Room) -> tuple[str, ...]:
    """Unpack `archive` into the empty folder `into`; return remarks. Raises `Unreadable`, or `GraderFault`."""
    name = shown(archive.name)
    try:
        with zipfile.ZipFile(archive) as packed:
            return tuple(_unpacked(packed, into, room, name))
    except _BROKEN as error:
        raise Unreadable(f"{name} is not a whole zip file ({shown(str(error)) or type(error).__name__}).") from error
    except OSError as error:
        if is_machines(error):
            raise GraderFault(f"{name} could not be unpacked here: {error.strerror}.") from error
        raise Unreadable(f"{name} cannot be unpacked ({error.strerror or type(error).__name__}).") from error


def _unpacked(packed: zipfile.ZipFile, into: Path, room: Room, name: str) -> Iterator[str]:
    """Unpack, and yield the remarks."""
    members = packed.infolist()
    if len(members) > room.files:
        raise Unreadable(f"{name} holds {len(members)} files; up to {room.files} are unpacked.")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable(f"{name} is locked with a password.")
    left = min(room.size, room.ratio * _size(packed) + (10 << 20))
    for member in members:
        place = _place(member, into)
        if place is None:
            yield f"{shown(member.filename)} in {name} points outside the archive or is a link, and is left out."
        elif member.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            with packed.open(member) as source:
                left -= _copied(source, place, left, name)


def _size(packed: zipfile.ZipFile) -> int:
    """Return the size of the archive itself, in bytes."""
    return Path(packed.filename).stat().st_size if packed.filename else 0


def _place(member: zipfile.ZipInfo, into: Path) -> Path | None:
    """Return where a member goes, or None if it may go nowhere."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    parts = _name(member).replace("\\", "/").split("/")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or ".." in parts or not parts[0] or parts[0].endswith(":"):
        return None
    place = into.joinpath(*(_short(part) for part in parts if part not in ("", ".")))
    lost = place == into or len(place.parts) - len(into.parts) > _DEEPEST or len(os.fsencode(place)) > _PATH_BYTES
    return None if lost or any(above.is_file() for above in place.parents) else place


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; many programs write UTF-8 and forget to say so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def _short(part: str) -> str:
    """Return a name that any file system takes."""
    clean = part.encode("utf-8", "replace").decode("utf-8").replace("\x00", "_")
    if len(clean.encode()) <= _NAME_BYTES:
        return clean
    stem, dot, ending = clean.rpartition(".")
    digest = sha256(clean.encode()).hexdigest()[:8]
    tail = f"{dot}{ending}" if len(ending) < 10 else ""
    return f"{(stem or clean)[:40]}-{digest}{tail}"


def _copied(source: IO[bytes], place: Path, left: int, name: str) -> int:
    """Copy one member to a new file and return its size. Raises `Unreadable` when it is more than is `left`."""
    place.parent.mkdir(parents=True, exist_ok=True)
    while place.exists():
        place = place.with_name(f"again-{place.name}")
    size = 0
    with place.open("xb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise Unreadable(f"{name} grows too large when unpacked.")
            target.write(chunk)
    return size
