"""Which array of a student's is which parameter: told by shapes, settled by behaviour.

Theory of operation. Weights from n inputs to m outputs are (m, n) or (n, m), biases (m,), (1, m) or (m, 1), and both at
once (m, n + 1) or (n + 1, m). A `Slot` is one array with the part it plays; a `Reading` is one slot for every
parameter. Shapes leave some readings open (a square layer, two biases of one length, the end at which a bias is
folded in): all of them are listed, the most natural first, and the network's own answers tell which one is meant.
One vector may hold all parameters: then a slot is a stretch of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise, product

import numpy as np

from grader.observed import FloatArray
from grader.student import Handle, Seen

MOST_READINGS = 200
WB = ("weights", "biases")


@dataclass(frozen=True)
class Slot:
    """One array, and what it is in the network."""

    handle: Handle
    shape: tuple[int, ...]
    layer: int
    """From 0."""
    part: str
    """'weights', 'biases', or 'both'."""
    transposed: bool = False
    """Whether rows are inputs."""
    first: bool = False
    """Of 'both': whether the bias belongs to the first input, not to the last."""
    start: int | None = None
    """Where it begins in a vector of all parameters; None if the array is its own."""
    form: tuple[int, ...] = ()
    """Its shape, if it is a stretch of a vector."""

    @property
    def block(self) -> tuple[int, ...]:
        """Return the shape of the parameter."""
        return self.shape if self.start is None else self.form

    def own(self, raw: FloatArray) -> FloatArray:
        """Return its part of the array."""
        if self.start is None:
            return raw
        return raw.reshape(-1)[self.start : self.start + int(np.prod(self.form))].reshape(self.form)

    def direction(self, along: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
        """Return a direction within the parameter, one vector for each of its axes, as one within the array."""
        if self.start is None:
            return tuple(along)
        whole = np.zeros(int(np.prod(self.shape)))
        stretch = whole[self.start : self.start + int(np.prod(self.form))]
        stretch[:] = reduce(np.multiply.outer, along).reshape(-1)
        axis = self.shape.index(len(whole))
        return tuple(whole if at == axis else np.ones(1) for at in range(len(self.shape)))

    def weights(self, raw: FloatArray) -> FloatArray:
        """Return the weights, (outputs, inputs), in a copy of the array."""
        table = self.own(raw).T if self.transposed else self.own(raw)
        if self.part == "both":
            return table[:, 1:] if self.first else table[:, :-1]
        return table

    def biases(self, raw: FloatArray) -> FloatArray:
        """Return the biases, (outputs,), in a copy of the array."""
        if self.part == "biases":
            return self.own(raw).reshape(-1)
        table = self.own(raw).T if self.transposed else self.own(raw)
        return table[:, 0 if self.first else -1]

    def of(self, part: str, raw: FloatArray) -> FloatArray:
        """Return the weights or the biases."""
        return self.weights(raw) if part == "weights" else self.biases(raw)


@dataclass(frozen=True)
class Reading:
    """One slot for every parameter, layer by layer, weights before biases."""

    slots: tuple[Slot, ...]

    @property
    def flat(self) -> bool:
        """Tell whether one vector holds all parameters."""
        return any(slot.start is not None for slot in self.slots)

    def split(self, raws: Sequence[FloatArray]) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return weights (outputs, inputs) and biases (outputs,) of the layers, out of the arrays of the slots."""
        pairs = list(zip(self.slots, raws, strict=True))
        weights = [slot.weights(raw) for slot, raw in pairs if slot.part != "biases"]
        return weights, [slot.biases(raw) for slot, raw in pairs if slot.part != "weights"]

    def parts(self) -> tuple[tuple[Slot, str], ...]:
        """Return (slot, 'weights' or 'biases') for every parameter, a folded one twice."""
        return tuple(
            (slot, part) for slot in self.slots for part in ("weights", "biases") if slot.part in (part, "both")
        )

    def told(self) -> str:
        """Return what was understood, in a sentence."""
        return "Understood: " + "; ".join(_told(slot) for slot in self.slots) + "."


def _told(slot: Slot) -> str:
    part = {"weights": "weights", "biases": "bias", "both": "weights and bias"}[slot.part]
    folded = f", the bias in the {'first' if slot.first else 'last'} place" if slot.part == "both" else ""
    turned = ", rows are inputs" if slot.transposed and slot.part != "biases" else ""
    where = slot.shape if slot.start is None else f"from {slot.start} on, {slot.form},"
    return f"{_place(slot.handle.name)} {where} is the {part} of layer {slot.layer + 1}{turned}{folded}"


def _place(name: str) -> str:
    """Return a path as its author would say it: what a function closes over stands around that function."""
    around, _, inside = name.rpartition(".cell_contents")
    function = around.partition(".__closure__")[0]
    if not around:
        return f"`{name}`"
    return f"`{inside.lstrip('.')}` of a variable around `{function}`" if inside else f"a variable around `{function}`"


def parts_of(shape: tuple[int, ...], widths: Sequence[int]) -> list[tuple[int, str, bool]]:
    """Return (layer, part, transposed) for everything that an array of this shape could be."""
    found: list[tuple[int, str, bool]] = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
        for part, rows in (("weights", fan_in), ("both", fan_in + 1)):
            turns = [turn for turn, form in ((False, (fan_out, rows)), (True, (rows, fan_out))) if shape == form]
            found += [(layer, part, turn) for turn in turns]
        if shape in ((fan_out,), (1, fan_out), (fan_out, 1)):
            found.append((layer, "biases", False))
    return found


