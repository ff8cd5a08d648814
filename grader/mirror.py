"""The course's offline mirror: a folder of files that students' programs would fetch from the network.

A course may have a folder `data/` with a table `mirror.toml`, which says what address stands for which file. There is
no network where students' code runs; what it asks for by one of these addresses is taken from here. An address that
ends in '/' stands for a whole folder. Everything in the folder may be read by students, so no labels that answers are
judged on lie there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from pydantic import field_validator

from grader import strict
from grader.errors import RubricError

TABLE, INDEX = "mirror.toml", "index.json"


class Entry(strict.Table):
    """One `[[file]]`: an address, and the file or folder it stands for."""

    address: str
    path: str

    @field_validator("address")
    @classmethod
    def _web(cls, address: str) -> str:
        if not address.startswith(("http://", "https://")):
            raise ValueError("an address starts with http:// or https://")
        return address

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str) -> str:
        return inside(path)


class Part(strict.Table):
    """One file of a data set as its authors publish it."""

    name: str
    address: str = ""
    """Where it is, if not below the set's address."""
    size: int = 0
    md5: str = ""
    sha256: str = ""

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if "/" in name:
            raise ValueError("a file's name has no folder")
        return inside(name)


class HeldOut(strict.Table):
    """Which examples of a published test set are kept from students, and where they go below `reference/`."""

    images: str
    labels: str
    count: int
    to: str

    @field_validator("to")
    @classmethod
    def _inside(cls, path: str) -> str:
        return inside(path)


class DataSet(strict.Table):
    """One `[[set]]`: a data set that can be fetched or imported into a folder of its own."""

    name: str
    homeworks: list[str] = []
    """The only ones whose programs find it, if any are named."""
    address: str = ""
    file: list[Part] = []
    held_out: HeldOut | None = None

    @field_validator("name")
    @classmethod
    def _inside(cls, name: str) -> str:
        return inside(name)


class _MirrorFile(strict.Table):
    file: list[Entry] = []
    set: list[DataSet] = []


@dataclass(frozen=True)
class Mirror:
    """A folder of files and the addresses they are asked for by."""

    folder: Path
    files: tuple[tuple[str, str], ...]
    """(address, path below `folder`) of every file that is there; folders are written out."""
    sets: tuple[DataSet, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Return the digest of all addresses and all bytes: with it changes what students' programs read."""
        total = hashlib.sha256()
        contents: dict[str, bytes] = {}
        for address, path in self.files:
            if path not in contents:
                contents[path] = hashlib.sha256((self.folder / path).read_bytes()).digest()
            total.update(f"{address}\0{path}\0".encode() + contents[path])
        return total.hexdigest()

    def offered_to(self, homework: str) -> Mirror:
        """Return what of it one homework is offered: a set that names its homeworks is for no other."""
        others = tuple(f"{each.name}/" for each in self.sets if each.homeworks and homework not in each.homeworks)
        return replace(self, files=tuple(pair for pair in self.files if not pair[1].startswith(others)))

    def copied(self, folder: Path) -> Mirror:
        """Return the same mirror in a `folder` of its own, which anybody may read, with an index for the other side."""
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted({path for _, path in self.files}):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / path, target)
            target.chmod(0o644)
        for made in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
            made.chmod(0o755)
        (folder / INDEX).write_text(json.dumps(dict(self.files)), encoding="utf-8")
        return replace(self, folder=folder)


def read(course: Path) -> Mirror | None:
    """Return the mirror of the course in a folder, or None if it has none; raise RubricError if its table is wrong."""
    table = course / "data" / TABLE
    if not table.exists():
        return None
    said = strict.read(table, _MirrorFile)
    for place, entry in enumerate(said.file, 1):
        if entry.address.endswith("/") != entry.path.endswith("/"):
            raise RubricError(table, f"file {place}", "a folder's address and its path both end in '/'.")
    files = (found for entry in said.file for found in _written_out(table.parent, entry))
    return Mirror(table.parent, tuple(dict.fromkeys(files)), tuple(said.set))


def _written_out(folder: Path, entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield an entry's files, as far as they are there."""
    if not entry.path.endswith("/"):
        if (folder / entry.path).is_file():
            yield entry.address, entry.path
        return
    for path in sorted((folder / entry.path).glob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield entry.address + path.name, entry.path + path.name


def inside(path: str) -> str:
    """Return a path that stays below its folder; raise ValueError for any other."""
    parts = PurePosixPath(path)
    if not path or parts.is_absolute() or ".." in parts.parts or parts == PurePosixPath("."):
        raise ValueError("a path below the folder is meant, without '..'")
    return path
