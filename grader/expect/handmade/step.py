"""`Step`: one step of training moves every parameter along minus the gradient of the student's own loss.

Theory of operation. The gradient is recovered as (before - after) / step size, twice, with two step sizes: so a step
that pays no heed to its size, or changes a layer before its old weights were needed, shows. It is right if it is the
declared gradient at the student's parameters, or if it agrees with central differences of the student's own loss along
random directions, layer by layer: whoever computes something else forward, but the right gradient of that, keeps the
points of the backward pass. Directions are outer products, one vector for each axis: they cross the wall in a few
kilobytes where the parameters take hundreds. If the gradient is wrong, it is compared with each known mistake, then
with the simple errors (a sign, a factor, a transpose), and the finding says which layers are off, and by how much.

Parts: `weights` and `biases`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.handmade.entrance import enter, roots
from grader.expect.handmade.layers import EQUAL, EQUAL_SINGLE, Gradients, Layer, distance, joined, sizes, understood
from grader.expect.handmade.manner import CALL, RATES, Callee, callee
from grader.expect.handmade.network import Handmade
from grader.expect.handmade.roles import candidates
from grader.expect.handmade.room import Room, Unclear
from grader.expect.handmade.trial import Made, Trial, trial
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.search import Wanted, bare, search
from grader.expect.sentences import number
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Verdict
from grader.student import Student
from grader.syntax import parsed


class Step(Expectation):
    """A function makes one step of gradient descent for one sample."""

    parts = ("weights", "biases")

    def __init__(self, network: Handmade, gradients: Gradients, *, names: Sequence[str]) -> None:
        """Declare the step.

        Args:
            network: whose loss it lowers.
            gradients: gradients(weights, biases, x, y) of that loss, by weights and by biases, layer by layer. A known
                mistake has a fifth argument, the step size, and returns what the step would show.
            names: of the function that takes (sample, label, step size) and changes the parameters.
        """
        super().__init__()
        self.network = network
        self.gradients = gradients
        self.names = tuple(names)

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the function that makes a step along what the wrong one takes for the gradient."""
        return (
            f"def {self.names[0]}(sample, y, learning_rate):\n"
            "    both = wrong(weights, biases, sample.ravel(), y, learning_rate)\n"
            "    for old, change in zip((*weights, *biases), (*both[0], *both[1])):\n"
            "        old -= learning_rate * change",
        )

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the step moves the weights, or the biases, along minus the gradient."""
        train = self._found(student, ask)
        try:
            given = bare(train.taken.title) == bare(self.names[0]) and _begun(student, train.taken.title)
            room = enter(student, self.network.plan, ask, anyway=True, started=given)
        except Unclear as unclear:
            return pending(str(unclear), staff="The arrays could not be read as the network.")
        with np.errstate(all="ignore"):
            return self._judged(room, train, trial(room, train, ask.seed), ask)

    def _found(self, student: Student, ask: Ask) -> Callee:
        """Return the function that makes a step. Raises `Absent`."""
        wanted = Wanted(self.names, (*CALL, RATES[0]), (0.003,), ask.others)
        taken = search(student, wanted, lambda _: False)[0]
        return callee(taken, roots(candidates(student.arrays(), self.network.plan.widths)), steps=True)

    def _judged(self, room: Room, train: Callee, seen: Trial, ask: Ask) -> Verdict:
        """Return the verdict on one part."""
        part = ask.part or "weights"
        title, remarks = (
            train.taken.title,
            (room.reading.told(), *room.remarks, *_taken(train), *_returned(train, seen)),
        )
        seen, layers = understood(self, room, seen, part)
        wrong = [each for each in layers if not each.right]
        own = _own_size(layers, seen) if wrong else None
        if own is not None:
            remarks = (*remarks, f"It pays no heed to learning_rate: its steps are made with {number(own)}.")
        if not wrong or own is not None:
            how = "the gradient of the cross entropy" if layers[0].declared else "the gradient of your own loss"
            return passed(f"`{title}` moves the {part} of every layer along minus {how}.", remarks=remarks)
        evidence = _evidence(title, part, layers, room)
        if all(made.odd for made in seen.steps):
            return _left_alone(title)
        if all(each.still for each in layers):
            return _unmoved(title, part, remarks)
        known = _known(self, room, seen, part)
        if known is not None:
            return verdict_on(known, ask, evidence, remarks=remarks)
        if room.forward is None and all(np.isfinite(joined(each.recovered)).all() for each in layers):
            return _without_loss(self.network.names[0], evidence)
        return failed(f"{_simple(layers)} {evidence}".strip(), _hint(room), remarks=remarks)


def _begun(student: Student, title: str) -> bool:
    """Tell whether a function does anything, by its source: one that was handed out to be filled in does not."""
    for cell in (cell for file in student.files for cell in file.cells):
        try:
            nodes = list(ast.walk(parsed(cell.source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if f"def {title}(" in cell.source:  # beside a line of IPython's, say: in doubt somebody began
                return True
            continue
        same = (each for each in nodes if isinstance(each, ast.FunctionDef) and each.name == title)
        lines = [line for each in same for line in each.body if not isinstance(line, ast.Raise)]
        if any(isinstance(inner, (ast.Assign, ast.AugAssign, ast.Call)) for each in lines for inner in ast.walk(each)):
            return True
    return False


# ------------------------------------------------------------------------------------------------ what is wrong


def _known(step: Step, room: Room, seen: Trial, part: str) -> Mistake | None:
    """Return the known mistake that would have made these very steps."""
    if not room.matched and room.forward is not None:
        return None
    index, equal = 0 if part == "weights" else 1, EQUAL_SINGLE if room.single else EQUAL
    both = list(zip(seen.steps, sizes(step, room, seen.steps), strict=True))
    split = [room.reading.split([raw / rate for raw in made.raws]) for made, rate in both]
    shown = joined([joined(each[index]) for each in split])

    def repeats(mistake: Mistake) -> bool:
        said = [_said(mistake, made, rate) for made, rate in both]
        return distance(shown, joined([joined(each[index]) for each in said])) <= equal

    return repeated(step.mistakes, repeats)


def _said(mistake: Mistake, made: Made, rate: float) -> tuple[Sequence[FloatArray], Sequence[FloatArray]]:
    """Return the gradients that a step with this mistake would show."""
    said: Any = mistake.answer(made.weights, made.biases, made.x, made.y, rate)
    return said[0], said[1]


def _unmoved(title: str, part: str, remarks: Sequence[str]) -> Verdict:
    """Return the verdict on a part that never moves."""
    hint = f"Subtract learning_rate times the gradient from the {part} too, in the arrays that the network uses."
    return failed(f"`{title}` leaves the {part} of every layer as they are.", hint, mistake=f"{part}_never_move",
                  remarks=remarks)  # fmt: skip


def _left_alone(title: str) -> Verdict:
    """Return the verdict on a step that changes nothing and returns something that may be meant for a change."""
    return pending(
        f"`{title}` changes no weights or biases, and what it returns is not what they are after a step. "
        "If it returns gradients or an object, whoever calls it makes the step: a person has to look."
    )


def _returned(train: Callee, seen: Trial) -> tuple[str, ...]:
    said = f"`{train.taken.title}` changes nothing: the new weights and biases that it returns were judged."
    return (said,) if any(made.new for made in seen.steps) else ()


def _without_loss(forward: str, evidence: str) -> Verdict:
    """Return the verdict on steps along another gradient, where no loss tells which one would be right."""
    return pending(f"`{forward}` gives no loss to compare the steps with; a person has to look.", staff=evidence)


def _evidence(title: str, part: str, layers: Sequence[Layer], room: Room) -> str:
    """Return which layers are off and by how much, and which are right."""
    wrong = [each for each in layers if not each.right]
    told = "; ".join(_told(each, room) for each in wrong)
    right = [str(each.number) for each in layers if each.right]
    rest = f" Right: layer{'s' if len(right) > 1 else ''} {' and '.join(right)}." if right else ""
    return f"The gradient by the {part} that `{title}` uses is off in {told}.{rest}"


def _told(layer: Layer, room: Room) -> str:
    """Return one layer's number, sizes and error."""
    widths = room.plan.widths
    name = f"layer {layer.number} ({widths[layer.number - 1]} to {widths[layer.number]})"
    if not all(np.isfinite(each).all() for each in layer.recovered):
        return f"{name}, where it is not finite"
    if layer.still:
        return f"{name}, which does not move"
    against = layer.off if room.matched or not layer.numeric.size else distance(layer.components, layer.numeric)
    shown, true = joined(layer.recovered), joined(layer.expected)
    cosine = float(shown @ true / (np.linalg.norm(shown) * np.linalg.norm(true) or 1.0))
    return f"{name} by {_percent(against)}" + (f" (cosine {number(cosine)})" if room.matched else "")


