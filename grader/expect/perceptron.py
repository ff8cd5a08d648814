"""A multilayer perceptron in NumPy, and every way a student's parameters can be read as one.

Theory of operation. Parameters arrive as a bare list of arrays. Attributes may stand in any order, weights may be (out,
in) or (in, out), biases may be rows, columns or numbers, parameters may be left over, and the activations are what the
student made them. A `Reading` says which array is which and what is applied between the layers; `readings` lists those
that fit the wanted widths, the natural one first; `read` takes the first that reproduces answers that were seen. What
it finds first is what was asked for, so a network that is right is never taken for something else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice, pairwise

import numpy as np

from grader.observed import FloatArray

Shapes = Sequence[tuple[int, ...]]

MOST_READINGS = 400
"""Of one list of shapes: far more than 1-64-64-1 has, few enough to try each."""

NONE = "none"


def _sigmoid(z: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(-z)) by way of tanh, which cannot overflow."""
    return 0.5 * (1 + np.tanh(z / 2))


_erf = np.vectorize(math.erf, otypes=[float])


def _softmax(z: FloatArray) -> FloatArray:
    """Return each row's exponentials, divided by their sum."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


ACTIVATIONS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "sigmoid": _sigmoid,
    "ReLU": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    NONE: lambda z: z,
    "leaky ReLU": lambda z: np.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: np.logaddexp(0, z),
    "SiLU": lambda z: z * _sigmoid(z),
    "ELU": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "sine": np.sin,
    "GELU": lambda z: z / 2 * (1 + _erf(z / np.sqrt(2))),
}

SOFTMAX, LOG_SOFTMAX = "softmax", "log softmax"
AT_THE_END: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    NONE: ACTIVATIONS[NONE],
    **{name: ACTIVATIONS[name] for name in ("sigmoid", "ReLU", "tanh")},
    SOFTMAX: _softmax,
    LOG_SOFTMAX: lambda z: np.log(_softmax(z)),
}
"""What may be applied to all outputs together, after the last layer."""


@dataclass(frozen=True)
class Slot:
    """Which arrays make up one layer."""

    weight: int
    transposed: bool
    """Whether the array is (in, out)."""
    bias: int | None


@dataclass(frozen=True)
class Reading:
    """A list of arrays, read as a perceptron."""

    widths: tuple[int, ...]
    slots: tuple[Slot, ...]
    hidden: tuple[str, ...]
    """Activation after each hidden layer."""
    last: str = NONE
    """Activation after the last layer."""

    @property
    def weights(self) -> tuple[int, ...]:
        """Return which arrays are weights, first layer first."""
        return tuple(slot.weight for slot in self.slots)

    @property
    def biases(self) -> tuple[int, ...]:
        """Return which arrays are biases; shorter than `weights` where a layer has none."""
        return tuple(slot.bias for slot in self.slots if slot.bias is not None)

    def unused(self, count: int) -> int:
        """Return how many of `count` arrays belong to no layer."""
        return count - len(self.weights) - len(self.biases)

    def __call__(self, arrays: Sequence[FloatArray], x: FloatArray) -> FloatArray:
        """Return the network's answers (n, outputs) to inputs (n, features), with these arrays as parameters."""
        value = np.asarray(x, dtype=np.float64).reshape(-1, self.widths[0])
        applied = {**ACTIVATIONS, **AT_THE_END}
        with np.errstate(all="ignore"):
            for slot, n_in, n_out, name in zip(
                self.slots, self.widths, self.widths[1:], (*self.hidden, self.last), strict=False
            ):
                shape = (n_in, n_out) if slot.transposed else (n_out, n_in)
                weight = arrays[slot.weight].reshape(shape)
                bias = 0.0 if slot.bias is None else arrays[slot.bias].reshape(n_out)
                value = applied[name](value @ (weight if slot.transposed else weight.T) + bias)
        return value


def readings(shapes: Shapes, widths: tuple[int, ...], activation: str) -> tuple[Reading, ...]:
    """Return the ways to read arrays of these shapes as a perceptron of these widths, the natural one first."""
    return _readings(tuple(map(tuple, shapes)), tuple(widths), activation)


@lru_cache(maxsize=64)  # every claim about a training asks again
def _readings(shapes: tuple[tuple[int, ...], ...], widths: tuple[int, ...], activation: str) -> tuple[Reading, ...]:
    found = islice(_fill(shapes, widths, ()), MOST_READINGS)
    hidden = (activation,) * (len(widths) - 2)
    return tuple(Reading(widths, slots, hidden) for slots in sorted(found, key=_oddity))


