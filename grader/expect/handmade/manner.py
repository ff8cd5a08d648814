"""How a sample, its label and a step size are handed to a student's function, and what is made of the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.expect.search import Taken
from grader.observed import FloatArray
from grader.student import Handle, Seen, Tensor

CALL = ("sample", "y")
"""What a function is given that asks for a sample and its label."""
RATES = ("learning_rate", "lr", "eta", "alpha", "rate", "step_size", "learningrate", "stepsize", "step")
"""What a step size is called, as a parameter or as a global."""
DATA = ("sample", "image", "img", "input", "label", "target", "digit")
"""What a sample or its label is called, or a part of it."""


@dataclass(frozen=True)
class Manner:
    """One way to hand a sample and its label over."""

    shape: tuple[int, ...]
    """Of the sample."""
    tensor: bool = False
    single: bool = False
    """Whether in single precision."""
    label: tuple[int, ...] | None = None
    """None for the label as a number, else the shape of its one-hot vector."""

    def sample(self, x: FloatArray) -> object:
        """Return a flat sample as it is handed over."""
        array = x.reshape(self.shape).astype(np.float32 if self.single else np.float64)
        return Tensor(array) if self.tensor else array

    def target(self, y: int, classes: int) -> object:
        """Return a label as it is handed over."""
        if self.label is None:
            return int(y)
        array = np.eye(classes, dtype=np.float32 if self.single else np.float64)[y].reshape(self.label)
        return Tensor(array) if self.tensor else array

    def told(self) -> str:
        """Return what is handed over, in words."""
        kind = "tensors" if self.tensor else "arrays"
        label = "labels as numbers" if self.label is None else f"one-hot labels {self.label}"
        return f"samples are {kind} of shape {self.shape}, {label}"


def manners(seen: Sequence[Seen], shapes: Sequence[tuple[int, ...]], classes: int, *, single: bool) -> list[Manner]:
    """Return the ways to hand over a sample: first as rows of the student's own data are, then in the usual shapes."""
    entries = int(np.prod(shapes[0]))
    data = [each for each in seen if len(each.shape) > 1 and int(np.prod(each.shape[1:])) == entries]
    own = [each.shape[1:] for each in data if each.shape[1:] in shapes or len(each.shape) > 2]
    forms = list(dict.fromkeys([*own, *shapes]))
    tensors = any(each.kind == "tensor" for each in seen)
    kinds = ((True, single), (False, single)) if tensors else ((False, single),)
    vectors = ((classes,), (classes, 1), (1, classes))
    rows = {each.shape[0] for each in data}
    own_labels = any(each.shape[:1] and each.shape[0] in rows and each.shape[1:] in vectors for each in seen)
    labels = (*vectors, None) if own_labels else (None, *vectors)
    return [Manner(form, tensor, narrow, label) for label in labels for tensor, narrow in kinds for form in forms]


@dataclass(frozen=True)
class Callee:
    """A function of the student's, and which of its parameters are what."""

    taken: Taken
    extras: dict[str, Handle] = field(default_factory=dict)
    """Parameters that the network is handed over by, and the globals that hold it."""
    rate: str = ""
    """The parameter that is the step size; '' if there is none."""

    @property
    def file(self) -> int:
        """Which of the submission's files it lives in."""
        return self.taken.what.file if isinstance(self.taken.what, Handle) else 0

    def arguments(self, sample: object, label: object) -> tuple[list[object], dict[str, Any]]:
        """Return positional arguments and keywords for a call, without a step size."""
        if not self.extras:
            return [sample, label], {}
        ours = iter((sample, label))
        names = [name.rstrip("=") for name in self.taken.parameters]
        given: dict[str, Any] = {}
        for name in names:
            if name in self.extras:
                given[name] = self.extras[name]
            elif name != self.rate:
                given[name] = next(ours, None)
        return [], {name: value for name, value in given.items() if value is not None}


def callee(taken: Taken, roots: Sequence[str], *, steps: bool) -> Callee:
    """Return a function with its parameters understood; `roots` are globals that hold the network.

    A global may be called like the sample or the label: what a loop over the data left behind is no network.
    """
    names = [name.rstrip("=") for name in taken.parameters if not name.startswith("*")]
    network = [name for name in names if name in roots and name not in CALL]
    if len(names) - len(network) < len(CALL):
        network = [name for name in network if name not in names[: len(CALL)]]
    held = dict(zip(network, network, strict=True)) or _renamed(taken, roots)
    extras = {name: Handle(root, _file(taken)) for name, root in held.items()}
    left = [name for name in names if name not in extras]
    rate = next((name for name in left if name.casefold() in RATES), left[2] if len(left) > 2 else "")
    if not taken.parameters and steps:
        rate = RATES[0]  # a method whose parameters are not told
    return Callee(taken, extras, rate if steps else "")


def _renamed(taken: Taken, roots: Sequence[str]) -> dict[str, str]:
    """Return the parameters, and the globals for them, of a network that a function knows under another name.

    It needs more than a sample and its label, and exactly as much more as there are globals that hold the network.
    """
    needed = [name for name in taken.parameters if name[0] != "*" and name[-1] != "=" and name.casefold() not in RATES]
    data = [name for name in needed if any(word in name.casefold() for word in DATA) or name.casefold() in ("x", "y")]
    more = [name for name in needed if name not in data] if len(data) == len(CALL) else needed[: -len(CALL)]
    return dict(zip(more, roots, strict=True)) if 0 < len(more) == len(roots) else {}


def _file(taken: Taken) -> int:
    return taken.what.file if isinstance(taken.what, Handle) else 0


def pieces(value: object) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    """Yield the numbers and arrays of numbers in an answer, in order; a list of numbers is one array."""
    if isinstance(value, dict):
        for each in value.values():
            yield from pieces(each)
    elif isinstance(value, list) and value and all(type(each) in (int, float) for each in value):
        yield np.asarray(value)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from pieces(each)
    elif isinstance(value, (int, float, np.ndarray)) and not isinstance(value, bool):
        array = np.asarray(value)
        if array.dtype.kind in "fiub":
            yield array


def loss_in(value: object) -> float | None:
    """Return the first single number in an answer, one that is not whole if there is one; None without any."""
    single = [each for each in pieces(value) if each.size == 1]
    chosen = next((each for each in single if each.dtype.kind == "f"), single[0] if single else None)
    return None if chosen is None else float(chosen.reshape(()))


def guess_in(value: object, classes: int) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None:
    """Return the vector of one entry for each class in an answer, or a whole number beside the loss; else None."""
    found = list(pieces(value))
    vector = next((each.reshape(-1) for each in found if each.size == classes), None)
    if vector is not None or len(found) < 2:
        return vector
    return next((each.reshape(-1) for each in found if each.size == 1 and each.dtype.kind in "iu"), None)
