"""Laws, their words and mistakes. PYTEST_DONT_REWRITE: laws are asserts, and their messages are what is tested."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent, GraderFault, Raised, Unusable
from grader.expect import Ask, Function, Law, equals, failed, holds, mistake, normal, partial, shown
from grader.expect.mistakes import worded
from grader.records import Outcome, Verdict
from grader.student import Student


@equals(inputs=normal(5))
def double(z: np.ndarray) -> np.ndarray:
    return 2 * z


@holds
def is_odd(student: Student, ask: Ask) -> str | Verdict:
    """Changes sign with its argument."""
    theirs = double.of(student, ask)
    z = ask.rng().normal(size=3)
    left_over = theirs(-z) + theirs(z)
    assert (left_over == 0).all(), (f"`{theirs.title}` is off by {shown(left_over)}.", "Look at f(-z) + f(z).")
    assert theirs(np.ones(3)).sum() > 0
    return "Odd." if theirs(np.ones(3))[0] != 7 else partial(0.5, "Odd, but seven.")


@mistake(is_odd, "A shift has no place here.")
def shifted(z: np.ndarray) -> np.ndarray:
    return 2 * z + 1


def judge(source: str, **credit: float) -> Verdict:
    return is_odd.judge(FakeStudent.of(source), Ask((1,), credit=credit))


def test_a_known_mistake_is_recognised_in_a_method_too() -> None:
    verdict = judge("class Answers:\n    @staticmethod\n    def double(z): return 2 * z + 1", shifted=0.5)
    assert (verdict.mistake, verdict.fraction) == ("shifted", 0.5)


def test_a_law_that_holds_says_so_in_its_own_words() -> None:
    assert judge("def double(z): return z + z") == Verdict(Outcome.PASSED, 1.0, "Odd.")


def test_a_law_may_decide_itself() -> None:
    assert judge("def double(z): return 7 * z").fraction == 0.5


def test_an_assert_that_fails_is_what_was_found() -> None:
    verdict = judge("def double(z): return z * z")
    assert verdict.outcome is Outcome.FAILED


def test_its_message_may_be_a_pair() -> None:
    verdict = judge("def double(z): return abs(z) + z")
    assert verdict.found.startswith("`double` is off by (")
    assert verdict.hint == "Look at f(-z) + f(z)."


def test_an_assert_without_words_gives_the_law() -> None:
    assert judge("def double(z): return -z").found == "It does not hold: Changes sign with its argument."


def test_a_known_mistake_is_recognised_by_playing_it() -> None:
    assert judge("def double(z): return z + z + 1").mistake == "shifted"
    assert judge("def double(z): return z + z + 1", shifted=0.5).fraction == 0.5


@holds
def w_is_small(student: Student) -> Verdict | None:
    """Reads a variable, and calls nothing."""
    w = float(cast("float", student.get("w")))
    if w > 9:
        return failed("It is far too large.", mistake="far")
    assert w < 1, "It is too large."
    return None


@mistake(w_is_small, "It was not divided.")
def not_divided() -> object:
    return {"w": 2.0}


@mistake(w_is_small, "It was squared")
def far() -> object:
    return {"w": 10.0}


def test_what_was_never_called_is_no_mistake_that_was_made() -> None:
    assert w_is_small.judge(FakeStudent.of("w = 3"), Ask((1,))).mistake == ""


def test_a_law_that_returns_a_comparison_does_not_hold_for_everybody() -> None:
    with pytest.raises(GraderFault, match="The law <lambda> returned False; a law asserts what has to hold"):
        holds(lambda student: False).judge(FakeStudent.of("w = 3"), Ask((1,)))


def test_a_law_names_a_mistake_itself() -> None:
    student = FakeStudent.of("w = 30")
    verdict = worded(w_is_small.judge(student, Ask((1,))), w_is_small, student, Ask((1,)))
    assert (verdict.mistake, verdict.found) == ("far", "It was squared. It is far too large.")


def test_a_program_that_returns_variables_hands_them_in() -> None:
    w_is_small.name, names = "w_is_small", {"wrong": not_divided}
    for cell in w_is_small.made(w_is_small.mistakes[0], {}):
        exec(cell, names)
    assert names["w"] == 2.0


def test_what_the_student_raises_or_leaves_out_passes_through() -> None:
    with pytest.raises(Raised):
        judge("def double(z): raise KeyError(3)")
    with pytest.raises(Unusable, match="returned text"):
        judge("def double(z): return ''")
    with pytest.raises(Absent, match="not been filled in"):
        judge("def double(z): pass")
    with pytest.raises(Absent):
        judge("x = 1")


def test_decorated_they_are_still_functions() -> None:
    assert isinstance(double, Function)
    assert isinstance(is_odd, Law)
    assert double(np.ones(2)).tolist() == [2, 2]
    assert shifted(np.ones(1)).tolist() == [3]
