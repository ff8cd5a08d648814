"""Parameters as one flat vector: to see whether they moved, by how much, and whether a single rate explains it.

Up to `FULL` numbers are taken whole. Of a larger model an even sample is taken, always the same one, so that every
question below has the same meaning at a bounded cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sealed import seal

seal(globals())

Vector = NDArray[Any]
FULL = 300_000
_SAMPLE = 100_000


def flat(torch: Any, tensors: Sequence[Any]) -> Vector:
    """Return copies of the tensors' numbers, one after another."""
    with torch.no_grad():
        stride = _stride(tensors)
        if stride == 1 and len({tensor.dtype for tensor in tensors}) == 1:
            whole: Vector = torch._C._nn.flatten_dense_tensors(list(tensors)).numpy()
            return whole.copy() if len(tensors) == 1 else whole
        parts = [tensor.detach().reshape(-1)[::stride].double().numpy() for tensor in tensors]
        return np.concatenate(parts)


def _stride(tensors: Sequence[Any]) -> int:
    """Return 1 if the tensors are taken whole, else how many numbers go for each one that is taken."""
    total = sum(tensor.numel() for tensor in tensors)
    return 1 if total <= FULL else -(-total // _SAMPLE)


def gradients(torch: Any, tensors: Sequence[Any]) -> Vector:
    """Return the tensors' gradients as `flat` does; zero where there is none."""
    return flat(torch, [torch.zeros_like(p) if p.grad is None else p.grad for p in tensors])


def no_gradient(torch: Any, tensors: Sequence[Any]) -> bool:
    """Tell whether every gradient is None or zero."""
    there = [tensor.grad for tensor in tensors if tensor.grad is not None]
    return not there or not flat(torch, there).any()


def same(one: Vector, other: Vector) -> bool:
    """Tell whether two vectors agree bit by bit (a NaN agrees with itself)."""
    return one.shape == other.shape and one.dtype == other.dtype and np.array_equal(_bits(one), _bits(other))


def _bits(vector: Vector) -> NDArray[Any]:
    """Return the vector's bits as whole numbers."""
    return vector.view(f"u{vector.itemsize}") if vector.itemsize in (2, 4, 8) else vector


def rate(before: Vector, gradient: Vector, after: Vector, likely: Iterable[float]) -> float | None:
    """Return the r for which after = before - r * gradient, up to rounding; None if there is none.

    The `likely` ones are tried first: where updates are as small as rounding, several would do.
    """
    with np.errstate(all="ignore"):
        b, g, a = (np.asarray(v, dtype=np.float64) for v in (before, gradient, after))
        moved, length = b - a, float(g @ g)
        if not (np.isfinite(length) and np.isfinite(moved).all()):
            return None
        fitted = [float(g @ moved) / length] if length > 0 else []
        unit = float(np.finfo(before.dtype).eps) if before.dtype.kind == "f" else 0.0
        slack = 2 * unit * (np.abs(a) + np.abs(b)) + 4 * unit * float(np.abs(a).max(initial=0.0))
        for r in (*likely, *fitted):
            if (np.abs(moved - r * g) <= slack + 2 * unit * np.abs(r * g)).all():
                return r
    return None


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
    return float(np.linalg.norm(now - last)) > share * float(np.linalg.norm(last)) > 0


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
