"""`Initial`: the parameters before the first step follow a law.

Weights are held against their law layer by layer, at a rate of one false alarm in a million for all layers together;
every bias must have its value. What was done instead is named where it is recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from grader.chance import ALARM, Normal, looks_uniform
from grader.errors import StudentFailure
from grader.expect.behaviour import live_answers
from grader.expect.expectation import Ask, Expectation
from grader.expect.network import subjects
from grader.expect.perceptron import Reading, read, readings
from grader.expect.recipe import Recipe
from grader.expect.runs import Run, candidates, readings_of
from grader.expect.testimony import believed
from grader.expect.verdicts import failed, missing, passed
from grader.observed import FloatArray
from grader.records import Verdict
from grader.student import Student

MOST_WAYS = 50
"""Readings of bare tensors that are tried, where their answers were not seen."""


@dataclass(frozen=True)
class Start:
    """Parameters before the first step, layer by layer."""

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    fans: tuple[int, ...]
    """Inputs of each layer."""


class Initial(Expectation):
    """Before the first step of a training, weights are independent draws and every bias has one value."""

    def __init__(self, training: Recipe, weights: Normal, bias: float) -> None:
        """Declare the law of every weight and the value of every bias before the first step of `training`."""
        super().__init__()
        self.training = training
        self.weights = self.law = weights
        self.bias = bias

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn
        """Return whether the parameters before the first step follow the law."""
        run = self.training.choose(student)
        if run is None:
            return self._untrained(student)
        return believed(self.of(run), student, run, self.training.net.widths, self.training.net.activation)

    def of(self, run: Run) -> Verdict:
        """Return whether the parameters before this run's first step follow the law."""
        net = self.training.net
        if not run.training.initial:
            return missing(f"The parameters before the first step of {run.title} could not be seen.")
        ways = readings_of(run, net.widths, net.activation) or candidates(run.shapes, net.widths, net.activation)[:1]
        if not ways:
            return failed(f"The parameters of {run.title} are not those of a perceptron, so their law cannot be told.")
        verdicts = [self._judged(_start(way, run.training.initial), run.title) for way in ways[:MOST_WAYS]]
        return next((verdict for verdict in verdicts if verdict.fraction), verdicts[0])

    def _judged(self, start: Start, title: str) -> Verdict:
        """Return whether these parameters follow the law."""
        weights, biases = self._weights_off(start), self._biases_off(start)
        if not weights and not biases:
            law = f"N({self.weights.mean:g}, {self.weights.std:g}²)"
            return passed(f"Before the first step of {title}, weights follow {law} and every bias is {self.bias:g}.")
        slip, sentence = self._named(start, bool(weights), bool(biases))
        found = f"Before the first step of {title}: {'; '.join((*weights, *biases))}."
        hint = (
            f"Draw every weight with torch.normal({self.weights.mean:g}, {self.weights.std:g}, …) and set every bias "
            f"to {self.bias:g}, for all layers, before training starts."
        )
        return failed(f"{found} {sentence}".rstrip(), hint, mistake=slip)

    def _weights_off(self, start: Start) -> list[str]:
        """Return, for each layer whose weights do not follow the law, in what."""
        share = ALARM / len(start.weights)
        off = [(at, self.weights.departure(weight, share)) for at, weight in enumerate(start.weights, 1)]
        return [f"weights of layer {at}: {why}" for at, why in off if why]

    def _biases_off(self, start: Start) -> list[str]:
        """Return, for each layer whose biases do not have the value, what they are."""
        if len(start.biases) < len(start.weights):
            return ["not every layer has a bias"]
        wrong = [
            (at, bias)
            for at, bias in enumerate(start.biases, 1)
            if not np.allclose(bias, self.bias, rtol=1e-5, atol=1e-8)
        ]
        return [f"biases of layer {at}: {_range(bias)}" for at, bias in wrong]

    def _named(self, start: Start, weights_off: bool, biases_off: bool) -> tuple[str, str]:
        """Return the name and the sentence of a known slip, or two empty strings."""
        weights, biases = start.weights, start.biases
        if weights_off and biases and self._swapped(weights, biases):
            return "swapped", "The values for weights and biases seem to have been swapped."
        if weights_off and all(_default(part, fan) for part, fan in zip(weights, start.fans, strict=True)):
            return "default_initialisation", "That is PyTorch's own initialisation."
        if weights_off and all(np.ptp(part) == 0 for part in weights if part.size > 1):
            zero = all(not part.any() for part in weights)
            return ("zeros", "All weights are zero.") if zero else ("constant", "All weights of a layer are the same.")
        if weights_off and all(looks_uniform(part) for part in weights if part.size > 20):
            return "uniform", "They look like uniform draws."
        if biases_off and biases and all(not part.any() for part in biases):
            return "zero_bias", "The biases are zero."
        if biases_off and all(_default(part, fan) for part, fan in zip(biases, start.fans, strict=False)):
            return "default_bias", "The biases kept PyTorch's own initialisation."
        return "", ""

    def _swapped(self, weights: Sequence[FloatArray], biases: Sequence[FloatArray]) -> bool:
        """Return whether weights look like what biases should be, and biases like what weights should be."""
        every = np.concatenate([part.ravel() for part in weights])
        small = np.allclose(every, self.bias, rtol=1e-5) or not Normal(self.weights.mean, self.bias).departure(every)
        told = np.concatenate([part.ravel() for part in biases])
        large = np.allclose(told, self.weights.std, rtol=1e-5) or not self.weights.departure(told)
        return bool(small and large)

    def _untrained(self, student: Student) -> Verdict:
        """Judge a network that was never trained, if one is there."""
        net = self.training.net
        for subject in subjects(student):
            if subject.handle is None or not readings(subject.shapes, net.widths, net.activation):
                continue
            try:
                arrays = student.parameters(subject.handle)
            except StudentFailure:
                continue
            x = np.linspace(-2, 2, 16).reshape(-1, net.widths[0])
            answers = live_answers(student, subject.handle, x)
            ways = candidates(subject.shapes, net.widths, net.activation)
            reading = (read(ways, arrays, x, answers) if answers is not None else None) or ways[0]
            verdict = self._judged(_start(reading, arrays), f"training ({subject.title} was not seen training)")
            if verdict.fraction:
                return verdict
        found = "No training was seen, so neither were the parameters before its first step."
        return net.unseen(student, found, "Set the weights and biases of the network, then train it.")


def _start(reading: Reading, arrays: Sequence[FloatArray]) -> Start:
    """Return these arrays as the weights and biases of layers."""
    weights = tuple(arrays[at] for at in reading.weights)
    return Start(weights, tuple(arrays[at] for at in reading.biases), reading.widths[:-1])


def _range(values: FloatArray) -> str:
    """Return 'all 0.03' or 'from -0.1 to 0.1'."""
    low, high = float(np.min(values)), float(np.max(values))
    return f"all {low:.3g}" if low == high else f"from {low:.3g} to {high:.3g}"


def _default(values: FloatArray, fan: int) -> bool:
    """Return whether values look like torch.nn.Linear's own: uniform within 1 / sqrt(inputs)."""
    bound = fan**-0.5
    return bool(np.abs(values).max() <= bound * 1.000001 and (values.size < 20 or np.std(values) > 0.4 * bound))
