"""`holds`: a law, written as a function with plain asserts that talks to the student.

What it asks: whatever the law asks. How it judges: an assert that fails is the finding, its message what was found (a
pair of messages is what was found and what to try); a law that returns a string says what was found when it holds, one
that returns a `Verdict` decides itself. A known mistake is recognised by playing it: if the law says of it, word for
word, what it said of the student, that is the mistake; so a message should carry the student's own numbers. What a law
reads without calling a function (a variable, a figure) cannot be played: such a law names the mistake in its verdict.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from grader.errors import GraderFault, StudentFailure
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.function import Function
from grader.expect.impostor import Impostor
from grader.expect.mistakes import repeated, verdict_on
from grader.expect.verdicts import failed, passed
from grader.records import Outcome, Verdict
from grader.student import Student

Rule: TypeAlias = Callable[..., Any]


class Law(Expectation):
    """Expects that `rule(student)`, or `rule(student, ask)`, runs through."""

    def __init__(self, rule: Rule) -> None:
        """Declare a law."""
        super().__init__()
        if not 1 <= len(inspect.signature(rule).parameters) <= 2:
            raise TypeError(f"the law {rule.__name__} takes the student, and `ask` if it draws or calls functions")
        self.rule = rule
        self.__doc__ = rule.__doc__
        self._takes_ask = self.reveals = len(inspect.signature(rule).parameters) > 1  # it may look at `ask.reveal`

    def __call__(self, *arguments: Any) -> Any:
        """Apply the rule as it was written."""
        return self.rule(*arguments)

    def made(self, known: Mistake, others: Mapping[str, Expectation]) -> tuple[str, ...]:
        """Return that the functions which take what the wrong one takes, or else its own name, are bound to it.

        A law does not say which function it asks; one that stands for a function itself bears that one's name. What
        takes nothing may be a whole program, and is run besides; a dictionary that it returns holds its variables.
        """
        taken = tuple(inspect.signature(known.answer).parameters)
        functions = (each for each in others.values() if isinstance(each, Function))
        names = [each.name for each in functions if each.parameters == taken] or [self.name]
        bound = " = ".join((*names, "wrong"))
        if taken:
            return (bound,)
        return (f"{bound}\nhanded_in = wrong()", "if isinstance(handed_in, dict):\n    globals().update(handed_in)")

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return the verdict."""
        if not __debug__:
            raise GraderFault("Python runs without asserts (-O), and laws are made of them.")
        verdict = self._said(student, ask)
        if verdict.outcome is not Outcome.FAILED:
            return verdict
        known = repeated(self.mistakes, lambda each: self._plays(Impostor(student, each.answer), verdict, ask))
        if known is None:
            return verdict
        return verdict_on(known, ask, verdict.found, remarks=verdict.remarks, staff=verdict.staff)

    def _plays(self, impostor: Impostor, verdict: Verdict, ask: Ask) -> bool:
        """Return whether the law says the same of a known mistake, and not because it never asked it anything."""
        return self._said_of(impostor, ask) == verdict.found and impostor.asked

    def _said(self, student: Student, ask: Ask) -> Verdict:
        try:
            result = self.rule(student, ask) if self._takes_ask else self.rule(student)
        except AssertionError as broken:
            return _failed(broken, self.rule)
        if isinstance(result, Verdict):
            return result
        if not isinstance(result, str) and result is not None:  # `return a < b` would hold for everybody
            said = "a law asserts what has to hold, and returns words, a verdict or nothing"
            raise GraderFault(f"The law {self.rule.__name__} returned {result!r}; {said}.")
        return passed(result or "It holds at every input tried.")

    def _said_of(self, impostor: Impostor, ask: Ask) -> str:
        try:
            return self._said(impostor, ask).found
        except StudentFailure as failure:
            return str(failure)


def _failed(broken: AssertionError, rule: Rule) -> Verdict:
    message = broken.args[0] if broken.args else f"It does not hold: {inspect.getdoc(rule) or rule.__name__}"
    if isinstance(message, tuple):
        found, hint = message
        return failed(str(found), str(hint))
    return failed(str(message))


def holds(rule: Rule) -> Law:
    """Declare the decorated function a law, under its own name."""
    return Law(rule)
