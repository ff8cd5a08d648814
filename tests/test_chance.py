"""Bounds from a false-alarm rate."""

import re

import numpy as np
import pytest
from scipy import stats

from grader.chance import ALARM, Band, Normal, distance_bound, largest_band, mean_band, ordered_band, std_band


@pytest.mark.parametrize("count", [40, 64, 512, 4096])
@pytest.mark.parametrize("alarm", [1e-6, 1e-3])
def test_bands_agree_with_the_exact_laws(count: int, alarm: float) -> None:
    mean = mean_band(count, 0.5, 2.0, alarm)
    assert mean.high == pytest.approx(stats.norm(0.5, 2 / count**0.5).isf(alarm / 2), rel=1e-9)
    std = std_band(count, 2.0, alarm)
    assert std.high == pytest.approx(2 * (stats.chi2.isf(alarm / 2, count) / count) ** 0.5, rel=0.02)
    assert std.low == pytest.approx(2 * (stats.chi2.ppf(alarm / 2, count) / count) ** 0.5, rel=0.02)
    largest = largest_band(count, 1.0, alarm)
    inside = stats.norm.cdf(largest.low) - stats.norm.cdf(-largest.low)
    assert inside**count == pytest.approx(alarm / 2, rel=1e-6)
    assert 1 - (1 - 2 * stats.norm.sf(largest.high)) ** count == pytest.approx(alarm / 2, rel=1e-3)
    assert distance_bound(count, alarm) >= stats.kstwo.isf(alarm, count) * 0.999


@pytest.mark.parametrize("count", [1, 30, 64, 500])
def test_the_band_of_ordered_draws_is_the_bound_on_the_distance_of_distributions(count: int) -> None:
    rng, outside = np.random.default_rng(count), 0
    for width in np.linspace(0.6, 1.6, 200):
        draws = np.sort(rng.normal(0, width, count))
        low, high = ordered_band(count, 0.05)
        too_far = stats.kstest(draws, "norm").statistic > distance_bound(count, 0.05)
        assert bool(((draws < low) | (draws > high)).any()) == too_far
        outside += too_far
    assert outside or count == 1


def test_fair_samples_pass_and_keep_passing() -> None:
    for seed in range(200):
        for count in (1, 5, 64, 512, 4096):
            sample = np.random.default_rng(seed).normal(0.3, 2.0, count)
            assert not Normal(0.3, 2.0).departure(sample)


def test_the_alarm_rate_is_kept() -> None:
    rng = np.random.default_rng(1)
    alarms = sum(bool(Normal().departure(rng.normal(size=64), alarm=0.05)) for _ in range(2000))
    assert 0.005 * 2000 < alarms < 0.06 * 2000


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (np.random.default_rng(0).uniform(-1, 1, 64), "largest"),
        (np.random.default_rng(0).uniform(-(3**0.5), 3**0.5, 4096), "largest"),
        (np.random.default_rng(0).uniform(-2, 2, 512), "standard deviation|largest"),
        (np.random.default_rng(0).normal(0, 0.125, 64), "standard deviation 0.1"),
        (np.random.default_rng(0).normal(0.5, 1, 512), "mean 0.4|standard deviation"),
        (np.sign(np.random.default_rng(0).normal(size=64)), "standard|largest|spread"),
        (np.concatenate([np.full(500, 0.9), np.full(500, -1.1), [3.2]]), "spread"),
        (np.zeros(64), "standard deviation 0"),
        (np.array([np.nan, 1.0]), "finite"),
        (np.array([]), "no values"),
    ],
)
def test_other_laws_are_refused(sample: np.ndarray, said: str) -> None:
    assert re.search(said, Normal().departure(sample))


def test_a_band_never_holds_nan() -> None:
    assert float("nan") not in Band(-1.0, 1.0)
    assert 1.0 in Band(-1.0, 1.0)
    assert ALARM == 1e-6
