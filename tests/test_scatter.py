"""Scattered numbers: the same on both sides of the wall, and for ever."""

import numpy as np
import pytest

from grader.kernel import holdings
from grader.scatter import scattered


def test_they_are_what_they_always_were():
    assert scattered(7, 1.0, (3,)).tolist() == [-0.22034050321745702, -0.9664234109436878, 0.8015213612137668]


@pytest.mark.parametrize("seed", [0, 1, 2**62 + 5])
@pytest.mark.parametrize("shape", [(32, 784), (7,), (1, 5, 2)])
def test_the_kernel_scatters_the_same(seed, shape):
    assert np.array_equal(scattered(seed, 0.3, shape), holdings.scattered(seed, 0.3, shape))


def test_they_fill_the_interval_evenly():
    sample = np.sort(scattered(3, 2.0, (100_000,)))
    assert np.abs(sample - np.linspace(-2, 2, sample.size)).max() < 0.02
    assert abs(np.corrcoef(scattered(3, 2.0, (100_000,)), scattered(4, 2.0, (100_000,)))[0, 1]) < 0.02
