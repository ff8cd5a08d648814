"""Asking a student's function: the style that works is found once and remembered, layouts are undone.

Every case is asked before anything is compared, and whether a style works is a matter of the answer's form alone, so
that the questions do not change when a tolerance does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from grader.closeness import Difference, Tree, fitted
from grader.errors import Raised, StudentFailure, Unusable
from grader.expect.search import Taken, Wanted, bare
from grader.expect.styles import STYLES, Style
from grader.student import Opaque, Student

AWKWARD = ("TypeError", "AttributeError", "ValueError", "RuntimeError")
"""What a function raises when it is merely handed things in another style than its own."""
STRICT = ("FloatingPointError", "RuntimeWarning")
"""What NumPy raises only where the notebook told it to, or told Python to raise at warnings."""


@dataclass(frozen=True)
class Answer:
    """What came back for one case."""

    value: object = None
    """As it crossed the wall."""
    fit: Tree | Difference | Raised = field(default_factory=lambda: Difference("type"))
    """In the truth's form, or why not."""
    style: str = ""
    each: bool = False
    """Whether it was put together entry by entry."""


@dataclass
class Theirs:
    """One function of the student's, asked in whatever style it takes."""

    student: Student
    taken: Taken
    wanted: Wanted
    returns: tuple[str, ...] = ()
    """Names of the parts of an answer, for those who return a dictionary."""
    arrange: Callable[[object, Tree], object] = lambda value, _: value
    """Undoes a layout that is as right as the truth's."""
    style: Style | None = None
    calm: bool = False
    """Whether NumPy was told not to raise at an underflow."""
    patient: bool = True
    """Whether a function from which nothing comes back is asked in the other styles, too."""

    def suited(self, arguments: Sequence[object]) -> tuple[object, ...]:
        """Return the arguments without optional ones that the function does not take, with those it cannot do without.

        Whether an argument is optional, and what it is when it is not given, the reference says by its defaults.
        """
        given, capacity = tuple(arguments), self.taken.capacity
        if self.taken.needs > len(given):
            return given + self.wanted.defaults[len(given) - self.wanted.required :]
        return given if capacity is None else given[: max(capacity, self.wanted.required)]

    def answer(self, arguments: Sequence[object], truth: Tree) -> Answer:
        """Return the answer in the first style that gives one of the truth's form, else the most telling failure.

        Where `np.seterr(all="raise")` is in force, stable code raises as it underflows: then that is lifted.
        """
        answer = self._best(arguments, truth)
        if not isinstance(answer.fit, Raised) or answer.fit.kind not in STRICT or self.calm:
            return answer
        self.calm = True
        with suppress(StudentFailure):
            self.student.call("np.seterr", all="ignore")
        return self._best(arguments, truth)

    def _best(self, arguments: Sequence[object], truth: Tree) -> Answer:
        failures: list[Answer] = []
        refusal = Unusable("The function could not be asked in any way.")
        for style in self._order(arguments, truth):
            if style.each and any(_misshapen(each) for each in failures):
                continue
            try:
                answer = self._try(style, arguments, truth)
            except Unusable as refused:  # tensors where there is no torch, or an answer that cannot cross
                refusal = refused
                continue
            if not isinstance(answer.fit, (Difference, Raised)):
                self.style = style
                return answer
            failures.append(answer)
            if answer.value is None and not isinstance(answer.fit, Raised) and not self.patient:
                break
        if not failures:
            raise refusal
        return min(failures, key=_awkwardness)

    def raw(self, *arguments: object) -> object:
        """Return what the function answers in the style that worked before, whatever its form."""
        style = self.style or STYLES[0]
        return self._call([style.convert(each) for each in self.suited(arguments)])

    def _order(self, arguments: Sequence[object], truth: Tree) -> Iterator[Style]:
        first = [self.style] if self.style else []
        for style in [*first, *(style for style in STYLES if style is not self.style)]:
            if not style.each or _entrywise(arguments, truth):
                yield style

    def _try(self, style: Style, arguments: Sequence[object], truth: Tree) -> Answer:
        try:
            value = self._entry_by_entry(style, arguments) if style.each else self._whole(style, arguments)
        except Raised as raised:
            return Answer(None, raised, style.name)
        value = self.arrange(_listed(value, self.returns), truth)
        return Answer(value, fit(truth, value, self.returns), style.name, style.each)

    def _whole(self, style: Style, arguments: Sequence[object]) -> object:
        return self._call([style.convert(each) for each in arguments])

    def _entry_by_entry(self, style: Style, arguments: Sequence[Any]) -> object:
        rows = zip(*(argument.ravel() for argument in arguments), strict=True)
        flat = [self._call([style.convert(each) for each in row]) for row in rows]
        return flat if arguments[0].ndim == 1 else _reshaped(flat, arguments[0].shape)

    def _call(self, converted: list[Any]) -> object:
        what = self.taken.what
        theirs = tuple(name.rstrip("=") for name in self.taken.parameters)
        ours = self.wanted.parameters[: len(converted)]
        named = dict(zip(ours, converted, strict=True))
        if theirs[: len(ours)] != ours and set(ours) <= set(theirs):
            return self.student.call(what, **named)
        try:
            return self.student.call(what, *converted)
        except Raised as raised:
            if raised.kind == "TypeError" and "positional argument" in raised.message and not theirs:
                return self.student.call(what, **named)  # it takes keywords only
            raise


