from __future__ import annotations

import numpy as np
import pytest

from grader.expect.curves import derivative, evaluable, here, polynomial, wave
from grader.expect.inputs import cases, drawn, integers, normal, uniform, values
from grader.kernel.known import known_function
from grader.student import KnownFunction

CURVES = [polynomial(1, -2, 3), polynomial(4), wave("sin", 2, 3, 1), wave("cos", -1, 2, 0), wave("exp", 0.5, -1, 0.25)]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_draws_have_the_shape_that_was_asked_for() -> None:
    assert np.shape(drawn(normal(5, 7), rng())) == (5, 7)
    assert isinstance(drawn(normal(), rng()), float)
    assert isinstance(drawn(uniform(2, 3), rng()), float)
    assert isinstance(drawn(integers(1, 5), rng()), int)
    assert values(1, 2).tolist() == [1.0, 2.0]


def test_integers_include_both_ends() -> None:
    assert set(np.ravel(drawn(integers(1, 3, 200), rng()))) == {1, 2, 3}


def test_draws_follow_their_parameters() -> None:
    assert drawn(normal(4000, mean=3, scale=0.5), rng()).mean() == pytest.approx(3, abs=0.05)  # type: ignore[attr-defined]
    low, high = drawn(uniform(2, 3, 4000), rng()).min(), drawn(uniform(2, 3, 4000), rng()).max()  # type: ignore[attr-defined]
    assert 2 <= low < 2.01
    assert 2.99 < high < 3


def test_a_list_is_one_argument_and_a_tuple_is_several() -> None:
    (first, second) = cases([([normal(2), normal(3)], 4), normal(2)], (1,))
    matrices, number = first.arguments
    assert isinstance(matrices, list)
    assert [each.shape for each in matrices] == [(2,), (3,)]
    assert number == 4
    assert len(second.arguments) == 1


def test_a_further_case_moves_no_other() -> None:
    (alone,) = cases([normal(3)], (1, 2))
    (again, other) = cases([normal(3), normal(3)], (1, 2))
    assert np.array_equal(alone.arguments[0], again.arguments[0])
    assert not np.array_equal(again.arguments[0], other.arguments[0])
    assert not np.array_equal(alone.arguments[0], cases([normal(3)], (1, 3))[0].arguments[0])


@pytest.mark.parametrize("curve", CURVES)
def test_derivatives_are_slopes(curve: KnownFunction) -> None:
    x, h = 0.3, 1e-6
    f, df = evaluable(curve), evaluable(derivative(curve))
    assert df(x) == pytest.approx((f(x + h) - f(x - h)) / (2 * h), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("curve", CURVES)
def test_the_student_is_handed_the_same_curve(curve: KnownFunction) -> None:
    theirs = known_function(curve.formula, curve.coefficients)
    assert theirs(0.7) == pytest.approx(evaluable(curve)(0.7), rel=1e-14)


def test_our_functions_are_handed_copies() -> None:
    array = np.ones(3)
    here([array])[0][0] = 5
    assert array[0] == 1
    assert here([CURVES[0]])[0](2.0) == 9
