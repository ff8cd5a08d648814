"""The ways in which students take their arguments: arrays, tensors, lists, one number at a time.

A style turns the arguments of a case into those of a call. They are tried in a fixed order until one works, so that a
recording is asked the same questions; an exception in one style is no failure while another works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.student import Tensor


@dataclass(frozen=True)
class Style:
    """One way to hand arguments over."""

    name: str
    convert: Callable[[Any], Any]
    each: bool = False
    """Whether the function is called once for every entry."""


def _through(argument: Any, leaf: Callable[[Any], Any]) -> Any:
    """Return the argument with `leaf` applied to its arrays and numbers."""
    if isinstance(argument, (list, tuple)):
        return type(argument)(_through(each, leaf) for each in argument)
    return leaf(argument)


def _tensor(dtype: type[np.floating], *, numbers: bool) -> Callable[[Any], Any]:
    def convert(leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            return Tensor(leaf.astype(dtype) if leaf.dtype.kind == "f" else leaf)
        if numbers and isinstance(leaf, (int, float)) and not isinstance(leaf, bool):
            return Tensor(np.array(leaf, dtype=dtype if isinstance(leaf, float) else np.int64))
        return leaf

    return lambda argument: _through(argument, convert)


def _lists(argument: Any) -> Any:
    return _through(argument, lambda leaf: leaf.tolist() if isinstance(leaf, np.ndarray) else leaf)


def _batch_of_one(argument: Any) -> Any:
    if isinstance(argument, (np.ndarray, int)):
        return np.asarray(argument)[None]
    return argument


def _columns(argument: Any) -> Any:
    """Return vectors as columns: for those whose broadcasting expects (n, 1)."""
    return _through(argument, lambda leaf: leaf[:, None] if isinstance(leaf, np.ndarray) and leaf.ndim == 1 else leaf)


STYLES: tuple[Style, ...] = (
    Style("arrays", lambda argument: argument),
    Style("tensors", _tensor(np.float64, numbers=False)),
    Style("tensors, numbers too", _tensor(np.float64, numbers=True)),
    Style("single-precision tensors", _tensor(np.float32, numbers=False)),
    Style("single-precision tensors, numbers too", _tensor(np.float32, numbers=True)),
    Style("lists", _lists),
    Style("columns", _columns),
    Style("a batch of one", _batch_of_one),
    Style("one number at a time", float, each=True),
    Style("one tensor at a time", lambda number: Tensor(np.array(number, dtype=np.float64)), each=True),
)