def fit(truth: Tree, value: object, returns: tuple[str, ...] = ()) -> Tree | Difference:
    """Return the answer in the truth's form; dictionaries, lists of pairs and other orders are put in order first."""
    first = fitted(truth, value)
    if not isinstance(first, Difference):
        return first
    for arrange in (_by_keys, _by_order, _by_pairs, partial(_by_shape, truth)):
        arranged = arrange(value, returns)
        if arranged is not None and not isinstance(again := fitted(truth, arranged), Difference):
            return again
    return first


def _by_keys(value: object, returns: tuple[str, ...]) -> object:
    """Return a dictionary's values in the order of `returns`; None if its keys are not those, or no dictionary."""
    if not isinstance(value, dict) or len(value) != len(returns):
        return None
    if set(value) == set(returns):
        return tuple(value[name] for name in returns)
    plain = {bare(str(key)): each for key, each in value.items()}
    if set(plain) == {bare(name) for name in returns}:  # W1', w_1, "W1 "
        return tuple(plain[bare(name)] for name in returns)
    ends = {_end(str(key)): each for key, each in value.items()}
    return tuple(ends[_end(name)] for name in returns) if set(ends) == {_end(name) for name in returns} else None


def _by_order(value: object, returns: tuple[str, ...]) -> object:
    """Return a dictionary's values as they stand, where its keys say nothing else; None if one is a part elsewhere."""
    if not isinstance(value, dict) or len(value) != len(returns):
        return None
    ends, keys = [_end(name) for name in returns], [_end(str(key)) for key in value]
    known = {end: at for at, end in enumerate(ends) if ends.count(end) == 1}
    return tuple(value.values()) if all(known.get(key, at) == at for at, key in enumerate(keys)) else None


def _end(key: str) -> str:
    """Return the last letter of 'grad_a', 'da', 'dL/da': what the derivative is taken by."""
    return key[-1:].casefold()


def _by_pairs(value: object, returns: tuple[str, ...]) -> object:
    """Return [(C1, d1), (C2, d2), …] as ([C1, C2, …], [d1, d2, …])."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    if not all(isinstance(each, (list, tuple)) and len(each) == len(returns) for each in value):
        return None
    return tuple(zip(*value, strict=True))


def _by_shape(truth: Tree, value: object, returns: tuple[str, ...]) -> object:
    """Return [(W1, b1), (W2, b2)], or (W1, W2, b1, b2), as (W1, b1, W2, b2): each part is the first that could be it.

    A part of just that shape comes before one that would have to be turned. None if some part is nowhere. Whether these
    parts are right their values tell.
    """
    if not isinstance(truth, tuple) or not isinstance(value, (list, tuple)) or len(returns) != len(truth):
        return None
    layers = all(isinstance(each, (list, tuple)) for each in value) and len(value) < len(truth)
    left = [part for each in value for part in each] if layers else list(value)
    if len(left) != len(truth):
        return None
    parts = []
    for wanted in truth:
        fitting = [at for at, part in enumerate(left) if not isinstance(fitted(wanted, part), Difference)]
        if not fitting:
            return None
        exact = (at for at in fitting if getattr(left[at], "shape", None) == getattr(wanted, "shape", ()))
        parts.append(left.pop(next(exact, fitting[0])))
    return tuple(parts)


def _listed(value: object, returns: tuple[str, ...]) -> object:
    """Return {'theta_1': …, 'theta_2': …} or {0: …, 1: …} as a list, by the numbers at the ends of its keys.

    A dictionary whose keys are those of `returns` stays one: their order may be another.
    """
    if not isinstance(value, dict) or not value or _by_keys(value, returns) is not None:
        return value
    ends = [re.search(r"\d{1,6}$", str(key)) for key in value]
    numbers = [int(end.group()) for end in ends if end]
    if len(numbers) < len(value) or sorted(numbers) != list(range(min(numbers), min(numbers) + len(value))):
        return value
    return [each for _, each in sorted(zip(numbers, value.values(), strict=True), key=lambda pair: pair[0])]


def _entrywise(arguments: Sequence[object], truth: Tree) -> bool:
    """Return whether the question can be asked entry by entry: arrays of one shape in, the same shape out."""
    if isinstance(truth, tuple) or not truth.shape:
        return False
    return all(isinstance(each, np.ndarray) and each.shape == truth.shape for each in arguments)


def _reshaped(flat: list[object], shape: tuple[int, ...]) -> object:
    """Return a flat list of rows of the given shape as nested lists."""
    if len(shape) <= 1:
        return flat
    step = len(flat) // shape[0]
    return [_reshaped(flat[i : i + step], shape[1:]) for i in range(0, len(flat), step)]


def unfilled(answer: Answer) -> bool:
    """Return whether this is what an exercise answers that was left as it was handed out."""
    if isinstance(answer.fit, Raised):
        return answer.fit.kind == "NotImplementedError"
    return isinstance(answer.fit, Difference) and _empty(answer.value)


def _empty(value: object) -> bool:
    """Return whether there is nothing but None and dots in a value."""
    if isinstance(value, Opaque):
        return value.kind == "ellipsis"
    return value is None or (isinstance(value, (list, tuple)) and bool(value) and all(_empty(each) for each in value))


def _misshapen(answer: Answer) -> bool:
    """Return whether there was an answer in numbers, but of a wrong form: then entry by entry would hide an error."""
    return isinstance(answer.fit, Difference) and answer.value is not None and not isinstance(answer.value, Opaque)


def _awkwardness(answer: Answer) -> int:
    """Return how likely a failure is an effect of the style alone; the least awkward one is told."""
    if not isinstance(answer.fit, Raised):
        return 0 if _misshapen(answer) and not answer.each else 1
    if answer.fit.kind not in AWKWARD:
        return 2
    return 4 if any(word in answer.fit.message for word in ("ndarray", "Tensor", "'list'", "ambiguous")) else 3