def _percent(error: float) -> str:
    return f"{100 * error:.3g} %" if error < 10 else f"a factor of {error:.3g}"


def _simple(layers: Sequence[Layer]) -> str:
    """Return the sentence for an error that explains all steps at once."""
    by_step = _factors(layers)
    if by_step is None:
        return _transposed(layers)
    if np.allclose(by_step, by_step[0, 0], rtol=1e-3):
        factor = float(by_step[0, 0])
        if abs(factor + 1) < 1e-3:
            return "Every step goes up the gradient, not down."
        return f"Every step is {number(factor)} times what it should be, in all layers alike."
    if all(np.allclose(row, row[0], rtol=1e-3) for row in by_step):
        return "The steps of different layers are off by different factors: " + ", ".join(
            f"{number(float(row[0]))} in layer {at}" for at, row in enumerate(by_step, 1)
        ) + "."  # fmt: skip
    return ""


def _own_size(layers: Sequence[Layer], seen: Trial) -> float | None:
    """Return the size of steps along minus the gradient that is the same whatever is asked for; else None."""
    by_step, asked = _factors(layers), [made.rate for made in seen.steps if made.rate]
    if by_step is None or len(asked) < len(seen.steps):
        return None
    sizes = by_step * np.array(asked)
    same = np.allclose(sizes, sizes[0, 0], rtol=1e-3) and not np.allclose(by_step, by_step[0, 0], rtol=1e-3)
    return float(sizes[0, 0]) if same and sizes[0, 0] > 0 else None


