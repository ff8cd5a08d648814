"""Functions of a reference, tried at their own inputs: what it cannot answer itself it cannot judge.

It costs next to nothing and is done before anything runs, so that a slip in what is drawn is told once and in its own
place, and not as the failure of every hand-in.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import numpy as np

from grader.authoring.wording import place
from grader.check import seed
from grader.closeness import leaves
from grader.course import Homework
from grader.errors import RubricError
from grader.expect import Function
from grader.expect.curves import here
from grader.expect.inputs import cases
from grader.expect.sentences import inputs


def refuse_unanswered(homework: Homework) -> None:
    """Raise RubricError for the first function that cannot answer the inputs it is given."""
    reference = homework.assignment.reference
    for function, drawn_from in _functions(homework):
        try:
            said = _odd(function, drawn_from)
        # The author's code may raise anything at all, and whatever it is, the author is who has to act.
        except Exception as error:
            where = place(traceback.format_exc(), reference.parent)
            said = f"{function.name} cannot be tried at its `inputs`. {where}{type(error).__name__}: {error}."
            raise RubricError(reference, "", said) from error
        if said:
            raise RubricError(reference, "", said)


def _functions(homework: Homework) -> Iterator[tuple[Function, tuple[int, ...]]]:
    """Yield each function that a claim expects, and what its inputs are drawn from."""
    for _, claim in homework.assignment.claims:
        expectation = homework.expectations.get(claim.expects)
        if isinstance(expectation, Function):
            yield expectation, seed(homework.assignment, claim)


@np.errstate(all="ignore")  # as when it judges
def _odd(function: Function, drawn_from: tuple[int, ...]) -> str:
    """Return what is odd about a function's own answers, or ''."""
    for case in cases(function.specs, drawn_from):
        at = f"for {inputs(function.parameters, case.arguments)}"
        if function.truth(*map(here, case.arguments)) is None:
            return f"{function.name} returns nothing {at}."
        first, again = (leaves(function.standard.true(function.truth, case.arguments)) for _ in range(2))
        if not all(map(np.array_equal, first, again, [True] * len(first))):
            return f"{function.name} answers another time something else {at}: what is judged must not be random."
    return ""
