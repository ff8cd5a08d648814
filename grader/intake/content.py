"""Files with the same bytes: within a submission the second is not run again, between submissions both hear of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from grader.records import Submission, SubmittedFile

_CHUNK = 1 << 20


def without_repeats(submission: Submission) -> Submission:
    """Return the submission with each piece of code once."""
    first: dict[bytes, SubmittedFile] = {}
    digests = _digests(submission.files)
    remarks = []
    for file in submission.files:
        digest = digests.get(file.path, file.name.encode())
        if digest in first:
            remarks.append(f"{file.name} is the same as {first[digest].name} and is not run again.")
        first.setdefault(digest, file)
    return replace(submission, files=tuple(first.values()), remarks=(*submission.remarks, *remarks))


def with_shared_content(submissions: Sequence[Submission]) -> tuple[list[Submission], list[str]]:
    """Return the submissions, those that share a file remarked on, and remarks for staff that name who shares what.

    A student's own remark does not name the other student.
    """
    digests = _digests(file for submission in submissions for file in submission.files)
    owners: dict[bytes, list[tuple[Submission, SubmittedFile]]] = defaultdict(list)
    for submission in submissions:
        for file in submission.files:
            if file.path in digests:
                owners[digests[file.path]].append((submission, file))
    shared = [pairs for pairs in owners.values() if len(pairs) > 1]
    said: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for pairs in shared:
        for submission, file in pairs:
            said[submission.student] += (f"{file.name} is byte for byte the same as a file of another submission.",)
    marked = [replace(each, remarks=each.remarks + said[each.student]) for each in submissions]
    return marked, [_who_shares(pairs) for pairs in shared]


def _who_shares(pairs: Sequence[tuple[Submission, SubmittedFile]]) -> str:
    files = ", ".join(f"{file.name} of {submission.student}" for submission, file in pairs)
    return f"The same file, byte for byte: {files}."


def _digests(files: Iterable[SubmittedFile]) -> Mapping[Path, bytes]:
    """Return the digest of every readable file that has another's size; the others have no double."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    for file in files:
        by_size[file.path.lstat().st_size].append(file.path)
    alike = [path for size, paths in by_size.items() if size and len(paths) > 1 for path in paths]
    return {path: digest for path in alike if (digest := _digest(path))}


def _digest(path: Path) -> bytes:
    state = sha256()
    try:
        with path.open("rb") as source:
            while chunk := source.read(_CHUNK):
                state.update(chunk)
    except OSError:
        return b""
    return state.digest()
