"""The rule of a training: plain gradient descent with one step size, judged by the updates themselves.

An update is judged by what it did: the recorder tells the r for which it was p -= r * p.grad, if there is one. So the
optimizer's class does not matter, a loop by hand is as good as `torch.optim.SGD`, and momentum or decay shows as
updates that no r explains. The optimizer's settings only help to say what was found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.expect.labels import Labels
from grader.expect.runs import Run
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray, Pass, Training
from grader.records import Verdict

NEAR = 0.05
"""Relative error allowed in one recorded rate: single precision, where updates are small."""

EXTRAS = ("momentum", "weight_decay", "dampening", "nesterov", "maximize", "lr_decay", "lambd")


def judge_rule(run: Run, step: float, labels: Labels) -> Verdict:
    """Return whether every update of the run is -step times a fresh gradient."""
    passes = [seen for seen in run.training.passes if np.isfinite(seen.loss)]
    if not passes:
        return _by_settings(run, step)
    summed = stale(run, passes)
    if summed is not None:
        return summed
    rates = np.array([np.nan if seen.rate is None else seen.rate for seen in passes])
    known = rates[np.isfinite(rates)]
    if len(known) < (0.5 if run.diverged else 0.9) * len(rates):
        return _no_rate(run)
    return _by_rates(run, known, step, labels)


def stale(run: Run, passes: Sequence[Pass]) -> Verdict | None:
    """Return what is wrong if gradients were not fresh, or were not used for all parameters; or None."""
    left_out = _left_out(run, passes)
    if left_out is not None:
        return left_out
    later = [seen.clean for seen in passes if seen.step > 0]
    if not later or np.mean(later) > 0.5:
        return None
    if len(run.training.batch_sizes) > 1.5 * run.training.steps:
        found = f"In {run.title}, the gradients of several backward passes are added up before each step."
        return pending(found, "That may be right; a person has to look.")
    found = f"In {run.title}, gradients are not set to zero between steps: each step uses the sum of all before it."
    return failed(found, "Call optimizer.zero_grad() before every backward pass.", mistake="no_zero_grad")


def _left_out(run: Run, passes: Sequence[Pass]) -> Verdict | None:
    """Return that some parameters stand still while plain steps move the others: nobody handed them to the optimizer.

    Their gradients pile up then, which is no fault of its own. Parameters that are not used have no gradient, so that
    the steps are explained all the same.
    """
    training = run.training
    plain = training.rule in ("SGD", "by hand") and not _extras(training)
    if not plain or not passes or any(seen.rate is not None for seen in passes):
        return None
    pairs = zip(training.names, training.initial, training.final, strict=False)
    still = [name for name, first, last in pairs if np.array_equal(first, last)]
    if not still or len(still) == len(training.final):
        return None
    named = ", ".join(f"`{name[:40]}`" for name in still[:4]) + (" …" if len(still) > 4 else "")
    found = f"In {run.title}, the steps move only some of the parameters: {named} never change."
    return failed(found, "Hand all parameters to the optimizer: model.parameters().", mistake="not_all_parameters")


def _by_rates(run: Run, rates: FloatArray, step: float, labels: Labels) -> Verdict:
    """Return the verdict on updates that are steps along the gradient, at these rates."""
    middle = float(np.median(rates))
    steady = np.mean(np.abs(rates - middle) <= NEAR * abs(middle)) >= 0.95
    if not steady:
        low, high = float(rates.min()), float(rates.max())
        found = f"In {run.title}, the step size changes: it lies between {low:.3g} and {high:.3g}."
        return failed(found, f"Keep the step size at {step:g} throughout.", mistake="schedule")
    exact = abs(middle / step - 1) <= 0.02
    if exact or _makes_up(middle, step, labels):
        remark = f"With this loss a step of {middle:.3g} makes the same updates as one of {step:g} with the usual loss."
        said = f"is a plain gradient step of size {middle:.3g}, with fresh gradients."
        return passed(f"In {run.title}, every update seen {said}", remarks=() if exact else (remark,))
    if middle < 0:
        return failed(f"In {run.title}, the updates go up the gradient.", "Subtract the gradient.", mistake="ascent")
    found = f"In {run.title}, the step size is {middle:.3g}."
    return failed(found, f"Use step size {step:g}.", mistake="other_step")


def compensated(run: Run, step: float, labels: Labels) -> bool:
    """Return whether the step size makes up for a loss that is a sum, or a multiple, of squared errors."""
    rates = [seen.rate for seen in run.training.passes if seen.rate is not None and np.isfinite(seen.loss)]
    return bool(rates) and _makes_up(float(np.median(rates)), step, labels)


def _makes_up(rate: float, step: float, labels: Labels) -> bool:
    """Return whether this rate under this loss is `step` on the mean of squares, or on half of it: both are right.

    Both may be negative: who climbs minus the loss goes down. It is false where the loss is not a squared one, and its
    factor not a number.
    """
    return any(abs(rate * labels.factor / (step * half) - 1) <= 0.02 for half in (1.0, 0.5))


def _no_rate(run: Run) -> Verdict:
    """Return what the updates are, where they are not multiples of the gradient."""
    training, extras = run.training, _extras(run.training)
    hint = "Use torch.optim.SGD with nothing but the step size, or subtract step size times gradient yourself."
    if extras:
        return failed(f"In {run.title}, {training.rule[:60]} runs with {extras}.", hint, mistake="extras")
    each = training.steps / max(len(training.batch_sizes), 1)
    if training.rule == "SGD" and len(training.batch_sizes) and each > 1.5:
        found = f"In {run.title}, {each:.2g} steps follow each backward pass, as with an optimizer for each layer."
        return pending(found, "That may be right; a person has to look.")
    if training.rule in ("SGD", "by hand"):
        return failed(f"In {run.title}, the updates are not multiples of the gradient.", hint, mistake="other_rule")
    mistake = "adam" if "adam" in training.rule.lower() else "other_rule"
    return failed(
        f"In {run.title}, the optimizer is {training.rule[:60]}; plain SGD is asked for.", hint, mistake=mistake
    )


def _extras(training: Training) -> str:
    """Return 'momentum 0.9 and weight_decay 0.01' of settings that plain SGD has not."""
    if not training.rule.upper().endswith("SGD"):
        return ""
    latest = dict(training.settings[-1][1]) if training.settings else {}
    return " and ".join(f"{name} {latest[name]:g}" for name in EXTRAS if latest.get(name))


def _by_settings(run: Run, step: float) -> Verdict:
    """Return the verdict where no pass was seen closely: only the optimizer's settings are known."""
    training = run.training
    rates = {settings.get("lr", float("nan")) for _, settings in training.settings}
    if training.rule == "SGD" and not _extras(training) and rates == {step}:
        remark = "Judged by the optimizer's settings: the updates themselves could not be seen."
        return passed(f"In {run.title}, the optimizer is plain SGD at {step:g}.", remarks=(remark,))
    if training.rule not in ("SGD", "by hand") or _extras(training):
        return _no_rate(run)
    return pending(f"The gradients and updates of {run.title} could not be seen.", "A person has to read the loop.")
