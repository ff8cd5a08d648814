"""References against themselves and against their known mistakes."""

from __future__ import annotations

import contextlib
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent, StudentFailure
from grader.expect import Ask, Expectation, Function, Gradient, Law, Value
from grader.records import Outcome, Verdict
from grader.reference import load
from grader.student import Handle, Opaque

COURSE = Path(__file__).parents[1] / "reference"
KINDS = (Function, Law, Value)
TRUTHS = {
    (homework, name): each
    for homework in ("hw3", "ams", "ex1")
    for name, each in load(COURSE / f"{homework}.py").items()
    if isinstance(each, KINDS)
}
MISTAKES = [(*where, known.name) for where, each in TRUTHS.items() for known in each.mistakes]
every_truth = pytest.mark.parametrize(("homework", "name"), TRUTHS)


def right(homework: str) -> dict[str, object]:
    """Return what a student has who made no mistake."""
    own = {name: each for (of, name), each in TRUTHS.items() if of == homework}
    functions = {name: written(each) for name, each in own.items() if isinstance(each, Function)}
    return functions | {name: each.value for name, each in own.items() if isinstance(each, Value)}


def written(function: Function) -> object:
    return function.written if isinstance(function, Gradient) else function.truth


def behind(homework: str, name: str, answer: object) -> str:
    """Return the name a mistake is made under: of a law, the function that takes the same arguments."""
    if not isinstance(TRUTHS[homework, name], Law):
        return name
    return next(
        other
        for other, function in right(homework).items()
        if callable(function) and signature(function).parameters.keys() == signature(answer).parameters.keys()
    )


def judge(homework: str, name: str, namespace: dict[str, object], seed: int = 0, **credit: float) -> Verdict:
    return TRUTHS[homework, name].judge(FakeStudent(namespace), Ask((seed, 1, 2), credit=credit))


@every_truth
def test_reference_passes_itself(homework: str, name: str) -> None:
    for seed in range(20):
        verdict = judge(homework, name, right(homework), seed)
        assert verdict.outcome is Outcome.PASSED, verdict


@pytest.mark.parametrize(("homework", "name", "wrong"), MISTAKES)
def test_known_mistake_is_named(homework: str, name: str, wrong: str) -> None:
    truth = TRUTHS[homework, name]
    known = next(each for each in truth.mistakes if each.name == wrong)
    made = known.answer() if isinstance(truth, Value) else known.answer
    namespace = right(homework) | {behind(homework, name, known.answer): made}
    for seed in range(3):
        verdict = judge(homework, name, namespace, seed)
        assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, wrong), verdict
        assert verdict.found.startswith(known.sentence)
        partly = judge(homework, name, namespace, seed, **{wrong: 0.5})
        assert (partly.outcome, partly.fraction) == (Outcome.PARTIAL, 0.5)


@every_truth
def test_nothing_is_missing_and_at_least_two_mistakes_are_known(homework: str, name: str) -> None:
    expectation: Expectation = TRUTHS[homework, name]
    assert len(expectation.mistakes) >= 2
    if isinstance(expectation, Value):
        assert judge(homework, name, {}).outcome is Outcome.MISSING
    else:
        with pytest.raises(Absent):
            judge(homework, name, {})


class Whatever(FakeStudent):
    """Answers every call with one value."""

    def __init__(self, value: object) -> None:
        super().__init__(right("hw3") | right("ex1"))
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


@pytest.mark.parametrize(("homework", "name"), [where for where in TRUTHS if where[0] != "ams"])
@pytest.mark.parametrize("value", WEIRD, ids=repr)
def test_whatever_comes_back_is_the_students_doing(homework: str, name: str, value: object) -> None:
    with contextlib.suppress(StudentFailure):
        assert TRUTHS[homework, name].judge(Whatever(value), Ask((1,))).outcome is not Outcome.FAULT


