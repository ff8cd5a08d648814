"""`Function`: the student's function equals the reference's, on drawn and chosen inputs.

What it asks: every case, in the first style the function takes (`grader.expect.asking`). How it judges: the form of
the answers, then their values against the reference and every other truth that is accepted; if they are wrong, against
the known mistakes, and last against the errors that everybody makes (`grader.closeness.relation`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.closeness import Array, Difference, Tree
from grader.errors import Absent, Raised, StudentFailure, Unusable
from grader.expect import sentences
from grader.expect.asking import Theirs, unfilled
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.inputs import cases
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.search import Taken, Wanted, search
from grader.expect.trials import OVERFLOWS, Standard, Trial, Truth, Wrong
from grader.expect.verdicts import failed, missing, passed
from grader.records import Verdict
from grader.student import Student

SAME_NAME = 3
"""How many files' definitions of one name are judged; the best counts."""
LACKING = ("NameError", "ModuleNotFoundError", "ImportError")
"""Exceptions that may be owed to what a machine lacks."""
GLANCE = 1e-3
"""Tolerance at which a function under another name is recognised; fixed, so that a recording replays."""


class Function(Expectation):
    """Expects a function that equals `truth`; called, it is the truth."""

    def __init__(
        self,
        truth: Truth,
        *,
        inputs: object,
        corners: Sequence[object] = (),
        draws: int = 2,
        rtol: float = 1e-5,
        atol: float = 1e-6,
        names: Sequence[str] = (),
        accepts: Sequence[Truth] = (),
        returns: Sequence[str] = (),
        over: str = "",
        view: Truth | None = None,
    ) -> None:
        """Declare a truth.

        `inputs` is drawn `draws` times (`grader.expect.inputs`), `corners` are further specs; `names` are aliases;
        `accepts` holds other truths that are as right; `returns` names the parts of an answer that is a tuple; `over`
        names the argument over whose rows a mean is taken; `view(answer, *arguments)` is what is compared in place of
        the answer itself, where more than one answer is right.
        """
        super().__init__()
        self.truth, self.accepts, self.aliases = truth, tuple(accepts), tuple(names)
        self.specs = (*([inputs] * draws), *corners)
        self.parameters = self.takes = tuple(inspect.signature(truth).parameters)
        _refuse_other_inputs(truth, self.specs)
        self.standard = Standard(self.parameters, tuple(returns), rtol, atol, over, view)
        self.__doc__ = truth.__doc__

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return the truth's answer."""
        return self.truth(*arguments, **keywords)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name students were given, then the truth's own, if it was imported under another, and aliases."""
        named = (self.name or self.truth.__name__, self.truth.__name__, *self.aliases)
        return tuple(dict.fromkeys(named))

    def wanted(self, others: frozenset[str] = frozenset()) -> Wanted:
        """Return what is looked for in the student's names; `others` are given to something else."""
        parameters = inspect.signature(self.truth).parameters.values()
        defaults = tuple(each.default for each in parameters if each.default is not each.empty)
        return Wanted(self.names, self.parameters, defaults, others)

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return that a known mistake stands in its place."""
        return (f"{self.name} = wrong",)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict; where several files define the function, the best one counts."""
        asked = [case.arguments for case in cases(self.specs, ask.seed)]
        taken = self.find(student, ask, asked[0])[:SAME_NAME]
        verdicts = [self._verdict(self._theirs(student, each), asked, ask) for each in taken]
        return max(verdicts, key=lambda verdict: verdict.fraction)

    def find(self, student: Student, ask: Ask, first: tuple[object, ...]) -> tuple[Taken, ...]:
        """Return what answers to this expectation's names, or behaves like it at a `first` input. Raises `Absent`."""
        wanted = self.wanted(ask.others - {self.name})
        return search(student, wanted, lambda other: self._behaves(self._theirs(student, other, patient=False), first))

    def of(self, student: Student, ask: Ask) -> Spoken:
        """Return the student's function for a law to call. Raises `Absent`."""
        first = cases(self.specs[:1], ask.seed)[0].arguments
        return Spoken(self, self._theirs(student, self.find(student, ask, first)[0]))

    def answer(self, theirs: Theirs, arguments: tuple[object, ...]) -> Trial:
        """Return one case, asked. Raises `Raised` where the function lacks a name, a module or a device."""
        given = theirs.suited(arguments)
        answer = theirs.answer(given, self.standard.true(self.truth, given))
        if isinstance(answer.fit, Raised) and (answer.fit.kind in LACKING or "CUDA" in answer.fit.message):
            raise answer.fit  # it may be this machine's fault: the wall of blame decides
        return Trial(given, answer)

    def _theirs(self, student: Student, taken: Taken, *, patient: bool = True) -> Theirs:
        return Theirs(student, taken, self.wanted(), self.standard.returns, patient=patient)

    def _behaves(self, theirs: Theirs, arguments: tuple[object, ...]) -> bool:
        """Return whether a function under another name answers a first case nearly as a truth does."""
        try:
            trial = self.answer(theirs, arguments)
        except StudentFailure:
            return False
        glance = Standard(self.parameters, self.standard.returns, GLANCE, GLANCE, view=self.standard.view)
        return any(not glance.wrong([trial], truth) for truth in (self.truth, *self.accepts))

    def _verdict(self, theirs: Theirs, asked: Sequence[tuple[object, ...]], ask: Ask) -> Verdict:
        trials = [self.answer(theirs, arguments) for arguments in asked]
        remarks = [theirs.taken.remark] if theirs.taken.remark else []
        wrong = [self.standard.wrong(trials, truth) for truth in (self.truth, *self.accepts)]
        title = theirs.taken.title
        if all(unfilled(each.answer) for each in trials):
            return missing(f"`{title}` has not been filled in: nothing comes back from it.")
        if not all(wrong):
            return passed(f"`{title}` agrees with the reference at every input tried.", remarks=remarks)
        nearest: list[Wrong] = min(wrong, key=lambda each: len(each))
        gravest = max(nearest, key=lambda each: each.gravity)
        evidence = replace(self.standard, parameters=self._called(theirs.taken)).evidence(title, gravest)
        staff = self.standard.detail(title, nearest)
        known = self._known(trials)
        if known:
            return verdict_on(known, ask, evidence, remarks=remarks, staff=staff)
        hint = self.standard.hint(gravest)
        return failed(self._related(title, trials) or evidence, hint, remarks=remarks, staff=staff)

    def _called(self, taken: Taken) -> tuple[str, ...]:
        """Return the arguments' names as the student has them; ours where the order or the number is another."""
        own = tuple(name.rstrip("=") for name in taken.parameters[: len(self.parameters)])
        alike = set(own) & set(self.parameters) or any(name.startswith("*") for name in own)
        return own if len(own) == len(self.parameters) and not alike else self.parameters

    def _known(self, trials: Sequence[Trial]) -> Mistake | None:
        return repeated(
            self.mistakes, lambda known: all(self.standard.repeats(known.answer, trial) for trial in trials)
        )

    def _related(self, title: str, trials: Sequence[Trial]) -> str:
        found = (self.standard.relation(trials, truth) for truth in (self.truth, *self.accepts))
        relation = next((each for each in found if each), None)
        return sentences.of_relation(title, relation) if relation else ""


