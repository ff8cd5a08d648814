"""A student's handwritten network, entered: how its arrays and its functions are to be understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.errors import Unusable
from grader.expect.handmade.manner import Callee, Manner, guess_in, loss_in
from grader.expect.handmade.roles import Reading
from grader.expect.sentences import shown
from grader.observed import FloatArray
from grader.student import Handle, Student

INSIDE: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "": lambda x: x,
    "divided by 255": lambda x: x / 255,
    "divided by 256": lambda x: x / 256,
    "mapped to [-1, 1]": lambda x: 2 * x - 1,
    "divided by 255 and mapped to [-1, 1]": lambda x: 2 * x / 255 - 1,
    "shifted by one half": lambda x: x - 0.5,
    "divided by 255 and shifted by one half": lambda x: x / 255 - 0.5,
    "standardised with MNIST's mean and deviation": lambda x: (x - 0.1307) / 0.3081,
    "divided by 255 and standardised with MNIST's mean and deviation": lambda x: (x / 255 - 0.1307) / 0.3081,
    "standardised with FashionMNIST's mean and deviation": lambda x: (x - 0.2860) / 0.3530,
    "divided by 255 and standardised with FashionMNIST's mean and deviation": lambda x: (x / 255 - 0.2860) / 0.3530,
    "centred and divided by its deviation": lambda x: (x - x.mean()) / x.std(),
    "divided by its largest entry": lambda x: x / x.max(),
}
"""What students do to a sample before the first layer, inside their functions."""

LIT = 64
"""Entries of a sample that are not 0."""


class Unclear(Exception):
    """What stands there cannot be understood; a person has to look. The message says what was seen."""


@dataclass(frozen=True)
class Plan:
    """What a network written by hand is to be."""

    widths: tuple[int, ...]
    """From the inputs to the outputs."""
    loss: Callable[..., float]
    """loss(weights, biases, x, y): lists of (outputs, inputs) and (outputs,), a flat sample, a label."""
    shapes: tuple[tuple[int, ...], ...]
    """In which samples may be handed over."""
    names: tuple[str, ...]
    """Of the function that returns the loss of a sample; the first is the one students were given."""

    @property
    def classes(self) -> int:
        """Return the number of outputs."""
        return self.widths[-1]

    @property
    def title(self) -> str:
        """Return '784-32-32-10'."""
        return "-".join(map(str, self.widths))


@dataclass(frozen=True)
class Room:
    """One student's network, understood, in one conversation."""

    student: Student
    plan: Plan
    forward: Callee | None
    """The function that returns a loss; None if there is none."""
    manner: Manner
    manners: tuple[Manner, ...]
    reading: Reading
    inner: str
    """What is done to a sample before the first layer."""
    matched: bool
    """Whether the declared network gives the student's loss under this reading."""
    single: bool
    """Whether an array is in single precision."""
    arrays: dict[Handle, FloatArray]
    """What stands in the arrays now, as far as is known."""
    remarks: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the loss function's name."""
        return self.forward.taken.title if self.forward else self.plan.names[0]

    def answer(self, x: FloatArray, y: int) -> object:
        """Return what the loss function answers for a flat sample and its label."""
        assert self.forward is not None
        return said(self.student, self.forward, self.manner, x, y, self.plan.classes)

    def loss(self, x: FloatArray, y: int) -> float:
        """Return the student's loss. Raises `Unusable` for an answer without a number."""
        return self.loss_of(self.answer(x, y))

    def loss_of(self, answer: object) -> float:
        """Return the loss in an answer."""
        loss = loss_in(answer)
        if loss is None:
            raise Unusable(f"`{self.title}` returned {shown(answer)} where a loss, one number, was expected.")
        return loss

    def guess_of(self, answer: object) -> NDArray[np.generic] | None:
        """Return the guess in an answer."""
        return guess_in(answer, self.plan.classes)

    def raws(self) -> list[FloatArray]:
        """Return the arrays of the reading, as they are known."""
        return [self.arrays[slot.handle] for slot in self.reading.slots]

    def layers(self) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return weights and biases of the layers now."""
        return self.reading.split(self.raws())

    def true_loss(self, x: FloatArray, y: int) -> float:
        """Return the declared network's loss at the student's parameters."""
        return float(self.plan.loss(*self.layers(), self.inside(x), y))

    def inside(self, x: FloatArray) -> FloatArray:
        """Return what reaches the first layer of a flat sample."""
        return INSIDE[self.inner](x)

    def refresh(self) -> None:
        """Get the arrays again. Raises `Unusable` if one has another shape now, or is no array of numbers any more."""
        for handle, shape in {slot.handle: slot.shape for slot in self.reading.slots}.items():
            changes = self.student.changes(handle)
            if changes.shape != shape:
                raise Unusable(f"`{handle.name}` had shape {shape}; after a step of training it has {changes.shape}.")
            now = self.arrays[handle].copy()
            now.flat[changes.places] = changes.now
            self.arrays[handle] = now


def said(student: Student, forward: Callee, manner: Manner, x: FloatArray, y: int, classes: int) -> object:
    """Return what a loss function answers for a flat sample and its label, handed over in some manner."""
    given, named = forward.arguments(manner.sample(x), manner.target(y, classes))
    return student.call(forward.taken.what, *given, **named)


def image(rng: np.random.Generator, inputs: int) -> FloatArray:
    """Return a sample in [0, 1], most of it 0, of numbers that single precision holds exactly.

    A step changes the first weights only where the sample is not 0, and what changes is what has to be recorded.
    """
    x = np.zeros(inputs)
    lit = rng.permutation(inputs)[:LIT]
    x[lit] = rng.integers(64, 257, len(lit)) / 256
    return x


def spread(shape: Sequence[int]) -> float:
    """Return how far parameters may lie from 0 for units to be in their middle range."""
    return 0.5 if min(shape) == 1 or len(shape) == 1 else 2.5 / float(np.sqrt(min(max(shape), LIT)))
