"""A course: a folder with `rubrics/` and `reference/`, found and read.

The course is the one named with `--course`; else the current folder, if it is one; else the one that comes with the
program. A `course.toml` beside the two folders may give a name, a secret that decides which inputs are drawn, and the
students' environment: its Python, what is imported there ahead (`preload`), or that nothing is (`warm = false`), and
which of the replacements that let honest code run are switched off (`shims`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader import mirror, rubric, strict
from grader.assignment import Assignment
from grader.chance import Normal
from grader.errors import UsageError
from grader.expect.expectation import Expectation
from grader.mirror import Mirror
from grader.reference import join, load


@dataclass(frozen=True)
class Course:
    """A folder of homeworks and what they share."""

    folder: Path
    name: str
    secret: str = ""
    python: Path | None = None
    """Interpreter of the students' environment; None for the grader's own."""
    preload: tuple[str, ...] = ()
    """Modules imported once for all students, besides those that most programs need."""
    warm: bool = True
    """Whether students' kernels may share what was imported beforehand."""
    mirror: Mirror | None = None
    """What stands in for the network, if the course has the folder data/."""
    without: tuple[str, ...] = ()
    """Names of the shims that are switched off."""

    @property
    def surroundings(self) -> str:
        """Return what else decides how a program runs here: what it may download, and what is not replaced."""
        offered = self.mirror.digest if self.mirror else ""
        return " ".join((offered, *self.without)) if self.without else offered

    def serving(self, homework: str) -> Course:
        """Return the same course, as far as it offers downloads to one homework."""
        return replace(self, mirror=self.mirror.offered_to(homework)) if self.mirror else self

    @property
    def homeworks(self) -> tuple[str, ...]:
        """Return the ids of its homeworks, in order."""
        return tuple(sorted(path.stem for path in (self.folder / "rubrics").glob("*.toml")))


@dataclass(frozen=True)
class Homework:
    """One homework, ready to be asked: its claims, and the expectations they name."""

    assignment: Assignment
    expectations: Mapping[str, Expectation]

    @property
    def law(self) -> Normal | None:
        """Return the law of first weights that the reference declares, or None."""
        return next((each.law for each in self.expectations.values() if each.law is not None), None)


class _Shims(strict.Table):
    """What lets honest code run here, see `grader/kernel/shims.py`: all of it, unless a course says otherwise."""

    colab: bool = True
    commands: bool = True
    downloads: bool = True
    drift: bool = True
    gpu: bool = True
    imports: bool = True
    keyboard: bool = True
    magics: bool = True
    plots: bool = True
    progress: bool = True


class _Environment(strict.Table):
    python: str = ""
    preload: list[str] = []
    warm: bool = True
    shims: _Shims = _Shims()


class _CourseFile(strict.Table):
    name: str = ""
    secret: str = ""
    environment: _Environment = _Environment()


def locate(asked: Path | None = None) -> Course:
    """Return the course that was asked for, else the current folder's, else the one that comes with the program."""
    if asked is not None:
        if not is_course(asked):
            raise UsageError(f"{asked} is not a course: it needs the folders rubrics/ and reference/.")
        return read(asked)
    package = Path(__file__).resolve().parent
    for folder in (Path.cwd(), package / "packaged", package.parent):
        if is_course(folder):
            return read(folder)
    raise UsageError("No course here: run grade in a folder with rubrics/ and reference/, or name one with --course.")


def is_course(folder: Path) -> bool:
    """Return whether `folder` has what a course needs."""
    return (folder / "rubrics").is_dir() and (folder / "reference").is_dir()


def read(folder: Path) -> Course:
    """Return the course in `folder`; raise RubricError when its course.toml is wrong."""
    folder = folder.resolve()
    path = folder / "course.toml"
    said = strict.read(path, _CourseFile) if path.exists() else _CourseFile()
    # Not resolved: the python of a virtual environment is a link, and following it would leave the environment.
    python = folder / Path(said.environment.python).expanduser() if said.environment.python else None
    asked = said.environment
    return Course(
        folder, said.name or folder.name, said.secret, python, tuple(asked.preload), asked.warm,
        mirror=mirror.read(folder), without=tuple(name for name, on in asked.shims if not on),
    )  # fmt: skip


def find(course: Course, homework: str) -> Assignment:
    """Return a homework's rubric: '3' and 'hw3' mean hw3, 'EX1' means ex1; raise UsageError if there is none."""
    known = {name.lower(): name for name in course.homeworks}
    asked = homework.strip().lower().removesuffix(".toml")
    for candidate in (asked, f"hw{asked}"):
        if candidate in known:
            found = rubric.read(course.folder / "rubrics" / f"{known[candidate]}.toml", secret=course.secret)
            return replace(found, surroundings=course.serving(known[candidate]).surroundings)
    near = difflib.get_close_matches(asked, list(known), n=1)
    meant = f" Did you mean {known[near[0]]!r}?" if near else ""
    there = ", ".join(course.homeworks) or "none yet"
    raise UsageError(f"There is no homework {homework!r} in {course.folder}; those there are: {there}.{meant}")


def open_homework(course: Course, homework: str) -> Homework:
    """Return a homework with its reference loaded and joined; raise RubricError before anything is run."""
    assignment = find(course, homework)
    expectations = load(assignment.reference)
    join(assignment, expectations)
    return Homework(assignment, expectations)
