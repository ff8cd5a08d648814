"""Steps of training that a student's function is made to take, and its own loss along some directions.

All that is asked is asked before anything is compared, so that a regrade asks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.errors import Raised, StudentFailure
from grader.expect.handmade.manner import RATES, Callee, Manner
from grader.expect.handmade.returned import after, nearer
from grader.expect.handmade.roles import Slot
from grader.expect.handmade.room import Room, image
from grader.observed import FloatArray
from grader.student import Opaque

RATES_TRIED = (0.5, 0.05)
DIRECTIONS = 3
REACH, REACH_SINGLE = 1e-3, 3e-2
"""Step of the central differences along a direction of length 1."""

REST, REST_SINGLE = 1e-12, 1e-6
"""What is left, at the most, of an entry that was moved along directions and back."""


@dataclass(frozen=True)
class Made:
    """One step that was made."""

    weights: Sequence[FloatArray]
    """Before it, by layer."""
    biases: Sequence[FloatArray]
    x: FloatArray
    """As it reached the first layer."""
    y: int
    rate: float | None
    """The step size; None if it is not known."""
    raws: tuple[FloatArray, ...]
    """What each array lost in the step: its gradient times the step size."""
    new: bool = False
    """Whether the new parameters were returned, and the old ones left as they are."""
    odd: bool = False
    """Whether nothing moved, and what was returned could be about parameters, but not these ones after a step."""


@dataclass(frozen=True)
class Slopes:
    """The student's own loss along some directions from where the first step was made."""

    slot: Slot
    part: str
    """'weights' or 'biases'."""
    directions: tuple[tuple[FloatArray, ...], ...]
    """One vector for each axis."""
    numeric: FloatArray
    """By central differences."""

    def of(self, raw: FloatArray) -> FloatArray:
        """Return the components of a gradient, in the form of the array, along the directions."""
        return np.array([_component(raw, along) for along in self.directions])


@dataclass(frozen=True)
class Trial:
    """All that was seen of one training function."""

    slopes: tuple[Slopes, ...]
    steps: tuple[Made, ...]


def trial(room: Room, train: Callee, seed: Sequence[int]) -> Trial:
    """Return what the function does to the parameters, for two samples at two step sizes."""
    rng = np.random.default_rng((*seed, len(RATES_TRIED)))
    inputs, classes = room.plan.widths[0], room.plan.classes
    samples = [(image(rng, inputs), int(rng.integers(classes))) for _ in RATES_TRIED]
    slopes = tuple(_slopes(room, rng, *samples[0])) if room.forward else ()
    steps = tuple(_made(room, train, x, y, rate) for (x, y), rate in zip(samples, RATES_TRIED, strict=True))
    return Trial(slopes, steps)


def _made(room: Room, train: Callee, x: FloatArray, y: int, rate: float) -> Made:
    """Make one step."""
    before, (weights, biases) = room.raws(), room.layers()
    size, answer = _step(room, train, x, y, rate)
    room.refresh()
    now, new, odd = room.raws(), False, False
    if _stands(before, now, REST_SINGLE if room.single else REST):
        given = after(room.reading.slots, before, answer)
        new = given is not None and nearer(given, before)
        now = given if given is not None and new else now
        odd = not new and (given is not None or isinstance(answer, Opaque))
    lost = tuple(old - now for old, now in zip(before, now, strict=True))
    return Made(weights, biases, room.inside(x), y, size, lost, new, odd)


def _stands(before: Sequence[FloatArray], now: Sequence[FloatArray], rest: float) -> bool:
    """Tell whether nothing has moved, but for what moving along directions and back leaves."""
    return all(np.allclose(one, other, rtol=0.0, atol=rest) for one, other in zip(before, now, strict=True))


def _step(room: Room, train: Callee, x: FloatArray, y: int, rate: float) -> tuple[float | None, object]:
    """Have the function make a step, in the first manner that it takes; return its size if known, and its answer."""
    failures: list[Raised] = []
    for manner in room.manners:
        try:
            return _asked(room, train, manner, x, y, rate)
        except Raised as raised:
            failures.append(raised)
    raise failures[0]


def _asked(
    room: Room, train: Callee, manner: Manner, x: FloatArray, y: int, rate: float
) -> tuple[float | None, object]:
    """Call the function once."""
    given, named = train.arguments(manner.sample(x), manner.target(y, room.plan.classes))
    student, what = room.student, train.taken.what
    if not train.rate:
        answer = student.call(what, *given, **named)
        return _global_rate(room), answer
    try:
        return rate, student.call(what, *given, **{**named, train.rate: rate})
    except Raised as raised:
        if train.taken.parameters or raised.kind != "TypeError" or "argument" not in raised.message:
            raise
    return rate, student.call(what, *given, rate, **named)


def _global_rate(room: Room) -> float | None:
    """Return the step size under a global name, for functions that take none."""
    for name in RATES:
        try:
            value = room.student.get(name)
        except StudentFailure:
            continue
        if isinstance(value, (int, float)) and value > 0:
            return float(value)
    return None


def _slopes(room: Room, rng: np.random.Generator, x: FloatArray, y: int) -> list[Slopes]:
    """Return the loss along random directions of every parameter."""
    found = []
    for slot, part in room.reading.parts():
        ways = tuple(_direction(rng, slot, part, x) for _ in range(DIRECTIONS))
        found.append(Slopes(slot, part, ways, np.array([_along(room, slot, way, x, y) for way in ways])))
    return found


def _along(room: Room, slot: Slot, way: Sequence[FloatArray], x: FloatArray, y: int) -> float:
    """Return the central difference of the student's own loss along one direction."""
    reach = REACH_SINGLE if room.single else REACH
    room.student.move(slot.handle, way, reach)
    above = room.loss(x, y)
    room.student.move(slot.handle, way, -2 * reach)
    below = room.loss(x, y)
    room.student.move(slot.handle, way, reach)
    return (above - below) / (2 * reach)


def _direction(rng: np.random.Generator, slot: Slot, part: str, x: FloatArray) -> tuple[FloatArray, ...]:
    """Return a random direction of length 1 within one parameter, one vector for each axis of its array.

    Of the first layer's weights only those move that lead from a part of the sample that is not 0.
    """
    along = [rng.normal(size=length) for length in slot.block]
    if slot.part != "biases":
        inputs = along[0 if slot.transposed else 1]
        own = inputs[1:] if slot.first else inputs[:-1] if slot.part == "both" else inputs
        if slot.layer == 0:
            own *= x != 0
        if slot.part == "both" and part == "biases":
            inputs[:] = 0.0
            inputs[0 if slot.first else -1] = 1.0
        elif slot.part == "both":
            inputs[0 if slot.first else -1] = 0.0
    return slot.direction([vector / np.linalg.norm(vector) for vector in along])


def _component(raw: FloatArray, along: Sequence[FloatArray]) -> float:
    for vector in reversed(along):
        raw = raw @ vector
    return float(raw)
