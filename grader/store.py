"""The results folder: one run record for each student, written whole or not at all.

Theory of operation. `results/hw3/<student>/run.zip` holds a record as JSON and one block of raw numbers
(`grader.packing`). It is written under another name, forced to the disk and then renamed, so that at every moment, also
after `kill -9` or a power cut, either the old record is there or the new one. The same record always gives the same
bytes. A file that is not a whole record counts as absent, with a line that says so, and is replaced by the next run.
One `grade` at a time works on a folder; a lock, which the system drops when its process ends, sees to that.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from grader.defect import is_machines
from grader.errors import UsageError
from grader.packing import Damaged, pack, unpack
from grader.records import RunRecord

FORMAT = 1
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every entry, so that equal records are equal files."""


@dataclass(frozen=True)
class Session:
    """What the folder was last used for: enough to grade again or to check a mark."""

    homework: str
    course: str
    submissions: str
    students: Mapping[str, str]
    """Name by key, of everyone ever graded into this folder."""


@dataclass(frozen=True)
class Loaded:
    """A record that was looked for."""

    record: RunRecord | None
    complaint: str = ""
    """Why a file that is there counts as absent."""


@dataclass(frozen=True)
class Results:
    """The results of one homework."""

    folder: Path

    @property
    def marks(self) -> Path:
        """Return where people's decisions are."""
        return self.folder / "marks.jsonl"

    def student(self, key: str) -> Path:
        """Return the folder of one student; raise ValueError if the key is no plain file name."""
        if key in ("", ".", "..") or Path(key).name != key:
            raise ValueError(f"not a key of a student: {key!r}")
        return self.folder / key

    def load(self, key: str) -> Loaded:
        """Return a student's run record, if a whole one is there."""
        path = self.student(key) / "run.zip"
        try:
            return Loaded(_read(path))
        except FileNotFoundError:
            return Loaded(None)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            return Loaded(None, f"{path} is not a whole run record ({error}); it is made anew.")

    def save(self, record: RunRecord) -> None:
        """Write a run record, whole or not at all; raise UsageError where the disk refuses."""
        folder = self.student(record.student)
        with self.writing():
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / "run.zip", archive(record))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make of what the disk refuses, in whatever is written here, a UsageError."""
        try:
            yield
        except OSError as error:
            if not is_machines(error):
                raise
            raise UsageError(
                f"Results cannot be written to {self.folder}: {error.strerror}. What is whole is kept; the same command"
                " goes on from there."
            ) from error

    def session(self) -> Session | None:
        """Return what the folder was last used for, if that can be told."""
        try:
            said = json.loads((self.folder / "session.json").read_text(encoding="utf-8"))
            return Session(said["homework"], said["course"], said["submissions"], dict(said["students"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def note(self, session: Session) -> None:
        """Write down what the folder is used for; students of earlier sessions stay known."""
        before = self.session()
        students = {**(before.students if before else {}), **session.students}
        said = {**asdict(session), "students": students}
        with self.writing():
            write_whole(self.folder / "session.json", json.dumps(said, indent=1).encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process alone; raise UsageError if another has it, or it cannot be written to."""
        with self._lock_file() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise UsageError(f"Another grade (process {holder}) is at work on {self.folder}.") from None
            with self.writing():
                file.truncate(0)
                file.write(str(os.getpid()))
                file.flush()
            yield

    def _lock_file(self) -> TextIO:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return (self.folder / ".lock").open("a+")
        except OSError as error:
            raise UsageError(f"Results cannot be written to {self.folder}: {error.strerror or error}.") from None


def archive(record: RunRecord) -> bytes:
    """Return a record as a zip file; equal records give equal bytes."""
    node, block = pack(record)
    text = json.dumps({"format": FORMAT, "record": node}, separators=(",", ":"), allow_nan=False)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        for name, data in (("record.json", text.encode("ascii")), ("block.bin", block)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=1)
    return whole.getvalue()


def _read(path: Path) -> RunRecord:
    with zipfile.ZipFile(path) as packed:
        said = json.loads(packed.read("record.json"))
        block = packed.read("block.bin")
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise Damaged("of another format")
    record: RunRecord = unpack(said.get("record"), block, RunRecord)
    if record.student != path.parent.name:
        raise Damaged(f"it is the record of {record.student!r}")
    return record


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file at `path` in one step that survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force a folder's own entries to the disk: without it a rename may be forgotten."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
