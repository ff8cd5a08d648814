"""What a formula is once it is read: a tree of constants, variables and operations, and its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: Fraction


@dataclass(frozen=True)
class Symbol:
    """A variable."""

    name: str


@dataclass(frozen=True)
class Operation:
    """One of `+ - * / ^ neg`, or a function of `FUNCTIONS`, of its operands."""

    kind: str
    operands: tuple[Expression, ...]


Expression: TypeAlias = Number | Symbol | Operation


def symbols(expression: Expression) -> Iterator[str]:
    """Yield the names of the variables in it, with repetitions."""
    if isinstance(expression, Symbol):
        yield expression.name
    elif isinstance(expression, Operation):
        for each in expression.operands:
            yield from symbols(each)


_RANKS = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}


def written(expression: Expression) -> str:
    """Return the formula as text, with the brackets it needs."""
    if isinstance(expression, Number):
        return str(expression.value) if expression.value.denominator == 1 else f"({expression.value})"
    if isinstance(expression, Symbol):
        return expression.name
    rank = _RANKS.get(expression.kind, 5)
    if rank == 5:
        return f"{expression.kind}({', '.join(written(each) for each in expression.operands)})"
    if expression.kind == "neg":
        return f"-{_within(expression.operands[0], rank)}"
    left, right = expression.operands
    first = _within(left, rank + (expression.kind == "^"))
    second = _within(right, rank + (expression.kind in "-/"))
    space = " " if rank < 3 else ""
    return f"{first}{space}{expression.kind}{space}{second}"


def _within(expression: Expression, rank: int) -> str:
    text = written(expression)
    own = _RANKS.get(expression.kind, 5) if isinstance(expression, Operation) else 5
    return f"({text})" if own < rank else text
