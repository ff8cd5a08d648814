"""The data sets of a course: what is there, and how the published ones take the place of the small ones.

Theory of operation. `data/mirror.toml` says of each set where its authors publish it, and the digest of every file. A
set is fetched, or taken from a folder the instructor has, into a new folder beside the old one; every file's size and
digest are checked; the examples to be held out are taken out of the test set and put below `reference/`; and only then
does the new folder take the old one's place. Files are known by their digests, not by their names: FashionMNIST's have
the same names as MNIST's.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course import Course
from grader.errors import UsageError
from grader.mirror import DataSet, HeldOut, Mirror, Part

CHUNK, SECONDS = 1 << 20, 60.0
MOST = 2 << 30
"""Bytes of one file."""


@dataclass(frozen=True)
class Line:
    """One file that students' programs can find."""

    path: str
    size: int
    addresses: int
    homeworks: tuple[str, ...]
    published: bool
    """Whether it is the file that the set's authors publish, bit for bit."""


def lines(course: Course) -> tuple[Line, ...]:
    """Return what there is, by path."""
    mirror = _mirror(course)
    found = []
    for path in sorted({path for _, path in mirror.files}):
        data = next((one for one in mirror.sets if path.startswith(f"{one.name}/")), None)
        part = next((one for one in data.file if path == f"{data.name}/{one.name}"), None) if data else None
        where = mirror.folder / path
        addresses = sum(path == other for _, other in mirror.files)
        homeworks = tuple(data.homeworks) if data else ()
        found.append(Line(path, where.stat().st_size, addresses, homeworks, bool(part and _is(where, part))))
    return tuple(found)


def fetch(course: Course, homework: str = "") -> Iterator[str]:
    """Fetch the published sets of a homework (of all, if none is named), and say what was done."""
    mirror = _mirror(course)
    for data in _wanted(mirror, homework):
        with _new_folder(mirror, data) as folder:
            for part in data.file:
                address = part.address or data.address + part.name
                yield f"Fetching {address}"
                _download(address, folder / part.name)
                _check(folder / part.name, part, address)
            yield _installed(course, mirror, data, folder)


def take(course: Course, source: Path) -> Iterator[str]:
    """Import the published sets whose files lie anywhere in a folder, and say what was done."""
    if not source.is_dir():
        raise UsageError(f"{source} is not a folder.")
    mirror = _mirror(course)
    names = {part.name for data in mirror.sets for part in data.file}
    there = [path for path in sorted(source.rglob("*")) if path.name in names and path.is_file()]
    done = 0
    for data in mirror.sets:
        found = {part.name: path for part in data.file for path in there if _is(path, part)}
        lacking = [part.name for part in data.file if part.name not in found]
        if lacking and found:
            yield f"{data.name}: left as it is, for {', '.join(lacking)} is not there or not as published."
        if lacking:
            continue
        with _new_folder(mirror, data) as folder:
            for name, path in found.items():
                shutil.copyfile(path, folder / name)
            yield _installed(course, mirror, data, folder)
        done += 1
    if not done:
        known = "; ".join(f"{data.name}: {', '.join(part.name for part in data.file)}" for data in mirror.sets)
        raise UsageError(f"{source} holds no whole data set as it is published. Looked for: {known or 'none'}.")


def _mirror(course: Course) -> Mirror:
    if course.mirror is None:
        raise UsageError(f"{course.folder} has no data: its folder data/ needs a table mirror.toml.")
    return course.mirror


def _wanted(mirror: Mirror, homework: str) -> tuple[DataSet, ...]:
    asked = homework.strip().lower()
    some = tuple(one for one in mirror.sets if not asked or {asked, f"hw{asked}"} & set(one.homeworks))
    if not some:
        known = sorted({name for one in mirror.sets for name in one.homeworks})
        raise UsageError(f"No data set is for homework {homework!r}; there are some for: {', '.join(known) or 'none'}.")
    return some


