r"""`Formula`: the student's formula equals the reference's, however it is given.

What it asks: the global of the expected name or an alias: text, a number, a function of the symbols (called at points),
a SymPy expression (its text is asked for). What it reads besides: the written answer to the problem, where a formula
stands in LaTeX, in code spans, or as plain text. How it judges: at points of small whole numbers, exactly where that is
possible. A chain `a = b = c` is right if one of its sides is, or if it is an equation that the right answer solves
(`makes`). Text is never evaluated (`grader.formula`). A wrong formula under the expected name is a failure; in a
written answer it is one only if it is a known mistake. What cannot be read is left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial

from grader.errors import Absent
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.prose import Prose, prose
from grader.expect.said import Said, Speaker, Values, agree
from grader.expect.verdicts import failed, passed, pending
from grader.formula import Expression, Point, Vocabulary, bare, parse, same, symbols, value
from grader.records import Verdict
from grader.student import Seen, Student

POINTS = 5
RELATIONS = {
    "reciprocal": "It is upside down.",
    "square_root": "Its square would be right: that is a standard deviation where a variance is asked for.",
    "square": "Its square root would be right.",
}


class Formula(Expectation):
    """Expects a formula; in a submission made of the reference itself it is its own text."""

    takes, reveals = (), True

    def __init__(
        self,
        formula: str,
        *,
        symbols: str = "",
        also: Mapping[str, str] | None = None,
        makes: Mapping[str, str] | None = None,
        names: Sequence[str] = (),
        words: Sequence[str] = (),
    ) -> None:
        """Declare a formula in `symbols`.

        `also` has other names for formulas in them ('fan_in': 'n_in'), `makes` the values of unknowns that the formula
        amounts to ('sigma': '1/sqrt(n_in)'), `names` aliases of the global, `words` what marks a statement as being
        about a constant.
        """
        super().__init__()
        self.names, self.words = tuple(names), tuple(word.casefold() for word in words)
        self.symbols = tuple(symbols.split())
        self.vocabulary = Vocabulary.of(tuple(dict.fromkeys((*self.symbols, *(makes or {})))), also)
        self.truth = parse(formula, self.vocabulary)
        self.makes = {name: parse(text, self.vocabulary) for name, text in (makes or {}).items()}
        self.formula = formula

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:  # noqa: ARG002
        """Return that its name is bound to the wrong formula."""
        return (f"{self.name} = wrong()",)

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict. Raises `Absent` where no answer is there."""
        points = self._points(ask)
        speaker = Speaker(student, self.vocabulary, points)
        given = [said for seen in self._named(student) if (said := speaker.of(seen))]
        read = [said for said in given if said.sides]
        verdicts = [self._on_named(said, speaker, ask) for said in read]
        best = max(verdicts, key=lambda verdict: (verdict.fraction, verdict.outcome.value == "pending"), default=None)
        if best and (best.fraction == 1 or len(read) == len(given)):
            return best
        found = self._in_prose(prose(student, ask, self.vocabulary), points, ask)
        unread = [said for said in given if not said.sides]
        if unread and (found is None or not found.fraction):
            return pending(
                f"{unread[0].where} could not be read as a formula: {unread[0].shown}. A person has to look."
            )
        if found is None:
            raise Absent(f"a formula under the name `{self.name}`, or in the written answer")
        return found

    # ------------------------------------------------------------------------------------ what is compared

    def _points(self, ask: Ask) -> tuple[Point, ...]:
        """Return points of different small whole numbers."""
        rng, names = ask.rng(), self.vocabulary.symbols
        drawn = [rng.choice(range(2, 60), size=len(names), replace=False).tolist() for _ in range(POINTS)]
        return tuple({name: Fraction(each) for name, each in zip(names, row, strict=True)} for row in drawn)

    def _named(self, student: Student) -> list[Seen]:
        """Return the globals of the expected name, else those of an alias."""
        everything = student.survey()
        for names in ((self.name,), self.names):
            forms = {bare(name) for name in names}
            found = [seen for seen in everything if bare(seen.handle.name) in forms]
            if found:
                return found
        return []

    def _at(self, expression: Expression, points: Sequence[Point]) -> Values:
        return tuple(value(expression, point) for point in points)

    def _fits(self, said: Said, truth: Values, points: Sequence[Point]) -> bool | None:
        """Return whether one side is the truth, or an equation amounts to it; None if that depends on the reading."""
        if any(side and all(agree(each, truth) for each in side) for side in said.sides):
            return True
        if self._solved(said, points):
            return True
        return None if any(agree(each, truth) for side in said.sides for each in side) else False

    def _solved(self, said: Said, points: Sequence[Point]) -> bool:
        """Return whether an equation between neighbouring sides holds for the values it should, and not for others."""
        if not self.makes:
            return False
        made = [{**point, **{name: value(each, point) for name, each in self.makes.items()}} for point in points]
        for left, right in zip(said.expressions, said.expressions[1:], strict=False):
            for a, b in zip(left, right, strict=False):
                holds = agree(self._at(a, made), self._at(b, made))
                if holds and not agree(self._at(a, points), self._at(b, points)):
                    return True
        return False

    # ------------------------------------------------------------------------------------ verdicts

    def _on_named(self, said: Said, speaker: Speaker, ask: Ask) -> Verdict:
        """Return the verdict on what a global says."""
        truth, points = self._at(self.truth, speaker.points), speaker.points
        evidence = f"{said.where} was read as {said.shown}."
        remarks = (said.remark,) if said.remark else ()
        staff = f"expected {self.formula}"
        fits = self._fits(said, truth, points)
        if fits:
            return passed(evidence, remarks=remarks, staff=staff)
        if fits is None:
            return pending(f"{evidence} That can be read in two ways; a person has to look.", staff=staff)
        if said.number is not None and any(symbols(self.truth)):
            return self._of_number(said, speaker, staff)
        if said.guessed:
            return pending(
                f"{evidence} Its arguments may be meant in another order; a person has to look.", staff=staff
            )
        answer = f" It should be {self.formula}." if ask.reveal else ""
        known = self._known(said, points)
        if known:
            return verdict_on(known, ask, f"{evidence}{answer}", remarks=remarks, staff=staff)
        relation, sentence = self._relation(said.sides[-1], truth)
        return failed(f"{evidence} {sentence}{answer}".rstrip(), mistake=relation, remarks=remarks, staff=staff)

    def _of_number(self, said: Said, speaker: Speaker, staff: str) -> Verdict:
        """Return the verdict on a number for a formula: it may be right for sizes of their own."""
        own = speaker.own(set(symbols(self.truth)))
        names = ", ".join(dict.fromkeys(symbols(self.truth)))
        evidence = f"{said.where} is the number {said.shown}; a formula in {names} is asked for."
        if own is None:
            return failed(evidence, 'Give it as text ("…"), or as a function of them.', staff=staff)
        sizes = ", ".join(f"{name} = {float(each):g}" for name, each in own.items())
        if said.number is not None and same(said.number, value(self.truth, own), 1e-6):
            return passed(f"{said.where} is what the formula gives for your {sizes}.", remarks=(evidence,), staff=staff)
        return failed(f"{evidence} Nor is it right for your {sizes}.", staff=staff)

    def _known(self, said: Said, points: Sequence[Point]) -> Mistake | None:
        """Return the known mistake that one of the sides is, the last sides first."""
        found = (repeated(self.mistakes, partial(self._is, side, points)) for side in reversed(said.sides))
        return next((known for known in found if known), None)

    def _is(self, side: Sequence[Values], points: Sequence[Point], known: Mistake) -> bool:
        """Return whether one of the readings of a side is a known mistake."""
        wrong = self._at(parse(str(known.answer()), self.vocabulary), points)
        return any(agree(each, wrong) for each in side)

    def _relation(self, side: Sequence[Values], truth: Values) -> tuple[str, str]:
        """Return name and sentence of a simple error that explains a side, or what to say of any other."""
        for got in side:
            if agree([a * b for a, b in zip(got, truth, strict=True)], [Fraction(1)] * len(truth)):
                return "reciprocal", RELATIONS["reciprocal"]
            if agree([a * a for a in got], truth):
                return "square_root", RELATIONS["square_root"]
            if agree(got, [a * a for a in truth]):
                return "square", RELATIONS["square"]
            ratios = [a / b for a, b in zip(got, truth, strict=True) if b]
            if any(symbols(self.truth)) and ratios[0] and agree(ratios, [ratios[0]] * len(truth)):
                return "factor", f"It is {_short(ratios[0])} times what it should be."
        return "", "That is not right."

    def _in_prose(self, answer: Prose | None, points: Sequence[Point], ask: Ask) -> Verdict | None:
        """Return the verdict on the written answer; None where there is none."""
        if answer is None:
            return None
        truth = self._at(self.truth, points)
        constant = not any(symbols(self.truth))
        told = answer.about(self.words, len(points)) if constant else answer.said(points)
        staff = f"expected {self.formula}; read: " + "; ".join(said.shown for said in told[:20])
        right = [said for said in told if self._fits(said, truth, points)]
        wrong = [known for said in told[-1:] if (known := self._known(said, points))]
        if constant and right and any(self._known(said, points) for said in told):
            return pending(f"{answer.where} names more than one number; a person has to look.", staff=staff)
        if right:
            return passed(f"{answer.where} says: {right[0].shown}.", staff=staff)
        if wrong and (constant or len(told[-1].sides) > 1):
            return verdict_on(wrong[0], ask, f"{answer.where} says: {told[-1].shown}.", staff=staff)
        return pending(f"In {answer.place} the formula was not recognised; a person has to look.", staff=staff)


def _short(ratio: Fraction | float) -> str:
    """Return a factor as a fraction where it is a simple one."""
    simple = Fraction(ratio).limit_denominator(100)
    return str(simple) if same(float(simple), float(ratio), 1e-6) else f"{float(ratio):.4g}"