def candidates(seen: Sequence[Seen], widths: Sequence[int]) -> list[Seen]:
    """Return the arrays that could be a parameter, or hold all of them."""
    return [each for each in seen if parts_of(each.shape, widths) or vectors(each, widths)]


def tabled(seen: Sequence[Seen], widths: Sequence[int]) -> list[Seen]:
    """Return the arrays without the vectors of all parameters, where the rest is a network without them."""
    rest = [each for each in seen if not vectors(each, widths)]
    return rest if readings(rest, widths) else list(seen)


def vectors(each: Seen, widths: Sequence[int]) -> list[Reading]:
    """Return the ways to read a vector as all parameters of a network, one after the other; none if it is too long."""
    size = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))
    if each.shape not in ((size,), (1, size), (size, 1)):
        return []
    layers = range(len(widths) - 1)
    apart = [[(layer, part) for layer in layers for part in parts] for parts in (WB, WB[::-1])]
    apart += [[(layer, part) for part in parts for layer in layers] for parts in (WB, WB[::-1])]
    turns = (False, True)
    ways = [_stretches(each, widths, order, turned=turned) for order in apart for turned in turns]
    folded = [(layer, "both") for layer in layers]
    ways += [
        [replace(slot, first=first) for slot in _stretches(each, widths, folded, turned=turned)]
        for turned in turns
        for first in turns
    ]
    return [Reading(tuple(sorted(way, key=lambda slot: (slot.layer, slot.part == "biases")))) for way in ways]


def _stretches(each: Seen, widths: Sequence[int], order: Sequence[tuple[int, str]], *, turned: bool) -> list[Slot]:
    """Return the stretches of a vector in which the parameters stand in this order."""
    slots, start = [], 0
    for layer, part in order:
        outputs, inputs = widths[layer + 1], widths[layer] + (part == "both")
        table = (inputs, outputs) if turned else (outputs, inputs)
        form = (outputs,) if part == "biases" else table
        slots.append(Slot(each.handle, each.shape, layer, part, turned and part != "biases", start=start, form=form))
        start += int(np.prod(form))
    return slots


def readings(seen: Sequence[Seen], widths: Sequence[int]) -> list[Reading]:
    """Return the ways to read arrays as all parameters of a network, the most natural first; each serves once."""
    tables = [each for each in seen if any(part != "biases" for _, part, _ in parts_of(each.shape, widths))]
    rows = [each for each in seen if each not in tables]
    found: dict[tuple[Slot, ...], None] = {}
    for weights in _weights(tables, widths):
        bare = [slot.layer for slot in weights if slot.part == "weights"]
        for biases in _biases(rows, bare, widths):
            slots = sorted((*weights, *biases), key=lambda slot: (slot.layer, slot.part == "biases"))
            for way in _ends(slots):
                found.setdefault(tuple(way))
            if len(found) >= MOST_READINGS:
                return _natural(found)
    return _natural(found) or [way for each in rows for way in vectors(each, widths)]


def _natural(found: dict[tuple[Slot, ...], None]) -> list[Reading]:
    """Return readings, those with all layers turned alike first; ties stay in order."""
    return sorted((Reading(slots) for slots in found), key=lambda reading: len(_turns(reading.slots)))


def _turns(slots: Sequence[Slot]) -> set[bool]:
    return {slot.transposed for slot in slots if slot.part != "biases"}


def _weights(tables: Sequence[Seen], widths: Sequence[int]) -> Iterator[list[Slot]]:
    """Yield one table for each layer, in every way."""
    layers = len(widths) - 1
    choices: list[list[tuple[int, Slot]]] = [[] for _ in range(layers)]
    for at, each in enumerate(tables):
        for layer, part, turned in parts_of(each.shape, widths):
            if part != "biases":
                choices[layer].append((at, Slot(each.handle, each.shape, layer, part, turned)))
    for picked in product(*choices):
        places = [at for at, _ in picked]
        if places == sorted(set(places)) or (len(set(places)) == layers and len(tables) == layers):
            yield [slot for _, slot in picked]


def _biases(rows: Sequence[Seen], layers: Sequence[int], widths: Sequence[int]) -> Iterator[list[Slot]]:
    """Yield one row for each of these layers, in every way, rows in their own order first."""
    choices = [
        [
            (at, Slot(each.handle, each.shape, layer, "biases"))
            for at, each in enumerate(rows)
            if _is_bias(each, layer, widths)
        ]
        for layer in layers
    ]
    for picked in product(*choices):
        if len({at for at, _ in picked}) == len(layers):
            yield [slot for _, slot in picked]


def _is_bias(each: Seen, layer: int, widths: Sequence[int]) -> bool:
    return (layer, "biases", False) in parts_of(each.shape, widths)


def _ends(slots: Sequence[Slot]) -> list[list[Slot]]:
    """Return the slots with folded biases in the last place, and in the first."""
    if not any(slot.part == "both" for slot in slots):
        return [list(slots)]
    return [[replace(slot, first=first and slot.part == "both") for slot in slots] for first in (False, True)]
