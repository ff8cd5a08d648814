"""The functions of x that a check may hand over by name, so that no code of ours crosses the wall."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .failures import unusable
from .imports import captured
from .sealed import seal

seal(globals())

_NAMES = ("sin", "cos", "exp", "tanh")


def known_function(formula: str, coefficients: Sequence[float]) -> Callable[[Any], Any]:
    """Return the function of x that a formula and its coefficients name; it takes numbers, arrays and tensors."""
    if formula == "polynomial":
        return lambda x: _horner(coefficients, x)
    if formula not in _NAMES:
        raise unusable(f"No known function is called {formula}.")
    a, b, c = coefficients
    return lambda x: a * _elementary(formula, b * x + c)


def _horner(coefficients: Sequence[float], x: Any) -> Any:
    """Return c0 + c1 x + c2 x**2 + …, of the kind and shape of x."""
    total = x * 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def _elementary(name: str, x: Any) -> Any:
    """Return sin, cos, exp or tanh of a number, an array or a tensor."""
    torch = captured("torch")
    if torch is not None and issubclass(type(x), torch.Tensor):
        return getattr(torch, name)(x)
    if issubclass(type(x), (np.ndarray, np.generic)):
        return getattr(np, name)(x)
    return getattr(math, name)(x)
