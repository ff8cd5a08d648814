"""`Trained`: a network was trained at all, by whatever rule: gradients fresh, loss falling, numbers finite."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.expect.descent import stale
from grader.expect.expectation import Ask, Expectation
from grader.expect.network import Network
from grader.expect.perceptron import AT_THE_END, SOFTMAX
from grader.expect.runs import Run
from grader.expect.unseen import unseen
from grader.expect.verdicts import failed, missing, passed, pending
from grader.observed import FloatArray, Pass
from grader.records import Verdict
from grader.student import Student


class Trained(Expectation):
    """The network was trained by gradient descent of some kind, and its loss fell."""

    def __init__(self, net: Network) -> None:
        """Declare which network."""
        super().__init__()
        if not isinstance(net, Network):
            raise TypeError(f"what is trained is a Network(…) that the reference declares, not {net!r}")
        self.net = net

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn by chance
        """Return whether it was trained."""
        subject = self.net.choose(student)
        if subject is None:
            return self.net.unseen(student, "No network was found that could have been trained.")
        if subject.run is None:
            hint = "Run the training loop in the notebook or script itself, at top level."
            return unseen(student, f"{subject.title} was never trained: no optimizer took a step with it.", hint)
        return _of(subject.run)


def _of(run: Run) -> Verdict:
    """Return the verdict on a training."""
    if run.diverged:
        hint = "Print the loss of the first steps; it should fall, not grow. Try a smaller step size."
        return failed(f"{_title(run)} diverged.", hint, mistake="diverged")
    summed = stale(run, run.training.passes)
    if summed is not None:
        return summed
    losses = run.training.losses
    losses = losses[np.isfinite(losses)]
    if len(losses) < 2:
        return missing(f"{_title(run)} has too few steps to tell.", "Train for at least one epoch.")
    few = max(1, min(100, len(losses) // 5))
    start, end = float(np.mean(losses[:few])), float(np.mean(losses[-few:]))
    if not end < start:
        found = f"In {run.title}, the loss does not fall: {start:.3g} over the first steps, {end:.3g} over the last."
        hint = "Does the optimizer hold this network's parameters, and is the step size neither tiny nor large?"
        return pending(found) if len(losses) < 20 else failed(found, hint, mistake="never_falls")
    twice = _softmax_twice(run.training.passes)
    remarks = ("The softmax is applied twice: nn.CrossEntropyLoss takes logits, and takes the softmax itself.",)
    rule = run.training.rule.removeprefix("by ")
    found = f"{_title(run)} by {rule}: the loss falls from {start:.3g} to {end:.3g}."
    return passed(found, remarks=remarks if twice else ())


def _title(run: Run) -> str:
    return run.title[0].upper() + run.title[1:]


def _softmax_twice(passes: Sequence[Pass]) -> bool:
    """Return whether the network answers probabilities, and the loss takes them for logits."""
    seen = next((one for one in passes if one.outputs is not None and one.output_gradient is not None), None)
    if seen is None or seen.outputs is None or seen.output_gradient is None or seen.outputs.shape[1] < 2:
        return False
    outputs, gradient = seen.outputs, seen.output_gradient * len(seen.outputs)
    sums = np.abs(outputs.sum(axis=1) - 1).max() < 1e-3 and outputs.min() >= 0
    return bool(sums and np.abs(AT_THE_END[SOFTMAX](outputs) - gradient - _hot(gradient)).max() < 1e-3)


def _hot(gradient: FloatArray) -> FloatArray:
    """Return 1 where a row's gradient is least, which is at its label."""
    return np.asarray(gradient == gradient.min(axis=1, keepdims=True), dtype=np.float64)
