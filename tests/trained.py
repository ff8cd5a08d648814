"""Trainings of a small perceptron in NumPy, recorded as the recorder would, right and wrong in every way we know.

Only a few steps are really made; what the record says of the rest (steps, batch sizes) is filled in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grader.expect.perceptron import ACTIVATIONS
from grader.observed import Pass, Training
from grader.records import FileRun

Array = np.ndarray[Any, Any]
SLOPES: dict[str, Callable[[Array, Array], Array]] = {
    "sigmoid": lambda z, a: a * (1 - a),
    "ReLU": lambda z, a: (z > 0).astype(float),
    "tanh": lambda z, a: 1 - a**2,
    "none": lambda z, a: np.ones_like(a),
}


def f_star(x: Array) -> Array:
    return (x - 2) * np.cos(4 * x)


def single(x: Array) -> Array:
    return np.asarray(x).astype(np.float32).astype(np.float64)


@dataclass
class Plan:
    """What the student does; the defaults follow the recipe."""

    seed: int = 0
    widths: tuple[int, ...] = (1, 64, 64, 1)
    hidden: tuple[str, ...] = ("sigmoid", "sigmoid")
    last: str = "none"
    start: Callable[[np.random.Generator, tuple[int, int]], Array] = field(
        default=lambda rng, shape: rng.normal(size=shape)
    )
    bias: Callable[[np.random.Generator, tuple[int, int]], Array] = field(
        default=lambda rng, shape: np.full(shape[0], 0.03)
    )
    rows: int = 512
    points: Callable[[np.random.Generator, int], Array] = field(default=lambda rng, n: rng.normal(size=n))
    labels: Callable[[Array], Array] = f_star
    noise: float = 0.0
    fresh_noise: bool = False
    fresh_points: bool = False
    batch: int = 128
    epochs: int = 1000
    steps: int | None = None
    order: str = "shuffled"
    drop_last: bool = False
    loss: str = "mean"
    step: float = 0.1
    rule: str = "SGD"
    settings: dict[str, float] = field(default_factory=dict)
    clean: bool = True
    decay: float = 1.0
    made: int = 24
    model: str = ""
    kind: str = "MLP"
    final: list[Array] | None = None
    initial: list[Array] | None = None


def forward(plan: Plan, arrays: list[Array], x: Array) -> tuple[list[Array], list[Array]]:
    before, after = [], [x]
    for layer, name in enumerate((*plan.hidden, plan.last)):
        before.append(after[-1] @ arrays[2 * layer].T + arrays[2 * layer + 1])
        after.append(ACTIVATIONS[name](before[-1]))
    return before, after


def loss_of(plan: Plan, f: Array, y: Array) -> tuple[float, Array]:
    """Return the loss of (n, 1) outputs and its gradient."""
    n, off = len(f), f - y[:, None]
    if plan.loss == "broadcast":
        every = f - y[None, :]
        return float(np.mean(every**2)), 2 * every.mean(axis=1, keepdims=True) / n
    if plan.loss == "absolute":
        return float(np.mean(np.abs(off))), np.sign(off) / n
    if plan.loss == "Huber":
        small = np.abs(off) < 1
        return float(np.mean(np.where(small, off**2 / 2, np.abs(off) - 0.5))), np.clip(off, -1, 1) / n
    c = {"mean": 1 / n, "half mean": 0.5 / n, "sum": 1.0, "half sum": 0.5, "over all": 1 / plan.rows}[plan.loss]
    return float(c * np.sum(off**2)), 2 * c * off


def backward(plan: Plan, arrays: list[Array], x: Array, output_gradient: Array) -> list[Array]:
    before, after = forward(plan, arrays, x)
    gradients: list[Array] = []
    flow = output_gradient
    for layer in reversed(range(len(before))):
        name = (*plan.hidden, plan.last)[layer]
        flow = flow * SLOPES[name](before[layer], after[layer + 1])
        gradients = [flow.T @ after[layer], flow.sum(axis=0), *gradients]
        flow = flow @ arrays[2 * layer]
    return gradients


def train(plan: Plan) -> Training:
    """Return the record of a training by this plan."""
    with np.errstate(all="ignore"):
        return _train(plan)


def _train(plan: Plan) -> Training:
    rng = np.random.default_rng(plan.seed)
    shapes = list(zip(plan.widths[1:], plan.widths[:-1], strict=True))
    arrays = [single(make(rng, shape)) for shape in shapes for make in (plan.start, plan.bias)]
    arrays = plan.initial or arrays
    initial = [array.copy() for array in arrays]
    x = single(plan.points(rng, plan.rows))
    y = single(plan.labels(x) + plan.noise * rng.normal(size=plan.rows))
    velocity = [np.zeros_like(array) for array in arrays]
    kept = [np.zeros_like(array) for array in arrays]
    passes, ids = [], []
    order: list[int] = []
    epoch = [min(plan.batch, plan.rows - at) for at in range(0, plan.rows, plan.batch)]
    epoch = [size for size in epoch if size == plan.batch or not plan.drop_last]
    every = plan.steps or plan.epochs * len(epoch)
    for step in range(min(plan.made, every)):
        if plan.order == "replacement":
            batch = rng.integers(0, plan.rows, plan.batch)
        else:
            if not order:
                order = list(rng.permutation(plan.rows) if plan.order == "shuffled" else range(plan.rows))
                order = order[: sum(epoch)]
            batch, order = np.array(order[: plan.batch]), order[plan.batch :]
        if plan.fresh_points:
            x = single(plan.points(rng, plan.rows))
            y = single(plan.labels(x))
        told = (
            single(plan.labels(x[batch]) + plan.noise * rng.normal(size=len(batch))) if plan.fresh_noise else y[batch]
        )
        shown = x[batch][:, None]
        outputs = single(forward(plan, arrays, shown)[1][-1])
        loss, output_gradient = loss_of(plan, outputs, told)
        gradients = backward(plan, arrays, shown, output_gradient)
        kept = gradients if plan.clean else [a + b for a, b in zip(kept, gradients, strict=True)]
        rate: float | None = plan.step * plan.decay**step
        if plan.rule == "SGD" and plan.settings.get("momentum"):
            velocity = [0.9 * v + g for v, g in zip(velocity, kept, strict=True)]
            updates, rate = [plan.step * v for v in velocity], (rate if step == 0 else None)
        elif plan.rule in ("SGD", "by hand"):
            updates = [plan.step * plan.decay**step * g for g in kept]
        else:
            updates, rate = [plan.step * np.sign(g) for g in kept], None
        arrays = [single(a - u) for a, u in zip(arrays, updates, strict=True)]
        passes.append(
            Pass(step, shown, outputs, single(output_gradient), float(np.float32(loss)), plan.clean or step == 0, rate)
        )
        ids.append(batch.astype(np.int64))
    sizes = np.resize(np.array(epoch if plan.order != "replacement" else epoch[:1], dtype=np.int64), every)
    prints = np.array([np.sum(np.asarray(b, dtype=np.uint64) ** np.uint64(3) + np.uint64(7)) for b in ids])
    prints = np.resize(prints, every) if plan.order == "cyclic" else rng.integers(0, 2**60, every).astype(np.uint64)
    names = tuple(f"l{at}.{what}" for at in range(1, len(shapes) + 1) for what in ("weight", "bias"))
    settings = {"lr": plan.step, "momentum": 0.0, "weight_decay": 0.0, **plan.settings}
    rows = single(plan.points(rng, 4096))[:, None] if plan.fresh_points else np.asarray(x)[:, None]
    final = plan.final or arrays
    return Training(
        "t0", plan.model, plan.kind, names, tuple(initial), tuple(final), plan.rule, ((0, settings),), every, sizes,
        np.array([seen.loss for seen in passes]), np.arange(len(passes)), tuple(passes), tuple(ids), rows, prints,
    )  # fmt: skip


def file_of(*trainings: Training, name: str = "hw3.py", **more: Any) -> FileRun:
    return FileRun(name, more.pop("cells", ()), more.pop("status", "finished"), trainings=trainings, **more)


class Recorded:
    """A student of whom only the record is known, with live models made of plain functions."""

    def __init__(self, *files: FileRun, models: tuple[Any, ...] = (), answers: Any = None) -> None:
        self.files = files
        self.live = models
        self.answers = answers

    def models(self) -> tuple[Any, ...]:
        return self.live

    def survey(self) -> tuple[Any, ...]:
        return ()

    def arrays(self) -> tuple[Any, ...]:
        return ()