def _fill(shapes: Shapes, widths: tuple[int, ...], slots: tuple[Slot, ...]) -> Iterator[tuple[Slot, ...]]:
    """Yield the ways to complete the layers, given the first ones."""
    layer = len(slots)
    if layer == len(widths) - 1:
        yield slots
        return
    taken = set(chain.from_iterable((slot.weight, slot.bias) for slot in slots))
    free = [index for index in range(len(shapes)) if index not in taken]
    for slot in _layer(shapes, free, widths[layer], widths[layer + 1]):
        yield from _fill(shapes, widths, (*slots, slot))


def _layer(shapes: Shapes, free: Sequence[int], n_in: int, n_out: int) -> Iterator[Slot]:
    """Yield the ways to make one layer of the arrays that are free."""
    for weight in free:
        for transposed in _layouts(shapes[weight], n_in, n_out):
            biases = [index for index in free if index != weight and _is_vector(shapes[index], n_out)]
            yield from (Slot(weight, transposed, bias) for bias in biases)
            yield Slot(weight, transposed, None)


def _layouts(shape: tuple[int, ...], n_in: int, n_out: int) -> Iterator[bool]:
    """Yield whether an array of this shape, taken as the weights of a layer, is transposed."""
    if _bare(shape) == _bare((n_out, n_in)):
        yield False
    if min(n_in, n_out) > 1 and _bare(shape) == (n_in, n_out):
        yield True


def _is_vector(shape: tuple[int, ...], size: int) -> bool:
    """Return whether an array of this shape holds `size` numbers in a row."""
    return _bare(shape) == _bare((size,))


def _bare(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the shape without axes of length one."""
    return tuple(length for length in shape if length != 1)


def _oddity(slots: tuple[Slot, ...]) -> tuple[int, ...]:
    """Return how far this is from weight, bias, weight, bias, … in (out, in) layout."""
    without = sum(slot.bias is None for slot in slots)
    apart = sum(slot.bias is not None and slot.bias != slot.weight + 1 for slot in slots)
    disorder = sum(later.weight < slot.weight for slot, later in pairwise(slots))
    return without, disorder, apart, sum(slot.transposed for slot in slots)


def chain_of(shapes: Shapes, inputs: int) -> tuple[int, ...] | None:
    """Return the widths of a perceptron whose weights stand in these shapes in order, or None.

    Where both layouts make one, the one that takes so many inputs is meant.
    """
    matrices = [shape for shape in shapes if len(shape) == 2 and 0 not in shape]
    weights = [shape for shape, before in zip(matrices, [(), *matrices], strict=False) if not _is_bias(shape, before)]
    found = [
        (pairs[0][0], *(n_out for _, n_out in pairs))
        for some in (matrices, weights)
        for pairs in ([(n_in, n_out) for n_out, n_in in some], some)
        if pairs and all(left[1] == right[0] for left, right in pairwise(pairs))
    ]
    return next((widths for widths in found if widths[0] == inputs), found[0] if found else None)


def _is_bias(shape: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Return whether a (1, n) array is rather the bias of the (m, n) array before it."""
    return shape[0] == 1 and before[-1:] == shape[-1:]


def agree(answers: FloatArray, expected: FloatArray) -> bool:
    """Return whether two sets of answers are the same function's, in single precision."""
    if answers.shape != expected.shape or not (np.isfinite(answers).all() and np.isfinite(expected).all()):
        return False
    scale = 1 + float(np.sqrt(np.mean(expected**2)))
    return bool(np.max(np.abs(answers - expected), initial=0.0) <= 2e-4 * scale)


def variants(reading: Reading) -> Iterator[Reading]:
    """Yield the same arrays with other activations: as asked first, then the likeliest slips."""
    asked = reading.hidden
    inside = [asked, *((name,) * len(asked) for name in ACTIVATIONS)]
    inside += [(*asked[:at], name, *asked[at + 1 :]) for name in (NONE, *ACTIVATIONS) for at in range(len(asked))]
    for hidden in dict.fromkeys(inside):
        for last in AT_THE_END:
            yield replace(reading, hidden=hidden, last=last)


def read(
    candidates: Sequence[Reading], arrays: Sequence[FloatArray], x: FloatArray, answers: FloatArray
) -> Reading | None:
    """Return the reading that explains these answers to x (n, features), or None if none does."""
    seen = np.asarray(answers, dtype=np.float64).reshape(len(x), -1)
    for candidate in candidates:
        if agree(candidate(arrays, x), seen):
            return candidate
    for candidate in candidates[:8]:
        for variant in variants(candidate):
            if agree(variant(arrays, x), seen):
                return variant
    return None
