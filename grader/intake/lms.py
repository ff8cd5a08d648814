"""What Canvas and Moodle make of students' names when they pack all submissions into one zip."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.intake.folder import Listing, everything
from grader.intake.hand import Hand, from_places
from grader.intake.kinds import kind_of
from grader.intake.loose import is_handed_in, left_out
from grader.intake.names import shown
from grader.records import Account

_CANVAS_ANONYMOUS = re.compile(r"(?:(?P<late>LATE)_)?(?P<name>anon)_(?P<number>\w+?)_(?P<attachment>\d+)_(?P<file>.+)")
_CANVAS = re.compile(r"(?P<name>\w*?)(?:_(?P<late>LATE))?_(?P<number>\d+)_(?P<attachment>\d{3,})_(?P<file>.+)")
_MOODLE = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?")

_Place = tuple[Path, tuple[str, ...]]


@dataclass(frozen=True)
class _Named:
    """One file or folder of an export, its name taken apart."""

    path: Path
    name: str
    number: str
    file: str
    late: bool = False


def is_export(found: Listing) -> bool:
    """Return whether this is what Canvas or Moodle packed, by the names in it."""
    return _is_moodle(found) or _is_canvas(found)


def hands(found: Listing, scratch: Path, remarks: list[str]) -> list[Hand]:
    """Return one hand for each student; `remarks` gets what belongs to none of them."""
    named = list(_moodle(found) if _is_moodle(found) else _canvas(found))
    taken = {one.path for one in named}
    remarks += found.remarks
    remarks += left_out([path for path in (*found.folders, *found.files) if path not in taken])
    by_student: dict[str, list[_Named]] = defaultdict(list)
    for one in named:
        by_student[one.number].append(one)
    platform = "moodle" if _is_moodle(found) else "canvas"
    return [_hand(number, theirs, scratch, platform) for number, theirs in by_student.items()]


def _hand(number: str, theirs: list[_Named], scratch: Path, platform: str) -> Hand:
    first = theirs[0]
    anonymous = first.name == "anon"
    name = f"anon {number}" if anonymous else first.name or f"user {number}"
    inside = [_inside(one) for one in theirs]
    hand = from_places(
        name, [place for one, found in zip(theirs, inside, strict=True) for place in _places(one, found)], scratch
    )
    fault = next((found.fault for found in inside if found.fault), hand.fault)
    remarks = [remark for found in inside for remark in found.remarks]
    if any(one.late for one in theirs):
        remarks.append("Canvas marks this as late.")
    account = Account(name="" if anonymous else shown(first.name), number=number, platform=platform)
    return replace(hand, accounts=(account,), fault=fault).after(*remarks)


def _inside(one: _Named) -> Listing:
    """Return the files of one part of a hand-in."""
    return Listing((one.path,)) if one.file else everything(one.path)


def _places(one: _Named, inside: Listing) -> list[_Place]:
    """Return the files of one part of a hand-in, each with its place in it."""
    return [(path, (one.file,) if one.file else path.relative_to(one.path).parts) for path in inside.files]


def _is_moodle(found: Listing) -> bool:
    return any(_moodle(found))


def _moodle(found: Listing) -> Iterator[_Named]:
    for folder in found.folders:
        if match := _MOODLE.fullmatch(folder.name):
            yield _Named(folder, match["name"], match["number"], "")
    for file in found.files:
        if (match := _MOODLE.fullmatch(file.name)) and match["file"]:
            yield _Named(file, match["name"], match["number"], match["file"])


def _is_canvas(found: Listing) -> bool:
    """Return whether every homework here bears Canvas's numbers: one alone may be somebody's own name for a file."""
    work = [path for path in found.files if is_handed_in(path.name) or kind_of(path.name) == "zip"]
    return bool(work) and not found.folders and len(work) == sum(1 for one in _canvas(found) if one.path in work)


def _canvas(found: Listing) -> Iterator[_Named]:
    for path in found.files:
        if match := _CANVAS_ANONYMOUS.fullmatch(path.name) or _CANVAS.fullmatch(path.name):
            yield _Named(path, match["name"], match["number"], match["file"], late=bool(match["late"]))
