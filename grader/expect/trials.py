"""What the answers to all cases of a `Function` come to: wrong where, a known mistake, an error everybody makes.

Pure: nothing here asks the student anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader import closeness
from grader.closeness import Difference, Tree, tree
from grader.errors import Raised
from grader.expect import hints, sentences
from grader.expect.asking import Answer, fit
from grader.expect.curves import here

Truth = Callable[..., Any]
OVERFLOWS = ("OverflowError", "FloatingPointError", "ZeroDivisionError", "RuntimeWarning")
COMPARE = "Compute both functions at a few random inputs, and compare."


@dataclass(frozen=True)
class Trial:
    """One case, asked."""

    arguments: tuple[object, ...]
    answer: Answer


@dataclass(frozen=True)
class Wrong:
    """One case whose answer is not the truth's."""

    trial: Trial
    found: Difference | Raised

    @property
    def gravity(self) -> int:
        """Return what makes one wrong answer more worth telling than another: its form, an exception, a value."""
        if isinstance(self.found, Raised):
            return 1
        return 0 if self.found.kind == "value" else 2


@dataclass(frozen=True)
class Standard:
    """What answers are held to."""

    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    rtol: float
    atol: float
    over: str = ""
    view: Truth | None = None

    def true(self, truth: Truth, arguments: Sequence[object]) -> Tree:
        """Return what a function on our side answers."""
        with np.errstate(all="ignore"):
            return tree(truth(*(here(each) for each in arguments)))

    def seen(self, answer: Tree, arguments: Sequence[object]) -> Tree:
        """Return what is compared: the answer, or what the view makes of it."""
        if self.view is None:
            return answer
        with np.errstate(all="ignore"):
            return tree(self.view(answer, *(here(each) for each in arguments)))

    def differs(self, truth: Tree, answer: Tree, arguments: Sequence[object]) -> Difference | None:
        """Return the worst entry of an answer, if it is not the truth's."""
        wanted, got = self.seen(truth, arguments), self.seen(answer, arguments)
        return closeness.difference(wanted, got, rtol=self.rtol, atol=self.atol)

    def wrong(self, trials: Sequence[Trial], truth: Truth) -> list[Wrong]:
        """Return the cases in which the answer is not that of `truth`."""
        found = ((trial, self._wrong(trial, truth)) for trial in trials)
        return [Wrong(trial, difference) for trial, difference in found if difference is not None]

    def _wrong(self, trial: Trial, truth: Truth) -> Difference | Raised | None:
        if isinstance(trial.answer.fit, (Difference, Raised)):
            return trial.answer.fit
        return self.differs(self.true(truth, trial.arguments), trial.answer.fit, trial.arguments)

    def repeats(self, wrong: Truth, trial: Trial) -> bool:
        """Return whether a wrong function answers this case as the student did; an overflow may also be raised."""
        try:
            told = self.true(wrong, trial.arguments)
        except (LookupError, ArithmeticError) as error:
            raised = trial.answer.fit
            return isinstance(raised, Raised) and raised.kind == type(error).__name__
        if isinstance(trial.answer.fit, Raised):
            finite = all(np.isfinite(leaf).all() for leaf in closeness.leaves(told))
            return not finite and trial.answer.fit.kind in OVERFLOWS
        given = fit(told, trial.answer.value, self.returns)
        if isinstance(given, Difference):
            return False
        whole = not isinstance(trial.answer.fit, Difference)
        told, given = _overflowed(told, told), _overflowed(given, told)
        judge = self if whole else Standard(self.parameters, self.returns, self.rtol, self.atol)
        return judge.differs(told, given, trial.arguments) is None

    def relation(self, trials: Sequence[Trial], truth: Truth) -> closeness.Relation | None:
        """Return the simple error that explains the answers to all cases, if one does."""
        forms = [each.answer.fit for each in trials if not isinstance(each.answer.fit, (Difference, Raised))]
        if self.view is not None or len(forms) < len(trials):
            return None
        truths = [self.true(truth, trial.arguments) for trial in trials]
        batches = [self._batch(trial.arguments) for trial in trials] if self.over else ()
        return closeness.relation(truths, forms, batches=batches, rtol=self.rtol, atol=self.atol)

    def _batch(self, arguments: Sequence[Any]) -> int:
        return int(np.size(arguments[self.parameters.index(self.over)]))

    # ------------------------------------------------------------------------------------ say

    def evidence(self, title: str, wrong: Wrong) -> str:
        """Return the sentence for one wrong answer: where, and of what kind."""
        found, trial = wrong.found, wrong.trial
        where = sentences.inputs(self.parameters, trial.arguments)
        if isinstance(found, Raised):
            return sentences.of_raised(title, found, where)
        if found.kind != "value":
            return sentences.of_form(title, found, trial.answer.value, self.returns)
        if self.view is not None:
            return f"`{title}`: with what it returned for {where}, the function is not the same."
        return sentences.of_value(title, found, self._input_at(found, trial) or where, self.returns)

    def hint(self, wrong: Wrong) -> str:
        """Return what to try for one wrong answer, where more than its values can be told."""
        if isinstance(wrong.found, Raised):
            misfit = wrong.found.kind == "TypeError" and "positional argument" in wrong.found.message
            return f"It is called with the arguments ({', '.join(self.parameters)})." if misfit else ""
        if wrong.found.kind == "value":
            return COMPARE if self.view else ""
        return hints.of_form(wrong.found, wrong.trial.answer.value, self.returns)

    def _input_at(self, found: Difference, trial: Trial) -> str:
        """Return the input behind the worst entry, where the function works entry by entry."""
        first, *others = trial.arguments
        if others or not isinstance(first, np.ndarray) or first.shape != found.wanted or not first.shape:
            return ""
        return f"{self.parameters[0]} = {sentences.number(float(first[found.index]))}"

    def detail(self, title: str, wrong: Sequence[Wrong]) -> str:
        """Return what only staff may read: what was expected in the gravest cases, the first of them to be repeated."""
        gravest = sorted(wrong, key=lambda each: -each.gravity)[:3]
        lines = [self._line(title, each) for each in gravest]
        if whole := sentences.typed(self.parameters, gravest[0].trial.arguments):
            lines.insert(1, f"To repeat it: {whole}")
        return "\n".join(lines)

    def _line(self, title: str, wrong: Wrong) -> str:
        found, trial = wrong.found, wrong.trial
        where = sentences.inputs(self.parameters, trial.arguments)
        if isinstance(found, Raised) or found.kind != "value":
            said = self.evidence(title, wrong)
        else:
            said = sentences.of_expected(title, found, self.returns)
        return f"{said} Asked as {trial.answer.style} for {where}."


def _overflowed(value: Tree, by: Tree) -> Tree:
    """Return the answer with NaN where it, or the wrong function's own, is not finite.

    How an overflow ends depends on precision and formula; who bounds the exponent to escape it is wrong there, too.
    """
    if isinstance(value, tuple):
        return tuple(_overflowed(each, part) for each, part in zip(value, by, strict=True))
    return np.where(np.isfinite(value) & np.isfinite(by), value, np.nan).astype(value.dtype)
