"""What the recorder noted, checked and turned into `Training`s and `Figure`s of ours.

The kernel's word is testimony: it may be false, but it is made well-formed here. Every training and figure is read on
its own; one that is malformed is dropped with a sentence, and never an exception.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader import wire
from grader.errors import Unusable
from grader.observed import Axes, Curve, Figure, FloatArray, Pass, Training

LIMITS = wire.Limits(bytes=256 << 20, header=16 << 20, nodes=400_000)
TRAININGS, FIGURES, AXES, CURVES, POINTS, PASSES = 64, 60, 12, 20, 10_000, 400
Read = TypeVar("Read")


class _Connection(Protocol):
    """Anything that holds a stream to a fork of a finished kernel."""

    socket: socket.socket


class _Malformed(Exception):
    """Something noted is not what the recorder would have noted."""


@dataclass(frozen=True)
class Observed:
    """What one file's kernel noted while it ran; testimony, but well-formed."""

    trainings: tuple[Training, ...] = ()
    figures: tuple[Figure, ...] = ()
    shims: tuple[str, ...] = ()
    """What was replaced so that the code could run here, a sentence each."""
    remarks: tuple[str, ...] = ()
    """What had to be dropped because it was malformed, a sentence each."""


def observed(connection: _Connection | socket.socket, deadline: float) -> Observed:
    """Ask a fork what was observed, until `deadline` (of `time.monotonic`); `StudentFailure` if it cannot tell."""
    stream = connection if isinstance(connection, socket.socket) else connection.socket
    wire.send(stream, {"op": "observed"}, (), deadline)
    header, buffers = wire.receive(stream, deadline, LIMITS)
    if header.get("ok") is not True:
        raise Unusable("It could not tell what it did.")
    value = wire.decode(header.get("value"), buffers, limits=LIMITS)
    return read(value) if isinstance(value, dict) else Observed(remarks=("What it noted was malformed.",))


def read(noted: Mapping[Any, Any]) -> Observed:
    """Return what a kernel noted, less what is malformed."""
    remarks: list[str] = []
    trainings = _each(noted.get("trainings"), _training, "A training", TRAININGS, remarks)
    figures = _each(noted.get("figures"), _figure, "A figure", FIGURES, remarks)
    shims = _each(noted.get("shims"), _text, "A remark of the kernel", 100, remarks)
    return Observed(trainings, figures, shims, tuple(dict.fromkeys(remarks)))


def _each(items: Any, read_one: Callable[[Any], Read], title: str, most: int, remarks: list[str]) -> tuple[Read, ...]:
    """Return the items that can be read, and remark on the others."""
    found: list[Read] = []
    for item in items[:most] if isinstance(items, list) else ():
        try:
            found.append(read_one(item))
        except _Malformed as error:
            remarks.append(f"{title} was left out: {error}.")
    return tuple(found)


def _training(noted: Any) -> Training:
    """Return one training."""
    part = _Parts(noted)
    names, steps = part.texts("names"), part.whole("steps")
    sizes = part.array("batch_sizes", "iu", 1).astype(np.int64)
    losses, loss_steps = part.floats("losses", 1), part.array("loss_steps", "iu", 1).astype(np.int64)
    rows = part.floats("rows", 2)
    fingerprints = part.array("fingerprints", "u", 1).astype(np.uint64)
    if len(losses) != len(loss_steps) or len(fingerprints) > len(sizes) or (len(sizes) and sizes.min() < 0):
        raise _Malformed("its passes do not fit together")
    return Training(
        key=part.text("key"),
        model=part.text("model"),
        kind=part.text("kind"),
        names=names,
        initial=_parameters(part, "initial", names),
        final=_parameters(part, "final", names),
        rule=part.text("rule"),
        settings=tuple(_settings(item) for item in part.items("settings")[:1000]),
        steps=steps,
        batch_sizes=sizes,
        losses=losses,
        loss_steps=loss_steps,
        passes=tuple(_pass(item) for item in part.items("passes")[:PASSES]),
        row_ids=tuple(_row_ids(item, len(rows)) for item in part.items("row_ids")),
        rows=rows,
        fingerprints=fingerprints,
    )


def _parameters(part: _Parts, name: str, names: Sequence[str]) -> tuple[FloatArray, ...]:
    """Return parameters, one for each name, or none at all."""
    arrays = tuple(_floats(item) for item in part.items(name))
    if arrays and len(arrays) != len(names):
        raise _Malformed("its parameters and their names differ in number")
    return arrays


