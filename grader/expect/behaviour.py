"""What a student's live network answers, however it wants to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from grader.errors import StudentFailure
from grader.expect.runs import Run, readings_of
from grader.expect.search import ENTRY
from grader.observed import FloatArray
from grader.student import Handle, Student, Tensor, Value

MOST_FUNCTIONS = 12
"""Functions that are asked whether they are the network."""

SINGLE = 24
"""How many rows are asked one at a time, of a network that takes no batches."""


def live_answers(
    student: Student, model: Handle, x: FloatArray, *more: Handle, forms: Sequence[tuple[int, ...]] = ()
) -> FloatArray | None:
    """Return the network's answers (rows, outputs) to inputs (rows, features), or None if no way of asking works.

    Asked as a batch of rows, then as rows of each of the `forms`, and, of a network with one input, as a plain row of
    numbers; in single, then in double precision.
    """
    for batch in _batches(x, forms):
        answers = _asked(student, model, batch, len(x), *more)
        if answers is not None:
            return answers
    return _one_by_one(student, model, x, *more) if len(x) <= SINGLE else None


def still(student: Student, model: Handle) -> None:
    """Have a module answer as it does after training: no dropout, no statistics of the batch."""
    with suppress(StudentFailure):
        student.call(Handle(f"{model.name}.eval", model.file))


def _batches(x: FloatArray, forms: Sequence[tuple[int, ...]]) -> Iterator[Tensor]:
    """Yield the ways to hand over a batch."""
    single = (x[:, 0],) if x.shape[1] == 1 else ()
    for dtype in (np.float32, np.float64):
        for rows in (x, *single, *(x.reshape(len(x), *form) for form in forms)):
            yield Tensor(rows.astype(dtype))


def _one_by_one(student: Student, model: Handle, x: FloatArray, *more: Handle) -> FloatArray | None:
    """Return the answers to one row at a time, or None."""
    for dtype in (np.float32, np.float64):
        answers = []
        for row in x:
            answer = _asked(student, model, Tensor(row.astype(dtype)), 1, *more)
            if answer is None:
                break
            answers.append(answer)
        if len(answers) == len(x):
            return np.concatenate(answers)
    return None


def _asked(student: Student, model: Handle, batch: Tensor, rows: int, *more: Handle) -> FloatArray | None:
    """Return the answer to one question as (rows, outputs), or None if it is of no use."""
    try:
        return _array(student.call(model, batch, *more), rows)
    except StudentFailure:
        return None


def _array(answer: Value, rows: int) -> FloatArray | None:
    """Return an answer as numbers (rows, outputs); of several things returned, the first that fits."""
    if isinstance(answer, (list, tuple)):
        return next((found for found in (_array(part, rows) for part in answer[:8]) if found is not None), None)
    if not isinstance(answer, (np.ndarray, float)):
        return None
    array = np.asarray(answer)
    if array.dtype.kind not in "fiu" or not array.size or array.size % rows:
        return None
    return array.astype(np.float64).reshape(rows, -1)


def function_answers(student: Student, x: FloatArray) -> Iterator[FloatArray]:
    """Yield what the student's functions of x answer; in predict(x, W, b), W and b are taken for the globals."""
    seen = student.survey()
    known = {other.handle.name: other.handle for other in seen if other.kind in ("tensor", "sequence", "mapping")}
    functions = [each for each in seen if each.kind == "function" and each.parameters and each.handle.name != ENTRY]
    for function in functions[:MOST_FUNCTIONS]:
        needed = [name for name in function.parameters[1:] if not name.endswith("=") and not name.startswith("*")]
        if all(name in known for name in needed):
            answers = live_answers(student, function.handle, x, *(known[name] for name in needed))
            if answers is not None:
                yield answers


def trained_answers(
    student: Student, run: Run, x: FloatArray, widths: tuple[int, ...], activation: str
) -> list[FloatArray]:
    """Return what the network of this run may answer (rows,) with the parameters the training ended with.

    The parameters are carried by our own network where its behaviour is understood; else the live network is asked.
    Of bare tensors whose passes were not seen, every reading is possible. Empty if nothing is known.
    """
    rows = x.reshape(len(x), -1)
    understood = run.training.final and (run.first_answers() or not run.handle)
    ways = readings_of(run, widths, activation) if understood else ()
    carried = [way(run.training.final, rows)[:, 0] for way in ways if way.widths[0] == rows.shape[1]]
    if carried:
        return carried
    live = live_answers(student, run.handle, rows) if run.handle else None
    return [] if live is None else [live[:, 0]]
