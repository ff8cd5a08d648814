"""`Graph`: a function is drawn, and its asymptotes beside it, whatever their colours and labels.

Figures reach us as data, so no picture is looked at. The function is there if some line or cloud of points has its
heights over most of an interval. An asymptote is there if part of some other line lies on it: one drawn from end to
end, over one side only, or as a line with a corner that is both asymptotes at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from grader.expect.expectation import Ask, Expectation
from grader.expect.unseen import unseen
from grader.expect.verdicts import failed, partial, passed, pending
from grader.observed import Curve, FloatArray
from grader.records import Verdict
from grader.student import Student

FEWEST = 10
"""Points within the interval that make a curve."""
NEAR = 5e-3
"""Error of a drawn height, relative to 1 + its size: nobody sees it."""
STRAIGHT = 1e-6
"""The same for an asymptote, from which the function itself soon differs as little."""
LONG = 0.1
"""Share of the interval that an asymptote is drawn over at least."""
MOST = 200
"""Curves that are looked at."""
SIDES = {"left": "x → -∞", "right": "x → ∞"}
Line = tuple[float, float]
"""Slope and height at 0."""


class Graph(Expectation):
    """Expects that `function` is drawn over most of an interval, with these asymptotes."""

    def __init__(
        self,
        function: Callable[[FloatArray], FloatArray],
        *,
        on: tuple[float, float],
        left: Line | None = None,
        right: Line | None = None,
    ) -> None:
        """Declare a graph; `left` and `right` are the asymptotes for x → -∞ and x → ∞, (slope, height at 0)."""
        super().__init__()
        self.function, self.on = function, on
        self.asymptotes = {side: line for side, line in (("left", left), ("right", right)) if line is not None}

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn by chance
        """Return which share of the curve and its asymptotes is there."""
        curves = list(islice(_curves(student), MOST))
        own = [curve for curve in curves if self._shows(curve)]
        others = [curve for curve in curves if not any(curve is each for each in own)]
        absent = [side for side, line in self.asymptotes.items() if not any(self._lies(each, line) for each in others)]
        if not curves:
            return _nothing_drawn(student)
        return self._verdict(absent, curve=bool(own), drawn=len(curves))

    def _shows(self, curve: Curve) -> bool:
        """Return whether a curve has the function's heights over most of the interval."""
        inside = (curve.x >= self.on[0]) & (curve.x <= self.on[1])
        x, y = curve.x[inside], curve.y[inside]
        if len(x) < FEWEST or np.ptp(x) < 0.5 * (self.on[1] - self.on[0]):
            return False
        truth = np.asarray(self.function(x), dtype=np.float64)
        return bool(np.mean(np.abs(y - truth) <= NEAR * (1 + np.abs(truth))) > 0.95)

    def _lies(self, curve: Curve, line: Line) -> bool:
        """Return whether part of a curve lies on a straight line."""
        wanted = line[0] * curve.x + line[1]
        x = curve.x[np.abs(curve.y - wanted) <= STRAIGHT * (1 + np.abs(wanted))]
        return len(x) > 1 and float(np.ptp(x)) >= LONG * (self.on[1] - self.on[0])

    def _verdict(self, absent: Sequence[str], *, curve: bool, drawn: int) -> Verdict:
        lacking = [f"the asymptote for {SIDES[side]}" for side in absent]
        lacking = lacking if curve else ["the curve itself", *lacking]
        parts = 1 + len(self.asymptotes)
        if not lacking:
            beside = " and every asymptote" if self.asymptotes else ""
            return passed(f"The curve{beside} can be seen.")
        found = f"Of {drawn} lines that were drawn, none is {' or '.join(lacking)}."
        a, b = self.on
        hint = (
            f"Draw the function over at least [{a:g}, {b:g}], and each asymptote as a line of its own (plt.axhline …)."
        )
        mistake = (
            "other_curve" if not curve else "no_asymptotes" if len(absent) == parts - 1 > 1 else "asymptote_missing"
        )
        if len(lacking) == parts:
            return failed(found, hint, mistake=mistake)
        return partial(1 - len(lacking) / parts, found, hint, mistake=mistake)


def _curves(student: Student) -> Iterator[Curve]:
    """Yield the lines and clouds that were drawn, without points that are not finite."""
    for file in student.files:
        for axes in (axes for figure in file.figures for axes in figure.axes):
            for curve in axes.curves:
                if curve.kind in ("line", "scatter") and curve.x.size == curve.y.size:
                    finite = np.isfinite(curve.x) & np.isfinite(curve.y)
                    yield Curve(curve.kind, curve.x[finite], curve.y[finite], curve.label)


def _nothing_drawn(student: Student) -> Verdict:
    """Return that nothing was drawn; a picture that was handed in is for a person to look at."""
    for file in student.files:
        for cell in file.cells:
            if cell.kind == "text" and re.search(r"!\[|<img\b", cell.source):
                return pending(f"Nothing was plotted, but cell {cell.number} of {file.name} shows a picture.")
    return unseen(student, "Nothing was plotted.", "Plot the function, and its asymptotes as lines of their own.")
