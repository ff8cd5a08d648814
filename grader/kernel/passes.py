"""One forward call as it was seen, and one backward pass made of such calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .flat import Vector, rate
from .sealed import seal
from .values import plain_array

seal(globals())

Table = NDArray[Any]
WHOLE = 1 << 20
"""Numbers of a call's input that are copied; of larger ones only a part is looked at."""

FEATURES = 64
"""Columns of a batch that are looked at for telling rows apart."""


def columns(table: NDArray[Any]) -> NDArray[np.float64]:
    """Return a (rows, features) table in double precision, at most `FEATURES` columns of it, evenly chosen."""
    if table.shape[1] > FEATURES:
        table = table[:, np.linspace(0, table.shape[1] - 1, FEATURES).astype(int)]
    return np.ascontiguousarray(table, dtype=np.float64)


class Shown:
    """One call of a model: what it was shown, what it answered, and the loss's derivative by that, once known."""

    __slots__ = ("chained", "gradient", "inputs", "outputs", "owner", "place", "serial", "unit")

    def __init__(self, torch: Any, serial: int, unit: Any, owner: Any, place: Any, given: Any, answer: Any) -> None:
        """Copy the numbers now, before anybody changes them in place; `unit` is the module called, of `owner`.

        `place` is where it was called. Without an `answer` it is only a glance at the inputs.
        """
        self.serial, self.unit, self.owner, self.place = serial, unit, owner, place
        self.chained = given is not None and given.requires_grad
        self.inputs = None if given is None else _copy(torch, given)
        self.outputs = None if answer is None else _copy(torch, answer)
        self.gradient: Table | None = None

    def take_gradient(self, torch: Any, gradient: Any) -> None:
        """Note the derivative of the loss by the outputs."""
        self.gradient = _copy(torch, gradient)


def _copy(torch: Any, tensor: Any) -> Table:
    """Return a tensor's numbers, copied; of a very large one a part of its columns."""
    array: Table = plain_array(torch, tensor)
    if array.size <= WHOLE or array.ndim < 2:
        return np.array(array)
    part: Table = columns(np.reshape(array, (len(array), -1)))
    return part


Batch = tuple["Table | None", "Table | None", "Table | None"]
"""Inputs, outputs and the loss's derivative by the outputs, one row for each example."""


def as_rows(shown: Shown, width: int) -> Batch:
    """Return what was shown and answered with one row for each example.

    A vector shown to a model whose first layer takes `width` numbers is one example if it has so many, else a batch.
    """
    given, outputs, gradient = shown.inputs, shown.outputs, shown.gradient
    if outputs is None:
        return None if given is None else given.reshape(len(given), -1), None, None
    if given is not None and given.ndim == outputs.ndim == 2 and len(given) == len(outputs):
        return given, outputs, gradient
    rows = 1 if outputs.ndim == 0 else len(outputs)
    if given is not None:
        single = given.ndim == 1 and len(given) == width != outputs.size
        given = given.reshape(1, -1) if single or given.ndim == 0 or not given.size else given.reshape(len(given), -1)
        rows = len(given)
    whole = rows > 0 and outputs.size % rows == 0
    outputs = outputs.reshape(rows if whole else 1, -1)
    return given, outputs, None if gradient is None else gradient.reshape(outputs.shape)


def batch_of(given: Sequence[Shown], answered: Sequence[Shown], width: int) -> Batch:
    """Return what several calls were shown and answered, one below the other; of a chain, its first and its last."""
    if len(given) == len(answered) == 1 and given[0] is answered[0]:
        return as_rows(given[0], width)
    first = [as_rows(shown, width) for shown in given]
    last = [as_rows(shown, width) for shown in answered]
    return _stack([part[0] for part in first]), _stack([part[1] for part in last]), _stack([part[2] for part in last])


def chains(fired: Sequence[Shown]) -> list[list[Shown]]:
    """Return the calls of a pass by network: one chain if one model feeds the next, else each model for itself."""
    starts = list({id(shown.owner): None for shown in fired if not shown.chained})
    if len(starts) <= 1:
        return [list(fired)] if fired else []
    return [[shown for shown in fired if id(shown.owner) == start] for start in starts]


class Note:
    """One pass: everything back-propagated before one update, and the update."""

    __slots__ = (
        "after",
        "before",
        "clean",
        "glanced",
        "gradient",
        "inputs",
        "loss",
        "output_gradient",
        "outputs",
        "rate",
        "rows",
        "step",
    )

    def __init__(self, before: Vector, loss: float, batch: Batch, *, clean: bool) -> None:
        """Start a pass at these parameters."""
        self.before, self.clean, self.loss, self.step = before, clean, loss, 0
        self.inputs, self.outputs, self.output_gradient = batch
        self.glanced = False
        self.gradient: Callable[[], Vector | None] | None = None
        self.after: Vector | None = None
        self.rate: float | None = None
        self.rows = 0 if self.inputs is None else len(self.inputs)

    def add(self, loss: float, batch: Batch) -> None:
        """Add what another backward pass before the same update went through."""
        self.loss += loss
        self.inputs = _stack([self.inputs, batch[0]])
        self.outputs = _stack([self.outputs, batch[1]])
        self.output_gradient = _stack([self.output_gradient, batch[2]])
        self.rows += 0 if batch[0] is None else len(batch[0])

    def finish(self, likely: Sequence[float]) -> Note:
        """Find the rate of the update and let go of the parameters."""
        gradient = None if self.gradient is None else self.gradient()
        if gradient is not None and self.after is not None:
            self.rate = rate(self.before, gradient, self.after, likely)
        self.gradient = self.after = None
        self.before = self.before[:0]
        return self

    @property
    def size(self) -> int:
        """Bytes of what was seen of the batch."""
        return sum(t.nbytes for t in (self.inputs, self.outputs, self.output_gradient) if t is not None)

    def told(self) -> dict[str, Any]:
        """Return the pass as it is told to the grader."""
        return {
            "step": self.step,
            "inputs": self.inputs,
            "outputs": self.outputs,
            "output_gradient": self.output_gradient,
            "loss": self.loss,
            "clean": self.clean,
            "rate": self.rate,
        }


def _stack(parts: Sequence[Table | None]) -> Table | None:
    """Return tables one above the other; None if one is missing or the widths differ."""
    there = [part for part in parts if part is not None]
    if len(there) < len(parts) or len({part.shape[1] for part in there}) != 1:
        return None
    return there[0] if len(there) == 1 else np.concatenate(there)
