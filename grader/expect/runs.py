"""The trainings of a submission, as the checks of training see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from grader.expect.labels import Labels, labels_of
from grader.expect.perceptron import Reading, agree, chain_of, read, readings
from grader.expect.shares import apart
from grader.observed import FloatArray, Pass, Training
from grader.records import FileRun
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
    understood: dict[tuple[tuple[int, ...], str], tuple[Reading, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    """How its parameters may make a network, by the widths and the activation asked for, once that was asked."""

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

    @cached_property
    def labels(self) -> Labels:
        """Return the labels that its gradients tell of."""
        return labels_of(self.training)


def runs_of(student: Student) -> tuple[Run, ...]:
    """Return every training with at least one step, over all files, without what contradicts itself."""
    return _runs(_Same(student.files))


@dataclass(frozen=True, eq=False)
class _Same:
    """The files of one submission, equal to themselves only: their arrays are not compared."""

    files: tuple[FileRun, ...]

    def __hash__(self) -> int:
        """Return a number that goes with the object."""
        return id(self.files)

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same object."""
        return isinstance(other, _Same) and self.files is other.files


@lru_cache(maxsize=4)  # every claim about training asks again, and finding the labels takes most of its time
def _runs(same: _Same) -> tuple[Run, ...]:
    """Return the trainings of these files."""
    seen = [
        (number, file.name, training)
        for number, file in enumerate(same.files)
        for training in apart([_whole(each) for each in file.trainings if each.steps > 0 and _is_sound(each)])
    ]
    return tuple(
        Run(training, number, name, place, len(seen)) for place, (number, name, training) in enumerate(seen, 1)
    )


def _is_sound(training: Training) -> bool:
    """Return whether a record of a training fits together; a record is testimony, and could be made up."""
    shapes = [[array.shape for array in arrays] for arrays in (training.initial, training.final) if arrays]
    same = len(shapes) > 0 and shapes[0] == shapes[-1]
    sizes, prints = training.batch_sizes, training.fingerprints
    listed = sizes.ndim == 1 and prints.ndim == 1 and not (sizes < 0).any()
    ids = all(each.ndim == 1 for each in training.row_ids)
    return bool(same and listed and ids and training.rows.ndim == 2)


def _whole(training: Training) -> Training:
    """Return a training without passes whose parts do not fit together."""
    return replace(training, passes=tuple(filter(_is_whole, training.passes)))


def _is_whole(seen: Pass) -> bool:
    """Return whether the parts of a pass have one number of rows."""
    parts = [part for part in (seen.inputs, seen.outputs, seen.output_gradient) if part is not None]
    return all(part.ndim == 2 and part.size and len(part) == len(parts[0]) for part in parts)


def candidates(shapes: tuple[tuple[int, ...], ...], widths: tuple[int, ...], activation: str) -> tuple[Reading, ...]:
    """Return readings with the widths asked for, or, where there are none, with the widths that are there."""
    asked = readings(shapes, widths, activation)
    own = chain_of(shapes, widths[0])
    return asked or (readings(shapes, own, activation) if own else ())


def readings_of(run: Run, widths: tuple[int, ...], activation: str) -> tuple[Reading, ...]:
    """Return how the run's parameters may make a network, the likeliest first.

    That is one reading if the first answers were seen and understood, none if they were not understood, and every
    reading that fits the shapes if no answers were seen.
    """
    known = (widths, activation)
    if known not in run.understood:  # every claim about a training asks again
        run.understood[known] = _readings_of(run, widths, activation)
    return run.understood[known]


def _readings_of(run: Run, widths: tuple[int, ...], activation: str) -> tuple[Reading, ...]:
    ways = candidates(run.shapes, widths, activation)
    seen = run.first_answers()
    if seen is None or not ways or seen[0].shape[1] != ways[0].widths[0]:
        return ways
    understood = read(ways, run.training.initial, *seen)
    return (_by_end(run, understood, ways, seen),) if understood else ()


def _by_end(run: Run, first: Reading, ways: Sequence[Reading], seen: tuple[FloatArray, FloatArray]) -> Reading:
    """Return the reading that the answers at the end speak for, of those that explain the answers at the start.

    Biases that all start at one value tell nothing of their order until they have moved.
    """
    x, answers = seen
    others = [replace(way, hidden=first.hidden, last=first.last) for way in ways]
    near = [way for way in others if way != first and agree(way(run.training.initial, x[:4]), answers[:4])]
    alike = [first, *(way for way in near if agree(way(run.training.initial, x), answers))]
    late = _last_answers(run, x.shape[1], answers.shape[1])
    if len(alike) < 2 or run.diverged or late is None:
        return first
    inputs, outputs = late
    off = [float(np.abs(way(run.training.final, inputs) - outputs).sum()) for way in alike]
    best = int(np.argmin(off))
    return alike[best] if off[best] < off[0] / 5 else first


def _last_answers(run: Run, features: int, outputs: int) -> tuple[FloatArray, FloatArray] | None:
    """Return inputs and outputs of the last pass that has so many of them."""
    passes = run.training.passes
    seen = [(one.inputs, one.outputs) for one in passes if one.inputs is not None and one.outputs is not None]
    fitting = [(x, y) for x, y in seen if (x.shape[1:], y.shape[1:]) == ((features,), (outputs,))]
    return fitting[-1] if fitting else None
