"""What a network was taught, recovered from the gradients that reached its outputs.

Theory of operation. However a student writes it, a squared loss is L = c * sum (f - y)**2, and its derivative by the
outputs is g = 2 c (f - y). So c = sum g**2 / (4 L), and the labels are y = f - g / (2 c). With b rows in a batch, c * b
is 1 for the mean of squares, 1/2 for half of it, b for a sum. For any other loss c * b changes from batch to batch.
An (n, 1) array of outputs compared with an (n,) array of labels gives n**2 differences, whose gradient is a straight
line in f: each output is pulled to the mean of the labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.observed import FloatArray, Pass, Training

Target = Callable[[FloatArray], FloatArray]

SQUARED = ("mean", "half mean", "sum", "half sum", "scaled")
"""The families of squared losses, by what c is."""

EXACT = 2e-3
"""Labels this near (relative to 1 + |y|) are the same: single precision, recovered by a difference."""


@dataclass(frozen=True)
class Labels:
    """The labels of the rows that were seen closely, and the loss that compared them."""

    family: str
    """One of `SQUARED`, or 'broadcast', 'absolute', 'Huber', 'other' (not recognised), 'unseen'."""
    factor: float
    """c * b: 1 for the mean of squares, 1/2 for half of it, below 0 for minus a loss; NaN if it is no squared one."""
    x: FloatArray
    """(rows, features), distinct."""
    y: FloatArray
    """(rows,), mean over the times a row was seen."""
    spread: float
    """Typical difference between a row's labels from one time to the next; 0 if no row was seen twice."""
    times: float
    """How often a row was seen, on average."""

    def fresh(self, rows: int) -> bool:
        """Return whether points are drawn anew instead of `rows` points being shown again and again."""
        return len(self.x) > 2 * rows and self.times < 1.1

    def off(self, target: Target) -> FloatArray:
        """Return labels minus the target's values, (rows,)."""
        return self.y - values(target, self.x)

    def kind(self, target: Target) -> str:
        """Return 'clean', 'noisy' or 'other' by how the labels differ from the target; 'unknown' if unseen."""
        if self.family not in SQUARED or not self.y.size:
            return "unknown"
        off, truth = self.off(target), values(target, self.x)
        if np.quantile(np.abs(off) / (1 + np.abs(truth)), 0.99) < EXACT:
            return "clean"
        related = self.y.size > 2 and np.std(self.y) > 0 and np.corrcoef(self.y, truth)[0, 1] > 0.2
        return "noisy" if related and not _smooth(self.x[:, 0], off) else "other"


def values(target: Target, x: FloatArray) -> FloatArray:
    """Return the target's values (rows,) at inputs (rows, features)."""
    return np.asarray(target(x[:, 0] if x.shape[1] == 1 else x), dtype=np.float64).reshape(len(x))


def _smooth(x: FloatArray, off: FloatArray) -> bool:
    """Return whether differences change slowly with x, as a wrong formula's do and noise's do not."""
    ordered = off[np.argsort(x)]
    return len(x) > 20 and float(np.mean(np.diff(ordered) ** 2)) < 0.7 * float(np.var(ordered))


def labels_of(training: Training) -> Labels:
    """Return the labels that this training's gradients tell of."""
    passes = tuple(seen for seen in training.passes if _usable(seen))
    if not passes:
        return Labels("unseen", float("nan"), np.empty((0, 1)), np.empty(0), 0.0, 0.0)
    if _is_line(passes[0]) and np.mean([_is_line(seen) for seen in passes]) > 0.8:
        return _without("broadcast", passes)
    factors = np.array([_factor(seen) for seen in passes])
    family, factor = _family(factors, np.array([_rows(seen) for seen in passes]))
    return _recovered(family, factor, passes) if family in SQUARED else _without(_unsquared(passes), passes)


