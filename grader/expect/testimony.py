"""What speaks against a recorded training: a record comes from the student's own process and may be made up.

Theory of operation. A record is checked against what its author cannot choose freely. The time: a step of torch takes
a while, and the computing time of the file was measured from outside. The numbers: where the network is one that our
own perceptron can compute, the first steps are taken again from the recorded start, with the recorded inputs and
derivatives of the loss, and must lead to the outputs that were recorded next. The sample: of a long training the
recorder keeps steps from all over. The text: some line must train. Bounds are far on the safe side, and whatever cannot
be computed here speaks against nobody. A doubt never fails a claim: it leaves it to a person. Who does in NumPy all
that a training does can still say that torch did it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise, takewhile

import numpy as np

from grader.errors import StudentFailure
from grader.expect.behaviour import live_answers, still
from grader.expect.perceptron import ACTIVATIONS, Reading, read
from grader.expect.runs import Run, candidates, readings_of, runs_of
from grader.expect.verdicts import pending
from grader.observed import FloatArray, Pass, Training
from grader.records import FileRun, Verdict
from grader.student import Student

SECONDS_A_STEP, SECONDS_A_PARAMETER = 25e-6, 10e-6
"""Less than a step of torch takes: of one number and no module four times as long, of three layers six times."""

LONG, SAMPLE = 1000, 8
"""Steps from which on so many are seen in detail in the second half; the recorder keeps 32 or more."""

TRAINS = re.compile(r"backward|grad|optim|step|fit|train|learn|solve|run", re.IGNORECASE)
"""One of these words is in every program that trains, or calls somebody else's that does."""

STEPS = 6
"""How many of the first steps are taken again."""

_NUDGE = 1e-6
Arrays = Sequence[FloatArray]


def believed(
    verdict: Verdict, student: Student, run: Run, widths: tuple[int, ...], activation: str, *, by_steps: bool = False
) -> Verdict:
    """Return the verdict; where it gives points for a record that something speaks against, leave it to a person.

    What is judged `by_steps` needs some that were seen in detail: the recorder always keeps the first ones.
    """
    reasons = list(doubts(student, run, widths, activation)) if verdict.fraction else []
    if verdict.fraction and by_steps and run.training.batch_sizes.size and not run.training.passes:
        reasons.append("None of its steps is there in detail.")
    if not reasons:
        return verdict
    found = f"What was recorded of {run.title} does not fit together, so a person has to look."
    staff = "\n".join((*reasons, f"By the record alone: {verdict.found}"))
    return replace(pending(found), staff=staff)


def exchanged(student: Student, run: Run) -> bool:
    """Return whether a model now holds other parameters than the last training that was recorded of it left in it.

    The best epoch may have been kept, or weights been averaged; or they were never trained here.
    """
    ends = [other.training.final for other in runs_of(student) if run.handle and other.handle == run.handle]
    if run.handle is None or not ends or not ends[-1]:
        return False
    try:
        now = student.parameters(run.handle)
    except StudentFailure:  # too large to cross, say: no right network is wrong for it, and the record has to do
        return True
    alike = [array.shape for array in now] == [array.shape for array in ends[-1]]
    pairs = zip(now, ends[-1], strict=True) if alike else ()
    return any(not np.allclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True) for one, other in pairs)


@np.errstate(all="ignore")
def doubts(student: Student, run: Run, widths: tuple[int, ...], activation: str) -> Iterator[str]:
    """Yield what speaks against the record of a run, a sentence for staff each."""
    yield from _of_file(student.files[run.file])
    if student.files[run.file].usage.cpu and not _sampled(run.training):
        yield "Hardly any of the later steps is there in detail, though the recorder keeps an even sample."
    if run.first_answers() is None:
        return
    ways = readings_of(run, widths, activation)
    if ways:
        yield from _first_steps(run, ways[0])
    elif _is_plain(student, run, candidates(run.shapes, widths, activation)):
        yield "Its first parameters do not give the outputs that were recorded at its first step."


def _of_file(file: FileRun) -> Iterator[str]:
    """Yield what speaks against all that is recorded of a file."""
    steps, spent = sum(training.steps for training in file.trainings), file.usage.cpu_student
    if file.usage.cpu and spent < sum(map(_seconds, file.trainings)):
        yield f"{steps} steps are recorded, but its cells computed for {spent:.2f} s only."
    if file.cells and not any(TRAINS.search(cell.source) for cell in file.cells):
        yield "No word in its cells speaks of training."


def _sampled(training: Training) -> bool:
    """Return whether some of the later steps of a long training are there in detail."""
    return training.steps < LONG or sum(seen.step >= training.steps / 2 for seen in training.passes) >= SAMPLE


def _seconds(training: Training) -> float:
    """Return in what time no torch makes the steps of a training."""
    return training.steps * (SECONDS_A_STEP + SECONDS_A_PARAMETER * len(training.final))