@contextmanager
def _new_folder(mirror: Mirror, data: DataSet) -> Iterator[Path]:
    """Make a folder beside the set's own, which goes away again unless it takes that one's place."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{data.name}-", dir=mirror.folder))
    except OSError as error:
        raise UsageError(f"{mirror.folder} cannot be written to: {error.strerror}.") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _download(address: str, target: Path) -> None:
    """Write what is at an address to a file. Raises UsageError."""
    try:
        with urlopen(address, timeout=SECONDS) as answer, target.open("wb") as file:  # http(s) by the table
            for _ in range(MOST // CHUNK):
                if not (chunk := answer.read(CHUNK)):
                    return
                file.write(chunk)
        raise UsageError(f"{address} is larger than {MOST >> 30} GiB.")
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        advice = "Fetch the files elsewhere and take them with: grade data import FOLDER"
        raise UsageError(f"{address} cannot be fetched: {reason}. {advice}") from None


def _check(path: Path, part: Part, address: str) -> None:
    """Refuse a file that is not as published."""
    if not _is(path, part):
        size = f"{path.stat().st_size} bytes" + (f" instead of {part.size}" if part.size else "")
        raise UsageError(f"{address} is not the file that mirror.toml names ({size}); nothing was changed.")


def _is(path: Path, part: Part) -> bool:
    """Return whether a file is the published one."""
    if not (part.md5 or part.sha256) or (part.size and path.stat().st_size != part.size):
        return False
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha256") if getattr(part, name)}
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            for digest in digests.values():
                digest.update(chunk)
    return all(digest.hexdigest() == getattr(part, name) for name, digest in digests.items())


def _installed(course: Course, mirror: Mirror, data: DataSet, folder: Path) -> str:
    """Hold out what is to be held out, and put the new folder in the old one's place; return the sentence."""
    held = data.held_out
    if held is not None:
        _hold_out(folder, held, course.folder / "reference" / held.to)
    place = mirror.folder / data.name
    folder.chmod(0o755)
    with tempfile.TemporaryDirectory(prefix=f".{data.name}-old-", dir=mirror.folder) as old:
        if place.exists():
            place.rename(Path(old) / data.name)
        folder.rename(place)
    kept = f"; {held.count} test examples are held out in reference/{held.to}" if held else ""
    return f"{data.name}: {len(data.file)} files as published{kept}."


def _hold_out(folder: Path, held: HeldOut, target: Path) -> None:
    """Take evenly chosen examples out of a test set, and write them where no student's program can read."""
    images, labels = _idx(folder / held.images), _idx(folder / held.labels)
    if not len(images) == len(labels) > held.count:
        raise UsageError(f"{held.images} and {held.labels} do not go together; nothing was changed.")
    chosen = np.zeros(len(labels), dtype=bool)
    chosen[np.linspace(0, len(labels) - 1, held.count).astype(int)] = True
    unfinished = target.with_name(f".{target.name}")
    with unfinished.open("wb") as file:
        np.savez_compressed(file, images=images[chosen], labels=labels[chosen])
    for name, array in {held.images: images, held.labels: labels}.items():
        (folder / name).write_bytes(gzip.compress(_in_idx(array[~chosen]), 9, mtime=0))
    os.replace(unfinished, target)  # noqa: PTH105


def _idx(path: Path) -> NDArray[np.uint8]:
    """Return the bytes of a gzipped IDX file as an array. Raises UsageError."""
    try:
        data = gzip.decompress(path.read_bytes())
        zero, kind, axes = struct.unpack_from(">HBB", data)
        shape = struct.unpack_from(f">{axes}I", data, 4)
        if (zero, kind) != (0, 8):
            raise ValueError
        return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error):
        raise UsageError(f"{path.name} is not a gzipped IDX file of bytes.") from None


def _in_idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def show(action: str, folder: Path | None, homework: str, course: Course, console: Console) -> int:
    """Do what was asked for, say it, and return the exit code. Raises UsageError."""
    if action not in ("list", "fetch", "import"):
        raise UsageError(f"grade data {action}: there are `grade data`, `grade data fetch` and `grade data import`.")
    if (action == "import") != (folder is not None):
        raise UsageError("A folder is named where data are imported, and only there: grade data import FOLDER")
    done = fetch(course, homework) if action == "fetch" else take(course, folder) if folder else ()
    for sentence in done:
        console.print(Text(sentence), soft_wrap=True)
    if action == "list":
        _list(lines(course), console)
    return 0


def _list(found: Sequence[Line], console: Console) -> None:
    """Print what is there."""
    shown = Table(box=None, header_style="bold")
    for title in ("file", "size", "addresses", "for"):
        shown.add_column(title, justify="right" if title in ("size", "addresses") else "left", overflow="fold")
    shown.add_column("")
    for line in found:
        state = "as published" if line.published else "not the published file"
        words = (line.path, f"{line.size / 1000:,.1f} kB", str(line.addresses), ", ".join(line.homeworks), state)
        shown.add_row(*map(Text, words))
    console.print(shown)