def _refuse_other_inputs(truth: Truth, specs: Sequence[object]) -> None:
    """Raise TypeError for a tuple of inputs, one for each argument, that the truth does not take."""
    signature = inspect.signature(truth)
    for spec in specs:
        try:
            signature.bind(*spec if isinstance(spec, tuple) else (spec,))
        except TypeError:
            if isinstance(spec, tuple) or not callable(spec):  # what is drawn whole may be all arguments
                given = len(spec) if isinstance(spec, tuple) else 1
                said = f"{given} given as inputs or as a corner; for several write a tuple, one for each argument"
                raise TypeError(f"{truth.__name__} takes ({', '.join(signature.parameters)}), and {said}") from None


class Spoken:
    """A student's function as a law speaks to it: plain arguments in, an answer in the truth's form out."""

    def __init__(self, function: Function, theirs: Theirs) -> None:
        """Hold on to one function of the student's."""
        self._function, self._theirs = function, theirs
        self.title = theirs.taken.title
        self.remark = theirs.taken.remark

    def __call__(self, *arguments: object) -> Any:
        """Return a float, an array, or a tuple of them, NaN where Python's floats would raise at an overflow.

        Raises `Raised`, or `Unusable` for an answer of a wrong form.
        """
        trial = self._function.answer(self._theirs, arguments)
        fit = trial.answer.fit
        if unfilled(trial.answer):
            raise Absent(f"an answer of `{self.title}`, which has not been filled in")
        if isinstance(fit, Raised) and fit.kind in OVERFLOWS:
            return _plain(_undefined(self._function.standard.true(self._function.truth, trial.arguments)))
        if isinstance(fit, Raised):
            raise fit
        if isinstance(fit, Difference):
            standard, wrong = self._function.standard, Wrong(trial, fit)
            raise Unusable(standard.evidence(self.title, wrong), standard.hint(wrong))
        return _plain(fit)

    def attempt(self, *arguments: object) -> object:
        """Return whatever comes back in the style that worked before, of whatever form; None for an exception."""
        try:
            return self.raw(*arguments)
        except (Raised, Absent):
            return None

    def raw(self, *arguments: object) -> object:
        """Return whatever comes back, of whatever form. Raises `Raised`, or `Absent` where nothing does."""
        value = self._theirs.raw(*arguments)
        if value is None:
            raise Absent(f"an answer of `{self.title}`, which has not been filled in")
        return value


def _undefined(value: Tree) -> Tree:
    return tuple(_undefined(each) for each in value) if isinstance(value, tuple) else np.full(np.shape(value), np.nan)


def _plain(value: Tree) -> float | Array | tuple[Any, ...]:
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return value if np.shape(value) else float(value)


def equals(*bare: object, **declared: Any) -> Callable[[Truth], Function]:
    """Declare the decorated function a truth, under its own name; the keywords are those of `Function`."""
    if bare or "inputs" not in declared:
        raise TypeError("write @equals(inputs=…): at which inputs it is called, such as inputs=normal(5)")
    return lambda truth: Function(truth, **declared)
