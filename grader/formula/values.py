"""A formula's value at a point: exact while its operations are rational and its numbers short, then a float."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from grader.formula.tree import Expression, Number, Symbol

BITS = 1000
"""Of the numerators and denominators of exact values; whatever is shorter fits a float."""

Quantity: TypeAlias = Fraction | float
Point: TypeAlias = Mapping[str, Quantity]

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "abs": math.fabs,
    "max": max,
    "min": min,
}
SEVERAL = ("max", "min")


def value(expression: Expression, point: Point) -> Quantity:
    """Return the value at a point, exact where it can be; NaN where it is undefined or too large."""
    if isinstance(expression, Number):
        return expression.value
    if isinstance(expression, Symbol):
        return point[expression.name]
    operands = [value(each, point) for each in expression.operands]
    try:
        return _short(_applied(expression.kind, operands))
    except (ArithmeticError, ValueError):
        return math.nan


def _applied(kind: str, operands: Sequence[Quantity]) -> Quantity:
    if kind in FUNCTIONS:
        return _function(kind, operands)
    a, b = operands[0], operands[-1]
    if kind == "neg":
        return -a
    if kind == "^":
        return _power(a, b)
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()


def _function(kind: str, operands: Sequence[Quantity]) -> Quantity:
    """Return a function's value; a square root of a square stays exact."""
    if kind in SEVERAL:
        return math.nan if any(math.isnan(each) for each in operands) else FUNCTIONS[kind](operands)
    only = operands[0]
    if kind == "sqrt" and isinstance(only, Fraction) and only >= 0:
        roots = math.isqrt(only.numerator), math.isqrt(only.denominator)
        if (roots[0] ** 2, roots[1] ** 2) == (only.numerator, only.denominator):
            return Fraction(*roots)
    return FUNCTIONS[kind](float(only))


def _power(a: Quantity, b: Quantity) -> Quantity:
    if isinstance(a, Fraction) and isinstance(b, Fraction) and b.denominator == 1:
        size = max(a.numerator.bit_length(), a.denominator.bit_length())
        if abs(b.numerator) * size <= BITS:
            return Fraction(a**b.numerator)
    if isinstance(b, Fraction) and b == Fraction(1, 2):
        return _function("sqrt", [a])
    result = float(a) ** float(b)
    return math.nan if isinstance(result, complex) else float(result)


def _short(found: Quantity) -> Quantity:
    """Return a fraction of bounded length as it is, a longer one as a float; an infinity is undefined."""
    if isinstance(found, Fraction):
        return found if max(found.numerator.bit_length(), found.denominator.bit_length()) <= BITS else float(found)
    return found if math.isfinite(found) else math.nan


def same(one: Quantity, other: Quantity, rtol: float = 1e-9) -> bool:
    """Return whether two values agree: exactly if both are exact, else but for roundings. NaN agrees with nothing."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one == other
    return math.isclose(float(one), float(other), rel_tol=rtol)
