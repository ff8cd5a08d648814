"""Loose files in one folder: whose they are, by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.intake.hand import Hand, from_files
from grader.intake.kinds import is_code, stem_of
from grader.intake.names import shown, student_part

_DOCUMENTS = {".pdf", ".doc", ".docx", ".odt", ".rtf", ".tex", ".html", ".htm", ".rar", ".7z", ".gz", ".tgz", ".tar"}
_PICTURES = {".jpg", ".jpeg", ".png", ".heic"}
_OTHER_LANGUAGES = {".r", ".rmd", ".jl", ".m", ".mlx", ".java", ".c", ".cpp", ".js"}


@dataclass(frozen=True)
class Sorted:
    """Loose files by student, and those that are nobody's."""

    hands: tuple[Hand, ...]
    nobodys: tuple[Path, ...]


def is_handed_in(name: str) -> bool:
    """Return whether a loose file of this name is somebody's homework, be it none that can be run."""
    return is_code(name) or Path(name).suffix.lower() in _DOCUMENTS | _PICTURES | _OTHER_LANGUAGES


def are_one_students(files: Sequence[Path]) -> bool:
    """Return whether no file's name says whom it is from and several say which part it is: 'p1.py', 'p2.py'."""
    read = [student_part(stem_of(path.name)) for path in files if is_code(path.name)]
    return not any(who for who, _ in read) and len({part for _, part in read}) > 1


def by_student(files: Sequence[Path]) -> Sorted:
    """Return the loose files of a class, one hand a student."""
    owner = _owners([path for path in files if is_code(path.name)])
    groups: dict[str, list[Path]] = defaultdict(list)
    for path, name in owner.items():
        groups[name].append(path)
    nobodys = []
    for path in files:
        if path not in owner:
            name = _owner_of_other(path, groups)
            if name or is_handed_in(path.name):
                groups[name or stem_of(path.name)].append(path)
            else:
                nobodys.append(path)
    return Sorted(tuple(from_files(name, paths) for name, paths in groups.items()), tuple(nobodys))


def _owners(code: Sequence[Path]) -> dict[Path, str]:
    """Return a student's name for each file: its stem, or what stems share that name different parts of a homework."""
    read = {path: student_part(stem_of(path.name)) for path in code}
    parts: dict[str, set[str]] = defaultdict(set)
    for who, part in read.values():
        parts[who.casefold()].add(part)
    return {
        path: who if who and len(parts[who.casefold()]) > 1 else stem_of(path.name) for path, (who, _) in read.items()
    }


def _owner_of_other(path: Path, groups: dict[str, list[Path]]) -> str:
    """Return the one student whose name this file bears too, or ''."""
    stem = stem_of(path.name)
    if stem in groups:
        return stem
    who = student_part(stem)[0].casefold()
    named = [name for name in groups if student_part(name)[0].casefold() == who]
    return named[0] if who and len(named) == 1 else ""


def left_out(files: Sequence[Path]) -> tuple[str, ...]:
    """Return one remark on the files that are nobody's, if there are any."""
    names = ", ".join(shown(path.name) for path in files[:5])
    more = f" and {len(files) - 5} more" if len(files) > 5 else ""
    return (f"Not submissions, left out: {names}{more}.",) if files else ()
