"""What a student's global says as a formula: its values at points, and how it was read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import Raised, StudentFailure
from grader.expect.numerals import plain_number
from grader.expect.sentences import number, shown
from grader.formula import Chain, Expression, Point, Quantity, Symbol, Vocabulary, chain, same, value, written
from grader.formula.notation import spelt_out
from grader.student import Opaque, Seen, Student, Tensor

Values = Sequence[Quantity]
"""One for each point."""
NOTHING = ("None", "Ellipsis", "", "NotImplemented")
TOLERANCE = 1e-6
"""Relative, wherever floats are compared: a function may calculate in single precision."""


@dataclass(frozen=True)
class Said:
    """A formula as it was given."""

    sides: tuple[tuple[Values, ...], ...]
    """For each side of an equation its values, one set for each way to read it; empty if nothing could be read."""
    shown: str
    where: str
    expressions: tuple[tuple[Expression, ...], ...] = ()
    """The same as trees, where it was given as text."""
    number: Quantity | None = None
    """Where it was given as a plain number."""
    remark: str = ""
    guessed: bool = False
    """Whether it was not told which argument is which."""


def agree(one: Values, other: Values) -> bool:
    """Return whether two formulas have the same values at every point."""
    return all(same(a, b, TOLERANCE) for a, b in zip(one, other, strict=True))


def of_chain(read: Chain, points: Sequence[Point], where: str) -> Said:
    """Return what a chain of equal sides says."""
    sides = tuple(tuple(tuple(value(each, at) for at in points) for each in side) for side in read.sides)
    text = " = ".join(written(side[0]) if side else "…" for side in read.sides)
    return Said(sides if any(sides) else (), text if any(sides) else read.text, where, read.sides)


@dataclass(frozen=True)
class Speaker:
    """Reads a student's globals as formulas, at these points."""

    student: Student
    vocabulary: Vocabulary
    points: tuple[Point, ...]

    def of(self, seen: Seen) -> Said | None:
        """Return what a global says; None if it was left empty."""
        where = f"`{seen.handle.name}`"
        if seen.kind == "function":
            return self._of_function(seen, where)
        found = self.student.get(seen.handle)
        return self._of_value(found if not isinstance(found, Opaque) else self._text(seen, found), where)

    def own(self, names: set[str]) -> Point | None:
        """Return the values of the student's own globals of these names, if each is there as a number."""
        globals_ = {
            seen.handle.name: seen for seen in self.student.survey() if seen.kind in ("number", "array", "tensor")
        }
        found = {
            name: plain_number(self.student.get(globals_[name].handle)) for name in sorted(names & globals_.keys())
        }
        whole = {name: each for name, each in found.items() if each is not None}
        return whole if whole.keys() == names else None

    def _text(self, seen: Seen, opaque: Opaque) -> object:
        """Return the text of what cannot cross: an expression of SymPy's, a fraction, displayed mathematics."""
        for path in (f"{seen.handle.name}.data", f"{seen.handle.name}.__str__"):
            try:
                text = self.student.call(path) if path.endswith("__") else self.student.get(path)
            except StudentFailure:
                continue
            if isinstance(text, str) and " at 0x" not in text:  # a mere address differs from run to run
                return text
        return opaque

    def _of_value(self, found: object, where: str) -> Said | None:
        if found is None or (isinstance(found, str) and found.strip() in NOTHING):
            return None
        if isinstance(found, Opaque) and found.kind == "ellipsis":
            return None
        if isinstance(found, str):
            return of_chain(chain(found, self.vocabulary), self.points, where)
        plain = plain_number(found)
        if plain is None or math.isnan(plain):
            return Said((), shown(found), where)
        return Said((((plain,) * len(self.points),),), number(plain), where, number=plain)

    def _of_function(self, seen: Seen, where: str) -> Said | None:
        """Return what a function of the symbols says, called at every point."""
        names = _taken(seen, self.vocabulary)
        unknown = [name for name in names if not self.vocabulary.meaning(name)]
        if unknown and len(names) > len(self.vocabulary.symbols):
            return Said((), f"it takes {', '.join(unknown)[:80]}", where)
        rows = [self._arguments(names, at) for at in self.points]
        answers = [self._called(seen, row) for row in rows]
        if isinstance(answers[0], (str, type(None))):
            return self._of_value(answers[0], where)
        plain = [math.nan if (each := plain_number(answer)) is None else each for answer in answers]
        if all(math.isnan(each) for each in plain):
            return Said((), f"it returns {shown(answers[0])}", where)
        at = ", ".join(f"{name} = {each:g}" for name, each in zip(names, rows[0], strict=True))
        text = f"{number(plain[0])} for {at}" if names else number(plain[0])
        remark = f"The arguments of {where} were taken to be those of the sheet, in its order." if unknown else ""
        return Said(((tuple(plain),),), text, where, remark=remark, guessed=bool(unknown))

    def _arguments(self, names: Sequence[str], at: Point) -> list[int | float]:
        """Return the arguments of a call at a point, whole numbers as such; unknown names are taken in order."""
        meant = [self.vocabulary.meaning(name) for name in names]
        rest = iter([Symbol(name) for name in self.vocabulary.symbols if Symbol(name) not in meant])
        given = [value(each or next(rest), at) for each in meant]
        return [int(each) if each == int(each) else float(each) for each in given]

    def _called(self, seen: Seen, arguments: Sequence[int | float]) -> object:
        """Return the answer to numbers, or to tensors where numbers are refused."""
        try:
            return self.student.call(seen.handle, *arguments)
        except Raised as raised:
            if raised.kind not in ("TypeError", "AttributeError"):
                raise
            try:
                return self.student.call(seen.handle, *(Tensor(np.array(float(each))) for each in arguments))
            except StudentFailure:
                raise raised from None


def _taken(seen: Seen, vocabulary: Vocabulary) -> list[str]:
    """Return the parameters that are given: all required ones, and optional ones as long as they are symbols."""
    names = []
    for name in map(_ascii, seen.parameters):
        if name.startswith("*") or (name.endswith("=") and not vocabulary.meaning(name[:-1])):
            break
        names.append(name.rstrip("="))
    return names


def _ascii(name: str) -> str:
    """Return a name with its Greek letters spelt out: σ_w is sigma_w."""
    return spelt_out(name).replace(" ", "")