def _factors(layers: Sequence[Layer]) -> FloatArray | None:
    """Return how many times the true gradient each layer's is in each step, (layers, steps); None if not parallel."""
    factors = [
        _factor(shown, true) for each in layers for shown, true in zip(each.recovered, each.expected, strict=True)
    ]
    told = [each for each in factors if each is not None]
    return np.array(told).reshape(len(layers), -1) if len(told) == len(factors) else None


def _factor(shown: FloatArray, true: FloatArray) -> float | None:
    """Return the factor between two gradients, or None if they are not parallel."""
    a, b = np.ravel(shown), np.ravel(true)
    if not np.isfinite(a).all() or not b.any():
        return None
    factor = float(a @ b / (b @ b))
    return factor if factor and distance(a, factor * b) < 1e-4 * abs(factor) else None


def _transposed(layers: Sequence[Layer]) -> str:
    turned = [
        each.number
        for each in layers
        if not each.right
        and each.expected[0].ndim == 2
        and each.expected[0].shape[0] == each.expected[0].shape[1]
        and all(distance(shown, true.T) < each.equal for shown, true in zip(each.recovered, each.expected, strict=True))
    ]
    return f"The gradient of layer {turned[0]} is transposed." if turned else ""


def _hint(room: Room) -> str:
    if not room.matched and room.forward is not None:
        return "Compare one entry of each layer with a central difference of your own loss."
    return "Write down delta for the last layer, then for each layer before it, and compare with what is computed."


def _taken(train: Callee) -> tuple[str, ...]:
    return (train.taken.remark,) if train.taken.remark else ()
