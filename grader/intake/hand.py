"""What one student handed in: a folder, a zip or a few loose files, sorted into code and what lies beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.errors import GraderFault
from grader.intake.archive import ONE_STUDENT, unpack
from grader.intake.folder import everything
from grader.intake.kinds import is_code, is_read, kind_of, stem_of
from grader.intake.names import natural, relative, shown
from grader.intake.unreadable import Unreadable
from grader.records import Account, Submission, SubmittedFile

_BESIDE_BYTES = 256 << 20
_NAMED = 5
"""Files named in one sentence."""


@dataclass(frozen=True)
class Hand:
    """One student's files, before the student has a key among the others."""

    name: str
    files: tuple[SubmittedFile, ...] = ()
    remarks: tuple[str, ...] = ()
    submitted_at: str = ""
    """ISO 8601 with zone."""
    accounts: tuple[Account, ...] = ()
    extra_data: Mapping[str, object] = field(default_factory=dict)
    """What we told the platform to keep with the submission."""
    fault: str = ""
    """Why we could not take all of it in."""

    def submission(self, key: str) -> Submission:
        """Return what can be run, what lies beside it, and why nothing can be run if that is so."""
        read = sorted((file for file in self.files if is_read(file.name)), key=_order)
        others, too_large = _within([file for file in self.files if not is_read(file.name)], _BESIDE_BYTES)
        remarks = [*self.remarks, *(f"{file.name} is too large and was not put beside the code." for file in too_large)]
        if others and read:
            remarks.append(f"Not run, as they are neither notebooks nor Python scripts: {named(others)}.")
        return Submission(
            student=key,
            name=shown(self.name),
            files=tuple(read),
            beside=tuple(others),
            remarks=tuple(remarks),
            unreadable="" if read or self.fault else self._nothing_to_run(others),
            fault=self.fault,
            submitted_at=self.submitted_at,
            members=tuple(account.name for account in self.accounts) if len(self.accounts) > 1 else (),
            accounts=self.accounts,
        )

    def after(self, *remarks: str) -> Hand:
        """Return the hand with these remarks before its own."""
        return replace(self, remarks=(*remarks, *self.remarks))

    def _nothing_to_run(self, others: Sequence[SubmittedFile]) -> str:
        if others:
            return f"There is no notebook or Python script among the files handed in ({named(others)})."
        return self.remarks[0] if self.remarks else "Nothing was handed in: the folder is empty."


def _order(file: SubmittedFile) -> tuple[object, ...]:
    """Return what files are sorted by: code first, higher folders first, p2 before p10."""
    return not is_code(file.name), file.name.count("/"), natural(file.name), file.name


def named(files: Sequence[SubmittedFile]) -> str:
    """Return the first few names, and how many more there are."""
    names = ", ".join(file.name for file in files[:_NAMED])
    return names + (f" and {len(files) - _NAMED} more" if len(files) > _NAMED else "")


def _within(files: Sequence[SubmittedFile], room: int) -> tuple[list[SubmittedFile], list[SubmittedFile]]:
    """Return the files that fit into so many bytes together, and those that do not."""
    fit: list[SubmittedFile] = []
    rest: list[SubmittedFile] = []
    for file in files:
        size = file.path.lstat().st_size
        (fit if size <= room else rest).append(file)
        room -= size if size <= room else 0
    return fit, rest


def from_folder(folder: Path, scratch: Path) -> Hand:
    """Return everything under a student's folder; zips in it are unpacked, zips in those are not."""
    found = everything(folder)
    hand = from_places(folder.name, [(path, path.relative_to(folder).parts) for path in found.files], scratch)
    return replace(hand, fault=found.fault or hand.fault).after(*found.remarks)


def from_places(name: str, places: Iterable[tuple[Path, tuple[str, ...]]], scratch: Path) -> Hand:
    """Return files that are one student's, each with its place in what was handed in; zips are unpacked."""
    located: list[tuple[Path, tuple[str, ...]]] = []
    remarks: list[str] = []
    zips: list[tuple[Path, tuple[str, ...]]] = []
    for path, parts in places:
        (zips if kind_of(parts[-1]) == "zip" else located).append((path, parts))
    fault = ""
    for archive, parts in zips:
        where = (*parts[:-1], stem_of(parts[-1]))
        inside = _from_archive(archive, scratch)
        located += [(path, (*where, *within)) for path, within in inside.located]
        remarks += inside.remarks
        fault = fault or inside.fault
    return Hand(name, _submitted(located), tuple(remarks), fault=fault)


def from_zip(archive: Path, scratch: Path) -> Hand:
    """Return what a student packed into a zip."""
    inside = _from_archive(archive, scratch)
    remarks = inside.remarks or (() if inside.located else ("The zip file is empty.",))
    return Hand(stem_of(archive.name), _submitted(inside.located), remarks, fault=inside.fault)


def from_files(name: str, files: Iterable[Path]) -> Hand:
    """Return loose files that are one student's."""
    paths = list(files)
    several = [path.name for path in paths if is_code(path.name)]
    joined = f"{' and '.join(map(shown, several))} were taken as one submission, by their names."
    return Hand(name, _submitted([(path, (path.name,)) for path in paths]), (joined,) if len(several) > 1 else ())


@dataclass(frozen=True)
class _Inside:
    """What an archive holds."""

    located: tuple[tuple[Path, tuple[str, ...]], ...] = ()
    """Files, with their places in it."""
    remarks: tuple[str, ...] = ()
    fault: str = ""


def _from_archive(archive: Path, scratch: Path) -> _Inside:
    """Return what an archive holds; a broken one is a remark, a disk that is full is our fault."""
    try:
        into = Path(tempfile.mkdtemp(dir=scratch))
        remarks = unpack(archive, into, ONE_STUDENT)
    except Unreadable as error:
        return _Inside(remarks=(error.sentence,))
    except GraderFault as error:
        return _Inside(fault=str(error))
    found = everything(into)
    located = tuple((path, path.relative_to(into).parts) for path in found.files)
    return _Inside(located, (*remarks, *found.remarks), found.fault)


def _submitted(located: Sequence[tuple[Path, tuple[str, ...]]]) -> tuple[SubmittedFile, ...]:
    """Return the files under names of their own, without the folders that all of them share."""
    shared = _shared_folders([parts for _, parts in located])
    taken: set[str] = set()
    files = []
    for path, parts in located:
        name = _free(relative(parts[shared:]), taken)
        taken.add(name.casefold())
        files.append(SubmittedFile(path, name))
    return tuple(files)


def _shared_folders(places: Sequence[tuple[str, ...]]) -> int:
    """Return how many folders, from the top, every file lies in."""
    count = 0
    while places and all(len(parts) > count + 1 and parts[count] == places[0][count] for parts in places):
        count += 1
    return count


def _free(name: str, taken: set[str]) -> str:
    """Return the name, or with a number before its ending where another file is shown under it already."""
    candidate, count = name, 1
    folder, slash, last = name.rpartition("/")
    stem = stem_of(last)
    while candidate.casefold() in taken:
        count += 1
        candidate = f"{folder}{slash}{stem}-{count}{last[len(stem) :]}"
    return candidate
