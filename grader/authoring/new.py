"""A new course, or another homework of one: the example in `template/`, under the name that was asked for.

The example is a course like any other and can be run where it lies. What goes there by the name of its homework is that
homework; the rest is what a course needs once. Nothing that is there already is ever written over.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
import secrets
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.course import is_course
from grader.errors import UsageError

TEMPLATE, EXAMPLE = Path(__file__).parent / "template", "hw1"
RENAMED = {"gitignore": ".gitignore"}
"""Under its own name git would obey it in our own folder."""
NOT_COUNTED = {".git", ".DS_Store"}
"""What may lie in a folder that counts as empty."""


@dataclass(frozen=True)
class Made:
    """What was written, and where."""

    folder: Path
    homework: str
    course: bool
    """Whether the course is new as well."""


def show(folder: Path, homework: str, console: Console) -> int:
    """Make what was asked for and say what to do next; return the exit code. Raises UsageError."""
    made = make(folder, homework)
    for sentence in _told(made):
        console.print(Text(sentence), soft_wrap=True)
    return 0


def make(folder: Path, homework: str = "") -> Made:
    """Make a homework in `folder`, and a course around it if there is none. Raises UsageError."""
    there = is_course(folder)
    if there and not homework:
        said = f"{folder} is a course already. To give it another homework, name that with --hw, such as --hw 2."
        raise UsageError(said)
    name = _name(homework or EXAMPLE)
    if not there:
        _refuse_inside(folder)
        _refuse_full(folder)
    _write(folder, {path: text for path, text, once in _texts(name) if not (once and there)})
    return Made(folder, name, not there)


def _name(asked: str) -> str:
    """Return the homework's name, '2' meaning hw2; refuse one under which no reference could be imported."""
    name = f"hw{asked}" if asked.isdigit() else asked
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,31}", name) or keyword.iskeyword(name):
        said = "starts with a letter, and has letters, digits and underscores: hw2, ex1, final_project"
        raise UsageError(f"{asked!r} cannot name a homework: its name {said}.")
    if importlib.util.find_spec(name) is not None:
        said = f"its reference, {name}.py, would hide the Python module of that name."
        raise UsageError(f"{asked!r} should not name a homework: {said}")
    return name


def _refuse_inside(folder: Path) -> None:
    """Refuse a course within a course: `grade new hw2` is meant as a homework."""
    around = next((parent for parent in folder.resolve().parents if is_course(parent)), None)
    if around:
        meant = f"for another homework of that one: grade new --hw {folder.resolve().name}, in its folder"
        raise UsageError(f"{folder} would lie in the course {around}; {meant}. A new course has a folder elsewhere.")


def _refuse_full(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; a course is a folder.")
    try:
        full = folder.exists() and {path.name for path in folder.iterdir()} - NOT_COUNTED
    except OSError as error:
        raise UsageError(f"{folder} cannot be looked into: {error.strerror or error}.") from None
    if full:
        said = "A new course needs an empty folder; a new homework one with rubrics/ and reference/."
        raise UsageError(f"{folder} is not empty, and not a course. {said}")


def _texts(name: str) -> Iterator[tuple[Path, str, bool]]:
    """Yield each file of the example: its path in the course, its text, and whether a course needs it only once."""
    for path in sorted(TEMPLATE.rglob("*")):
        place = path.relative_to(TEMPLATE)
        if not path.is_file() or "__pycache__" in place.parts:
            continue
        once = EXAMPLE not in (place.stem, *place.parts)
        parts = [RENAMED.get(part, re.sub(rf"^{EXAMPLE}\b", name, part)) for part in place.parts]
        text = re.sub(rf"\b{EXAMPLE}\b", name, path.read_text(encoding="utf-8"))
        yield Path(*parts), text.replace('secret = ""', f'secret = "{secrets.token_hex(16)}"'), once


def _write(folder: Path, texts: dict[Path, str]) -> None:
    """Write new files; refuse if one of them is there, before any is written."""
    for path in texts:
        if (folder / path).exists():
            raise UsageError(f"{folder / path} is there already, and nothing is written over; take another --hw.")
    try:
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / path).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be written: {error.strerror or error}.") from None


def _told(made: Made) -> Iterator[str]:
    """Yield what was made, line by line, and what to do next."""
    name = made.homework
    yield f"A course in {made.folder}, with the homework {name}:" if made.course else f"The homework {name}:"
    for path, what in (
        (f"rubrics/{name}.toml", "what is claimed, and what it is worth"),
        (f"reference/{name}.py", "what is true, and which mistakes are known"),
        (f"sample_submissions/{name}/", "hand-ins, right and wrong, and what is to be found in them"),
    ):
        yield f"  {path:<{22 + len(name)}} {what}"
    yield "It is a small one, to be changed into yours. Try it as it is:"
    if made.folder.resolve() != Path.cwd():
        yield f"  cd {shlex.quote(str(made.folder))}"
    yield f"  grade selfcheck --hw {name} --samples"
    yield f"  grade sample_submissions/{name} --hw {name}"
