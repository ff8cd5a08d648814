"""New parameters that a step of training returns instead of changing the old ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from grader.expect.handmade.roles import Slot
from grader.observed import FloatArray


def after(slots: Sequence[Slot], before: Sequence[FloatArray], answer: object) -> list[FloatArray] | None:
    """Return the arrays in an answer that stand for those of the slots; None if it does not hold all of them.

    Two of one shape are told apart by the old ones, which a step leaves nearby.
    """
    left = [each.astype(np.float64) for each in _arrays(answer) if each.dtype.kind in "fiu"]
    found: dict[object, FloatArray] = {}
    for slot, old in zip(slots, before, strict=True):
        if slot.handle in found:
            continue
        fitting = [at for at, each in enumerate(left) if each.shape == slot.shape]
        if not fitting:
            return None
        nearest = min(fitting, key=lambda at: float(np.linalg.norm(left[at] - old)))
        found[slot.handle] = left.pop(nearest)
    return [found[slot.handle] for slot in slots]


def nearer(new: Sequence[FloatArray], old: Sequence[FloatArray]) -> bool:
    """Tell whether arrays are nearer to the old ones than to zero: if not, they are rather gradients."""
    step = sum(float(np.sum((after - before) ** 2)) for after, before in zip(new, old, strict=True))
    return step < sum(float(np.sum(after**2)) for after in new)


def _arrays(value: object) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """Yield the arrays in an answer; a list of numbers, or of equally long lists of numbers, is one too."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _arrays(each)
    elif isinstance(value, (list, tuple)):
        table = _table(value)
        if table is not None:
            yield table
        for each in value:
            yield from _arrays(each)


def _table(rows: Sequence[object]) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None:
    """Return a list of numbers, or of equally long lists of numbers, as an array."""
    inner = [len(row) for row in rows if isinstance(row, list)]
    if inner and (len(inner) < len(rows) or len(set(inner)) > 1):
        return None
    entries = [entry for row in rows for entry in row] if inner else list(rows)  # type: ignore[attr-defined]
    if not entries or not all(type(entry) in (int, float) for entry in entries):
        return None
    return np.array(entries, dtype=np.float64).reshape((len(rows), inner[0]) if inner else (len(rows),))
