"""Bounds from a false-alarm rate: how far a fair sample may stray before we say that it is not one.

Theory of operation. A student who draws weights from the right law must not fail by bad luck, so every statistical
check starts from the rate at which it may accuse wrongly (one in a million unless told otherwise) and derives its
bounds from that and from the size of the sample. Closed forms throughout: exact for a mean and for the largest value,
Wilson and Hilferty's approximation for a standard deviation (within 2 % of the chi-square quantile from forty values
on, and on the lenient side below), Dvoretzky, Kiefer, Wolfowitz and Massart's inequality for the distribution.
Importing scipy.stats would cost more than regrading a submission.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from grader.observed import FloatArray

ALARM = 1e-6
"""How often a right answer may be called wrong, unless told otherwise."""

UNIT = NormalDist()


@dataclass(frozen=True)
class Band:
    """An interval, ends included."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        """Return whether the value lies in the interval; NaN never does."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        """Return 'between 0.85 and 1.16'."""
        return f"between {self.low:.3g} and {self.high:.3g}"


def mean_band(count: int, mean: float, std: float, alarm: float = ALARM) -> Band:
    """Return where the mean of `count` independent normal draws lies, but for a chance of `alarm`."""
    reach = -UNIT.inv_cdf(alarm / 2) * std / math.sqrt(count)
    return Band(mean - reach, mean + reach)


def std_band(count: int, std: float, alarm: float = ALARM) -> Band:
    """Return where the root mean square about the true mean of `count` normal draws lies."""
    z = -UNIT.inv_cdf(alarm / 2)
    spread, centre = math.sqrt(2 / (9 * count)), 1 - 2 / (9 * count)
    low, high = (max(0.0, centre + sign * z * spread) ** 1.5 for sign in (-1, 1))
    return Band(std * low, std * high)


def largest_band(count: int, std: float, alarm: float = ALARM) -> Band:
    """Return where the largest distance from the mean among `count` normal draws lies."""
    low, high = (_two_sided(math.log(tail) / count) for tail in (alarm / 2, 1 - alarm / 2))
    return Band(std * low, std * high)


def _two_sided(log_probability: float) -> float:
    """Return the z for which a unit normal draw lies in [-z, z] with this probability."""
    outside = -math.expm1(log_probability)
    return -UNIT.inv_cdf(outside / 2)


def distance_bound(count: int, alarm: float = ALARM) -> float:
    """Return the greatest distance of an empirical distribution of `count` draws from its true one."""
    return math.sqrt(math.log(2 / alarm) / (2 * count))


@lru_cache(maxsize=16)
def ordered_band(count: int, alarm: float = ALARM) -> tuple[FloatArray, FloatArray]:
    """Return between which values each of `count` unit normal draws lies, from the least to the greatest.

    It is `distance_bound` told in values and not in chances, as layers of one size are looked at again and again.
    """
    bound = distance_bound(count, alarm)
    ranks = np.arange(count + 1) / count
    low = np.array([UNIT.inv_cdf(rank) if rank > 0 else -math.inf for rank in ranks[1:] - bound])
    high = np.array([UNIT.inv_cdf(rank) if rank < 1 else math.inf for rank in ranks[:-1] + bound])
    return low, high


@dataclass(frozen=True)
class Normal:
    """The law N(mean, std**2)."""

    mean: float = 0.0
    std: float = 1.0

    def departure(self, sample: FloatArray, alarm: float = ALARM) -> str:
        """Return what is wrong with independent draws as '… , not …', or '' if they may well be from this law.

        A fair sample is refused with a chance of at most `alarm`, shared by the four tests.
        """
        sample = np.asarray(sample, dtype=np.float64).ravel()
        if not sample.size or not np.isfinite(sample).all():
            return "not all values are finite" if sample.size else "there are no values"
        share = alarm / 4
        off = sample - self.mean
        return (
            _outside("standard deviation", _rms(off), std_band(sample.size, self.std, share))
            or _outside("mean", float(sample.mean()), mean_band(sample.size, self.mean, self.std, share))
            or _outside("largest size", float(np.abs(off).max()), largest_band(sample.size, self.std, share))
            or self._misshapen(off, share)
        )

    def _misshapen(self, off: FloatArray, alarm: float) -> str:
        """Return that the empirical distribution is too far from this one, if it is."""
        low, high = ordered_band(off.size, alarm)
        sizes = np.sort(off) / self.std
        inside = (low <= sizes) & (sizes <= high)
        return "" if inside.all() else "the values are not spread like normal draws"


def _rms(values: FloatArray) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(values**2)))


def _outside(what: str, value: float, band: Band) -> str:
    """Return a sentence if the value lies outside the band."""
    return "" if value in band else f"{what} {value:.3g}, not {band}"


def looks_uniform(values: FloatArray) -> bool:
    """Return whether many values look uniform between their least and their greatest."""
    low, width = float(values.min()), float(np.ptp(values))
    if not width:
        return False
    ranks = (np.arange(values.size) + 0.5) / values.size
    return bool(np.max(np.abs((np.sort(values.ravel()) - low) / width - ranks)) < 2 / np.sqrt(values.size))
