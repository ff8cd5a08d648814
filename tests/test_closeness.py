from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.closeness import Difference, Relation, difference, fitted, relation, tree

CLOSE = {"rtol": 1e-5, "atol": 1e-6}
GRID = np.arange(12.0).reshape(4, 3)


def compared(truth: object, answer: object) -> Difference | None:
    form = tree(truth)
    fit = fitted(form, answer)
    return fit if isinstance(fit, Difference) else difference(form, fit, **CLOSE)


@pytest.mark.parametrize(
    ("truth", "answer"),
    [
        (GRID, GRID.tolist()),
        (GRID, tuple(map(tuple, GRID))),
        (GRID, list(GRID)),
        (GRID, GRID.astype(np.int64)),
        (GRID, GRID.astype(np.float32)),
        (GRID[0], GRID[0].reshape(3, 1)),
        (GRID[0], [np.array(0), np.array([1.0]), 2]),
        (2.5, np.array([[2.5]])),
        (2.0, 2),
        (0.0, -0.0),
        (2.5, (2.5,)),
        ((GRID, GRID[0]), [GRID, GRID[0].reshape(1, 3)]),
        ((GRID[0], GRID[1]), GRID[:2]),
        ((GRID[0], GRID[1]), GRID[:2].tolist()),
        (np.nan, float("nan")),
        ([np.inf, 1.0], [np.inf, 1.0]),
        (1.0, float(np.float32(1 + 5e-6))),
    ],
)
def test_equal_in_any_arrangement(truth: object, answer: object) -> None:
    assert compared(truth, answer) is None


@pytest.mark.parametrize(
    ("truth", "answer", "kind", "what"),
    [
        (1.0, None, "type", "None"),
        (1.0, "1", "type", "text"),
        (GRID, {"a": 1}, "type", "a dictionary"),
        ((1.0, 2.0), 3.0, "type", "a single number"),
        ((1.0, 2.0), np.array(3.0), "type", "a single number"),
        (GRID, [1.0, [2.0, 3.0]], "type", "a sequence of arrays of different shapes"),
        (GRID[0], [1.0, "2", 3.0], "type", "text"),
        (GRID[0], [], "type", "a list of length 0"),
        (GRID[0], np.array([True, False, True]), "dtype", "truth values"),
        (GRID[0], GRID[0] + 1j, "dtype", "complex128 numbers"),
        (1.0, True, "dtype", "truth values"),
    ],
)
def test_type_and_dtype_come_before_value(truth: object, answer: object, kind: str, what: str) -> None:
    found = compared(truth, answer)
    assert found is not None
    assert (found.kind, found.what) == (kind, what)


def test_shape_is_told_with_the_part_it_is_of() -> None:
    found = compared((GRID, GRID[0]), (GRID, GRID[:, 0]))
    assert found == Difference("shape", place=(1,), shape=(4,), wanted=(3,))
    assert compared((1.0, 2.0), (1.0, 2.0, 3.0)) == Difference("shape", what="parts", shape=(3,), wanted=(2,))


def test_shape_comes_before_dtype() -> None:
    found = compared(GRID, np.zeros(3, dtype=bool))
    assert found is not None
    assert found.kind == "shape"


def test_worst_entry_is_the_one_furthest_beyond_what_is_allowed() -> None:
    wrong = GRID.copy()
    wrong[0, 1] += 0.5
    wrong[3, 1] += 0.6  # larger, but a smaller part of 10
    found = compared(GRID, wrong)
    assert found is not None
    assert (found.kind, found.index, found.wrong, found.entries) == ("value", (0, 1), 2, 12)
    assert (found.expected, found.got) == (1.0, 1.5)


def test_nan_equals_only_a_nan_of_the_truth() -> None:
    assert compared([1.0, np.nan], [1.0, 2.0]) is not None
    found = compared(np.array([1.0, 2.0]), [1.5, np.nan])
    assert found is not None
    assert found.index == (1,), "a NaN is worse than any number"


def test_infinity_equals_only_itself() -> None:
    assert compared(np.inf, -np.inf) is not None
    assert compared(1e300, np.inf) is not None
    assert compared(np.inf, 1e300) is not None


def test_single_precision_is_held_to_single_precision_only() -> None:
    tight = {"rtol": 1e-12, "atol": 0.0}
    third = np.array([1 / 3, 2 / 3])
    assert difference(third, third.astype(np.float32), **tight) is None
    assert difference(third, third.astype(np.float32).astype(np.float64), **tight) is None
    assert difference(third, third * (1 + 1e-9), **tight) is not None
    assert difference(third, (third * 1.001).astype(np.float32), **tight) is not None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda a, n: -a, Relation("negated", -1.0)),
        (lambda a, n: 2 * a, Relation("factor", 2.0)),
        (lambda a, n: n * a, Relation("sum")),
        (lambda a, n: a / n, Relation("mean")),
        (lambda a, n: a.T, Relation("transposed")),
        (lambda a, n: a + 1, None),
        (lambda a, n: 0 * a, None),
        (lambda a, n: a * np.nan, None),
    ],
)
def test_errors_that_everybody_makes_are_recognised(change: object, expected: Relation | None) -> None:
    rng = np.random.default_rng(0)
    truths, batches = [rng.normal(size=(3, 3)), rng.normal(size=(4, 4))], [5, 7]
    answers = [change(truth, n) for truth, n in zip(truths, batches, strict=True)]  # type: ignore[operator]
    found = relation(truths, answers, batches=batches, **CLOSE)
    if expected is None or found is None:
        assert found == expected
    else:
        assert found.kind == expected.kind
        assert found.factor == pytest.approx(expected.factor)


def test_one_number_is_never_called_a_multiple_of_another() -> None:
    assert relation([np.array(2.0)], [np.array(6.0)], **CLOSE) is None


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=12,
)


@given(plain)
def test_whatever_comes_is_fitted_or_told_apart(answer: object) -> None:
    for truth in (tree(1.0), tree(GRID), tree([GRID, 1.0]), tree([[1.0], [2.0, 3.0]])):
        fit = fitted(truth, answer)
        if not isinstance(fit, Difference):
            difference(truth, fit, **CLOSE)
