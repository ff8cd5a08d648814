"""`Drawn`: before training, the weights of every layer are independent normal draws of a law that the layer decides.

Theory of operation. Training overwrites weights, so the kernel keeps the first few states in which each array stood at
the end of a statement. A layer is right if one of the first two may well be a sample of the law, at a rate of one false
alarm in a million for all layers together: whoever scales an array after drawing it, or fills one that was zero, is
right in the second state. Where no array was ever seen in more than one state, the one may be what the very statement
that drew it had trained: then a person has to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.chance import ALARM, Normal, looks_uniform, std_band
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.handmade.entrance import enter
from grader.expect.handmade.network import Handmade
from grader.expect.handmade.room import Room, Unclear
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.sentences import number
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Verdict
from grader.student import Handle, Student


@dataclass(frozen=True)
class Layer:
    """The weights of one layer as they were seen."""

    number: int
    """From 1."""
    fans: tuple[int, int]
    """Inputs and outputs."""
    states: tuple[FloatArray, ...]
    """(outputs, inputs) each, the first one first."""
    law: Normal
    changed: bool
    """Whether they changed after they were first seen."""

    def departure(self) -> str:
        """Return how the first state departs from the law, or '' if some state does not."""
        said = [self.law.departure(state, self.alarm) for state in self.states]
        return "" if "" in said else said[0]

    alarm: float = ALARM


class Drawn(Expectation):
    """The weights of a handwritten network start as normal draws of mean 0."""

    def __init__(self, network: Handmade, std: Callable[[int, int], float]) -> None:
        """Declare the standard deviation of a layer's weights, std(n_in, n_out); a known mistake is another one."""
        super().__init__()
        self.network = network
        self.std = std
        self.names = ("weights", "biases")

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return other draws in the place of the reference's, and a training that changes them."""
        drawn = "numpy.random.default_rng(W.size).normal(0, wrong(*W.shape[::-1]), W.shape)"
        return f"import numpy\nweights = [{drawn} for W in weights]", "for W in weights:\n    W *= 0.9"

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the weights of every layer were drawn by the law."""
        try:
            room = enter(student, self.network.plan, ask, anyway=True)
        except Unclear as unclear:
            return pending(str(unclear), staff="The arrays could not be read as the network.")
        layers = self._layers(room)
        if not all(layer.states for layer in layers):
            return pending("The weights before training could not be seen.", staff=room.reading.told())
        return self._judged(layers, room, ask)

    def _layers(self, room: Room) -> list[Layer]:
        widths, found = room.plan.widths, []
        for slot in room.reading.slots:
            if slot.part == "biases":
                continue
            fans = widths[slot.layer], widths[slot.layer + 1]
            states = [each for each in _states(room.student, slot.handle) if each.shape == slot.shape]
            law = Normal(0.0, self.std(*fans))
            turned = tuple(slot.weights(each) for each in states)
            found.append(Layer(slot.layer + 1, fans, turned, law, len(states) > 1, ALARM / (len(widths) - 1)))
        return found

    def _judged(self, layers: Sequence[Layer], room: Room, ask: Ask) -> Verdict:
        wrong = [(layer, said) for layer in layers if (said := layer.departure())]
        if not wrong:
            spread = ", ".join(number(float(np.std(layer.states[-1]))) for layer in layers)
            return passed(
                f"The weights of every layer were drawn as they should be; their standard deviations are {spread}.",
                remarks=(room.reading.told(),),
            )
        found = "; ".join(f"layer {layer.number} {layer.fans}: {said}" for layer, said in wrong)
        if not any(layer.changed for layer in layers):
            return pending(
                "The weights were seen in one state only, which may be the trained one, and it departs from the law: "
                f"{found}. A person has to look."
            )
        remarks = (room.reading.told(),)
        known = repeated(self.mistakes, lambda each: all(_follows(layer, each) for layer in layers))
        if known is not None:
            return verdict_on(known, ask, f"Before training, {found}.", remarks=remarks)
        return _named([layer.states[0] for layer, _ in wrong], f"Before training, {found}.", remarks)


def _states(student: Student, handle: Handle) -> list[FloatArray]:
    """Return the first two states of an array, or the first alone if it is the only one."""
    first, count = student.earlier(handle, 0)
    second = student.earlier(handle, 1)[0] if count > 1 else None
    return [each for each in (first, second) if each is not None]


def _follows(layer: Layer, mistake: Mistake) -> bool:
    """Return whether the first state is spread as a known mistake would spread it."""
    std, first = float(mistake.answer(*layer.fans)), layer.states[0]  # type: ignore[arg-type]
    return float(np.sqrt(np.mean(first**2))) in std_band(first.size, std, layer.alarm)


def _named(firsts: Sequence[FloatArray], found: str, remarks: Sequence[str]) -> Verdict:
    """Return the verdict on weights that follow neither the law nor a known mistake's."""
    for slip, sentence, holds in _SLIPS:
        if all(holds(first) for first in firsts):
            return failed(f"{sentence} {found}", mistake=slip, remarks=remarks)
    hint = "Draw the weights with rng.normal(0, scale, size), scale being the standard deviation."
    return failed(found, hint, remarks=remarks)


_SLIPS: tuple[tuple[str, str, Callable[[FloatArray], bool]], ...] = (
    ("zeros", "All weights are zero: then the units of a layer learn the same.", lambda values: not values.any()),
    ("constant", "All weights of a layer are equal: then its units learn the same.", lambda values: not np.ptp(values)),
    ("uniform", "They look like uniform draws; normal ones are asked for.", looks_uniform),
)
