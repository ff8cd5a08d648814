"""The trainings of a submission, as the checks of training see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grader.expect.labels import Target, labels_of
from grader.expect.perceptron import Reading, chain_of, read, readings
from grader.records import FloatArray, Training
from grader.student import Handle, Student


@dataclass(frozen=True)
class Run:
    """One training, and where it was seen."""

    training: Training
    file: int
    file_name: str
    place: int
    """Counts the submission's trainings from 1."""
    total: int = 1
    """How many trainings the submission has."""

    @property
    def handle(self) -> Handle | None:
        """Return the model's handle, if it is a module."""
        return Handle(self.training.model, self.file) if self.training.model else None

    @property
    def title(self) -> str:
        """Return 'training 2 of 3 (MLP, 4000 steps, in hw3.ipynb)'."""
        which = f"training {self.place} of {self.total}" if self.total > 1 else "the training"
        return f"{which} ({self.training.kind[:60]}, {self.training.steps} steps, in {self.file_name})"

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of the parameters."""
        return tuple(array.shape for array in self.training.initial or self.training.final)

    @property
    def diverged(self) -> bool:
        """Return whether the parameters ended as anything but finite numbers."""
        return not all(np.isfinite(array).all() for array in self.training.final)

    def first_answers(self) -> tuple[FloatArray, FloatArray] | None:
        """Return inputs (rows, features) and outputs of the first pass, which the initial parameters gave."""
        for seen in self.training.passes:
            if seen.step == 0 and seen.inputs is not None and seen.outputs is not None and self.training.initial:
                rows = len(seen.inputs)
                whole = rows and not seen.outputs.size % rows
                return (seen.inputs.reshape(rows, -1), seen.outputs.reshape(rows, -1)) if whole else None
        return None

    def kind(self, target: Target) -> str:
        """Return 'clean', 'noisy', 'other' or 'unknown', by the labels that were seen."""
        return labels_of(self.training).kind(target)


def runs_of(student: Student) -> tuple[Run, ...]:
    """Return every training with at least one step, over all files."""
    seen = [
        (number, file.name, training)
        for number, file in enumerate(student.files)
        for training in file.trainings
        if training.steps > 0
    ]
    return tuple(
        Run(training, number, name, place, len(seen)) for place, (number, name, training) in enumerate(seen, 1)
    )


def candidates(shapes: tuple[tuple[int, ...], ...], widths: tuple[int, ...], activation: str) -> tuple[Reading, ...]:
    """Return readings with the widths asked for, or, where there are none, with the widths that are there."""
    asked = readings(shapes, widths, activation)
    own = chain_of(shapes, widths[0])
    return asked or (readings(shapes, own, activation) if own else ())


def reading_of(run: Run, widths: tuple[int, ...], activation: str) -> Reading | None:
    """Return how the run's parameters make a network: by its first answers, else the natural way; None if no way."""
    ways = candidates(run.shapes, widths, activation)
    seen = run.first_answers()
    if seen is None or not ways or seen[0].shape[1] != ways[0].widths[0]:
        return ways[0] if ways else None
    return read(ways, run.training.initial, *seen)
