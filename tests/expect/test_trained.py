"""Whether a network was trained, by whatever rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fake_student import FakeStudent
from trained import Plan, file_of, train

from grader.expect import Accuracy, Network, Trained
from grader.expect.expectation import Ask
from grader.expect.perceptron import AT_THE_END
from grader.expect.trained import _softmax_twice
from grader.observed import Pass, Training
from grader.records import Outcome, Verdict

NET = Network((1, 64, 64, 1), "sigmoid")
GOOD = replace(train(Plan()), losses=np.linspace(2, 0.1, 100), loss_steps=np.arange(100))


def judged(*trainings: Training) -> Verdict:
    files = (file_of(*trainings),) if trainings else ()
    return Trained(NET).judge(FakeStudent({}, files=files), Ask((1,)))


def test_any_rule_will_do():
    for rule, said in (("SGD", "by SGD:"), ("Adam", "by Adam:"), ("by hand", ") by hand:")):
        verdict = judged(replace(GOOD, rule=rule))
        assert verdict.outcome is Outcome.PASSED
        assert said in verdict.found


WRONG = {
    "never_falls": replace(GOOD, losses=np.linspace(0.1, 2, 100)),
    "diverged": replace(GOOD, final=tuple(array * np.nan for array in GOOD.final)),
    "no_zero_grad": replace(GOOD, passes=tuple(replace(seen, clean=False) for seen in GOOD.passes)),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_what_went_wrong_is_named(mistake):
    verdict = judged(WRONG[mistake])
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake), verdict


def test_nothing_and_next_to_nothing_are_missing():
    assert judged().outcome is Outcome.MISSING
    assert judged(replace(GOOD, losses=np.ones(1), loss_steps=np.zeros(1, dtype=np.int64))).outcome is Outcome.MISSING


def test_a_network_without_torch_is_for_a_person():
    source = "import numpy as np\nW = [np.ones((1, 64)), np.ones((64, 64)), np.ones((64, 1))]"
    student = FakeStudent.of(source, "b = [np.ones(64), np.ones(64), np.ones(1)]")
    expected = Trained(NET), *(Accuracy(NET, "held.npz", good=0.7, fair=0.4) for _ in "12")
    for expectation, part in zip(expected, ("", "network", "report"), strict=True):
        verdict = expectation.judge(student, Ask((1,), part=part))
        assert verdict.outcome is Outcome.PENDING, verdict
        assert "in `W`, `b`." in verdict.found


@pytest.mark.parametrize("twice", [True, False])
def test_a_softmax_that_is_applied_twice_is_seen(twice):
    r = np.random.default_rng(0)
    outputs = AT_THE_END["softmax"](r.normal(size=(8, 5))) if twice else r.normal(size=(8, 5))
    hot = np.eye(5)[r.integers(0, 5, 8)]
    gradient = (AT_THE_END["softmax"](outputs) - hot) / 8
    seen = Pass(0, None, outputs, gradient, 1.0, True, 0.1)
    assert _softmax_twice([seen]) is twice
