"""Entering a student's handwritten network: which arrays are its parameters, and how its functions are asked.

Theory of operation. All arrays whose shape could be a parameter's are filled with numbers drawn by us: then every unit
is in its middle range whatever training has done, and nobody could foresee the numbers. The loss is asked for one
sample in several manners. An array is a parameter if the loss moves with it; gradients that are kept in globals, copies
of the best weights and activations of the last pass fall away by that. What shapes leave open (which way a square layer
is turned, which of two biases comes first, what is done to the sample inside) is taken from the reading under which the
declared network gives the same loss; where none does, the network computes something else, and the most natural reading
stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from grader.errors import Absent, Raised, StudentFailure, Unusable
from grader.expect.expectation import Ask
from grader.expect.handmade.manner import CALL, Callee, Manner, callee, loss_in, manners, pieces
from grader.expect.handmade.roles import Reading, candidates, readings, tabled
from grader.expect.handmade.room import INSIDE, Plan, Room, Unclear, image, said, spread
from grader.expect.search import Taken, Wanted, search
from grader.observed import FloatArray
from grader.scatter import scattered
from grader.student import Handle, Seen, Student

VALID = 2
"""Manners that give a loss, for labels of one form, of which the one that is meant is chosen."""
PROBES = 2
"""Samples whose losses tell what is meant; by one alone, one in some hundred readings is right by chance."""
MOST_ARRAYS = 40
Probes: TypeAlias = Sequence[tuple[FloatArray, int]]
Losses: TypeAlias = Sequence[tuple[Manner, tuple[float, ...]]]
"""The losses of the probes, for each manner of asking."""
CLOSE, CLOSE_SINGLE = 1e-6, 1e-4
"""How nearly losses agree that are the same, relative to their size."""


@dataclass(frozen=True)
class Way:
    """A manner of asking with a reading of the arrays, and how far the declared network is from it."""

    error: float
    manner: Manner
    reading: Reading
    inner: str


def enter(student: Student, plan: Plan, ask: Ask, *, anyway: bool = False, started: bool = False) -> Room:
    """Return a student's network as it is to be understood. Raises `Unclear`, or `Absent` where nothing is there.

    `anyway` goes on as without a loss function where there is one that raises, or returns no number. `started` says
    that something else shows an attempt at this network.
    """
    seen = candidates(student.arrays(), plan.widths)[:MOST_ARRAYS]
    forward = _found(student, plan, ask, seen)
    seen = _complete(student, plan, seen, forward, started=started)
    rng = ask.rng()
    arrays = {each.handle: _filled(student, each, int(rng.integers(2**63))) for each in seen}
    single = any(not exact for _, exact in arrays.values())
    known = {handle: array for handle, (array, _) in arrays.items()}
    probes = [(image(rng, plan.widths[0]), int(rng.integers(1, plan.classes))) for _ in range(PROBES)]
    ways = manners((*student.survey(), *seen), plan.shapes, plan.classes, single=single)
    losses = _losses(student, plan, forward, ways, probes, anyway=anyway) if forward else []
    if forward is None or not losses:
        possible = readings(_preferred(seen, plan), plan.widths)
        if possible[0].flat:
            raise Unclear(_one_vector(possible[0]))
        return Room(student, plan, None, ways[0], tuple(ways), possible[0], "", False, single, known, ())

    close = CLOSE_SINGLE if single else CLOSE
    meant = _best(plan, losses, readings(seen, plan.widths), known, probes, close).manner
    losses = [each for each in losses if each[0] == meant]
    live = _live(student, forward, seen, (meant, losses[0][1][0]), plan, *probes[0])
    possible = readings(live, plan.widths) or (readings(seen, plan.widths) if live else [])
    if not possible:
        raise Unclear(_unused(plan, forward, seen))
    best = _best(plan, losses, possible, known, probes, close)
    if best.reading.flat and best.error > close:
        raise Unclear(_one_vector(best.reading))
    remarks = tuple(each for each in (forward.taken.remark, _inner_told(best.inner)) if each)
    rest = tuple(each for each in ways if each != best.manner)
    return Room(student, plan, forward, best.manner, (best.manner, *rest), best.reading, best.inner,
                best.error <= close, single, known, remarks)  # fmt: skip


def _found(student: Student, plan: Plan, ask: Ask, seen: Sequence[Seen]) -> Callee | None:
    """Return the function that gives a sample's loss, or None."""
    wanted = Wanted(plan.names, CALL, others=ask.others)
    try:
        return callee(search(student, wanted, _never)[0], roots(seen), steps=False)
    except Absent:
        return None


