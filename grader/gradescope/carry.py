"""A run record in `extra_data`: what is graded on Gradescope can be graded again at home, and nothing is run.

Theory of operation. The record is compressed and written as base64. Gradescope does not say how much it takes, so a
record that is still large goes without its pictures and pages, which no check reads; one that is large even then stays
behind. It counts for exactly the files it was made from, whose digest travels beside it: folders and limits differ
between the container and the desk at home, what a student handed in does not.
"""

from __future__ import annotations

import base64
import binascii
import json
import lzma
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader import digest
from grader.gradescope.publish import NO_GRADE, OURS
from grader.packing import Damaged, pack, unpack
from grader.records import CellRun, FileRun, RunRecord, Submission

FORMAT = 1
MOST = 1_500_000
"""Characters of base64 that are sent."""
LARGEST = 256 << 20
"""Bytes of a record that is unpacked: what comes back has been in other hands."""
PRESET = 3
"""Of the compression: a higher one takes more memory than the grader may have, for very little."""
_PICTURES = ("png", "svg", "html")


def load(submission: Submission, record: RunRecord) -> dict[str, Any]:
    """Return `extra_data` that holds a record, or why it holds none."""
    label = {"format": FORMAT, "files": digest.handed_in(submission)}
    for one in (record, _without_pictures(record)):
        packed = base64.b64encode(lzma.compress(_bytes(one), preset=PRESET)).decode("ascii")
        if len(packed) <= MOST:
            return {OURS: {**label, "record": packed}}
    return {OURS: {**label, "left_out": f"The run record is larger than {MOST} characters."}}


def unload(extra_data: object, submission: Submission, key: str) -> RunRecord | None:
    """Return the record that `load` put there, under this submission's name and the digest `key`.

    None if there is none, if it is of other files than the submission's, or if it was tampered with or damaged.
    """
    said = _ours(extra_data)
    if str(said.get("format")) != str(FORMAT) or not isinstance(said.get("record"), str):
        return None
    if said.get("files") != digest.handed_in(submission):
        return None
    try:
        record = _record(_unpacked(said["record"]))
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, lzma.LZMAError):
        return None
    return replace(record, student=submission.student, digest=key)


def no_grade(extra_data: object) -> bool:
    """Return whether a result was sent that is no grade, whatever total stands there."""
    return bool(_ours(extra_data).get(NO_GRADE))


def _ours(extra_data: object) -> Mapping[str, Any]:
    said = extra_data.get(OURS) if isinstance(extra_data, Mapping) else None
    return said if isinstance(said, Mapping) else {}


def _bytes(record: RunRecord) -> bytes:
    """Return a record as bytes: the length of its JSON, its JSON, its numbers."""
    node, block = pack(record)
    text = json.dumps(node, separators=(",", ":"), allow_nan=False).encode("ascii")
    return len(text).to_bytes(8, "big") + text + block


def _record(data: bytes) -> RunRecord:
    length = int.from_bytes(data[:8], "big")
    record: RunRecord = unpack(json.loads(data[8 : 8 + length]), data[8 + length :], RunRecord)
    return record


def _unpacked(text: str) -> bytes:
    compressed = base64.b64decode(text, validate=True)
    reader = lzma.LZMADecompressor(memlimit=LARGEST)
    data = reader.decompress(compressed, LARGEST)
    if not reader.eof or reader.unused_data:
        raise Damaged("not a whole record")
    return data


def _without_pictures(record: RunRecord) -> RunRecord:
    return replace(record, files=tuple(_plain_file(file) for file in record.files))


def _plain_file(file: FileRun) -> FileRun:
    return replace(file, cells=tuple(_plain_cell(cell) for cell in file.cells))


def _plain_cell(cell: CellRun) -> CellRun:
    return replace(cell, outputs=tuple(output for output in cell.outputs if output.kind not in _PICTURES))
