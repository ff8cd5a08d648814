"""`Value`: one number, wherever it is written.

What it asks: the globals of the expected name, of its aliases, and those whose name contains one of `words`. What it
reads: printed output, text cells and comments, there only statements that contain one of `words`; of a number of four
or more digits ('p = 4353') any statement, since nobody writes that one by luck. How it judges: a wrong number under the
expected name is a failure; elsewhere one right number suffices, unless so many others stand beside it that it may be
there by luck: then a person has to look.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from html import unescape

from grader.errors import StudentFailure
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.numerals import LONGEST, numerals, plain_number
from grader.expect.printed import printed
from grader.expect.search import bare, member_path, near
from grader.expect.sentences import number
from grader.expect.unseen import REPAIR, stopped, stumble, told
from grader.expect.verdicts import failed, missing, passed, pending
from grader.records import CellError, CellRun, FileRun, Verdict
from grader.student import Seen, Student

RIVALS = 3
"""More other numbers of the same size than this, in the same kind of place, and the right one may be there by luck."""
MODELS = 4
"""How many models a counting function is asked about."""
TELLING = 1000
"""From this size on a number is known by itself, without a word beside it."""
NAMED, ALIAS, HINTED, WRITTEN, ALONE = range(5)


@dataclass(frozen=True)
class Sighting:
    """A number that may be the answer."""

    value: float
    where: str
    rank: int
    """How surely it is meant as the answer: NAMED, ALIAS, HINTED, WRITTEN (beside one of the words) or ALONE."""


class Value(Expectation):
    """Expects one number."""

    takes, reveals = (), True

    def __init__(
        self, value: float, *, names: Sequence[str] = (), words: Sequence[str] = (), rtol: float = 1e-6
    ) -> None:
        """Declare a number; `names` are aliases, `words` mark the names and the statements that are about it."""
        super().__init__()
        self.value, self.names, self.rtol = float(value), tuple(names), rtol
        self.words = tuple(word.casefold() for word in words)

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return that its name is bound to the wrong number."""
        return (f"{self.name} = wrong()",)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict."""
        sightings = (*self._globals(student), *(each for file in student.files for each in self._written(file)))
        right = [each for each in sightings if self._is(each.value)]
        named = [each for each in sightings if each.rank == NAMED]
        staff = f"expected {self.value!r}; seen: " + "; ".join(
            f"{each.value!r} {each.where}" for each in sightings[:20]
        )
        if named and not any(each in right for each in named):
            return self._wrong(named, ask, staff)
        if right:
            return self._right(right, sightings, staff)
        meant = [each for each in sightings if each.rank != ALONE]
        return self._wrong(meant, ask, staff) if meant else self._missing(student)

    def _is(self, value: float) -> bool:
        return math.isclose(value, self.value, rel_tol=self.rtol, abs_tol=1e-12)

    # ------------------------------------------------------------------------------------ verdicts

    def _right(self, right: Sequence[Sighting], sightings: Sequence[Sighting], staff: str) -> Verdict:
        best = min(right, key=lambda each: (each.rank, self._crowd(each, sightings)))
        crowd = self._crowd(best, sightings)
        if best.rank != NAMED and crowd > RIVALS:
            return pending(
                f"The number is there, {best.where}, but among {crowd} others like it; a person has to look.",
                staff=staff,
            )
        return passed(f"Found {best.where}.", staff=staff)

    def _crowd(self, right: Sighting, sightings: Sequence[Sighting]) -> int:
        """Return how many other numbers stand beside a right one that could each have been a guess."""
        alike = [each for each in sightings if each.rank == right.rank]
        beside = [each for each in alike if right.rank != ALONE or each.where == right.where]
        return len({each.value for each in beside if self._rivals(each.value)})

    def _rivals(self, value: float) -> bool:
        """Return whether a wrong number is of a size at which it could have been a guess."""
        if self._is(value) or not value:
            return False
        reach = 1.25 if abs(self.value) >= 100 else 8.0
        return abs(self.value) <= reach * abs(value) and abs(value) <= reach * (abs(self.value) or 1.0)

    def _wrong(self, sightings: Sequence[Sighting], ask: Ask, staff: str) -> Verdict:
        told = min(sightings, key=lambda each: (each.rank, not self._rivals(each.value)))
        evidence = f"The number found is {_exact(told.value)}, {told.where}."

        def made(known: Mistake) -> bool:
            wrong = plain_number(known.answer())
            return wrong is not None and any(math.isclose(each.value, wrong, rel_tol=self.rtol) for each in sightings)

        answer = f" It should be {_exact(self.value)}." if ask.reveal else ""
        if known := repeated(self.mistakes, made):
            return verdict_on(known, ask, f"{evidence}{answer}", staff=staff)
        return failed(f"{evidence} That is not right.{answer}", staff=staff)

    def _missing(self, student: Student) -> Verdict:
        present = [each.handle.name for each in student.survey()]
        if self.name in present:
            return missing(f"`{self.name}` is there, but it is not a number, nor is one written anywhere.")
        lost = self._lost(student)
        if lost is not None:
            needs = "That code needs something that is not available here; a person has to look."
            return pending(f"No number `{self.name}` was found. {told(*lost)}", needs)
        seen = near((self.name, *self.names), present)
        beside = f" Near it: {', '.join(f'`{name}`' for name in seen)}." if seen else ""
        written = ", and in what was printed or written" if self.words else ""
        own = stumble(student)
        return missing(
            f"Looked for a number under the name `{self.name}`{written}; found none.{beside} {own}".rstrip(),
            REPAIR if own else f"Assign it: `{self.name} = …`.",
        )

    def _lost(self, student: Student) -> tuple[FileRun, CellRun, CellError] | None:
        """Return a cell that would have shown the number, had it not needed what is not available here."""
        for file, cell, error in stopped(student, "environment"):
            named = any(re.search(rf"\b{re.escape(name)}\b", cell.source) for name in (self.name, *self.names))
            if named or any(word in cell.source.casefold() for word in (*self.words, "print(")):
                return file, cell, error
        return None

    # ------------------------------------------------------------------------------------ sightings

    def _globals(self, student: Student) -> Iterator[Sighting]:
        path = member_path(student.survey(), (self.name,))
        with suppress(StudentFailure):
            value = plain_number(student.get(path)) if path else None
            yield from () if value is None else (Sighting(value, f"in `{path}`", NAMED),)
        for seen in student.survey():
            rank = self._rank(seen)
            for value in _values(student, seen) if rank is not None else ():
                yield Sighting(value, f"in `{seen.handle.name}`", rank or NAMED)

    def _rank(self, seen: Seen) -> int | None:
        name = bare(seen.handle.name)
        if name == bare(self.name):
            return NAMED
        if name in {bare(alias) for alias in self.names}:
            return ALIAS
        return HINTED if seen.kind == "number" and any(bare(word) in name for word in self.words) else None

    def _written(self, file: FileRun) -> Iterator[Sighting]:
        for cell in file.cells if self.words else ():
            where = f"in cell {cell.number} of {file.name}"
            for statement in self._statements(cell):
                yield from (Sighting(value, where, WRITTEN) for value in numerals(statement))
            for text in _said(cell) if abs(self.value) >= TELLING else ():
                yield from (Sighting(value, where, ALONE) for value in numerals(text))

    def _statements(self, cell: CellRun) -> Iterator[str]:
        """Return what the cell says that is about the number."""
        if cell.kind == "text":
            yield from (part for part in re.split(r"\n\s*\n", unescape(cell.source[:LONGEST])) if self._hints(part))
            return
        comments = re.findall(r"#(.*)", cell.source[:LONGEST])
        yield from (comment for comment in comments if self._hints(comment))
        about = self._hints(cell.source[:LONGEST])
        for text in printed(cell):
            lines = text[:LONGEST].splitlines()
            yield from (line for line in lines if self._hints(line) or (about and _bare_number(line)))

    def _hints(self, text: str) -> bool:
        return any(word in text.casefold() for word in self.words)


def _values(student: Student, seen: Seen) -> Iterator[float]:
    """Return the number a global is, or those that a function of nothing, or of a model, returns."""
    if seen.kind != "function":
        asked: list[Callable[[], object]] = [partial(student.get, seen.handle)]
    else:
        required = sum(not name.endswith("=") and not name.startswith("*") for name in seen.parameters)
        models = [model.handle for model in student.models()[:MODELS]] if required == 1 else []
        given = [()] if not required else [(model,) for model in models]
        asked = [partial(student.call, seen.handle, *arguments) for arguments in given]
    for ask in asked:
        with suppress(StudentFailure):
            value = plain_number(ask())
            if value is not None:
                yield value


def _said(cell: CellRun) -> Iterator[str]:
    """Return all that a cell says in words: its text, or what it printed."""
    if cell.kind == "text":
        yield unescape(cell.source[:LONGEST])
    yield from (text[:LONGEST] for text in printed(cell))


def _bare_number(line: str) -> bool:
    return bool(re.fullmatch(r"\s*(?:tensor\()?[\d,._' ]+\)?\s*", line))


def _exact(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else number(value)
