"""`Gradient`: the student's function is the derivative of a scalar function, by one of its arguments.

What it asks: every case, as `Function` does, and, where the function to be derived is itself asked of students, that
one at the points around each case. How it judges: the answer equals central differences in double precision, of the
reference's function or of the student's own: so one wrong line in the function costs its own points and no more. A
gradient by a matrix may have the matrix's shape or the transposed one, or be a list of its rows or columns; so cases
must be drawn with sizes that differ from one another.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from grader.closeness import Array, Difference, Tree, fitted
from grader.errors import StudentFailure
from grader.expect.asking import Theirs
from grader.expect.expectation import Ask, Mistake
from grader.expect.function import Function
from grader.expect.inputs import cases
from grader.expect.mistakes import repeated
from grader.expect.search import Taken
from grader.expect.trials import Trial, Truth
from grader.records import Verdict
from grader.student import Student

STEP = 1e-5
"""Of a difference, relative to the entry: what is cut off and what is rounded off are both near 1e-10."""
FLAT = 1e-9
"""A function that changes less than this everywhere is constant: its derivative would be earned by doing nothing."""


class Gradient(Function):
    """Expects a function that equals the derivative of `of` by its argument `by`; called, it is the written one."""

    def __init__(self, written: Truth, *, of: Truth | Function, by: str = "", **declared: Any) -> None:
        """Declare the derivative; `declared` holds what `Function` takes.

        `of` takes the same arguments and returns one number, or one for every entry of a first argument that it is
        applied to entry by entry. `by` is the name of an argument, else it is the first. `written` is the derivative in
        the author's own words: what students hand in, and what known mistakes are made from.
        """
        takes = list(inspect.signature(written).parameters)
        if by and by not in takes:
            raise TypeError(f"by={by!r} is no argument of {written.__name__}({', '.join(takes)})")
        place = takes.index(by) if by else 0

        @wraps(written)
        def truth(*arguments: Any) -> Any:
            return differences(of, arguments, place)

        super().__init__(truth, **declared)
        self.written, self.scalar, self.place = written, of, place

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the author's derivative."""
        return self.written(*arguments, **keywords)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict; the derivative of the student's own function is as right."""
        judge = copy.copy(self)
        judge.accepts = (*self.accepts, *self._own(student, ask))
        return Function.judge(judge, student, ask)

    def _own(self, student: Student, ask: Ask) -> tuple[Truth, ...]:
        """Return the derivative of the student's own function, if there is one that has a derivative at every case.

        It is asked for whether it is needed or not: what is asked must not depend on a tolerance.
        """
        if not isinstance(self.scalar, Function):
            return ()
        asked = [case.arguments for case in cases(self.specs, ask.seed)]
        try:
            theirs = self.scalar.of(student, ask)
            with np.errstate(all="ignore"):  # their overflow is no warning of ours
                told = [differences(theirs, arguments, self.place) for arguments in asked]
        except StudentFailure:
            return ()
        if not all(np.isfinite(each).all() for each in told) or max(np.abs(each).max() for each in told) < FLAT:
            return ()
        return (lambda *arguments: told[_index(asked, arguments)],)

    def _theirs(self, student: Student, taken: Taken, *, patient: bool = True) -> Theirs:
        theirs = super()._theirs(student, taken, patient=patient)
        theirs.arrange = upright
        return theirs

    def _known(self, trials: Sequence[Trial]) -> Mistake | None:
        """Return the known mistake that was made, in either layout."""

        def made(known: Mistake) -> bool:
            layouts = (known.answer, _transposed(known.answer))
            return any(all(self.standard.repeats(answer, trial) for trial in trials) for answer in layouts)

        return repeated(self.mistakes, made)


def differences(function: Callable[..., Any], arguments: Sequence[Any], place: int) -> Array:
    """Return the central differences of a function by one of its arguments, in that argument's shape."""
    point = np.asarray(arguments[place], dtype=np.float64)

    def at(moved: Array) -> Array:
        value = moved if np.shape(arguments[place]) else float(moved)
        return np.asarray(function(*arguments[:place], value, *arguments[place + 1 :]), dtype=np.float64)

    steps = STEP * np.maximum(1.0, np.abs(point))
    ahead = at(point + steps)
    if ahead.shape == point.shape:  # entry by entry, or one number of one number
        return np.asarray((ahead - at(point - steps)) / (2 * steps))
    slopes = np.empty_like(point)
    for index in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[index] = steps[index]
        slopes[index] = (at(point + step) - at(point - step)).item() / (2 * steps[index])
    return slopes


def upright(value: object, truth: Tree) -> object:
    """Return an answer with rows and columns exchanged, if only so it has the shape of the truth."""
    if isinstance(truth, tuple) or truth.ndim != 2 or not isinstance(fitted(truth, value), Difference):
        return value
    turned = fitted(truth.T, value)
    return value if isinstance(turned, (Difference, tuple)) else turned.T


def _transposed(answer: Truth) -> Truth:
    """Return a function with the same answers, rows and columns exchanged."""
    return lambda *arguments: np.transpose(answer(*arguments))


def _index(asked: Sequence[tuple[object, ...]], arguments: Sequence[object]) -> int:
    """Return which case these arguments are of."""
    same = [all(map(np.array_equal, case, arguments)) for case in asked]  # type: ignore[arg-type]
    return same.index(True)


def gradient(
    *bare: object, of: Truth | Function | None = None, by: str = "", **declared: Any
) -> Callable[[Truth], Gradient]:
    """Declare the decorated function the derivative of `of` by the argument `by`; the keywords are `Function`'s."""
    if bare or of is None or "inputs" not in declared:
        raise TypeError("write @gradient(of=…, inputs=…): of which function, and at which inputs it is tried")
    return lambda written: Gradient(written, of=of, by=by, **declared)
