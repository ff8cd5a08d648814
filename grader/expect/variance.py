"""`Variance`: an initialiser's draws have mean 0 and the variance of the scheme that is asked for.

What it asks: the student's function for weights of a layer of two different sizes, seeded. How it judges: the numbers
in whatever layout, (n_in, n_out) or (n_out, n_in), normal or uniform, at a rate of one false alarm in a million for
both sizes together. A wrong variance is compared with those of the known mistakes, which are wrong initialisers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.chance import ALARM, mean_band, std_band
from grader.errors import Absent, Raised, StudentFailure
from grader.expect.apart import Scheme, of_scheme
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.numerals import plain_array
from grader.expect.search import Taken, Wanted, search
from grader.expect.sentences import number, shown
from grader.expect.verdicts import failed, passed, pending
from grader.observed import FloatArray
from grader.records import Verdict
from grader.student import Opaque, Student

Initialiser = Callable[[int, int, str], object]
Law = Callable[[int, int], float]
SIZES = ((300, 120), (90, 400))
"""Inputs and outputs of the layers that are asked for."""
ALIKE = 0.04
"""Sample variances of this many numbers differ by less, from one sample to another."""


@dataclass(frozen=True)
class Sample:
    """The weights of one layer."""

    n_in: int
    n_out: int
    values: FloatArray

    @property
    def variance(self) -> float:
        """Return the mean square."""
        return float(np.mean(self.values**2))


class Variance(Expectation):
    """Expects an initialiser; its parts are the schemes."""

    def __init__(
        self,
        truth: Initialiser,
        schemes: Mapping[str, Law],
        names: Sequence[str] = (),
        also: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Declare the variance of each scheme as a function of n_in and n_out; `also` has schemes' other names."""
        super().__init__()
        self.truth, self.schemes, self.names, self.also = truth, dict(schemes), tuple(names), dict(also or {})
        self.parts = tuple(schemes)

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return that its name is bound to another initialiser."""
        return (f"{self.name} = wrong",)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict on one scheme. Raises `Absent` or `Raised`."""
        wanted = Wanted((self.name, *self.names), ("n_in", "n_out", "scheme"), others=ask.others)
        try:
            taken, alone = search(student, wanted, lambda _: False)[0], False
        except Absent:
            own = self._of_scheme(student, ask)
            if own is None:
                raise
            taken, alone = own, True
        samples: list[Sample] = []
        for seed, sizes in enumerate(SIZES):
            n_in, n_out = sizes
            answer = (
                _alone(student, taken, sizes, seed) if alone else self._answer(student, taken, sizes, ask.part, seed)
            )
            values = _weights(answer, n_in * n_out)
            if values is None:
                return self._misshapen(taken, answer, n_in, n_out)
            samples.append(Sample(n_in, n_out, values))
        return self._judged(samples, taken, ask)

    def _of_scheme(self, student: Student, ask: Ask) -> Taken | None:
        """Return a function of this scheme alone."""
        law, names = self.schemes[ask.part], {scheme: (scheme, *self.also.get(scheme, ())) for scheme in self.schemes}
        rivals = [name for scheme, own in names.items() if scheme != ask.part for name in own]
        scheme = Scheme(f"{self.name}(…, {ask.part!r})", names[ask.part], rivals, ask.others)

        def drawn(taken: Taken) -> list[Sample]:
            answers = [(sizes, _alone(student, taken, sizes, seed)) for seed, sizes in enumerate(SIZES)]
            found = [(sizes, _weights(answer, sizes[0] * sizes[1])) for sizes, answer in answers]
            return [Sample(*sizes, values) for sizes, values in found if values is not None]

        def lawful(taken: Taken) -> bool:
            samples = drawn(taken)
            return len(samples) == len(SIZES) and all(_right(each, law) for each in samples)

        return of_scheme(student, scheme, lambda taken: len(drawn(taken)) == len(SIZES), lawful)

    def _answer(self, student: Student, taken: Taken, sizes: tuple[int, int], scheme: str, seed: int) -> object:
        """Return the answer under the scheme's name, or the first of its other names that is known."""
        first: Raised | None = None
        for name in (scheme, *self.also.get(scheme, ())):
            try:
                answer = _called(student, taken, *sizes, name, seed)
            except Raised as raised:
                first = first or raised
                continue
            if answer is not None:
                return answer
        if first:
            raise first
        raise Absent(f"an answer of `{taken.title}` for the scheme {scheme!r}")

    def _misshapen(self, taken: Taken, answer: object, n_in: int, n_out: int) -> Verdict:
        found = f"`{taken.title}` returned {shown(answer)} for n_in = {n_in}, n_out = {n_out}"
        if isinstance(answer, Opaque):
            return pending(f"{found}, which cannot be looked into; a person has to look.")
        hint = "Return the matrix of weights: real numbers, none of them infinite or NaN."
        return failed(f"{found}; {n_in * n_out} finite real numbers are asked for.", hint)

    def _judged(self, samples: Sequence[Sample], taken: Taken, ask: Ask) -> Verdict:
        """Return the verdict on the numbers."""
        law = self.schemes[ask.part]
        remarks = [taken.remark] if taken.remark else []
        told = " and ".join(f"{number(each.variance)} for n_in = {each.n_in}, n_out = {each.n_out}" for each in samples)
        evidence = f"With {ask.part!r} the variance of the weights is {told}."
        wanted = ", ".join(number(law(each.n_in, each.n_out)) for each in samples)
        if not all(_right(each, law) for each in samples):
            known = repeated(self.mistakes, lambda each: self._repeats(each, samples, ask.part))
            if known:
                return verdict_on(known, ask, evidence, remarks=remarks, staff=f"expected {wanted}")
            return failed(f"{evidence} That is not the rule's.", remarks=remarks, staff=f"expected {wanted}")
        off = next((each for each in samples if not _centred(each, law)), None)
        if off:
            return failed(f"The mean of the weights is {number(float(off.values.mean()))}; it is to be 0.")
        return passed(evidence, remarks=remarks)

    def _repeats(self, known: Mistake, samples: Sequence[Sample], scheme: str) -> bool:
        """Return whether a wrong initialiser has these variances."""
        for each in samples:
            wrong = plain_array(known.answer(each.n_in, each.n_out, scheme))
            if wrong is None or not np.isclose(each.variance, np.mean(wrong**2), rtol=ALIKE, atol=0):
                return False
        return True


