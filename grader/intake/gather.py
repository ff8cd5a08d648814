"""Who handed in what: from a folder, a file or a zip to submissions.

A folder in the folder is a student, a zip is a folder that was packed, and a loose file is a student too, unless its
name says that it is one part of a homework of which another part lies beside it ('ada_p1', 'ada_p2'). Where a name
leaves doubt, files stay apart: two half submissions are seen at once, two students run together are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.errors import UsageError
from grader.intake.archive import WHOLE_CLASS, unpack
from grader.intake.content import with_shared_content, without_repeats
from grader.intake.exports import exported
from grader.intake.folder import everything, listing
from grader.intake.hand import Hand, from_files, from_folder, from_zip
from grader.intake.kinds import is_code, kind_of, stem_of
from grader.intake.loose import are_one_students, by_student, is_handed_in, left_out
from grader.intake.names import keys, natural, shown, student_part
from grader.intake.unpacking import unpacking_folder
from grader.intake.unreadable import Unreadable
from grader.records import Submission

_PLACES = {"src", "code", "data", "dataset", "datasets", "figures", "images", "plots", "notebooks", "scripts", "models"}
"""Names of folders that people make inside their own work."""
_WRAPPERS = 4


class Batch(tuple[Submission, ...]):
    """All submissions of one place, in natural order of their names."""

    remarks: tuple[str, ...] = ()
    """What belongs to none of them: files left out, files that two of them share."""
    extra_data: Mapping[str, Mapping[str, object]]
    """By student, what the platform kept for us."""


@contextmanager
def submissions(where: Path) -> Iterator[Batch]:
    """Yield what was handed in at `where`; zips lie unpacked in a temporary folder until the context ends.

    Raises `UsageError` if nothing at `where` could hold submissions.
    """
    with unpacking_folder() as scratch:
        yield _batch(where, scratch)


def _batch(where: Path, scratch: Path) -> Batch:
    """Return the submissions with their keys; what was handed in by the same name is numbered."""
    remarks: list[str] = []
    hands = sorted(_hands(where, scratch, remarks), key=lambda hand: (natural(hand.name), hand.name))
    if not hands:
        remarks.append(f"{shown(where.resolve().name)} holds no submissions.")
    named = dict(zip(keys([hand.name for hand in hands]), hands, strict=True))
    found, shared = with_shared_content([without_repeats(hand.submission(key)) for key, hand in named.items()])
    batch = Batch(found)
    batch.remarks = (*remarks, *shared)
    batch.extra_data = {key: hand.extra_data for key, hand in named.items()}
    return batch


def _hands(where: Path, scratch: Path, remarks: list[str]) -> list[Hand]:
    if where.is_dir():
        return _in_place(where, scratch, remarks, packed=False)
    if not where.is_file():
        raise UsageError(f"There is no folder or file {where}.")
    if kind_of(where.name) == "zip":
        return _in_place(_class_zip(where, scratch, remarks), scratch, remarks, packed=True)
    if is_handed_in(where.name):
        return [from_files(stem_of(where.name), [where])]
    raise UsageError(f"{where} is not a folder, a zip, a notebook or a script.")


def _in_place(folder: Path, scratch: Path, remarks: list[str], *, packed: bool) -> list[Hand]:
    """Return the hands in a platform's export, else in a folder that a person made."""
    hands = exported(folder, scratch, remarks)
    return _in_class(_unwrapped(folder, packed=packed), scratch, remarks) if hands is None else hands


def _class_zip(archive: Path, scratch: Path, remarks: list[str]) -> Path:
    """Return where a whole class's zip lies unpacked, under its own name."""
    into = scratch / "class" / (stem_of(archive.name)[:60] or "zip")
    into.mkdir(parents=True)
    try:
        remarks += unpack(archive, into, WHOLE_CLASS)
    except Unreadable as error:
        raise UsageError(error.sentence) from error
    return into


def _in_class(folder: Path, scratch: Path, remarks: list[str]) -> list[Hand]:
    """Return the hands in a folder: of folders, of zips and of loose files."""
    found = listing(folder)
    if found.fault:
        raise UsageError(found.fault)
    remarks += found.remarks
    loose = [path for path in found.files if kind_of(path.name) != "zip"]
    if are_one_students(loose):
        remarks.append(f"The files in {shown(folder.name)} were taken as one submission, by their names.")
        return [from_folder(folder, scratch)]
    sorted_files = by_student(loose)
    remarks += left_out(sorted_files.nobodys)
    folders = [from_folder(path, scratch) for path in found.folders if not _is_results(path)]
    zips = [from_zip(path, scratch) for path in found.files if kind_of(path.name) == "zip"]
    return [*folders, *zips, *sorted_files.hands]


def _is_results(folder: Path) -> bool:
    """Return whether this is what an earlier `grade` wrote rather than what a student did."""
    inside = listing(folder)
    if any(path.name == "grades.json" for found in (inside, *map(listing, inside.folders)) for path in found.files):
        return True
    return folder.name == "results" and not any(is_code(path.name) for path in everything(folder).files)


def _unwrapped(folder: Path, *, packed: bool) -> Path:
    """Return the folder that holds the class, where it lies alone in other folders."""
    for _ in range(_WRAPPERS):
        found = listing(folder)
        if len(found.folders) != 1 or any(
            is_handed_in(path.name) or kind_of(path.name) == "zip" for path in found.files
        ):
            break
        if not _is_class(found.folders[0], packed=packed):
            break
        folder = found.folders[0]
    return folder


def _is_class(folder: Path, *, packed: bool) -> bool:
    """Return whether a lone folder holds several students rather than one student's work."""
    found = listing(folder)
    inside = [path.name for path in found.folders if path.name.lower() not in _PLACES]
    inside += [
        stem_of(path.name) for path in found.files if kind_of(path.name) == "zip" or (packed and is_code(path.name))
    ]
    return len({who for name in inside if (who := student_part(name)[0])}) > 1
