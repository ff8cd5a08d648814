"""The data of a training: which points it was shown, with which labels, under which loss."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from grader.chance import ALARM, Normal, mean_band, std_band
from grader.expect.labels import SQUARED, Labels, Target
from grader.expect.runs import Run
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Verdict

LOSSES = {
    "absolute": "The loss is the absolute error",
    "Huber": "The loss is Huber's (smooth L1)",
    "other": "The loss is not a squared error",
    "sum": "The squared errors of a batch are summed, not averaged",
    "half sum": "The squared errors of a batch are summed, not averaged",
}


@dataclass(frozen=True)
class Points:
    """Draws of a law, with a target's values and noise as labels."""

    inputs: Normal
    labels: Target
    noise: tuple[float, ...]
    """Standard deviations that are right; none for exact labels."""
    rows: int


def judge_points(run: Run, labels: Labels, asked: Points, *, compensated: bool) -> Verdict:
    """Return whether the run was shown these points; a sum of squares will do where the step size makes up for it.

    Where noise is asked for, the points and the loss are those of the training without it, and were judged there.
    """
    if labels.family == "unseen":
        found = f"The outputs and their gradients in {run.title} could not be seen, so neither could the labels."
        return pending(found, "A person has to read how the labels are made.")
    if labels.family == "broadcast":
        return _broadcast(run)
    if labels.family not in SQUARED:
        return _other_loss(run, labels)
    rows = run.training.rows if len(run.training.rows) else labels.x
    if rows.shape[1] != 1:
        return failed(f"In {run.title}, each point has {rows.shape[1]} numbers; one is asked for.")
    usual = labels.family in ("mean", "half mean") or compensated
    amiss = _wrong_inputs(run, rows, labels, asked) if usual else _other_loss(run, labels)
    if amiss and not asked.noise:
        return amiss
    verdict = _judge_labels(run, labels, asked)
    return replace(verdict, remarks=(*verdict.remarks, amiss.found)) if amiss else verdict


def _broadcast(run: Run) -> Verdict:
    """Return that outputs and labels have shapes that do not fit."""
    found = (
        f"In {run.title}, every output is pulled to the mean of its batch's labels: outputs are (n, 1), labels (n,)."
    )
    hint = "Give both the same shape, for example y.unsqueeze(1) or f(x).squeeze(); torch warns about it."
    return failed(found, hint, mistake="broadcast")


def _other_loss(run: Run, labels: Labels) -> Verdict:
    """Return which loss it is instead."""
    said = LOSSES.get(labels.family, f"The squared errors are multiplied by {labels.factor:.3g} besides being averaged")
    name = {"sum": "summed_loss", "half sum": "summed_loss", "scaled": "scaled_loss"}.get(labels.family, "other_loss")
    hint = "Use nn.MSELoss(), or half of it: the mean over the batch of (f(x) - y)², and nothing besides."
    return failed(f"{said}, in {run.title}.", hint, mistake=name)


def _wrong_inputs(run: Run, rows: FloatArray, labels: Labels, asked: Points) -> Verdict | None:
    """Return what is wrong with the points, or None."""
    if labels.fresh(asked.rows):
        found = f"In {run.title}, the points are not the same in every epoch: they are drawn anew again and again."
        return failed(found, f"Draw {asked.rows} points once, before training.", mistake="fresh_points")
    off = asked.inputs.departure(rows)
    if off:
        found = f"In {run.title}, the points are not draws of N({asked.inputs.mean:g}, {asked.inputs.std:g}²): {off}."
        return failed(found, "Draw them with torch.randn or torch.normal(0, 1, …).", mistake="other_inputs")
    return None


def _judge_labels(run: Run, labels: Labels, asked: Points) -> Verdict:
    """Return whether the labels are the target's values, with the noise asked for."""
    kind = labels.kind(asked.labels)
    size = float(np.sqrt(np.mean(labels.off(asked.labels) ** 2)))
    if kind == "other":
        found = f"In {run.title}, the labels are not f*(x): they differ from it by {size:.3g} (root mean square)."
        return failed(found, "Compute the labels from the same x that the network is shown.", mistake="other_labels")
    if asked.noise:
        return _judge_noise(run, labels, asked)
    if kind == "noisy":
        found = f"In {run.title}, the labels carry noise of standard deviation {size:.2g}; here they are to be exact."
        return failed(found, "Train once on f*(x) itself, and keep the noise for the next problem.", mistake="noisy")
    return passed(f"In {run.title}, {_described(run, labels)} are shown with labels f*(x), under the squared loss.")


def _judge_noise(run: Run, labels: Labels, asked: Points) -> Verdict:
    """Return whether the noise of the labels has a spread asked for, and is centred."""
    off = labels.off(asked.labels)
    size, fresh = float(np.sqrt(np.mean(off**2))), labels.spread > 0.05 * min(asked.noise)
    size = float(np.hypot(size, labels.spread)) if fresh else size
    right = [noise for noise in asked.noise if _may_be(size, noise, off)]
    if not right:
        return _other_noise(run, size, off, asked)
    if not any(float(off.mean()) in mean_band(len(off), 0.0, noise, ALARM / 2) for noise in right):
        found = f"In {run.title}, the noise of the labels has mean {off.mean():.2g}."
        return failed(found, _how_noisy(asked), mistake="biased_noise")
    remark = "The noise is drawn anew again and again; the sheet adds it to the labels once." if fresh else ""
    found = f"In {run.title}, labels differ from f*(x) by noise of standard deviation {size:.2g}."
    return passed(found, remarks=(remark,) if remark else ())


def _may_be(size: float, noise: float, off: FloatArray) -> bool:
    """Return whether draws of this standard deviation have a root mean square like this."""
    return size in std_band(len(off), noise, ALARM / 2)


def _other_noise(run: Run, size: float, off: FloatArray, asked: Points) -> Verdict:
    """Return that the noise has another spread, and whether its square is the one asked for."""
    taken = next((noise for noise in asked.noise if _may_be(size**2, noise, off)), None)
    said = f" ({taken:g} was taken for the variance)" if taken else ""
    found = f"In {run.title}, the noise of the labels has standard deviation {size:.2g}{said}."
    return failed(found, _how_noisy(asked), mistake="variance" if taken else "other_noise")


def _how_noisy(asked: Points) -> str:
    """Return how such noise is made."""
    first = asked.noise[0]
    meant = "the standard deviation" if len(asked.noise) == 1 else "the standard deviation or the variance"
    return f"Add torch.normal(0, {first:g}, shape) to f*(x): {first:g} is {meant}."


def _described(run: Run, labels: Labels) -> str:
    """Return '512 standard normal points'."""
    return f"{len(run.training.rows) or len(labels.x)} points"
