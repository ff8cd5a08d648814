"""`Handmade`: a network written by hand gives the declared loss, and its guess is the most probable class.

Parts: `loss` is compared with the declared network carrying the student's own parameters. `guess` is judged against the
student's own loss: for a cross entropy the most probable class is the label under which the loss is smallest, so a loss
that is wrong costs its own points only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.errors import Absent
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.handmade.entrance import CLOSE, CLOSE_SINGLE, enter
from grader.expect.handmade.room import Plan, Room, Unclear, image
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.sentences import number, shown
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Verdict
from grader.student import Student

SAMPLES = 4


class Handmade(Expectation):
    """A function gives the loss and the guess of one sample, by parameters that stand under global names."""

    parts = ("loss", "guess")

    def __init__(
        self,
        widths: Sequence[int],
        loss: Callable[..., float],
        *,
        names: Sequence[str],
        shapes: Sequence[tuple[int, ...]] = (),
    ) -> None:
        """Declare the network. The reference itself keeps its parameters in the lists `weights` and `biases`.

        Args:
            widths: from inputs to outputs.
            loss: loss(weights, biases, x, y) of lists of (outputs, inputs) and (outputs,), a flat sample, a label.
            names: of the function that returns (loss, guess) of one sample and its label, the given one first.
            shapes: in which a sample may be handed over, besides (n,), (1, n) and (n, 1).
        """
        super().__init__()
        inputs = widths[0]
        forms = (*shapes, (inputs,), (1, inputs), (inputs, 1))
        self.plan = Plan(tuple(widths), loss, forms, tuple(names))
        self.names = tuple(names)

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the function with another loss, or with another guess, beside what the reference has right."""
        wrong = "wrong(weights, biases, sample.ravel()"
        answer = f"right(sample, y)[0], {wrong})" if known.part == "guess" else f"{wrong}, y), right(sample, y)[1]"
        return (f"right = {self.names[0]}\ndef {self.names[0]}(sample, y):\n    return {answer}",)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the loss, or the guess, is right."""
        try:
            room = enter(student, self.plan, ask)
        except Unclear as unclear:
            return pending(str(unclear), staff="The arrays could not be read as the network.")
        if room.forward is None:
            raise Absent(f"a function `{self.names[0]}`")
        return self._guess(room, ask) if ask.part == "guess" else self._loss(room, ask)

    def _loss(self, room: Room, ask: Ask) -> Verdict:
        """Return whether the loss is the declared one, for several samples."""
        cases = _cases(room, ask)
        theirs = np.array([room.loss(x, y) for x, y in cases])
        true = np.array([room.true_loss(x, y) for x, y in cases])
        remarks = (room.reading.told(), *room.remarks)
        if _same(theirs, true, room):
            return passed(
                f"`{room.title}` gives the loss of a {room.plan.title} network; {room.manner.told()}.",
                remarks=remarks,
            )
        found = _wrong(room, theirs)

        def made(known: Mistake) -> bool:
            said = np.array([known.answer(*room.layers(), room.inside(x), y) for x, y in cases], dtype=np.float64)
            return _same(theirs, said, room)

        known = repeated((each for each in self.mistakes if each.shows("loss")), made)
        if known:
            return verdict_on(known, ask, found, remarks=remarks)
        return failed(found + _factor(theirs, true), "Check each layer by hand for one sample.", remarks=remarks)

    def _guess(self, room: Room, ask: Ask) -> Verdict:
        """Return whether the guess is the one-hot vector of the class with the smallest loss."""
        wrong: list[tuple[list[float], NDArray[np.generic]]] = []
        for x, y in _cases(room, ask)[:2]:
            losses = [room.loss(x, label) for label in range(room.plan.classes)]
            answer = room.answer(x, y)
            guess = room.guess_of(answer)
            if guess is None:
                return failed(
                    f"`{room.title}` returned {shown(answer)}; beside the loss, a one-hot guess was expected.",
                    f"Return (loss, guess), the guess a vector of {room.plan.classes} entries.",
                )
            if not np.isfinite(losses).all():
                return pending(f"`{room.title}` gives losses that are not finite, so the best class cannot be told.")
            if not _points_to(guess, int(np.argmin(losses))):
                wrong.append((losses, guess))
        if not wrong:
            return passed("The guess is the class under which your own loss is smallest.", remarks=room.remarks)
        return _wrong_guess(room, *wrong[0])


def _cases(room: Room, ask: Ask) -> list[tuple[FloatArray, int]]:
    """Return samples with labels that differ from the one the room was entered with."""
    rng = np.random.default_rng((*ask.seed, SAMPLES))
    return [(image(rng, room.plan.widths[0]), int(rng.integers(room.plan.classes))) for _ in range(SAMPLES)]


def _same(theirs: FloatArray, true: FloatArray, room: Room) -> bool:
    return bool(np.allclose(theirs, true, rtol=CLOSE_SINGLE if room.single else 10 * CLOSE, atol=1e-7))


def _wrong(room: Room, theirs: FloatArray) -> str:
    losses = ", ".join(number(float(loss)) for loss in theirs)
    return (
        f"`{room.title}` does not give the cross entropy of a {room.plan.title} network with your own weights: "
        f"it answered {losses} for {len(theirs)} samples."
    )


def _factor(theirs: FloatArray, true: FloatArray) -> str:
    with np.errstate(all="ignore"):
        ratios = theirs / true
    if np.isfinite(ratios).all() and np.allclose(ratios, ratios[0], rtol=1e-5):
        return f" Every answer is {number(float(ratios[0]))} times what it should be."
    return ""


def _points_to(guess: NDArray[np.generic], label: int) -> bool:
    """Return whether a guess is the one-hot vector of a label, or the label itself."""
    if guess.size == 1:
        return int(guess[0]) == label
    return bool(np.array_equal(np.flatnonzero(guess), [label]) and float(guess[label]) == 1.0)


def _wrong_guess(room: Room, losses: Sequence[float], guess: NDArray[np.generic]) -> Verdict:
    numbers, label = guess.astype(np.float64), int(np.argmin(losses))
    if numbers.size > 1 and int(np.argmax(numbers)) == label:
        return failed(
            f"The guess of `{room.title}` has its largest entry in the right place, but is not one-hot: "
            f"{np.count_nonzero(numbers)} entries are not 0.",
            "Set the entry of the most probable class to 1 and all others to 0.",
            mistake="not_one_hot",
        )
    if _points_to(guess, int(np.argmax(losses))):
        return failed("The guess is the least probable class.", mistake="least_probable")
    return failed(
        f"The guess of `{room.title}` is not the class under which its own loss is smallest.",
        "Take the class with the largest probability.",
    )
