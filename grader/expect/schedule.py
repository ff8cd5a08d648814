"""The schedule of a training: how many epochs, in batches of what size, out of how many points."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from grader.expect.runs import Run
from grader.expect.verdicts import failed, passed, pending
from grader.observed import Training
from grader.records import Verdict


@dataclass(frozen=True)
class Schedule:
    """So many passes over so many rows, in batches."""

    epochs: int
    batch: int
    rows: int

    @property
    def steps(self) -> int:
        """Return how many updates that makes."""
        return self.epochs * ceil(self.rows / self.batch)

    @property
    def whole_batches(self) -> int:
        """Return how many updates it makes if the last, smaller batch of each epoch is left out."""
        return self.epochs * (self.rows // self.batch)

    def __str__(self) -> str:
        """Return '1000 epochs of batches of 128 out of 512 points'."""
        return f"{self.epochs} epochs of batches of {self.batch} out of {self.rows} points"


@dataclass(frozen=True)
class Shown:
    """What a training showed its network."""

    epochs: float
    batch: int
    """The commonest size."""
    rows: int
    """Different points."""
    once: bool
    """Whether, as far as was seen, each epoch shows each row once."""


def judge_schedule(run: Run, asked: Schedule, *, fresh: bool) -> Verdict:
    """Return whether the run follows this schedule; where points are `fresh` each time, their number is not judged."""
    training = run.training
    sizes = training.batch_sizes[training.batch_sizes > 0]
    if not sizes.size:
        return _by_steps(run, asked)
    if len(training.batch_sizes) > 1.5 * training.steps:
        return pending(f"In {run.title}, several backward passes go before each step; a person has to look.")
    shown = _shown(training, asked, fresh=fresh)
    found = (
        f"In {run.title}, {shown.epochs:.4g} epochs of batches of {shown.batch} out of {shown.rows} points are run "
        f"({training.steps} steps)."
    )
    mistake = _mistake(training, shown, asked)
    if mistake:
        hint = f"Run {asked}, which makes {asked.steps} steps.{_short_epochs(training, asked)}"
        return failed(found, hint, mistake=mistake)
    return passed(found, remarks=_remarks(training, shown, asked))


def _short_epochs(training: Training, asked: Schedule) -> str:
    """Return what may be the matter where as many epochs as asked for, of fewer batches each, make these steps."""
    each, more = divmod(training.steps, asked.epochs)
    if more or not 1 < each < asked.steps // asked.epochs:
        return ""
    return f" If your loop makes {asked.epochs} epochs, each has {each} steps only, and leaves points out."


def _by_steps(run: Run, asked: Schedule) -> Verdict:
    """Return the verdict where only the number of steps is known."""
    steps = run.training.steps
    if abs(steps - asked.steps) <= asked.steps / asked.epochs or steps == asked.whole_batches:
        remark = "Judged by the number of steps: the batches themselves could not be seen."
        return passed(f"In {run.title}, {steps} steps are taken.", remarks=(remark,))
    found = f"In {run.title}, {steps} steps are taken; {asked} make {asked.steps}."
    return failed(found, f"Run {asked}.", mistake="steps")


def _shown(training: Training, asked: Schedule, *, fresh: bool) -> Shown:
    """Return what was shown; rows that random sampling has not reached yet count as there."""
    sizes = training.batch_sizes[training.batch_sizes > 0]
    values, counts = np.unique(sizes, return_counts=True)
    rows = asked.rows if fresh else len(training.rows) or asked.rows
    drops = training.steps == asked.whole_batches
    once = _each_once(training, asked.rows // asked.batch * asked.batch if drops else rows)
    # Rows are only listed for the first passes: sampling at random reaches the last of them late.
    rows = asked.rows if not once and 0.8 * asked.rows < rows < asked.rows else rows
    total = float(sizes.mean()) * len(training.batch_sizes)
    return Shown(total / rows, int(values[counts.argmax()]), rows, once)


def _each_once(training: Training, rows: int) -> bool:
    """Return whether no row comes twice within any of the first epochs, of so many `rows` each."""
    ids = np.concatenate(training.row_ids) if training.row_ids else np.empty(0, dtype=np.int64)
    epochs = len(ids) // rows
    sorted_ids = np.sort(ids[: epochs * rows].reshape(epochs, rows), axis=1)
    return bool((np.diff(sorted_ids, axis=1) != 0).all())


def _mistake(training: Training, shown: Shown, asked: Schedule) -> str:
    """Return the name of what differs, or ''."""
    if shown.rows != asked.rows:
        return "other_rows"
    if shown.batch != asked.batch:
        return "full_batch" if shown.batch == shown.rows else "other_batch"
    if abs(shown.epochs - asked.epochs) > 1.001 and training.steps != asked.whole_batches:
        return "iterations" if training.steps == asked.epochs else "other_epochs"
    return ""


def _remarks(training: Training, shown: Shown, asked: Schedule) -> tuple[str, ...]:
    """Return what costs nothing but is worth knowing."""
    remarks = []
    if training.steps == asked.whole_batches < asked.steps:
        remarks.append("The last, smaller batch of every epoch is left out.")
    elif abs(shown.epochs - asked.epochs) > 1e-3:
        remarks.append(f"{shown.epochs:.5g} epochs instead of {asked.epochs}.")
    if not shown.once:
        remarks.append("Points are drawn anew for every batch; cyclic SGD shows each point once in every epoch.")
    elif _same_order(training, ceil(asked.rows / asked.batch)):
        remarks.append("The batches are the same in every epoch; shuffled SGD takes them in a new order each time.")
    return tuple(remarks)


def _same_order(training: Training, period: int) -> bool:
    """Return whether the same batches come again in every epoch."""
    prints = training.fingerprints
    return len(prints) > period and bool(np.mean(prints[period:] == prints[:-period]) > 0.9)
