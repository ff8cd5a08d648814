"""What is wrong with an answer, in a student's words: where and of what kind, never what would have been right."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from grader.closeness import Difference, Relation, described
from grader.errors import Raised
from grader.student import KnownFunction, Opaque

LISTED = 100
"""Characters of arguments that a sentence bears."""
TYPED = 1500
"""Characters of arguments that staff can copy."""
HUGE = 10**18
"""Integers beyond it need not fit a float."""
SHOWN = 6
"""Longest vector that is written out."""


def number(value: float) -> str:
    """Return a number to four digits: enough to recognise it, too little to copy it."""
    return f"{value:.4g}"


def shown(value: object) -> str:
    """Return an argument or an answer, short enough for a sentence."""
    if isinstance(value, (bool, str)) or value is None:
        return repr(value)[:80]
    if isinstance(value, int) and abs(value) > HUGE:
        return "a huge integer"
    if isinstance(value, numbers.Real):
        return number(float(value))
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return _array(value)
    if isinstance(value, (list, tuple)) and any(isinstance(each, KnownFunction) for each in value):
        return f"{len(value)} functions"
    if isinstance(value, Opaque):
        return f"an object of class {value.kind[:40]}"
    return described(value)


def _array(value: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    if not value.shape:
        return number(float(value))
    if value.ndim > 1 or value.size > SHOWN:
        return described(value)
    return "(" + ", ".join(number(float(each)) for each in value) + ")"


def inputs(names: Sequence[str], arguments: Sequence[object]) -> str:
    """Return 'f = (1, 2), y = 1'; where that would be long, that it was one of the inputs tried."""
    listed = ", ".join(f"{name} = {shown(each)}" for name, each in zip(names, arguments, strict=False))
    return listed if len(listed) <= LISTED else "one of the inputs tried"


def typed(names: Sequence[str], arguments: Sequence[object]) -> str:
    """Return 'f = [1.5, 2.0]; y = 1' as it can be typed into a notebook; '' where that cannot be done, or is long."""
    literals = [_literal(each) for each in arguments]
    whole = "; ".join(f"{name} = {literal}" for name, literal in zip(names, literals, strict=False))
    return whole if all(literals) and len(whole) <= TYPED else ""


def _literal(value: object) -> str:
    """Return numbers, or lists of them, in Python; '' for anything else."""
    if isinstance(value, (list, tuple)):
        parts = [_literal(each) for each in value]
        return f"[{', '.join(parts)}]" if all(parts) else ""
    if isinstance(value, (int, float, np.number, np.ndarray)) and np.asarray(value).dtype.kind in "biuf":
        return repr(np.asarray(value).tolist())
    return ""


def entry(difference: Difference, returns: Sequence[str] = ()) -> str:
    """Return ' of grad_a at index (3, 1)' for the entry a difference is about; '' for a single number."""
    first, *rest = difference.place or (-1,)
    part = "" if first < 0 else f" of {returns[first] if first < len(returns) else f'part {first + 1}'}"
    inner = "".join(f", entry {each + 1}" for each in rest)
    index = difference.index
    where = f" at index {index[0] if len(index) == 1 else index}" if index else ""
    return f"{part}{inner}{where}"


def of_form(title: str, difference: Difference, value: object, returns: Sequence[str] = ()) -> str:
    """Return the sentence for an answer whose type, shape or dtype is not what was asked for."""
    part = entry(difference, returns).replace(" of ", " for ", 1)
    if difference.what == "parts":
        count = int(difference.shape[0])
        parts = f"{count} part{'' if count == 1 else 's'}" if count else "nothing"
        return f"`{title}` returned {parts}{part} where {difference.wanted[0]} parts were expected."
    if difference.kind == "shape":
        return f"`{title}` returned {_form(difference.shape)}{part} where {_form(difference.wanted)} was expected."
    what = shown(value) if isinstance(value, Opaque) else difference.what
    what = "something that is no number" if what == "not plain data" else what
    if difference.kind == "dtype":
        return f"`{title}` returned {what}{part} where numbers were expected."
    wanted = f"{difference.wanted[0]} parts were expected" if difference.wanted else "numbers were expected"
    return f"`{title}` returned {what}{part} where {wanted}."


def _form(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "a single number"


def of_value(title: str, difference: Difference, where: str, returns: Sequence[str] = ()) -> str:
    """Return the sentence for an answer of the right form with a wrong entry."""
    got = difference.got if difference.got is not None else float("nan")
    few = f"{difference.wrong} of {difference.entries} entries differ; the " if difference.entries > 1 else ""
    place = entry(difference, returns)
    start = f"`{title}` is not right for {where}: "
    if few or place:
        return f"{start}{few}{'greatest difference' if few else 'the difference is'}{place}, where it is {number(got)}."
    return f"{start}it answers {number(got)}."


def of_expected(title: str, difference: Difference, returns: Sequence[str] = ()) -> str:
    """Return the sentence for staff on a wrong entry, with what was expected there."""
    few = f" {difference.wrong} of {difference.entries} entries differ." if difference.entries > 1 else ""
    expected, got = (float("nan") if each is None else each for each in (difference.expected, difference.got))
    return f"`{title}`{entry(difference, returns)}: {expected:.12g} was expected, {got:.12g} came back.{few}"


def of_relation(title: str, relation: Relation) -> str:
    """Return the sentence for an error that explains every answer."""
    if relation.kind == "factor":
        return f"Every answer of `{title}` is {_factor(relation.factor)} times what it should be."
    return {
        "negated": f"Every answer of `{title}` has the wrong sign.",
        "sum": f"`{title}` takes the sum over the data where the mean is asked for.",
        "mean": f"`{title}` takes the mean over the data where the sum is asked for.",
        "transposed": f"The answers of `{title}` are transposed.",
    }[relation.kind]


def _factor(value: float) -> str:
    simple = Fraction(value).limit_denominator(12)
    return str(simple) if abs(float(simple) - value) < 1e-4 * abs(value) else number(value)


def of_raised(title: str, raised: Raised, where: str) -> str:
    """Return the sentence for a function that raised."""
    line = f" (line {raised.line})" if raised.line else ""
    message = f": {raised.message[:300]}" if raised.message else ""
    return f"`{title}` raised {raised.kind[:60]}{message}{line} for {where}."
