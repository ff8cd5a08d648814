"""Inputs a question is asked at: drawn by small combinators, or fixed.

A *spec* describes one argument: a number or an array stands for itself, `normal(5, 7)` and its like are drawn, a list
or tuple is drawn entry by entry. A tuple at the top is one spec per argument; a function of the generator that returns
the tuple of arguments is there for arguments that depend on each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Draw: TypeAlias = Callable[[np.random.Generator], object]


@dataclass(frozen=True)
class Case:
    """The arguments of one question."""

    arguments: tuple[object, ...]


def normal(*shape: int, mean: float = 0.0, scale: float = 1.0) -> Draw:
    """Return normal draws of this shape; a single float without one."""
    return lambda rng: _plain(rng.normal(mean, scale, shape))


def uniform(low: float, high: float, *shape: int) -> Draw:
    """Return uniform draws of this shape; a single float without one."""
    return lambda rng: _plain(rng.uniform(low, high, shape))


def integers(low: int, high: int, *shape: int) -> Draw:
    """Return integers from `low` to `high`, both included; a single int without a shape."""
    return lambda rng: _plain(rng.integers(low, high, shape, endpoint=True))


def values(*numbers: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return these numbers as a vector: the corners every answer has to get right."""
    return np.array(numbers, dtype=np.float64)


def drawn(spec: object, rng: np.random.Generator) -> object:
    """Return what a spec describes."""
    if callable(spec):
        return spec(rng)
    if isinstance(spec, (list, tuple)):
        return type(spec)(drawn(each, rng) for each in spec)
    return spec


def cases(specs: Sequence[object], seed: Sequence[int]) -> tuple[Case, ...]:
    """Return one case per spec; each has a stream of its own, so that a further case moves no other."""
    return tuple(Case(_arguments(drawn(spec, np.random.default_rng((*seed, i))))) for i, spec in enumerate(specs))


def _arguments(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _plain(value: Any) -> object:
    """Return a Python number for a draw without a shape."""
    return value if np.shape(value) else value.item()