def _settings(item: Any) -> tuple[int, Mapping[str, float]]:
    """Return the settings from one step on."""
    if not isinstance(item, list) or len(item) != 2 or type(item[0]) is not int or not isinstance(item[1], dict):
        raise _Malformed("its settings are malformed")
    values = {_text(name): value for name, value in item[1].items()}
    if not all(isinstance(value, float) for value in values.values()) or item[0] < 0:
        raise _Malformed("its settings are malformed")
    return item[0], values


def _pass(noted: Any) -> Pass:
    """Return one pass that was looked at closely."""
    part = _Parts(noted)
    tables = [part.table(name) for name in ("inputs", "outputs", "output_gradient")]
    if tables[1] is not None and tables[2] is not None and tables[1].shape != tables[2].shape:
        raise _Malformed("an output and its gradient differ in shape")
    if not isinstance(part.get("clean"), bool):
        raise _Malformed("a pass is malformed")
    rate = None if part.get("rate") is None else part.number("rate")
    return Pass(part.whole("step"), tables[0], tables[1], tables[2], part.number("loss"), part.get("clean"), rate)


def _row_ids(item: Any, rows: int) -> NDArray[np.int64]:
    """Return which rows one pass showed."""
    ids = _array(item, "iu", 1).astype(np.int64)
    if len(ids) and not 0 <= ids.min() <= ids.max() < rows:
        raise _Malformed("it lists rows that it did not note")
    return ids


def _figure(noted: Any) -> Figure:
    """Return one figure."""
    part = _Parts(noted)
    return Figure(tuple(_axes(item) for item in part.items("axes")[:AXES]), part.text("title"))


def _axes(noted: Any) -> Axes:
    """Return one set of axes."""
    part = _Parts(noted)
    return Axes(
        curves=tuple(_curve(item) for item in part.items("curves")[:CURVES]),
        title=part.text("title"),
        x_label=part.text("x_label"),
        y_label=part.text("y_label"),
        x_log=part.get("x_log") is True,
        y_log=part.get("y_log") is True,
        images=part.whole("images"),
        legend=part.texts("legend"),
        texts=part.texts("texts"),
    )


def _curve(noted: Any) -> Curve:
    """Return one curve."""
    part = _Parts(noted)
    kind, x, y = part.text("kind"), part.floats("x", 1), part.floats("y", 1)
    if len(x) != len(y) or len(x) > POINTS or kind not in ("line", "scatter", "bar", "hist"):
        raise _Malformed("a curve is malformed")
    return Curve(kind, x, y, part.text("label"))


class _Parts:
    """A mapping from the kernel, taken apart with every part's type checked."""

    def __init__(self, noted: Any) -> None:
        """Start with anything."""
        if not isinstance(noted, dict):
            raise _Malformed("it is malformed")
        self._noted = noted

    def get(self, name: str) -> Any:
        """Return a part as it came; None if it is not there."""
        return self._noted.get(name)

    def text(self, name: str) -> str:
        """Return a text."""
        return _text(self.get(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return several texts."""
        return tuple(_text(item) for item in self.items(name)[:5000])

    def items(self, name: str) -> list[Any]:
        """Return a list."""
        found = self.get(name)
        if not isinstance(found, list):
            raise _Malformed(f"its {name} are malformed")
        return found

    def whole(self, name: str) -> int:
        """Return a count."""
        found = self.get(name)
        if type(found) is not int or not 0 <= found < 1 << 40:
            raise _Malformed(f"its {name} are malformed")
        return found

    def number(self, name: str) -> float:
        """Return a number, finite or not."""
        found = self.get(name)
        if not isinstance(found, float):
            raise _Malformed(f"its {name} is malformed")
        return found

    def array(self, name: str, kinds: str, dimensions: int) -> NDArray[Any]:
        """Return an array of one of some kinds of number."""
        return _array(self.get(name), kinds, dimensions)

    def floats(self, name: str, dimensions: int) -> FloatArray:
        """Return an array in double precision."""
        return self.array(name, "fiub", dimensions).astype(np.float64)

    def table(self, name: str) -> FloatArray | None:
        """Return a (rows, columns) array, or None where it was not seen."""
        return None if self.get(name) is None else self.floats(name, 2)


def _array(found: Any, kinds: str, dimensions: int) -> NDArray[Any]:
    """Return an array of one of some kinds of number with so many dimensions."""
    if not isinstance(found, np.ndarray) or found.dtype.kind not in kinds or found.ndim != dimensions:
        raise _Malformed("an array of it is malformed")
    return found


def _floats(found: Any) -> FloatArray:
    """Return an array of any shape in double precision."""
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "fiub":
        raise _Malformed("an array of it is malformed")
    return found.astype(np.float64)


def _text(found: Any) -> str:
    """Return a text, cut to size."""
    if not isinstance(found, str):
        raise _Malformed("a text of it is malformed")
    return found[:1000]
