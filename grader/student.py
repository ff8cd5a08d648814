"""A conversation with a finished submission, as a check sees it.

A check never touches the student's process. It holds a `Student`: something that can be asked for values, calls, models
and recorded trainings, and that answers in plain data. The same check runs against a live kernel, against a recording,
and against anything a test makes up, since all of them answer the same questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

from grader.records import FileRun

Value: TypeAlias = Union[
    bool,
    int,
    float,
    complex,
    str,
    "NDArray[np.generic]",
    "Opaque",
    "Handle",
    Sequence["Value"],
    Mapping["str | int | float | bool | None", "Value"],
    None,
]
"""What crosses the wall: plain Python, NumPy arrays (tensors arrive as arrays), and names for what cannot cross."""


@dataclass(frozen=True)
class Opaque:
    """Something that cannot cross, described."""

    kind: str
    """Its class, as the kernel tells it (untrusted text, cut to size)."""


@dataclass(frozen=True)
class Handle:
    """A thing that stays in the student's namespace: pass it as an argument, call it, or ask for its parts."""

    name: str
    """A global name ('relu'), or an id the kernel gave ('m0' for a model it saw)."""
    file: int = 0
    """Which of the submission's files it lives in."""


@dataclass(frozen=True)
class Tensor:
    """An argument to be handed over as a torch tensor rather than as an array."""

    array: NDArray[np.generic]
    requires_grad: bool = False


@dataclass(frozen=True)
class KnownFunction:
    """An argument to be handed over as a callable of x, from a fixed list, so that no code of ours crosses."""

    formula: str
    """'polynomial', 'sin', 'cos', 'exp' or 'tanh'; the agent knows each by name. Takes numbers, arrays and tensors."""
    coefficients: tuple[float, ...] = (1.0, 1.0, 0.0)
    """c0 + c1 x + c2 x**2 + … for 'polynomial'; a, b, c of a * f(b * x + c) for the others."""


@dataclass(frozen=True)
class Seen:
    """One global name of the student's."""

    handle: Handle
    kind: str
    """'function', 'class', 'module' (nn.Module), 'array', 'tensor', 'number', 'text', 'sequence', 'mapping' or 'other'.

    A name bound to one of torch's own functions counts too: it is a function.
    """
    type_name: str
    parameters: tuple[str, ...] = ()
    """Of a function: names of its positional parameters in order; one with a default ends in '='; '*args' as is."""
    shape: tuple[int, ...] = ()
    """Of an array or tensor."""
    members: tuple[str, ...] = ()
    """Of a class, or of an object of a class: what the student put there, not what a library did."""


@dataclass(frozen=True)
class Model:
    """An nn.Module that stands in the namespace, sits in a container there, or was seen at work."""

    handle: Handle
    name: str
    """Global name, or '' when it was only seen at work (built inside a function)."""
    type_name: str
    parameter_names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    """Of each distinct parameter, registered twice or not, in registration order."""
    trainable: int
    """How many distinct trainable numbers."""


@dataclass(frozen=True)
class Reply:
    """An answer to a call with everything that came with it."""

    value: Value
    arguments: tuple[Value, ...] = ()
    """The positional arguments after the call, so that a change in place is seen."""
    printed: str = ""


@dataclass(frozen=True)
class Changes:
    """What has changed in an array."""

    shape: tuple[int, ...]
    """Of the array now."""
    places: NDArray[np.int64]
    """Flat indices of what has changed."""
    now: NDArray[np.float64]
    """What stands there."""


class Student(Protocol):
    """One check's conversation. Each starts from the finished kernel's state; changes are seen only by itself.

    Every method may raise `Absent`, `Raised`, `TooSlow` or `Unusable` (grader.errors): what the submission did.
    """

    @property
    def files(self) -> tuple[FileRun, ...]:
        """What running each file produced: cells as read by us, trainings, figures, errors."""

    def survey(self) -> tuple[Seen, ...]:
        """Return the student's global names, over all files, without modules and what was there before."""

    def models(self) -> tuple[Model, ...]:
        """Return the models found, over all files."""

    def get(self, what: str | Handle) -> Value:
        """Return a global's value; 'model.l1.weight' and 'weights[0]' reach into it."""

    def call(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Value:
        """Return what a function (or model) answers to these arguments."""

    def reply(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Reply:
        """As `call`, with the arguments after the call and what was printed."""

    def parameters(self, model: Handle) -> tuple[NDArray[np.float64], ...]:
        """Return a model's distinct parameters now, in the order of `Model.shapes`."""

    def arrays(self) -> tuple[Seen, ...]:
        """Return the arrays, tensors and tables of numbers under global names, in containers and objects too.

        The handle of each bears its path ('weights[0]'); what several paths lead to is told once.
        """

    def earlier(self, what: Handle, place: int) -> tuple[NDArray[np.float64] | None, int]:
        """Return one of the first states of an array as the file was run, in single precision, and how many there are.

        None where there is none at this place, counted from 0.
        """

    def fill(self, what: Handle, seed: int, spread: float) -> bool:
        """Fill an array with `grader.scatter.scattered` numbers; return whether it holds them exactly, not rounded.

        Raises `Unusable` where it cannot be changed.
        """

    def changes(self, what: Handle) -> Changes:
        """Return what has changed in an array since it was filled or last asked about; all of it at first."""

    def move(self, what: Handle, along: Sequence[NDArray[np.float64]], by: float) -> None:
        """Add `by` times the outer product of `along`, one vector for each axis, to an array in place."""
