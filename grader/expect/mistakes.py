"""Known mistakes: a wrong answer, declared beside the right one, with the sentence for those who give it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from grader.expect.expectation import Ask, Expectation, Mistake
from grader.expect.verdicts import failed, partial
from grader.records import Outcome, Verdict

Wrong = TypeVar("Wrong", bound=Callable[..., object])


def mistake(expectation: Expectation, sentence: str) -> Callable[[Wrong], Wrong]:
    """Declare the decorated function a known mistake of `expectation`; its name is the mistake's."""

    def declare(wrong: Wrong) -> Wrong:
        expectation.mistakes.append(Mistake(wrong.__name__, wrong, sentence))
        return wrong

    return declare


def verdict_on(known: Mistake, ask: Ask, evidence: str, *, remarks: Sequence[str] = (), staff: str = "") -> Verdict:
    """Return what a known mistake earns: the rubric's credit for it, nothing where the rubric has none."""
    credit = min(float(ask.credit.get(known.name, 0.0)), 1.0)
    found = f"{known.sentence} {evidence}".strip()
    if credit <= 0:
        return failed(found, mistake=known.name, remarks=remarks, staff=staff)
    if credit < 1:
        return partial(credit, found, mistake=known.name, remarks=remarks, staff=staff)
    return Verdict(Outcome.PASSED, 1.0, found, remarks=tuple(remarks), mistake=known.name, staff=staff)
