"""Trainings that went by one loss, the sum of theirs, which was back-propagated once: each is given its own share.

The mean of squares is S = b * sum g**2 / 4, with g its derivative by the b outputs; half of it is 2 S. Where such
shares add up, pass by pass, to the loss that all of these trainings recorded, each would have recorded its own alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from grader.expect.labels import SQUARED, labels_of
from grader.observed import FloatArray, Pass, Training

TOGETHER = 4
"""Most trainings that are looked at together."""
EXPLAINED = ("broadcast", "unseen", *SQUARED)
"""Families of losses that nothing has to be made out of."""


@np.errstate(all="ignore")
def apart(trainings: Sequence[Training]) -> tuple[Training, ...]:
    """Return the trainings of a file, with its own share of the loss for each of those that went by one."""
    found = list(trainings)
    for group in _of_one_loss(trainings):
        for at, shares in zip(group, _shares([trainings[at] for at in group]), strict=False):
            passes = zip(trainings[at].passes, shares, strict=True)
            found[at] = replace(trainings[at], passes=tuple(replace(seen, loss=float(own)) for seen, own in passes))
    return tuple(found)


def _of_one_loss(trainings: Sequence[Training]) -> Iterator[list[int]]:
    """Yield the places of trainings with the same losses at the same passes, which none of them explains alone."""
    groups: dict[tuple[tuple[int, float], ...], list[int]] = {}
    for at, training in enumerate(trainings):
        groups.setdefault(tuple((seen.step, seen.loss) for seen in training.passes), []).append(at)
    several = [group for losses, group in groups.items() if losses and 1 < len(group) <= TOGETHER]
    for group in several:
        if not any(labels_of(trainings[at]).family in EXPLAINED for at in group):
            yield group


def _shares(trainings: Sequence[Training]) -> list[FloatArray]:
    """Return the losses of each training, (passes,), if they are squared ones and add up; else nothing."""
    whole = np.array([seen.loss for seen in trainings[0].passes])
    means = [np.array([_mean_of_squares(seen) for seen in training.passes]) for training in trainings]
    for factors in product((1.0, 2.0), repeat=len(means)):
        shares = [factor * mean for factor, mean in zip(factors, means, strict=True)]
        if np.mean(np.abs(np.sum(shares, axis=0) / whole - 1) < 5e-3) >= 0.9:
            return shares
    return []


def _mean_of_squares(seen: Pass) -> float:
    """Return the mean of squares that has this derivative by the outputs; NaN if it was not seen."""
    gradient = seen.output_gradient
    return float("nan") if gradient is None else float(gradient.size * np.sum(gradient**2) / 4)