def _alone(student: Student, taken: Taken, sizes: tuple[int, int], seed: int) -> object:
    """Return what a function of one scheme answers; None where nothing of use comes: it may be for something else."""
    theirs = [name.casefold() for name in taken.parameters[:2]]
    turned = len(theirs) > 1 and "out" in theirs[0] and "in" in theirs[1].replace("out", "")
    try:
        return student.call(taken.what, *(sizes[::-1] if turned else sizes), seed=seed)
    except StudentFailure:
        return None


def _called(student: Student, taken: Taken, n_in: int, n_out: int, scheme: str, seed: int) -> object:
    """Return the answer, by keyword where the student has the arguments in another order."""
    theirs = [name.rstrip("=") for name in taken.parameters]
    if theirs[:3] != ["n_in", "n_out", "scheme"] and {"n_in", "n_out", "scheme"} <= set(theirs):
        return student.call(taken.what, n_in=n_in, n_out=n_out, scheme=scheme, seed=seed)
    return student.call(taken.what, n_in, n_out, scheme, seed=seed)


def _weights(answer: object, count: int) -> FloatArray | None:
    """Return the weights, flat: the answer itself, or the part of it that has as many numbers."""
    parts = list(answer.values()) if isinstance(answer, dict) else answer
    for each in (parts, *(parts if isinstance(parts, (list, tuple)) else ())):
        array = plain_array(each)
        if array is not None and array.size == count and np.isfinite(array).all():
            return array.ravel()
    return None


def _right(sample: Sample, law: Law) -> bool:
    std = float(np.sqrt(law(sample.n_in, sample.n_out)))
    return float(np.sqrt(sample.variance)) in std_band(sample.values.size, std, ALARM / 4)


def _centred(sample: Sample, law: Law) -> bool:
    std = float(np.sqrt(law(sample.n_in, sample.n_out)))
    return float(sample.values.mean()) in mean_band(sample.values.size, 0.0, std, ALARM / 4)


def draws(
    schemes: Mapping[str, Law], *, names: Sequence[str] = (), also: Mapping[str, Sequence[str]] | None = None
) -> Callable[[Initialiser], Variance]:
    """Declare the decorated function (n_in, n_out, scheme) an initialiser with these variances."""
    return lambda truth: Variance(truth, schemes, names, also)