def _never(_: Taken) -> bool:
    """Return that no function is tried out: one that trains would change what it is asked about."""
    return False


def roots(seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return the global names under which these arrays stand."""
    return tuple(dict.fromkeys(each.handle.name.partition("[")[0].partition(".")[0] for each in seen))


def _complete(
    student: Student, plan: Plan, seen: Sequence[Seen], forward: Callee | None, *, started: bool
) -> list[Seen]:
    """Return the arrays of the file that has a whole network. Raises `Unclear`, or `Absent` where nothing is there.

    What another problem left behind has some array of such a shape, too: a batch of images, counts of ten classes.
    Without a whole network there has to be a function that somebody has begun, if this is to be an attempt.
    """
    files = list(dict.fromkeys(each.handle.file for each in seen))
    if forward is not None and isinstance(forward.taken.what, Handle):
        files = [forward.taken.what.file]
    for file in files:
        own = tabled([each for each in seen if each.handle.file == file], plan.widths)
        if readings(own, plan.widths):
            return own
    begun = forward is not None and not _of_framework(student, forward) and not _unfilled(student, plan, forward)
    if not begun and not started:
        raise Absent(f"the weights and biases of a {plan.title} network")
    raise Unclear(_seen_instead(plan, student.arrays()))


def _of_framework(student: Student, forward: Callee) -> bool:
    """Tell whether a function is the method of a model that some framework trains."""
    owner, _, method = forward.taken.title.partition(".")
    kind = re.compile(rf"\bclass\s+{re.escape(owner)}\s*\([^()]{{0,200}}?\b(?:Module|Model|Sequential)\b")
    return bool(method) and any(kind.search(cell.source) for file in student.files for cell in file.cells)


def _unfilled(student: Student, plan: Plan, forward: Callee) -> bool:
    """Tell whether a function is as it was handed out: it returns nothing, or says that it is not written."""
    manner = Manner(plan.shapes[0])
    try:
        answer = said(student, forward, manner, np.zeros(plan.widths[0]), 1, plan.classes)
    except Raised as raised:
        return raised.kind in ("NotImplementedError", "NameError")
    except Unusable:
        return False
    return not list(pieces(answer))


def _seen_instead(plan: Plan, seen: Sequence[Seen]) -> str:
    told = ", ".join(f"`{each.handle.name[:40]}` {each.shape}" for each in seen[:12]) or "none"
    return (
        f"No arrays that could be all weights and biases of a {plan.title} network stand under global names. "
        f"Arrays seen: {told}."
    )


def _preferred(seen: Sequence[Seen], plan: Plan) -> list[Seen]:
    """Return the first array for each parameter, as no loss can tell which ones are in use."""
    found: list[Seen] = []
    for each in seen:
        if not readings([*found, each], plan.widths) and readings(found, plan.widths):
            break
        found.append(each)
    return found


def _filled(student: Student, seen: Seen, seed: int) -> tuple[FloatArray, bool]:
    """Scatter numbers over an array; return what stands in it then, and whether it holds double precision."""
    reach = spread(seen.shape)
    try:
        if student.fill(seen.handle, seed, reach):
            return scattered(seed, reach, seen.shape), True
    except Unusable:
        pass
    told = student.changes(seen.handle)
    found = np.zeros(told.shape)
    found.flat[told.places] = told.now
    return found, False


def _losses(
    student: Student, plan: Plan, forward: Callee, ways: Sequence[Manner], probes: Probes, *, anyway: bool
) -> Losses:
    """Return the first manners in which the function gives a loss; raises what it raised where there is none."""
    found: list[tuple[Manner, tuple[float, ...]]] = []
    failures: list[StudentFailure] = []
    for manner in ways:
        if sum(each.label == manner.label for each, _ in found) == VALID:
            continue
        try:
            answers = [said(student, forward, manner, x, y, plan.classes) for x, y in probes]
        except (Raised, Unusable) as failure:
            failures.append(failure)
            continue
        losses = [loss_in(answer) for answer in answers]
        told = tuple(loss for loss in losses if loss is not None)
        if len(told) == len(losses):
            found.append((manner, told))
    if found or anyway:
        return found
    if len(failures) == len(ways):
        raise failures[0]
    return [(ways[0], (np.nan,) * len(probes))]


def _live(
    student: Student,
    forward: Callee,
    seen: Sequence[Seen],
    at: tuple[Manner, float],
    plan: Plan,
    x: FloatArray,
    y: int,
) -> list[Seen]:
    """Return the arrays with which the loss moves; all of them if it is not to be had."""
    manner, loss = at
    if not np.isfinite(loss):
        return list(seen)
    found = []
    for each in seen:
        along = [np.full(length, 1 / np.sqrt(length)) for length in each.shape]
        along[0] = along[0] * (1 + np.arange(each.shape[0]) / each.shape[0])  # an even shift of all logits is no move
        along[-1] = along[-1] * (1 + np.arange(each.shape[-1]) / each.shape[-1])
        try:
            student.move(each.handle, along, 0.5)
        except StudentFailure:
            continue
        moved = loss_in(said(student, forward, manner, x, y, plan.classes))
        student.move(each.handle, along, -0.5)
        if moved is None or moved != loss:
            found.append(each)
    return found


def _best(
    plan: Plan,
    losses: Losses,
    possible: Sequence[Reading],
    arrays: dict[Handle, FloatArray],
    probes: Probes,
    close: float,
) -> Way:
    """Return the manner, the reading and the treatment of samples under which the declared losses are nearest."""
    ways = [
        Way(_error(plan, reading, arrays, [(inside(x), y) for x, y in probes], told), manner, reading, inner)
        for manner, told in losses
        for inner, inside in INSIDE.items()
        for reading in possible
    ]
    nearest = min(ways, key=lambda way: way.error)
    return nearest if nearest.error <= close else ways[0]


def _error(
    plan: Plan, reading: Reading, arrays: dict[Handle, FloatArray], probes: Probes, losses: Sequence[float]
) -> float:
    """Return how far the declared losses are from the student's, relative to their size."""
    weights, biases = reading.split([arrays[slot.handle] for slot in reading.slots])
    with np.errstate(all="ignore"):
        true = np.array([plan.loss(weights, biases, x, y) for x, y in probes], dtype=np.float64)
        error = float(np.max(np.abs(np.array(losses) - true) / np.maximum(np.abs(true), 1e-3)))
    return error if np.isfinite(error) else np.inf


def _unused(plan: Plan, forward: Callee, seen: Sequence[Seen]) -> str:
    idle = ", ".join(f"`{each.handle.name[:40]}` {each.shape}" for each in seen[:12])
    return (
        f"The loss of `{forward.taken.title}` depends on none of the arrays that could be weights and biases of a "
        f"{plan.title} network: {idle}."
    )


def _one_vector(reading: Reading) -> str:
    vector = reading.slots[0]
    return (
        f"All parameters stand in one vector, `{vector.handle.name[:40]}` {vector.shape}, "
        "and no loss tells where in it each of them is."
    )


def _inner_told(inner: str) -> str:
    return f"Inside, samples are {inner}." if inner else ""
