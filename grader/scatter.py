"""Numbers scattered by a seed, the same on every machine and in every version of NumPy.

What a kernel is to fill an array with is told by a seed, since the numbers themselves would take hundreds of kilobytes
in every record. A generator of NumPy's may change from version to version, and a record is judged again years later; so
this is plain 64-bit arithmetic (the finaliser of SplitMix64, applied to a count). The kernel has its own copy, in
`grader/kernel/holdings.py`; a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from grader.observed import FloatArray


def scattered(seed: int, spread: float, shape: Sequence[int]) -> FloatArray:
    """Return numbers in [-spread, spread), of standard deviation spread / sqrt(3)."""
    z = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    unit = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return np.asarray(spread * (2 * unit - 1)).reshape(tuple(shape))
