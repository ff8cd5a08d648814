"""`Recipe`: what was done in training, from the record: the rule, the schedule, the data.

Which training is meant? Students train once on exact and once on noisy labels, in one file or in two, after attempts
that failed. A recipe takes a training of the right network whose labels carry the noise it asks for; of several, the
one that follows the recipe in most parts, then the longest. Every claim about a recipe speaks of that same training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from grader.chance import Normal
from grader.expect.descent import compensated, judge_rule
from grader.expect.expectation import Ask, Expectation
from grader.expect.labels import Target
from grader.expect.network import Network
from grader.expect.perceptron import readings
from grader.expect.points import Points, judge_points
from grader.expect.runs import Run, runs_of
from grader.expect.schedule import Schedule, judge_schedule
from grader.expect.testimony import believed
from grader.expect.unseen import REPAIR, stumble
from grader.expect.verdicts import missing
from grader.records import Outcome, Verdict
from grader.student import Student

GLIMPSE = 500
"""A training so many times shorter than another of the same network is a mere glimpse of one."""
GOES_ON = "This training went on from a network that was trained before; the sheet starts afresh."


class Recipe(Expectation):
    """Gradient descent at one step size, for so many epochs, in batches, on draws of a law with a target's labels."""

    parts = ("rule", "schedule", "data")

    def __init__(
        self,
        net: Network,
        *,
        step: float,
        epochs: int,
        batch: int,
        rows: int,
        inputs: Normal,
        labels: Target,
        noise: float | Sequence[float] = (),
    ) -> None:
        """Declare how `net` is trained.

        `noise` is the standard deviation of what is added to the labels; where the sheet can be read in two ways, both.
        """
        super().__init__()
        if not isinstance(net, Network):
            raise TypeError(f"what is trained is a Network(…) that the reference declares, not {net!r}")
        if not isinstance(inputs, Normal):
            raise TypeError("inputs is a law, Normal(0, 1) with a capital N; normal(…) draws")
        self.net = net
        self.step = step
        self.schedule = Schedule(epochs, batch, rows)
        spreads = tuple(noise) if isinstance(noise, Sequence) else (noise,) if noise else ()
        self.points = Points(inputs, labels, spreads, rows)

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict on one part of the recipe."""
        run = self.choose(student)
        if run is None:
            return self._not_there(student)
        net, judged = self.net, self.of(run, ask.part)
        verdict = believed(judged, student, run, net.widths, net.activation, by_steps=True)
        if verdict.mistake == "noisy" and stumble(student):  # the training on exact labels may have stood in that cell
            verdict = replace(verdict, found=f"{verdict.found} {stumble(student)}", hint=REPAIR)
        goes_on = ask.part == "data" and any(_continues(run, before) for before in runs_of(student))
        return replace(verdict, remarks=(*verdict.remarks, GOES_ON)) if goes_on else verdict

    def of(self, run: Run, part: str) -> Verdict:
        """Return the verdict on one part of this run."""
        labels = run.labels
        if part == "schedule":
            return judge_schedule(run, self.schedule, fresh=labels.fresh(self.schedule.rows))
        if part == "rule":
            return judge_rule(run, self.step, labels)
        return judge_points(run, labels, self.points, compensated=compensated(run, self.step, labels))

    def followed(self, run: Run) -> int:
        """Return how many parts of the recipe this run follows."""
        return sum(self.of(run, part).outcome is Outcome.PASSED for part in self.parts)

    def choose(self, student: Student) -> Run | None:
        """Return the training that is meant, or None if there is none."""
        runs = runs_of(student)
        fitting = [run for run in runs if self._fits(run)] or list(runs)
        longest = max((run.training.steps for run in fitting), default=0)
        fitting = [run for run in fitting if run.training.steps * GLIMPSE >= longest]
        chosen = self._with_noise(fitting) if self.points.noise else self._without_noise(fitting)
        return max(chosen, key=self._rank, default=None)

    def _fits(self, run: Run) -> bool:
        """Return whether the run trains parameters of the right shapes."""
        return bool(readings(run.shapes, self.net.widths, self.net.activation))

    def _rank(self, run: Run) -> tuple[bool, int, bool, int]:
        """Return how likely this run is the one that is meant."""
        wanted = "noisy" if self.points.noise else "clean"
        kind, unremarked = run.labels.kind(self.points.labels), not self.of(run, "data").remarks
        return kind == wanted, self.followed(run), unremarked, run.training.steps

    def _without_noise(self, runs: Sequence[Run]) -> Sequence[Run]:
        """Return the runs that may be meant by exact labels: if all are noisy, those."""
        return [run for run in runs if run.labels.kind(self.points.labels) != "noisy"] or runs

    def _with_noise(self, runs: Sequence[Run]) -> Sequence[Run]:
        """Return the runs that may be meant by noisy labels: without any, a second one whose labels are unclear."""
        kinds = [run.labels.kind(self.points.labels) for run in runs]
        noisy = [run for run, kind in zip(runs, kinds, strict=True) if kind == "noisy"]
        unclear = [run for run, kind in zip(runs, kinds, strict=True) if kind in ("unknown", "other")]
        return noisy or (unclear if "clean" in kinds else unclear[1:])

    def _not_there(self, student: Student) -> Verdict:
        """Return that no such training was seen, and what was seen instead."""
        runs = runs_of(student)
        if not runs:
            sought = "No training was seen: no torch optimizer took a step, and no parameters were updated by hand."
            return self.net.unseen(student, sought, "Train the network in the notebook or script itself, at top level.")
        found = f"Only training on labels without noise was seen: {'; '.join(run.title for run in runs[:5])}."
        if stumble(student):
            return missing(f"{found} {stumble(student)}", REPAIR)
        hint = (
            "Train a second network on noisy labels too, with an optimizer that holds the parameters of that network; "
            "if one training replaced the other, keep both in the file."
        )
        return missing(found, hint)


def _continues(run: Run, before: Run) -> bool:
    """Return whether a run starts with the parameters that another one ended with."""
    pairs = list(zip(run.training.initial, before.training.final, strict=False))
    return run is not before and bool(pairs) and all(np.array_equal(new, old) for new, old in pairs)
