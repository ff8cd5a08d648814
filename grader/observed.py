"""What a program showed of itself: its trainings, its figures as data, its answers to questions.

Testimony from inside the box, converted by `grader.traces` and `grader.wire`: strong against error, weak against a lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Pass:
    """One backward pass that was looked at closely, and the update after it."""

    step: int
    """Counts the backward passes of a training from 0."""
    inputs: FloatArray | None
    """(batch, features), what the model was shown; None if it could not be seen."""
    outputs: FloatArray | None
    """(batch, outputs), what it answered."""
    output_gradient: FloatArray | None
    """(batch, outputs), derivative of the loss by the outputs."""
    loss: float
    clean: bool
    """Whether every gradient was None or zero before this pass (zero_grad was not forgotten)."""
    rate: float | None
    """The r for which the update was p -= r * p.grad; None if no single r explains it."""


@dataclass(frozen=True)
class Training:
    """Consecutive updates of one set of parameters by one rule on one data set."""

    key: str
    model: str
    """Handle of the module for further questions ('m0'), or '' for bare tensors."""
    kind: str
    """Class of the module, or 'tensors'."""
    names: tuple[str, ...]
    """Of the parameters, each distinct tensor once."""
    initial: tuple[FloatArray, ...]
    """Before the first step, in the order of `names`; empty if too large to keep."""
    final: tuple[FloatArray, ...]
    """After the last step."""
    rule: str
    """Class of the optimizer ('SGD', 'Adam'), or 'by hand'."""
    settings: tuple[tuple[int, Mapping[str, float]], ...]
    """(from step, numeric settings such as lr, momentum, weight_decay), one entry per change."""
    steps: int
    batch_sizes: NDArray[np.int64]
    """(passes,) rows shown at each backward pass; 0 where unseen."""
    losses: FloatArray
    """(passes,) or an even sample of it; `loss_steps` says which passes."""
    loss_steps: NDArray[np.int64]
    passes: tuple[Pass, ...]
    """Closely seen: the first ones, an even sample of the rest, the last ones."""
    row_ids: tuple[NDArray[np.int64], ...]
    """For the first passes, which distinct row each row shown was: indices into `rows`."""
    rows: FloatArray
    """(distinct rows, features), the training inputs as seen; capped."""
    fingerprints: NDArray[np.uint64]
    """(passes,) order-free hash of the rows shown, for every pass."""


@dataclass(frozen=True)
class Curve:
    """One drawn line or cloud of points, as data."""

    kind: str
    """'line', 'scatter', 'bar' or 'hist'."""
    x: FloatArray
    y: FloatArray
    label: str = ""


@dataclass(frozen=True)
class Axes:
    """One set of axes."""

    curves: tuple[Curve, ...]
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    x_log: bool = False
    y_log: bool = False
    images: int = 0
    legend: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure, as it was when it was shown, saved or left open."""

    axes: tuple[Axes, ...]
    title: str = ""


@dataclass(frozen=True)
class Exchange:
    """One question to the finished kernel and its answer, both in wire form (JSON text and raw buffers)."""

    question: str
    """Canonical JSON; with `question_buffers` it is the key under which a recording answers."""
    answer: str
    question_buffers: tuple[bytes, ...] = ()
    answer_buffers: tuple[bytes, ...] = ()
