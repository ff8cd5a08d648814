"""What a recorded training shows of itself: its labels, its loss, its first weights and what it learned.

Theory of operation. The recorder saw, at each pass it looked at closely, what the model was shown (x), what it answered
(f) and the derivative g of the loss by the answers. Under a squared loss L = c Σ (f - y)², g = 2c (f - y), so
c = Σ g² / (4 L) and y = f - g / (2c): the labels come out of the student's own numbers, and no reference is needed to
draw them. The c found must be one of the four that a squared loss can have, or nothing is said about labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.observed import FloatArray, Pass, Training

LEAST_POINTS = 32
"""Of the learned curve, where that many were seen. Each pass is answered by other parameters, so that a line through
the answers of several is a saw that no network ever was; a few more points are not worth that."""
LARGEST = 1e100
"""A number beyond this, or none at all, is of a training that went off; its square would be infinite."""
_CLOSE = 1e-3


@dataclass(frozen=True)
class Points:
    """Points of the plane in the order of x."""

    x: FloatArray
    y: FloatArray


def labels(training: Training) -> Points:
    """Return the distinct points (x, y) that the model was trained on, as far as they can be told; (points,) each."""
    seen = [_labelled(one) for one in training.passes]
    return _gathered([points for points in seen if points is not None])


def learned(training: Training) -> Points:
    """Return what the model answered last, from the last pass backwards until there are enough points."""
    taken: list[Points] = []
    for one in reversed(training.passes):
        answers = _column(one.outputs)
        inputs = _column(one.inputs)
        if inputs is None or answers is None or inputs.shape != answers.shape:
            continue
        taken.append(Points(inputs, answers))
        if sum(points.x.size for points in taken) >= LEAST_POINTS:
            break
    return _gathered(taken)


def losses(training: Training) -> Points:
    """Return the losses over the steps, without those that are not finite."""
    count = min(training.losses.size, training.loss_steps.size)
    steps, values = training.loss_steps[:count].astype(np.float64), training.losses[:count].astype(np.float64)
    usable = _usable(values)
    return Points(steps[usable], values[usable])


def first_weights(training: Training) -> FloatArray:
    """Return the weights before the first step, without the biases; empty if they were not kept."""
    matrices = [array.ravel() for array in training.initial if array.ndim >= 2]
    together = np.concatenate(matrices) if matrices else np.empty(0)
    return together[_usable(together)]


def thinned(points: Points, most: int) -> Points:
    """Return an even sample of at most `most` points."""
    if points.x.size <= most:
        return points
    keep = np.linspace(0, points.x.size - 1, most).round().astype(int)
    return Points(points.x[keep], points.y[keep])


def _labelled(one: Pass) -> Points | None:
    """Return (x, y) of one pass under a squared loss; None if it was another loss or not seen."""
    x, f, g = _column(one.inputs), _column(one.outputs), _column(one.output_gradient)
    if x is None or f is None or g is None or not x.shape == f.shape == g.shape or not 0 < one.loss < LARGEST:
        return None
    scale = float(g @ g) / (4 * one.loss)
    if not _of_squared_loss(scale, x.size):
        return None
    return Points(x, f - g / (2 * scale))


def _of_squared_loss(scale: float, count: int) -> bool:
    """Tell whether `scale` is that of a mean or a sum, with or without the factor one half."""
    usual = (1 / count, 0.5 / count, 1.0, 0.5)
    return any(math.isclose(scale, one, rel_tol=_CLOSE) for one in usual)


def _column(array: FloatArray | None) -> FloatArray | None:
    """Return numbers, one a row, as a vector of finite float64; None for anything else."""
    if array is None or array.size == 0 or array.size != array.shape[0]:
        return None
    flat = np.asarray(array, dtype=np.float64).ravel()
    return flat if bool(_usable(flat).all()) else None


def _usable(values: FloatArray) -> NDArray[np.bool_]:
    return np.isfinite(values) & (np.abs(values) < LARGEST)


def _gathered(parts: list[Points]) -> Points:
    """Return all points in the order of x, each x once."""
    if not parts:
        return Points(np.empty(0), np.empty(0))
    x, first = np.unique(np.concatenate([part.x for part in parts]), return_index=True)
    return Points(x, np.concatenate([part.y for part in parts])[first])
