"""`Plot`: a drawn curve is the trained network's own, as a function of x.

Figures reach us as data, so no picture is looked at: a line or a cloud of points passes if its heights are what the
network answers at its abscissae, in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from grader.expect.behaviour import live_answers, trained_answers
from grader.expect.expectation import Ask, Expectation
from grader.expect.labels import values
from grader.expect.recipe import Recipe
from grader.expect.runs import Run, runs_of
from grader.expect.unseen import stopped, told, unseen
from grader.expect.verdicts import failed, missing, passed, pending
from grader.observed import Curve, FloatArray
from grader.records import CellError, Verdict
from grader.student import Student

FEWEST = 20
"""Points that make a curve."""

MOST = 100
"""Curves that are looked at."""

_MISSES = 0.05
"""Share of a curve's points that may lie elsewhere."""

_PLOTTING = re.compile(r"\.(?:plot|scatter|show)\(")


class Plot(Expectation):
    """Some curve that was drawn shows a trained network over most of an interval."""

    def __init__(self, *trainings: Recipe, on: tuple[float, float]) -> None:
        """Declare that any network trained by one of these recipes may be shown, over the interval `on`."""
        super().__init__()
        self.trainings = trainings
        self.on = on

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn by chance
        """Return whether some curve is a trained network's."""
        curves = list(islice(_curves(student), MOST))
        shown = [curve for curve in curves if self._is_network(student, curve)]
        if not shown:
            return self._none_shown(student, curves)
        return self._covered(max(shown, key=self._cover))

    def _is_network(self, student: Student, curve: Curve) -> bool:
        """Return whether this curve's heights are what some trained network answers."""
        return any(_same(curve.y, answers) for answers in self._answers(student, curve))

    def _answers(self, student: Student, curve: Curve) -> Iterator[FloatArray]:
        """Yield what the networks answer at a curve's abscissae: as they were trained, and as they are now."""
        x, runs = curve.x, runs_of(student)
        for run in runs:
            if run.handle or self._may_be(student, run, curve):
                yield from self._of_run(student, run, x)
        unseen_in_training = {model.handle for model in student.models()} - {run.handle for run in runs}
        for handle in sorted(unseen_in_training, key=lambda handle: (handle.file, handle.name)):
            answers = live_answers(student, handle, x.reshape(-1, 1))
            if answers is not None:
                yield answers[:, 0]

    def _may_be(self, student: Student, run: Run, curve: Curve) -> bool:
        """Return whether an eighth of a curve's points allows it to be a run's.

        Bare tensors can be read as hundreds of networks, and most curves are none of them.
        """
        most = _MISSES * curve.x.size
        x, y = curve.x[::8], curve.y[::8]
        return any(_same(y, answers, most) for answers in self._of_run(student, run, x))

    def _of_run(self, student: Student, run: Run, x: FloatArray) -> list[FloatArray]:
        """Return what the network of a run may answer at x with the parameters the training ended with."""
        net = self.trainings[0].net
        return trained_answers(student, run, x, net.widths, net.activation)

    def _covered(self, curve: Curve) -> Verdict:
        """Return full credit, with a word on a curve that has gaps or shows few points."""
        low, high = float(curve.x.min()), float(curve.x.max())
        found = f"A {curve.kind} of {len(curve.x)} points from x = {low:.2g} to {high:.2g} shows the trained network."
        if self._cover(curve) < 0.5:
            a, b = self.on
            hint = f"Plot the network over [{a:g}, {b:g}], for example at torch.linspace({a:g}, {b:g}, 200)."
            return failed(found + " That is too narrow to see the function.", hint, mistake="narrow_plot")
        few = curve.kind == "scatter" and len(curve.x) < 200
        remark = f"Only {len(curve.x)} points are shown; were all of them meant (is it the last batch)?"
        return passed(found, remarks=(remark,) if few else ())

    def _cover(self, curve: Curve) -> float:
        """Return which share of the interval, cut into twenty parts, has points of the curve."""
        inside = curve.x[(curve.x >= self.on[0]) & (curve.x <= self.on[1])]
        edges = np.linspace(*self.on, 21)
        return float(np.mean(np.histogram(inside, edges)[0] > 0))

    def _none_shown(self, student: Student, curves: Sequence[Curve]) -> Verdict:
        """Return that no curve is the network's, and why that may be."""
        crash = _crash(student)
        if crash:
            return missing(f"The trained network is not on any plot. {crash}", "Plot model(x).detach() instead.")
        if not any(figure.axes for file in student.files for figure in file.figures):
            return unseen(student, "No figure was drawn.", "Plot the trained network as a function of x.")
        for lost in stopped(student, "environment"):
            if _PLOTTING.search(lost[1].source):
                return pending(f"The trained network is not on any plot. {told(*lost)}", "A person has to look.")
        if not runs_of(student) and not student.models():
            return pending("Figures were drawn, but no network was found that they could be compared with.")
        target = self.trainings[0].points.labels
        truth = any(_same(curve.y, values(target, curve.x.reshape(-1, 1))) for curve in curves)
        seen = "The plot shows f*, but not the trained network." if truth else f"{len(curves)} curves were drawn."
        found = f"No curve shows the trained network's own values. {seen}"
        hint = "Plot x against model(x) after training, with x and model(x) in the same order."
        return failed(found, hint, mistake="truth_only" if truth else "")


def _curves(student: Student) -> Iterator[Curve]:
    """Yield the lines and clouds that were drawn, without points that are not finite."""
    for file in student.files:
        for figure in file.figures:
            for curve in (curve for axes in figure.axes for curve in axes.curves):
                if curve.kind in ("line", "scatter") and curve.x.size == curve.y.size:
                    x, y = curve.x.ravel(), curve.y.ravel()
                    finite = np.isfinite(x) & np.isfinite(y)
                    if finite.sum() >= FEWEST:
                        yield Curve(curve.kind, x[finite], y[finite], curve.label)


def _same(drawn: FloatArray, answers: FloatArray, most: float | None = None) -> bool:
    """Return whether drawn heights are these answers with fewer than `most` misses, by default few for their number."""
    if drawn.shape != answers.shape or not np.isfinite(answers).all():
        return False
    missed = np.count_nonzero(~(np.abs(drawn - answers) <= 2e-3 * (1 + np.abs(answers))))
    return bool(missed < (_MISSES * len(drawn) if most is None else most))


def _crash(student: Student) -> str:
    """Return the sentence on a cell that stopped while plotting a tensor that requires grad, or ''."""
    for file in student.files:
        for cell in file.cells:
            if cell.error is not None and _about_grad(cell.error):
                return told(file, cell, cell.error)
    return ""


def _about_grad(error: CellError) -> bool:
    """Return whether an error is torch's refusal to turn a tensor that requires grad into an array."""
    return "requires grad" in error.message and "numpy" in error.message
