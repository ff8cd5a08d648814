"""What steps of training did to every layer, beside what they were to do.

A gradient is recovered as what an array lost in a step, divided by the step size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from grader.expect.handmade.room import INSIDE, Room
from grader.expect.handmade.trial import Made, Trial
from grader.observed import FloatArray

Gradients = Callable[..., tuple[Sequence[FloatArray], Sequence[FloatArray]]]
EQUAL, EQUAL_SINGLE = 1e-5, 5e-3
"""Greatest distance of gradients that are the same, relative to their length; right ones agree to 2e-9."""
ALONG, ALONG_SINGLE = 3e-3, 8e-2
"""The same of their components along some directions, against central differences."""
STILL = 1e-9
"""What is left of a parameter that was moved along a direction and back, relative to its gradient."""


class Teaching(Protocol):
    """What knows the declared gradients."""

    gradients: Gradients


@dataclass(frozen=True)
class Layer:
    """One parameter of one layer: what the steps did to it, and what they were to do."""

    number: int
    """From 1."""
    recovered: tuple[FloatArray, ...]
    """Of each step, the gradient that it shows."""
    expected: tuple[FloatArray, ...]
    """The declared gradient."""
    numeric: FloatArray
    """The loss along some directions; empty if it could not be had."""
    components: FloatArray
    """Of the first recovered gradient, along the same."""
    equal: float
    along: float

    @property
    def declared(self) -> bool:
        """Tell whether every step shows the declared gradient."""
        return self.off <= self.equal

    @property
    def own(self) -> bool:
        """Tell whether the first step shows the gradient of the student's own loss."""
        return bool(self.numeric.size) and distance(self.components, self.numeric) <= self.along

    @property
    def right(self) -> bool:
        """Tell whether it is right."""
        return self.declared or self.own

    @property
    def off(self) -> float:
        """Return how far the recovered gradients are from the declared ones, relative to their length."""
        return distance(joined(self.recovered), joined(self.expected))

    @property
    def still(self) -> bool:
        """Tell whether no step has moved it."""
        return float(np.linalg.norm(joined(self.recovered))) < STILL * float(np.linalg.norm(joined(self.expected)))


def understood(step: Teaching, room: Room, seen: Trial, part: str) -> tuple[Trial, list[Layer]]:
    """Return the layers; where no loss told what is done to a sample inside, the treatment that makes them right."""
    for inside in () if room.forward else INSIDE.values():
        treated = replace(seen, steps=tuple(replace(made, x=inside(made.x)) for made in seen.steps))
        layers = layers_of(step, room, treated, part)
        if all(each.right for each in layers):
            return treated, layers
    return seen, layers_of(step, room, seen, part)


def layers_of(step: Teaching, room: Room, seen: Trial, part: str) -> list[Layer]:
    """Return one part of every layer."""
    index = 0 if part == "weights" else 1
    rates = sizes(step, room, seen.steps)
    both = list(zip(seen.steps, rates, strict=True))
    recovered = [room.reading.split([raw / rate for raw in made.raws])[index] for made, rate in both]
    expected = [step.gradients(made.weights, made.biases, made.x, made.y)[index] for made in seen.steps]
    slopes = {each.slot.layer: each for each in seen.slopes if each.part == part}
    raws = {slot: raw / rates[0] for slot, raw in zip(room.reading.slots, seen.steps[0].raws, strict=True)}
    found = []
    for at in range(len(expected[0])):
        own = slopes.get(at)
        numeric, components = (own.numeric, own.of(raws[own.slot])) if own else (np.empty(0), np.empty(0))
        found.append(
            Layer(
                at + 1,
                tuple(each[at] for each in recovered),
                tuple(np.asarray(each[at]) for each in expected),
                numeric,
                components,
                EQUAL_SINGLE if room.single else EQUAL,
                ALONG_SINGLE if room.single else ALONG,
            )
        )
    return found


def sizes(step: Teaching, room: Room, steps: Sequence[Made]) -> list[float]:
    """Return the step sizes; where they are not known, the one that would make the last layer's weights right."""
    if all(made.rate is not None for made in steps):
        return [made.rate or 1.0 for made in steps]
    lost = joined([room.reading.split(made.raws)[0][-1] for made in steps])
    true = joined([step.gradients(made.weights, made.biases, made.x, made.y)[0][-1] for made in steps])
    factor = abs(float(lost @ true / (true @ true))) or 1.0
    return [factor if np.isfinite(factor) else 1.0 for _ in steps]


def joined(arrays: Sequence[FloatArray]) -> FloatArray:
    """Return the entries of several arrays as one vector."""
    return np.concatenate([np.ravel(each) for each in arrays])


def distance(one: FloatArray, other: FloatArray) -> float:
    """Return how far one vector is from another, relative to the other's length; infinite where not finite."""
    length = float(np.linalg.norm(other))
    off = float(np.linalg.norm(one - other)) / (length or 1e-12)
    return off if np.isfinite(off) else np.inf
