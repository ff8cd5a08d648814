"""`Network`: layers of the widths asked for, with the activation asked for, whatever the student calls them.

The student's parameters are put into our own perceptron; if it then answers as the student's network does, the network
is what was asked for. Behaviour is seen by asking the live network, or, where there is none to ask, in the answers of
the first recorded pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.expect.behaviour import function_answers, live_answers, still
from grader.expect.expectation import Ask, Expectation
from grader.expect.perceptron import ACTIVATIONS, NONE, Reading, chain_of, read, readings
from grader.expect.prepared import prepared
from grader.expect.runs import Run, candidates, runs_of
from grader.expect.testimony import believed
from grader.expect.unseen import stumble, unseen
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Verdict
from grader.student import Handle, Student

Evidence = tuple[Sequence[FloatArray], FloatArray, FloatArray]
"""Parameters, inputs, and the answers the network gave with them."""


@dataclass(frozen=True)
class Subject:
    """A network of the student's: a live model, one that was seen in training, or both."""

    title: str
    name: str
    handle: Handle | None
    shapes: tuple[tuple[int, ...], ...]
    run: Run | None

    @property
    def steps(self) -> int:
        """Return how many steps it was trained for."""
        return self.run.training.steps if self.run else 0


class Network(Expectation):
    """A perceptron with these widths, an activation after each hidden layer and none after the last."""

    def __init__(
        self,
        widths: Sequence[int],
        activation: str = "sigmoid",
        names: Sequence[str] = (),
        *,
        ends: Sequence[str] = (NONE,),
        forms: Sequence[tuple[int, ...]] = (),
        dropout: bool = False,
        scaled: bool = False,
    ) -> None:
        """Declare the network; `names` are global names that are looked for first.

        `ends` says what may follow the last layer ('none', 'softmax', 'log softmax'); `forms` are shapes in which a
        network may want one example, besides a plain row; `dropout` lets it pass, with a remark, and `scaled` lets it
        prepare its inputs itself.
        """
        super().__init__()
        if isinstance(widths, int):
            raise TypeError("the widths of all layers are one tuple: Network((1, 16, 1))")
        self.widths = tuple(widths)
        self.activation = {name.casefold(): name for name in ACTIVATIONS}.get(activation.casefold(), "")
        if not self.activation:
            raise ValueError(f"no activation {activation!r} is known; those that are: {', '.join(ACTIVATIONS)}")
        self.names = tuple(names)
        self.ends = tuple(ends)
        self.forms = tuple(forms)
        self.dropout = dropout
        self.scaled = scaled

    @property
    def layers(self) -> str:
        """Return '1-64-64-1'."""
        return dashed(self.widths)

    @np.errstate(all="ignore")
    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the student's network is this one."""
        subject = self.choose(student)
        if subject is None:
            sought = f"No network was found: neither a torch module nor a training of parameters {self.layers}."
            return self.unseen(student, sought, "Build the network and leave it in a global name, for example `model`.")
        ways = candidates(subject.shapes, self.widths, self.activation)
        wrong = self._wrong_layers(subject, ways)
        if wrong:
            return wrong
        x = ask.rng().normal(size=(24, self.widths[0])).astype(np.float32).astype(np.float64)
        evidence = self._evidence(student, subject, x) or self.of_functions(student, subject, ways, x)
        verdict = self._by_behaviour(subject, ways, evidence)
        run = subject.run if subject.handle is None else None  # a live network was asked, not its record
        return believed(verdict, student, run, self.widths, self.activation) if run and run.first_answers() else verdict

    def unseen(self, student: Student, sought: str, hint: str = "") -> Verdict:
        """Return that nothing was seen of a network, or of its training; one without torch is for a person."""
        places = () if student.models() else self._by_hand(student)
        if not places:
            return unseen(student, sought, hint)
        named = ", ".join(f"`{place[:60]}`" for place in places[:8])
        found = f"{sought} But arrays of the shapes of a {self.layers} network are there, in {named}."
        hint = "Without torch's own gradients a training cannot be seen from outside; a person has to look."
        return pending(f"{found} {stumble(student)}".rstrip(), hint)

    def _by_hand(self, student: Student) -> list[str]:
        """Return the names under which arrays stand that could be all weights and biases of this network."""
        arrays = student.arrays()
        ways = readings([each.shape for each in arrays], self.widths, self.activation)
        if not ways or len(ways[0].biases) < len(ways[0].weights):
            return []
        shapes = {arrays[at].shape for at in (*ways[0].weights, *ways[0].biases)}
        alike = (each.handle.name for each in arrays if each.shape in shapes)
        return list(dict.fromkeys(re.split(r"[.\[]", name)[0] for name in alike))

    def choose(self, student: Student) -> Subject | None:
        """Return the network that is meant, right or wrong, or None if there is none."""
        return max(subjects(student), key=self._fitness, default=None)

    def _fitness(self, subject: Subject) -> tuple[int, int, bool]:
        """Return how much this looks like the network that is meant: by shape, then by training, then by name."""
        ways = readings(subject.shapes, self.widths, self.activation)
        complete = bool(ways) and len(ways[0].biases) == len(ways[0].weights)
        exact = complete and not ways[0].unused(len(subject.shapes))
        return int(complete) + int(exact), subject.steps, subject.name in self.names

    def _wrong_layers(self, subject: Subject, ways: Sequence[Reading]) -> Verdict | None:
        """Return what is wrong with the layers, judged by shapes alone."""
        if not readings(subject.shapes, self.widths, self.activation):
            return self._other_widths(subject, chain_of(subject.shapes, self.widths[0]))
        if len(ways[0].biases) < len(self.widths) - 1:
            count = len(self.widths) - 1 - len(ways[0].biases)
            found = f"{subject.title} has the widths {self.layers}, but {count} of its layers have no bias."
            return failed(found, "Give every layer a bias (bias=True is torch's default).", mistake="no_bias")
        return None

    def _other_widths(self, subject: Subject, own: tuple[int, ...] | None) -> Verdict:
        """Return that the widths are others."""
        if own is None:
            shapes = ", ".join("x".join(map(str, shape)) or "one number" for shape in subject.shapes[:12])
            return failed(f"{subject.title} does not have layers {self.layers}: its parameters are {shapes}.")
        few, many = len(own) < len(self.widths), len(own) > len(self.widths)
        mistake = "missing_layer" if few else "extra_layer" if many else "other_widths"
        said = "a layer is missing: " if few else "there is a layer too many: " if many else ""
        found = f"{subject.title} has layers {dashed(own)}; {said}{self.layers} is asked for."
        return failed(found, f"Use linear layers of widths {self.layers}.", mistake=mistake)

    def _evidence(self, student: Student, subject: Subject, x: FloatArray) -> list[Evidence]:
        """Return what was seen of the network's behaviour, the best first."""
        seen: list[Evidence] = []
        if subject.handle is not None:
            if self.dropout:
                still(student, subject.handle)
            answers = live_answers(student, subject.handle, x, forms=self.forms)
            arrays = student.parameters(subject.handle) if answers is not None else ()
            if answers is not None and all(np.isfinite(array).all() for array in arrays):
                seen.append((arrays, x, answers))
        first = subject.run.first_answers() if subject.run else None
        if subject.run and first and first[0].shape[1] == self.widths[0]:
            seen.append((subject.run.training.initial, *first))
        return seen

    def of_functions(
        self, student: Student, subject: Subject, ways: Sequence[Reading], x: FloatArray
    ) -> list[Evidence]:
        """Return the behaviour of a function that answers as bare tensors do after some training, if there is one."""
        ends = [run.training.final for run in runs_of(student) if run.shapes == subject.shapes and not run.diverged]
        for answers in function_answers(student, x) if ends else ():
            for end in ends:
                if read(ways, end, x, answers):
                    return [(end, x, answers)]
        return []

    def _by_behaviour(self, subject: Subject, ways: Sequence[Reading], evidence: Sequence[Evidence]) -> Verdict:
        """Return whether the network answers as the one asked for does with the same parameters."""
        if not evidence:
            return pending(
                f"{subject.title} has parameters for {self.layers}, but its answers could not be seen.",
                "A person has to read the forward function.",
            )
        understood = [reading for seen in evidence if (reading := read(ways, *seen))]
        own = chain_of(subject.shapes, self.widths[0])
        if not understood and own and own != self.widths:
            return self._other_widths(subject, own)
        if not understood:
            return self._of_prepared(subject, ways, evidence) or self._not_understood(subject, ways)
        best = min(understood, key=self._slips)
        noisy = self.dropout and len(understood) < len(evidence)
        return self._slipped(subject, best) if self._slips(best) else self._right(subject, best, noisy=noisy)

    def _of_prepared(self, subject: Subject, ways: Sequence[Reading], evidence: Sequence[Evidence]) -> Verdict | None:
        """Return full credit for a network that is right but for scaling its inputs itself, where that is allowed."""
        for end in self.ends if self.scaled and ways else ():
            reading = replace(ways[0], last=end)
            found = prepared(reading, *evidence[-1])
            if found is not None:
                verdict = self._right(subject, reading, noisy=False)
                own = f"It prepares its inputs itself: times {found.factor:.3g}, plus {found.shift:.3g}."
                return replace(verdict, remarks=(*verdict.remarks, own))
        return None

    def _not_understood(self, subject: Subject, ways: Sequence[Reading]) -> Verdict:
        """Return that the layers are there and do something else; with more between them, a person has to look."""
        taken = {index for slot in ways[0].slots for index in (slot.weight, slot.bias)} if ways else set()
        left = [shape for index, shape in enumerate(subject.shapes) if index not in taken]
        between = sum(len(shape) == 1 and shape[0] in self.widths[1:-1] for shape in left)
        found = f"{subject.title} has parameters for {self.layers}, but does not answer as that network does."
        if between:
            more = f" {between} further parameter arrays stand between its layers (is it a normalisation?)."
            return pending(found + more, "A person has to say whether that is within the question.")
        if self.scaled:
            more = " It may prepare its inputs in a way that is not understood here, or it has another activation."
            return pending(found + more, "A person has to read the forward function.")
        return failed(found, self._hint)

    @property
    def _hint(self) -> str:
        """Return what to try where an activation is not as asked."""
        end = "nothing after the last" if self.ends == (NONE,) else "no activation but a softmax after the last"
        return f"Apply {_a(self.activation)} after each hidden layer, and {end}."

    def _slips(self, reading: Reading) -> int:
        """Return how many activations are not as asked."""
        return sum(name != self.activation for name in reading.hidden) + (reading.last not in self.ends)

    def _slipped(self, subject: Subject, reading: Reading) -> Verdict:
        """Return which activations are not as asked."""
        wrong = [(at, name) for at, name in enumerate(reading.hidden, 1) if name != self.activation]
        said = [f"{_a(name)} after hidden layer {at}, where {_a(self.activation)} is asked for" for at, name in wrong]
        if len(wrong) == len(reading.hidden) > 1 and len(set(reading.hidden)) == 1:
            said = [f"{_a(reading.hidden[0])} after its hidden layers, where {_a(self.activation)} is asked for"]
        if reading.last not in self.ends:
            said.append(f"{_a(reading.last)} after the last layer, where none is asked for")
        mistake = "other_activation" if wrong else "activation_at_output"
        return failed(f"{subject.title} has {' and '.join(said)}.", self._hint, mistake=mistake)

    def _right(self, subject: Subject, reading: Reading, *, noisy: bool) -> Verdict:
        """Return full credit, with a word on parameters that are not used, and on answers that differ in training."""
        unused = reading.unused(len(subject.shapes))
        remarks = [f"{unused} further parameter arrays of the network are never used."] if unused else []
        remarks += ["In training it answers otherwise than afterwards (is it dropout?)."] if noisy else []
        end = "none" if reading.last == NONE else f"a {reading.last}"
        found = f"{subject.title} has layers {self.layers}, {_a(self.activation)} inside and {end} at the end."
        return passed(found, remarks=remarks)


def subjects(student: Student) -> tuple[Subject, ...]:
    """Return the student's networks: live ones, and ones only seen in training."""
    runs = runs_of(student)
    found, known = [], set()
    for model in student.models():
        run = next((run for run in runs if run.handle == model.handle), None)
        known.add(model.handle)
        named = f"`{model.name}` ({model.type_name})" if model.name else _unnamed(run, model.type_name)
        found.append(Subject(named[:120], model.name, model.handle, model.shapes, run))
    loose = [run for run in runs if run.handle not in known]
    return (*found, *(Subject(_unnamed(run, ""), "", run.handle, run.shapes, run) for run in loose))


def _unnamed(run: Run | None, kind: str) -> str:
    """Return the title of a network that stands under no global name."""
    return f"The network of {run.title}" if run else f"A network ({kind})"


def dashed(widths: Sequence[int]) -> str:
    """Return '1-64-64-1'."""
    return "-".join(map(str, widths))


def _a(activation: str) -> str:
    """Return 'a sigmoid', 'no activation'."""
    if activation == NONE:
        return "no activation"
    return f"{'an' if activation[0] in 'aeiouE' else 'a'} {activation}"
