"""How a student prepared the images that a network was shown, read off the inputs that were recorded.

Theory of operation. Students divide by 255, scale to [-1, 1], normalise with some mean and spread, standardise every
pixel or every image, or do nothing. Whatever they did, the images they trained on look on average like ours. So the
mean image of what was shown, compared with that of our images, tells whether pixels stand in their order and light is
light; the smallest and the largest value shown then belong to the pixels 0 and 255, if all values lie on a grid of 256
steps between them. Where nothing was recorded, the usual preparations are possible, and which one is meant has to be
found by trying.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.expect.runs import Run
from grader.observed import FloatArray

ALIKE = 0.8
"""Correlation of two mean images from which on they show the same things in the same places."""
FEWEST = 32
"""Rows that tell how images were prepared."""

USUAL = {
    (0.0, 1.0): "divided by 255",
    (-1.0, 1.0): "scaled to [-1, 1]",
    (0.0, 255.0): "left as they are, 0 to 255",
    (-0.2860 / 0.3530, 0.7140 / 0.3530): "divided by 255, then normalised with mean 0.286 and deviation 0.353",
    (-0.1307 / 0.3081, 0.8693 / 0.3081): "divided by 255, then normalised with mean 0.1307 and deviation 0.3081",
}
"""What pixels 0 and 255 become, and how to say it."""


@dataclass(frozen=True)
class Preparation:
    """A way to turn pixels (rows, features) of 0 to 255 into inputs."""

    said: str
    apply: Callable[[FloatArray], FloatArray]
    sure: bool = True
    """Whether it was read off what was shown, and explains all of it."""


def linear(low: float, high: float, *, sure: bool = True) -> Preparation:
    """Return the preparation that turns 0 into `low` and 255 into `high`."""
    near = (said for (a, b), said in USUAL.items() if abs(a - low) < 0.02 and abs(b - high) < 0.02 * max(1.0, abs(b)))
    said = next(near, f"scaled to [{low:.3g}, {high:.3g}]")
    return Preparation(said, lambda pixels: low + (high - low) * pixels / 255, sure)


def preparations(run: Run | None, pixels: FloatArray) -> Sequence[Preparation]:
    """Return how the inputs of a run may have been prepared, given images (rows, features) of their kind in pixels."""
    seen = _inputs(run, pixels.shape[1]) if run else None
    if seen is None:
        return tuple(linear(low, high, sure=False) for low, high in USUAL)
    places = np.linspace(0, pixels.shape[1] - 1, seen.shape[1]).astype(int)
    return _read_off(seen, pixels, places)


def _inputs(run: Run, features: int) -> FloatArray | None:
    """Return the rows that were recorded, if there are enough of them; of wide batches, some columns."""
    tables = [seen.inputs for seen in run.training.passes if seen.inputs is not None and len(seen.inputs)]
    widths = {table.shape[1] for table in tables}
    if len(widths) != 1 or not 16 <= min(widths) <= features or sum(map(len, tables)) < FEWEST:
        return None
    rows = np.concatenate(tables)[:5000].astype(np.float64)
    return rows if np.isfinite(rows).all() else None


def _read_off(seen: FloatArray, pixels: FloatArray, places: NDArray[np.int64]) -> Sequence[Preparation]:
    """Return what explains these inputs."""
    low, high = float(seen.min()), float(seen.max())
    if high <= low:
        return ()
    alike = _correlation(seen.mean(axis=0), pixels[:, places].mean(axis=0))
    steps = (seen[:500] - low) / (high - low) * 255
    on_grid = bool(np.mean(np.abs(steps - np.round(steps)) < 0.02) > 0.99)
    if not on_grid and _steady(seen.std(axis=1)) and np.ptp(seen.mean(axis=1)) < 0.05:
        return (_image_by_image(seen),)
    spreads = seen.std(axis=0)
    centred = np.abs(seen.mean(axis=0)).max() < 0.3 * spreads.max()
    if not on_grid and centred and seen.shape[1] == pixels.shape[1]:
        return (_pixel_by_pixel(seen, pixels),)
    if abs(alike) < ALIKE:
        return ()
    return (linear(low, high, sure=on_grid) if alike > 0 else linear(high, low, sure=on_grid),)


def _steady(spreads: FloatArray) -> bool:
    """Return whether these are nearly the same."""
    return bool(spreads.min() > 0 and spreads.std() < 0.1 * spreads.mean())


def _image_by_image(seen: FloatArray) -> Preparation:
    """Return the preparation that gives every image the mean and the spread that were seen of all."""
    mean, spread = float(seen.mean()), float(seen.std(axis=1).mean())

    def apply(pixels: FloatArray) -> FloatArray:
        centred = pixels - pixels.mean(axis=1, keepdims=True)
        return np.asarray(mean + spread * centred / np.maximum(centred.std(axis=1, keepdims=True), 1e-9))

    return Preparation("standardised image by image", apply)


def _pixel_by_pixel(seen: FloatArray, pixels: FloatArray) -> Preparation:
    """Return the preparation that gives every pixel the mean and the spread that were seen of it."""
    mean, spread = seen.mean(axis=0), seen.std(axis=0)
    ours = pixels.std(axis=0)
    factor = np.where(ours > 1, spread / np.maximum(ours, 1), 0)
    centre = pixels.mean(axis=0)
    return Preparation("standardised pixel by pixel", lambda some: mean + factor * (some - centre), sure=False)


def _correlation(one: FloatArray, other: FloatArray) -> float:
    """Return the correlation of two vectors, 0 where one of them is constant."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float(one @ other) / size if size else 0.0