def _usable(seen: Pass) -> bool:
    """Return whether a pass was seen whole, with one finite output of moderate size for each row."""
    parts = (seen.inputs, seen.outputs, seen.output_gradient)
    if seen.inputs is None or seen.outputs is None or seen.output_gradient is None or seen.loss == 0:
        return False
    whole = len(seen.inputs) == seen.outputs.size == seen.output_gradient.size > 0
    finite = np.isfinite(seen.loss) and all(part is not None and np.isfinite(part).all() for part in parts)
    return bool(whole and finite and np.abs(seen.outputs).max() < 1e4 and 0 < np.abs(seen.output_gradient).max() < 1e9)


def _flat(seen: Pass) -> tuple[FloatArray, FloatArray]:
    """Return outputs and their gradient, (rows,) each, of a usable pass."""
    return np.ravel(seen.outputs), np.ravel(seen.output_gradient)  # type: ignore[arg-type]  # usable: neither is None


def _rows(seen: Pass) -> int:
    """Return the rows in the batch."""
    return 0 if seen.outputs is None else seen.outputs.size


def _factor(seen: Pass) -> float:
    """Return c * b, if the loss is a squared one."""
    _, gradient = _flat(seen)
    return float(gradient.size * np.sum(gradient**2) / (4 * seen.loss))


def _family(factors: FloatArray, rows: FloatArray) -> tuple[str, float]:
    """Return the family of squared losses with these factors, and its c * b."""
    for name, expected in (("mean", 1.0), ("half mean", 0.5), ("sum", rows), ("half sum", rows / 2)):
        if np.mean(np.abs(factors / expected - 1) < 5e-3) >= 0.9:
            return name, float(np.median(expected))
    middle = float(np.median(factors))
    steady = len(factors) > 1 and middle != 0 and np.mean(np.abs(factors / middle - 1) < 5e-3) >= 0.9
    return ("scaled", middle) if steady else ("other", float("nan"))


def _is_line(seen: Pass) -> bool:
    """Return whether the gradient is a rising straight line in the output."""
    output, gradient = _flat(seen)
    if output.size < 8 or np.std(output) < 1e-6:
        return False
    output, gradient = output - output.mean(), gradient - gradient.mean()
    slope = float(output @ gradient / (output @ output))
    return bool(slope > 0 and np.std(gradient - slope * output) < 1e-3 * np.std(gradient))


def _unsquared(passes: Sequence[Pass]) -> str:
    """Return which loss has gradients like these."""
    shares = []
    for seen in passes:
        size = np.abs(_flat(seen)[1])
        shares.append(float(np.mean(size > 0.999 * size.max())))
    if min(shares) > 0.9:
        return "absolute"
    return "Huber" if _rows(passes[0]) >= 8 and np.median(shares) > 0.05 else "other"


def _recovered(family: str, factor: float, passes: Sequence[Pass]) -> Labels:
    """Return the labels under a squared loss, one for each distinct row."""
    shown, told = [], []
    for seen in passes:
        output, gradient = _flat(seen)
        c = {"sum": 1.0, "half sum": 0.5}.get(family, factor / output.size)
        shown.append(np.asarray(seen.inputs).reshape(len(output), -1))
        told.append(output - gradient / (2 * c))
    rows, which = _distinct(np.concatenate(shown))
    every = np.concatenate(told)
    times = np.bincount(which)
    middle = np.bincount(which, every) / times
    variance = np.bincount(which, (every - middle[which]) ** 2)
    repeats = float(np.sum(times - 1))
    spread = float(np.sqrt(variance.sum() / repeats)) if repeats else 0.0
    return Labels(family, factor, rows, middle, spread, float(times.mean()))


def _without(family: str, passes: Sequence[Pass]) -> Labels:
    """Return what is known where the labels cannot be told: the rows."""
    shown = np.concatenate([np.asarray(seen.inputs).reshape(_rows(seen), -1) for seen in passes])
    rows, _ = _distinct(shown)
    return Labels(family, float("nan"), rows, np.empty(0), 0.0, len(shown) / len(rows))


def _distinct(shown: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return the different rows, and for each row shown which of them it is."""
    one = shown.shape[1] == 1  # many times faster as plain numbers than as rows
    rows, which = np.unique(shown[:, 0] if one else shown, axis=None if one else 0, return_inverse=True)
    return rows.reshape(len(rows), -1), which.ravel().astype(np.int64)
