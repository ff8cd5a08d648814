"""Parameters as one flat vector: to see whether they moved, by how much, and whether a single rate explains it.

Up to `FULL` numbers are taken whole. Of a larger model an even sample is taken, always the same one, so that every
question below has the same meaning at a bounded cost. This is done several times in every step of a training: views of
the parameters' memory are kept, and only where the memory was exchanged are they made anew.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sealed import seal
from .values import plain_array

seal(globals())

Vector = NDArray[Any]
FULL = 300_000
_SAMPLE = 100_000
_BLOCK = 16_384
"""Numbers that are reckoned with at a time: few enough to stay in the processor's cache."""
_PROBE = 8
"""Numbers of a tensor that tell quickly whether it was changed."""


class Numbers:
    """The numbers of some tensors, one after another."""

    def __init__(self, torch: Any, tensors: Sequence[Any]) -> None:
        """Look at these tensors."""
        self._torch, self._tensors = torch, list(tensors)
        total = sum(tensor.numel() for tensor in tensors)
        self._stride = 1 if total <= FULL else -(-total // _SAMPLE)
        self._pointers: list[int] = []
        self._views: list[Vector] = []
        self._held: list[Any] = []
        self._times = 0
        self._probes: list[Vector] = []
        self._felt: list[bytes] = []

    def now(self, out: Vector | None = None) -> Vector:
        """Return a copy of what they are now, in `out` if it is given."""
        pointers = [tensor.data_ptr() for tensor in self._tensors]
        if pointers != self._pointers:
            self._views = [self._part(tensor) for tensor in self._tensors]
            self._pointers = pointers if all(map(self._is_view, self._tensors, self._views)) else []
            self._probes = [view[:_PROBE] for view in self._views]
        return np.concatenate(self._views, out=out)

    def mark(self) -> None:
        """Remember what tells quickly whether somebody changes them."""
        self._felt = [probe.tobytes() for probe in self._probes]

    def untouched(self) -> bool:
        """Tell whether nobody has set them anew since the mark, as far as addresses and a few numbers of each tell."""
        addresses = [tensor.data_ptr() for tensor in self._tensors]
        return addresses == self._pointers and [probe.tobytes() for probe in self._probes] == self._felt

    def gradients(self) -> Callable[[], Vector | None]:
        """Return what will give their gradients of now, zero where there is none; or None, if they are lost by then.

        A gradient that is dropped after the update, as `zero_grad` does, is only held here, and copied if it is asked
        for. One that is used again, set to zero in place, has to be copied at once.
        """
        found = [tensor.grad for tensor in self._tensors]
        again = any(map(operator.is_, found, self._held)) or self._times < 3
        self._held, self._times = found, self._times + 1
        if again:
            copied = self.of(found)
            return lambda: copied
        versions = [None if gradient is None else gradient._version for gradient in found]
        return lambda: self._kept(found, versions)

    def _kept(self, found: Sequence[Any], versions: Sequence[int | None]) -> Vector | None:
        """Return gradients that were held, if nobody has changed them since."""
        now = [None if gradient is None else gradient._version for gradient in found]
        return self.of(found) if now == versions else None

    def of(self, others: Sequence[Any]) -> Vector:
        """Return the numbers of other tensors of the same shapes; zeros for None."""
        pairs = zip(self._tensors, others, strict=True)
        return np.concatenate([self._part(self._torch.zeros_like(t) if o is None else o) for t, o in pairs])

    def _part(self, tensor: Any) -> Vector:
        """Return one tensor's numbers, or its sample: a view of its memory if that is in order."""
        return plain_array(self._torch, tensor).reshape(-1)[:: self._stride]

    def _is_view(self, tensor: Any, part: Vector) -> bool:
        """Tell whether a part shows the tensor's own memory, now and later."""
        return bool(np.may_share_memory(plain_array(self._torch, tensor), part)) or not part.size


def no_gradient(tensors: Iterable[Any]) -> bool:
    """Tell whether every gradient is None or zero."""
    there = [gradient for gradient in [tensor.grad for tensor in tensors] if gradient is not None]
    return not any(bool(gradient.count_nonzero()) for gradient in there)


def same(one: Vector, other: Vector) -> bool:
    """Tell whether two vectors agree bit by bit (a NaN agrees with itself)."""
    return one is other or (one.dtype == other.dtype and one.tobytes() == other.tobytes())


def rate(before: Vector, gradient: Vector, after: Vector, likely: Iterable[float]) -> float | None:
    """Return the r for which after = before - r * gradient, up to rounding; None if there is none.

    The `likely` ones are tried first: where updates are as small as rounding, several would do.
    """
    blocks = [slice(at, at + _BLOCK) for at in range(0, len(before), _BLOCK)]
    parts = [(before[block], gradient[block], after[block]) for block in blocks]
    with np.errstate(all="ignore"):
        sums = np.sum([_products(*part) for part in parts], axis=0) if parts else np.zeros(2)
        if not np.isfinite(sums).all():
            return None
        fitted = [float(sums[0] / sums[1])] if sums[1] > 0 else []
        largest = float(np.abs(after).max(initial=0.0))
        return next((r for r in (*likely, *fitted) if all(_explains(r, largest, *part) for part in parts)), None)


def _products(before: Vector, gradient: Vector, after: Vector) -> tuple[float, float]:
    """Return the inner products of a gradient with the movement and with itself."""
    g = gradient.astype(np.float64)
    return float(g @ np.subtract(before, after, dtype=np.float64)), float(g @ g)


def _explains(r: float, largest: float, before: Vector, gradient: Vector, after: Vector) -> bool:
    """Tell whether a step of `r` along minus the gradient explains a movement, up to rounding."""
    b, a = before.astype(np.float64), after.astype(np.float64)
    step, unit = r * gradient.astype(np.float64), 2 * float(np.finfo(before.dtype).eps)
    slack = unit * (np.abs(a) + np.abs(b) + np.abs(step) + 2 * largest)
    return bool((np.abs(b - a - step) <= slack).all())


def jumped(last: Vector, now: Vector, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Tell whether parameters were set anew rather than moved: far in all, or far in one matrix of weights."""
    if not np.isfinite(now).all():
        return False
    if not np.isfinite(last).all() or _far(last, now, 0.5):
        return True
    at = 0
    for shape in shapes if sum(map(_size, shapes)) == len(now) else ():
        part = slice(at, at + _size(shape))
        at = part.stop
        if len(shape) > 1 and _far(last[part], now[part], 0.7):
            return True
    return False


def _far(last: Vector, now: Vector, share: float) -> bool:
    """Tell whether two vectors differ by more than a share of the first one's length."""
    one, other = last.astype(np.float64), now.astype(np.float64)
    return float(np.linalg.norm(other - one)) > share * float(np.linalg.norm(one)) > 0


def _size(shape: tuple[int, ...]) -> int:
    """Return how many numbers an array of this shape has."""
    return int(np.prod(shape, dtype=np.int64))


def unflatten(vector: Vector, shapes: Sequence[tuple[int, ...]]) -> list[Vector]:
    """Return the arrays that a whole vector was made of; none if it is a sample."""
    sizes = [_size(shape) for shape in shapes]
    if sum(sizes) != len(vector):
        return []
    parts = np.split(vector, np.cumsum(sizes)[:-1]) if sizes else []
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
