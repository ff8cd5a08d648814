"""Known mistakes: a wrong answer, declared beside the right one, with the sentence for those who give it.

Theory of operation. Where a wrong answer can be computed, the kinds of expectation compare it with the student's, and
`verdict_on` says what it earns. A training or a figure is told by its record, in which they recognise slips themselves
('adam', 'full_batch', 'truth_only'): a declared mistake of that name adds the author's words and credit (`worded`). For
what they do not recognise an author declares the wrong truth as the right one is declared (`meets`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.errors import StudentFailure
from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.verdicts import failed, partial
from grader.records import Outcome, Verdict
from grader.student import Student

Wrong = TypeVar("Wrong", bound=Callable[..., object])


_OF_ITS_AUTHOR = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError),
    *(NameError, RuntimeError, TypeError, ValueError),
)
"""What the code of a wrong answer, or what is done with an answer of an unexpected form, may raise."""


def mistake(
    expectation: Expectation, sentence: str, *, part: str = "", meets: Expectation | None = None
) -> Callable[[Wrong], Wrong]:
    """Declare the decorated function a known mistake of `expectation`, or of one `part`; its name is the mistake's.

    Of a function, a number or a formula it is a wrong one. Of what is declared of a whole hand-in, a training or a
    figure, it is a program without arguments that makes the mistake: called as the finding calls it, or by any name if
    the hand-in `meets` an expectation that no right one does. Raises TypeError for what cannot be one.
    """
    if not isinstance(expectation, Expectation):
        shown = getattr(expectation, "__name__", repr(expectation))
        raise TypeError(f"a mistake is of something declared, by @equals or as a Network, say; {shown} is not")

    def declare(wrong: Wrong) -> Wrong:
        _refuse_other_arguments(wrong, expectation.takes)
        whole = sentence if sentence.endswith((".", "!", "?", ":", "…")) else f"{sentence}."  # what was found follows
        expectation.mistakes.append(Mistake(wrong.__name__, wrong, whole, part, meets))
        return wrong

    return declare


def _refuse_other_arguments(wrong: Callable[..., object], taken: Sequence[str] | None) -> None:
    """Raise TypeError if a wrong answer cannot be called as the right one is."""
    if taken is not None:
        try:
            inspect.signature(wrong).bind(*taken)
        except TypeError:
            arguments = f"the arguments of the right one, ({', '.join(taken)})" if taken else "no arguments"
            raise TypeError(f"the mistake {wrong.__name__!r} has to take {arguments}") from None


def repeated(mistakes: Iterable[Mistake], repeats: Callable[[Mistake], bool]) -> Mistake | None:
    """Return the first known mistake that a hand-in `repeats`; None if it repeats none.

    A mistake that fails on what this hand-in is asked is not the one that was made. It must not become an error of
    ours, which would stand in the way of a grade; `grade selfcheck` hands it in, and complains of it.
    """
    return next((known for known in mistakes if _does(repeats, known)), None)


def _does(repeats: Callable[[Mistake], bool], known: Mistake) -> bool:
    try:
        return repeats(known)
    except _OF_ITS_AUTHOR:
        return False


def verdict_on(known: Mistake, ask: Ask, evidence: str, *, remarks: Sequence[str] = (), staff: str = "") -> Verdict:
    """Return what a known mistake earns: the rubric's credit for it, nothing where the rubric has none."""
    credit = min(float(ask.credit.get(known.name, 0.0)), 1.0)
    found = f"{known.sentence} {evidence}".strip()
    if credit <= 0:
        return failed(found, mistake=known.name, remarks=remarks, staff=staff)
    if credit < 1:
        return partial(credit, found, mistake=known.name, remarks=remarks, staff=staff)
    return Verdict(Outcome.PASSED, 1.0, found, remarks=tuple(remarks), mistake=known.name, staff=staff)


def worded(verdict: Verdict, expectation: Expectation, student: Student, ask: Ask) -> Verdict:
    """Return a verdict on a wrong hand-in with the sentence and the credit of the known mistake that it is, if any."""
    if verdict.outcome not in (Outcome.FAILED, Outcome.PARTIAL):
        return verdict
    known = [each for each in expectation.mistakes if each.shows(ask.part)]
    named = next((each for each in known if each.name == verdict.mistake), None)
    if named is not None and named.sentence in verdict.found:
        return verdict
    own = next((each for each in known if _met(each, student, ask)), named)
    if own is None:
        return verdict
    earned = verdict_on(own, ask, verdict.found, remarks=verdict.remarks, staff=verdict.staff)
    if own.name in ask.credit:
        return replace(earned, hint=verdict.hint, measured=verdict.measured)
    return replace(verdict, found=earned.found, mistake=own.name)


def _met(known: Mistake, student: Student, ask: Ask) -> bool:
    """Return whether a hand-in meets what one with this mistake does."""
    if known.meets is None:
        return False
    try:
        return known.meets.judge(student, ask).outcome is Outcome.PASSED
    except StudentFailure:
        return False
