"""`Fit`: how near the trained network is to its target, in bands.

The fit is a coarse gate, because training is random: one in ten runs that follow the recipe to the letter end far off,
and some wrong recipes end near. So a good fit passes, and a bad one fails only if something else was wrong; after a
verified recipe it is an unlucky run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from grader.expect.behaviour import trained_answers
from grader.expect.expectation import Ask, Expectation
from grader.expect.initial import Initial
from grader.expect.labels import values
from grader.expect.perceptron import NONE
from grader.expect.recipe import Recipe
from grader.expect.runs import Run, readings_of
from grader.expect.testimony import believed
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Outcome, Verdict
from grader.student import Student


@dataclass(frozen=True)
class Bands:
    """Root mean square errors."""

    good: float
    """Below it, a fit passes whatever the recipe."""
    fair: float
    """Below it, a fit passes unless the recipe is known to be wrong."""


class Fit(Expectation):
    """The network at the end of a training follows the target on an interval."""

    def __init__(self, training: Recipe, start: Initial, *, on: tuple[float, float], good: float, fair: float) -> None:
        """Declare the bands of the error on the interval; `training` and `start` say what makes a bad fit bad luck."""
        super().__init__()
        self.training = training
        self.start = start
        self.grid: FloatArray = np.linspace(*on, 401)
        self.bands = Bands(good, fair)

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the trained network is near enough to the target."""
        run = self.training.choose(student)
        if run is None:
            return self.training.judge(student, ask)
        if run.diverged:
            found = f"{run.title[0].upper()}{run.title[1:]} diverged: its parameters are no longer finite numbers."
            return failed(found, "Print the loss of the first steps; it should fall, not grow.", mistake="diverged")
        error = self.error(student, run)
        if not np.isfinite(error):
            return pending(f"What the network of {run.title} answers at the end could not be seen.")
        verdict = replace(self._banded(run, error), measured=error)
        return believed(verdict, student, run, self.training.net.widths, self.training.net.activation)

    def error(self, student: Student, run: Run) -> float:
        """Return the root mean square difference between trained network and target on the grid."""
        net = self.training.net
        possible = trained_answers(student, run, self.grid, net.widths, net.activation)
        with np.errstate(all="ignore"):
            errors = [float(np.sqrt(np.mean((answers - self._truth) ** 2))) for answers in possible]
        return min(errors, default=float("nan"))  # a wrong reading of bare tensors fits nothing, so the least is meant

    @property
    def _truth(self) -> FloatArray:
        """Return the target on the grid."""
        return values(self.training.points.labels, self.grid.reshape(-1, 1))

    def _banded(self, run: Run, error: float) -> Verdict:
        """Return the verdict on this error."""
        low, high = self.grid[0], self.grid[-1]
        zero = float(np.sqrt(np.mean(self._truth**2)))
        found = (
            f"On [{low:g}, {high:g}], the network of {run.title} is {error:.2f} from f* (root mean square; "
            f"the zero function is {zero:.2f} from it)."
        )
        if error < self.bands.good:
            return passed(found)
        outcomes = self._recipe(run)
        if all(outcome is Outcome.PASSED for outcome in outcomes):
            lucky = error < self.bands.fair
            unlucky = "An unlucky run: the recipe was followed, and one run in ten ends like this."
            return passed(found, remarks=() if lucky else (unlucky,))
        if not any(outcome in (Outcome.FAILED, Outcome.MISSING) for outcome in outcomes):
            return passed(found) if error < self.bands.fair else pending(found, "The recipe could not be seen whole.")
        return failed(found, "See what was found about the network, its start and its training.", mistake="far_off")

    def _recipe(self, run: Run) -> list[Outcome]:
        """Return what became of everything that a good fit rests on, for this run."""
        net = self.training.net
        ways = readings_of(run, net.widths, net.activation)
        asked = (net.activation,) * (len(net.widths) - 2)
        right = any((way.widths, way.hidden, way.last) == (net.widths, asked, NONE) for way in ways)
        network = Outcome.PASSED if right else Outcome.FAILED
        parts = [self.training.of(run, part).outcome for part in self.training.parts]
        return [network, self.start.of(run).outcome, *parts]