def _first_steps(run: Run, reading: Reading) -> Iterator[str]:
    """Yield that the first steps do not lead from the recorded start to the outputs that were recorded."""
    arrays: Arrays = run.training.initial
    together = [seen for place, seen in enumerate(run.training.passes[:STEPS]) if seen.step == place]
    for seen, then in pairwise(takewhile(partial(_whole, reading), together)):
        steady = then.loss <= 1000 * run.training.passes[0].loss  # where it explodes, so does what rounding did
        if seen.rate is None or not (then.clean and steady and _one_pass_a_step(run)):
            return
        arrays = _moved(arrays, gradient(reading, arrays, seen), -seen.rate)
        if not _explains(reading, arrays, then, run.training.initial):
            yield f"Step {seen.step}, taken again, does not lead to the outputs recorded after it."
            return


def _is_plain(student: Student, run: Run, ways: Sequence[Reading]) -> bool:
    """Return whether the live network of a run is a perceptron that we understand."""
    if run.handle is None or not ways:
        return False
    x = np.linspace(-2, 2, 24 * ways[0].widths[0]).reshape(24, -1)
    still(student, run.handle)
    answers = live_answers(student, run.handle, x)
    return answers is not None and read(ways, student.parameters(run.handle), x, answers) is not None


def _one_pass_a_step(run: Run) -> bool:
    """Return whether each step follows one backward pass."""
    return len(run.training.batch_sizes) == run.training.steps


def _whole(reading: Reading, seen: Pass) -> bool:
    """Return whether all of a pass was seen, in finite numbers, as many as this network takes and gives."""
    if seen.inputs is None or seen.outputs is None or seen.output_gradient is None:
        return False
    n_in, n_out = reading.widths[0], reading.widths[-1]
    rows = len(seen.inputs)
    fits = seen.inputs.size == rows * n_in and seen.outputs.size == seen.output_gradient.size == rows * n_out
    return fits and all(np.isfinite(part).all() for part in (seen.inputs, seen.outputs, seen.output_gradient))


def _explains(reading: Reading, arrays: Arrays, seen: Pass, known: Arrays) -> bool:
    """Return whether parameters give the outputs of a pass; by how much they moved from `known` ones is not exact."""
    assert seen.inputs is not None and seen.outputs is not None
    found = reading(arrays, seen.inputs)
    moved = np.max(np.abs(found - reading(known, seen.inputs)), initial=0.0)
    off = np.max(np.abs(found - seen.outputs.reshape(found.shape)), initial=0.0)
    return bool(off <= _tolerance(seen) + 0.02 * moved) or not np.isfinite(off)


def _tolerance(seen: Pass) -> float:
    """Return by how much outputs may differ in single precision, generously."""
    return 2e-3 * (1 + float(np.sqrt(np.mean(np.square(seen.outputs if seen.outputs is not None else 0.0)))))


def _moved(arrays: Arrays, slopes: Arrays, rate: float) -> list[FloatArray]:
    """Return parameters after a step of this size along `slopes`."""
    return [array + rate * slope for array, slope in zip(arrays, slopes, strict=True)]


def gradient(reading: Reading, arrays: Arrays, seen: Pass) -> list[FloatArray]:
    """Return the derivative of a pass's loss by every parameter, from its inputs and its derivative by the outputs."""
    assert seen.inputs is not None and seen.output_gradient is not None
    slopes = [np.zeros(np.shape(array)) for array in arrays]
    weights = [_weight(reading, arrays, layer) for layer in range(len(reading.slots))]
    given, before = _forward(reading, arrays, weights, np.asarray(seen.inputs, dtype=np.float64))
    flow = np.asarray(seen.output_gradient, dtype=np.float64).reshape(before[-1].shape)
    for layer, name in reversed(list(enumerate((*reading.hidden, reading.last)))):
        slot, act, z = reading.slots[layer], ACTIVATIONS[name], before[layer]
        flow = flow * (act(z + _NUDGE) - act(z - _NUDGE)) / (2 * _NUDGE)
        by_weight = given[layer].T @ flow
        slopes[slot.weight] = (by_weight if slot.transposed else by_weight.T).reshape(arrays[slot.weight].shape)
        if slot.bias is not None:
            slopes[slot.bias] = flow.sum(axis=0).reshape(arrays[slot.bias].shape)
        flow = flow @ weights[layer].T
    return slopes


def _forward(
    reading: Reading, arrays: Arrays, weights: Arrays, x: FloatArray
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Return what each layer is given, (rows, in), and what it makes of it before its activation, (rows, out)."""
    value, given, before = x.reshape(-1, reading.widths[0]), [], []
    for slot, weight, name in zip(reading.slots, weights, (*reading.hidden, reading.last), strict=True):
        given.append(value)
        before.append(value @ weight + (0.0 if slot.bias is None else arrays[slot.bias].reshape(-1)))
        value = ACTIVATIONS[name](before[-1])
    return given, before


def _weight(reading: Reading, arrays: Arrays, layer: int) -> FloatArray:
    """Return the weights of a layer, (in, out)."""
    slot, n_in, n_out = reading.slots[layer], reading.widths[layer], reading.widths[layer + 1]
    return arrays[slot.weight].reshape(n_in, n_out) if slot.transposed else arrays[slot.weight].reshape(n_out, n_in).T
