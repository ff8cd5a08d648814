"""What decides how a submission runs, in one number: while it stays the same, a new run would show nothing new.

It covers the bytes and names of what was handed in, the limits, the seed, the students' Python, and our own code that
reads cells, runs them and answers for them. It does not cover the rubric's points, the reference or the sandbox's mode.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

from grader.assignment import Limits
from grader.records import Submission, SubmittedFile

CHUNK, MOST = 1 << 20, 1 << 29
"""Bytes read at a time, and of one file at most."""
ROOMS = ("kernel", "execute", "notebook")
"""Of our own code: what a student's process and its record depend on."""
SOURCES = (".py", ".html", ".css", ".js")


def digest(submission: Submission, limits: Limits, seed: int, python: Path, surroundings: str = "") -> str:
    """Return the digest of a run, 64 hexadecimal digits; `surroundings` is `Assignment.surroundings`."""
    total = hashlib.sha256()
    for words in (code(*ROOMS), str(dataclasses.astuple(limits)), str(seed), str(python), surroundings):
        _add(total, words.encode())
    _add_handed_in(total, submission)
    return total.hexdigest()


def seed(secret: str, homework: str) -> int:
    """Return the seed that a homework's others come from, 32 bits."""
    return int.from_bytes(hashlib.sha256(f"{secret}\0{homework}".encode()).digest()[:4], "big")


def own_seed(common: int, submission: Submission) -> int:
    """Return the seed of one submission's generators, 32 bits: the same for the same files, another for others."""
    total = hashlib.sha256(str(common).encode())
    _add_handed_in(total, submission)
    return int.from_bytes(total.digest()[:4], "big")


def handed_in(submission: Submission) -> str:
    """Return the digest of the names and bytes of all that was handed in, 64 hexadecimal digits."""
    total = hashlib.sha256()
    _add_handed_in(total, submission)
    return total.hexdigest()


def _add_handed_in(total: hashlib._Hash, submission: Submission) -> None:
    """Add the names and bytes of all that was handed in."""
    for role, files in (("run", submission.files), ("beside", submission.beside)):
        for file in files:
            _add(total, f"{role} {file.name}".encode("utf-8", "surrogatepass"))
            _add(total, _of_bytes(file))


def _add(total: hashlib._Hash, data: bytes) -> None:
    """Add `data` with its length, so that no two lists of parts look alike."""
    total.update(len(data).to_bytes(8, "big"))
    total.update(data)


def _of_bytes(file: SubmittedFile) -> bytes:
    """Return the digest of a file's length and of its first bytes, as many as anyone would read.

    What cannot be opened, or is a device or a pipe, has the digest of nothing; reading it says why it cannot be read.
    """
    one = hashlib.sha256()
    with suppress(OSError):
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _add_content(one, descriptor)
        finally:
            os.close(descriptor)
    return one.digest()


def _add_content(one: hashlib._Hash, descriptor: int) -> None:
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        one.update(status.st_size.to_bytes(8, "big"))
        for _ in range(MOST // CHUNK):
            if not (chunk := os.read(descriptor, CHUNK)):
                break
            one.update(chunk)


@cache
def code(*rooms: str) -> str:
    """Return the digest of our own code and templates in these folders of the package."""
    total = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted(path for room in rooms for path in (package / room).rglob("*") if path.suffix in SOURCES):
        _add(total, path.relative_to(package).as_posix().encode())
        _add(total, path.read_bytes())
    return total.hexdigest()
