"""A network that prepares its inputs itself: it multiplies them by a number and adds one, before its first layer.

Which two numbers, no record tells. They are found by Gauss and Newton's method from the usual ways to scale pixels: of
a network whose layers are known little else is open, and with the right ones it answers as was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grader.expect.perceptron import Reading, agree
from grader.observed import FloatArray

ROWS, TURNS = 24, 12
STARTS = (
    *((1 / 255, 0.0), (2 / 255, -1.0), (1 / 90, -0.81), (1 / 78.6, -0.42), (1 / 128, -1.0)),
    *((2.0, -1.0), (1 / 0.353, -0.81), (1 / 0.3081, -0.42)),
)
"""Pixels to [0, 1], to [-1, 1], by the mean and deviation of FashionMNIST and of MNIST; from 255 or from 1."""


@dataclass(frozen=True)
class Prepared:
    """What is done to each number before the first layer."""

    factor: float
    shift: float


def prepared(reading: Reading, arrays: Sequence[FloatArray], x: FloatArray, answers: FloatArray) -> Prepared | None:
    """Return what makes a network of this reading answer so to x (n, features); None if nothing of the kind does."""
    x, answers = x[:ROWS], np.asarray(answers, dtype=np.float64).reshape(len(x), -1)[:ROWS]

    def off(way: FloatArray) -> FloatArray:
        return (reading(arrays, way[0] * x + way[1]) - answers).ravel()

    for start in STARTS:
        way = _settled(np.array(start), off)
        if way[0] > 0 and agree(reading(arrays, way[0] * x + way[1]), answers):
            return Prepared(float(way[0]), round(float(way[1]), 5) + 0.0)
    return None


def _settled(way: FloatArray, off: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return where the method comes to from here; each turn is shortened until it makes things better."""
    for _ in range(TURNS):
        now = off(way)
        nudges = 1e-5 * (np.abs(way) + 1e-3)
        moved = [off(way + nudge * unit) for nudge, unit in zip(nudges, np.eye(2), strict=True)]
        slopes = (np.stack(moved, axis=1) - now[:, None]) / nudges
        if not np.isfinite(slopes).all():
            break
        turn = np.linalg.lstsq(slopes, -now, rcond=None)[0]
        better = (way + turn / 2**cut for cut in range(6))
        way = next((each for each in better if np.linalg.norm(off(each)) < np.linalg.norm(now)), way)
    return way