@pytest.mark.parametrize(
    "said",
    [
        "Help: the course forum.",
        "Tools: none",
        "No help, no tools.",
        "I worked with no one.",
        "I used the PyTorch tutorial.",
        "Note: worked alone.",
        "Individual work.",
        "This is all my own work.",
        "I completed this homework independently.",
        "Hilfsmittel: keine.",
    ],
)
def test_who_says_in_few_words_who_helped_has_said_it(said: str) -> None:
    acknowledgement = load(COURSE / "hw1.py")["acknowledgement"]
    student = FakeStudent.of(f"# %% [markdown]\n{said}", "x = 1")
    assert acknowledgement.judge(student, Ask((1,))).outcome is Outcome.PASSED


def test_a_step_function_may_answer_true_and_false() -> None:
    for right in (lambda x: x >= 0, lambda x: [each >= 0 for each in x], lambda x: bool(float(x) >= 0)):
        assert judge("ex1", "l1", {"l1": right}).outcome is Outcome.PASSED
    assert judge("ex1", "l1", {"l1": lambda x: x > 0}, zero_at_zero=0.5).mistake == "zero_at_zero"
    assert "truth values" in judge("ex1", "l0", {"l0": lambda x: x >= 0}).found


@pytest.mark.parametrize(
    "arranged",
    [
        lambda W1, b1, W2, b2: [(W1, b1), (W2, b2)],
        lambda W1, b1, W2, b2: ([W1, W2], [b1, b2]),
        lambda W1, b1, W2, b2: (W1, W2, b1, b2),
        lambda W1, b1, W2, b2: [(b1, W1), (b2, W2)],
        lambda W1, b1, W2, b2: (b1, b2, W1, W2),
    ],
)
def test_a_network_may_be_returned_in_layers_or_in_another_order(arranged) -> None:
    def right(W1, b1, W2, b2):
        return arranged(2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(1))

    def wrong(W1, b1, W2, b2):
        return arranged(2 * W1, 2 * b1, 2 * W2, b2)

    for seed in range(3):
        assert judge("ex1", "tanh_to_sigmoid", {"tanh_to_sigmoid": right}, seed).outcome is Outcome.PASSED
    assert judge("ex1", "tanh_to_sigmoid", {"tanh_to_sigmoid": wrong}).mistake == "forgets_the_shift"
    twice = judge("ex1", "tanh_to_sigmoid", {"tanh_to_sigmoid": lambda W1, b1, W2, b2: (W1, W1, b1, b2)})
    assert "where shape" in twice.found


def test_a_constant_may_be_found_on_a_grid() -> None:
    z = np.linspace(-5, 5, 1000)
    slope = np.abs(np.diff(1 / (1 + np.exp(-z))) / np.diff(z)).max()
    assert judge("hw3", "softplus_lipschitz", {"softplus_lipschitz": slope}).outcome is Outcome.PASSED
    assert judge("hw3", "softplus_lipschitz", {"softplus_lipschitz": 0.24}).outcome is Outcome.FAILED


def test_what_to_try_is_said_of_a_network_and_of_a_gradient_by_one_column() -> None:
    other = judge("ex1", "tanh_to_sigmoid", {"tanh_to_sigmoid": lambda W1, b1, W2, b2: (W1, b1, 2 * W2, b2)})
    assert other.hint == "Compute both functions at a few random inputs, and compare."
    one = judge("ex1", "grad_theta", {"grad_theta": lambda x, y, W, Theta, i=0: (W @ x) * y[i]})
    assert one.hint.startswith("One row or column came back")
    more = judge("ex1", "grad_theta", {"grad_theta": lambda x, y, W, Theta, i: W @ x})
    assert more.hint == "It is called with the arguments (x, y, W, Theta)."
    square = judge("ex1", "grad_W", {"grad_W": lambda x, y, W, Theta: np.outer(W @ x, W @ x)})
    assert square.hint.startswith("Compare the shape")
