"""The reference of homework 3 against itself and against its known mistakes."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent, StudentFailure
from grader.expect import Ask, Expectation, Function, Law, Value
from grader.records import Outcome, Verdict
from grader.reference import load
from grader.student import Handle, Opaque

HW3 = Path(__file__).parents[1] / "reference" / "hw3.py"
TRUTHS = {name: each for name, each in load(HW3).items() if isinstance(each, Function | Law | Value)}
FUNCTIONS = {name: each.truth for name, each in TRUTHS.items() if isinstance(each, Function)}
BEHIND = {
    "ce_loss_stable": "ce_loss",
    "ce_loss_vanishes": "ce_loss",
    "max_derivative_refuses": "max_derivative",
    "dead_unit_stays": "gradients",
    "leaky_unit_moves": "leaky_gradients",
}
"""The function that a law asks."""
RIGHT = {**FUNCTIONS, "parameter_count": 4353, "softplus_lipschitz": 0.25}
MISTAKES = [(name, known.name) for name, each in TRUTHS.items() for known in each.mistakes]


def judge(name: str, namespace: dict[str, object], seed: int = 0, **credit: float) -> Verdict:
    return TRUTHS[name].judge(FakeStudent(namespace), Ask((seed, 1, 2), credit=credit))


@pytest.mark.parametrize("name", TRUTHS)
def test_reference_passes_itself(name: str) -> None:
    for seed in range(5):
        verdict = judge(name, RIGHT, seed)
        assert verdict.outcome is Outcome.PASSED, verdict


@pytest.mark.parametrize(("name", "wrong"), MISTAKES)
def test_known_mistake_is_named(name: str, wrong: str) -> None:
    known = next(each for each in TRUTHS[name].mistakes if each.name == wrong)
    asked = BEHIND.get(name, name)
    namespace = RIGHT | {asked: known.answer() if isinstance(TRUTHS[name], Value) else known.answer}
    for seed in range(3):
        verdict = judge(name, namespace, seed)
        assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, wrong), verdict
        assert verdict.found.startswith(known.sentence)
        partly = judge(name, namespace, seed, **{wrong: 0.5})
        assert (partly.outcome, partly.fraction) == (Outcome.PARTIAL, 0.5)


@pytest.mark.parametrize("name", TRUTHS)
def test_nothing_is_missing_and_at_least_two_mistakes_are_known(name: str) -> None:
    expectation: Expectation = TRUTHS[name]
    assert len(expectation.mistakes) >= 2
    if isinstance(expectation, Value):
        assert judge(name, {}).outcome is Outcome.MISSING
    else:
        with pytest.raises(Absent):
            judge(name, {})


class Whatever(FakeStudent):
    """Answers every call with one value."""

    def __init__(self, value: object) -> None:
        super().__init__(RIGHT)
        self.value = value

    def call(self, what: object, /, *arguments: object, seed: int | None = None, **keywords: object) -> object:
        return self.value

    get = call  # type: ignore[assignment]


HUGE = 10**400
WEIRD: list[object] = [
    *(None, "", "nan", True, HUGE, -HUGE, 1j, float("nan"), float("inf"), (), [], {}, [[]], [[[]]], ((), ())),
    *(
        Opaque("object"),
        Handle("relu"),
        [Opaque("x")],
        {"C": 1, "d": 2},
        {1: 2, 3: 4, 5: 6},
        {"a": [], "b": {}, "u": 0},
    ),
    *([HUGE, 1.0], ["a", 1], [None, 1], [1, [2]], [True, 1j], [[1, 2], [3]], [(1, 2), (3, 4)], [[(1,)], [[2]]]),
    *(np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0)), np.full((35,), 1j), np.ones(35, dtype=bool), np.zeros((3,) * 5)),
    *(
        np.full(25, np.nan),
        np.full(4, np.inf, dtype=np.float32),
        np.zeros((3, 4)),
        np.full((3, 4), np.nan),
        np.ones((2, 2)),
    ),
    *(np.float16(3), np.array(2**63, dtype=np.uint64), np.array(-3, dtype=np.int8), [np.zeros((4, 1))] * 3),
]


@pytest.mark.parametrize("name", TRUTHS)
@pytest.mark.parametrize("value", WEIRD, ids=repr)
def test_whatever_comes_back_is_the_students_doing(name: str, value: object) -> None:
    with contextlib.suppress(StudentFailure):
        assert TRUTHS[name].judge(Whatever(value), Ask((1,))).outcome is not Outcome.FAULT
