"""One forward call as it was seen, and one backward pass made of such calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .flat import Vector, rate
from .rows import columns, labels_under_squares, row_numbers
from .sealed import seal
from .values import tensor_array

seal(globals())

Table = NDArray[Any]
WHOLE = 1 << 20
"""Numbers of a call's input that are copied; of larger ones only a part is looked at."""


class Shown:
    """One call of a model: what it was shown, what it answered, and the loss's derivative by that, once known."""

    __slots__ = ("chained", "gradient", "inputs", "outputs", "owner", "serial")

    def __init__(self, torch: Any, serial: int, owner: Any, given: Any, answer: Any) -> None:
        """Copy the numbers now, before anybody changes them in place."""
        self.serial, self.owner = serial, owner
        self.chained = given is not None and bool(given.requires_grad)
        self.inputs = None if given is None else _copy(torch, given)
        self.outputs = _copy(torch, answer)
        self.gradient: Table | None = None

    def take_gradient(self, torch: Any, gradient: Any) -> None:
        """Note the derivative of the loss by the outputs."""
        self.gradient = _copy(torch, gradient)


def _copy(torch: Any, tensor: Any) -> Table:
    """Return a tensor's numbers; of a very large one a view of a part of its columns, copied."""
    array: Table = tensor_array(torch, tensor)
    if array.size <= WHOLE or array.ndim < 2:
        return array.copy()
    part: Table = columns(array.reshape(len(array), -1))
    return part


def as_rows(shown: Shown, width: int) -> tuple[Table | None, Table, Table | None]:
    """Return inputs, outputs and gradient with one row for each example.

    A vector shown to a model whose first layer takes `width` numbers is one example if it has so many, else a batch.
    """
    given, rows = shown.inputs, 1
    if given is not None:
        single = given.ndim == 0 or (given.ndim == 1 and len(given) == width and shown.outputs.size != len(given) > 1)
        given = given.reshape(1, -1) if single or not given.size else given.reshape(len(given), -1)
        rows = len(given)
    elif shown.outputs.ndim:
        rows = len(shown.outputs)
    outputs = (
        shown.outputs.reshape(rows, -1) if rows and not shown.outputs.size % rows else shown.outputs.reshape(1, -1)
    )
    return given, outputs, None if shown.gradient is None else shown.gradient.reshape(outputs.shape)


class Note:
    """One pass: everything back-propagated before one update, and the update."""

    def __init__(self, before: Vector, *, clean: bool) -> None:
        """Start a pass at these parameters."""
        self.before = before
        self.clean = clean
        self.loss = 0.0
        self.step = 0
        self.gradient: Vector | None = None
        self.after: Vector | None = None
        self.rate: float | None = None
        self.inputs: Table | None = None
        self.outputs: Table | None = None
        self.output_gradient: Table | None = None

    def take(self, given: Sequence[Shown], answered: Sequence[Shown], loss: float, width: int) -> None:
        """Add what one call of backward went through; `given` and `answered` are the same calls unless chained."""
        self.loss += loss
        first = [as_rows(shown, width)[0] for shown in given]
        last = [as_rows(shown, width) for shown in answered]
        inputs, outputs = _stack(first), _stack([part[1] for part in last])
        gradient = _stack([part[2] for part in last])
        if self.outputs is not None:
            inputs, outputs = _stack([self.inputs, inputs]), _stack([self.outputs, outputs])
            gradient = _stack([self.output_gradient, gradient])
        self.inputs, self.outputs, self.output_gradient = inputs, outputs, gradient

    @property
    def rows(self) -> int:
        """How many rows were shown; 0 where unseen."""
        return 0 if self.inputs is None else len(self.inputs)

    def row_numbers(self) -> tuple[Table, NDArray[np.uint64]] | None:
        """Return the rows shown, in double precision, and their numbers; None where unseen."""
        if self.inputs is None or not self.inputs.size:
            return None
        table = columns(self.inputs)
        return table, row_numbers(table)

    def labels(self) -> NDArray[np.float64] | None:
        """Return the labels under a squared loss; None where they cannot be told."""
        if self.outputs is None or self.output_gradient is None or len(self.outputs) != self.rows:
            return None
        return labels_under_squares(self.outputs, self.output_gradient, self.loss)

    def finish(self, likely: Sequence[float]) -> Note:
        """Find the rate of the update and let go of the parameters."""
        if self.gradient is not None and self.after is not None and len(self.gradient) == len(self.before):
            self.rate = rate(self.before, self.gradient, self.after, likely)
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
    if (
        not parts
        or any(part is None for part in parts)
        or len({part.shape[1] for part in parts if part is not None}) > 1
    ):
        return None
    return parts[0] if len(parts) == 1 else np.concatenate([part for part in parts if part is not None])
