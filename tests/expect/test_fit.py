"""How near the trained network is to f*, and what makes a bad fit bad luck."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fake_student import FakeStudent
from trained import Plan, Recorded, f_star, file_of, train

from grader.chance import Normal
from grader.expect.expectation import Ask
from grader.expect.fit import Fit
from grader.expect.initial import Initial
from grader.expect.network import Network
from grader.expect.perceptron import readings
from grader.expect.recipe import Recipe
from grader.observed import Training
from grader.records import Outcome, Verdict

NET = Network((1, 64, 64, 1), "sigmoid")
CLEAN = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star)
NOISY = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star, noise=0.5)
FIT = Fit(CLEAN, Initial(CLEAN, Normal(), 0.03), on=(-2, 2), good=0.5, fair=0.8)
NOISY_FIT = Fit(NOISY, Initial(NOISY, Normal(), 0.03), on=(-2, 2), good=0.5, fair=0.8)
ASK = Ask((1,))


@pytest.fixture(scope="module")
def whole() -> Training:
    """A training that is made to its end."""
    training = train(Plan(made=4000, loss="half mean"))
    return replace(training, passes=training.passes[:24], row_ids=training.row_ids[:24])


def judged(training: Training, fit: Fit = FIT) -> Verdict:
    return fit.judge(Recorded(file_of(training)), ASK)


def off_by(training: Training, error: float) -> Training:
    """Return a training that ends as a constant, at this error from f*."""
    grid = np.linspace(-2, 2, 401)
    middle = float(np.mean(f_star(grid)))
    least = float(np.std(f_star(grid)))
    final = [array.copy() for array in training.final]
    final[4], final[5] = final[4] * 0, np.array([middle + np.sqrt(error**2 - least**2)])
    return replace(training, final=tuple(final))


def test_a_whole_training_fits(whole: Training) -> None:
    verdict = judged(whole)
    assert verdict.outcome is Outcome.PASSED
    assert not verdict.remarks
    assert "zero function is 1.60" in verdict.found


def test_the_error_is_that_of_the_final_parameters(whole: Training) -> None:
    student = Recorded(file_of(off_by(whole, 1.7)))
    run = CLEAN.choose(student)
    assert run is not None
    assert FIT.error(student, run) == pytest.approx(1.7, rel=1e-6)


def test_bad_luck_after_a_verified_recipe_keeps_full_credit(whole: Training) -> None:
    verdict = judged(off_by(whole, 1.65))
    assert verdict.outcome is Outcome.PASSED
    assert "unlucky" in verdict.remarks[0]


@pytest.mark.parametrize(
    "plan",
    [
        Plan(epochs=300),
        Plan(step=1e-2),
        Plan(batch=512),
        Plan(start=lambda rng, shape: rng.uniform(-0.1, 0.1, shape)),
        Plan(hidden=("ReLU", "sigmoid"), made=2),
        Plan(loss="broadcast"),
    ],
)
def test_a_bad_fit_after_a_wrong_recipe_fails(plan: Plan) -> None:
    verdict = judged(off_by(train(plan), 1.65))
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "far_off")


def test_a_good_fit_needs_no_recipe(whole: Training) -> None:
    adam = replace(whole, rule="Adam", passes=tuple(replace(seen, rate=None) for seen in whole.passes), steps=900)
    assert judged(adam).outcome is Outcome.PASSED


def test_between_the_bands_the_recipe_decides(whole: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fit, "error", lambda *_: 0.7)
    verdict = judged(whole)
    assert verdict.outcome is Outcome.PASSED
    assert not verdict.remarks
    assert judged(train(Plan(epochs=300))).outcome is Outcome.FAILED


def test_what_could_not_be_seen_is_for_a_person(whole: Training) -> None:
    blind = replace(whole, passes=tuple(replace(seen, output_gradient=None) for seen in whole.passes))
    assert judged(off_by(blind, 1.65)).outcome is Outcome.PENDING


def test_nan_diverged(whole: Training) -> None:
    verdict = judged(replace(whole, final=tuple(array * np.nan for array in whole.final)))
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "diverged")


def test_other_activations_are_carried_too() -> None:
    errors = []
    for hidden in (("tanh", "tanh"), ("sigmoid", "sigmoid")):
        student = Recorded(file_of(replace(train(Plan(hidden=hidden, made=1)), final=train(Plan(made=0)).final)))
        run = CLEAN.choose(student)
        assert run is not None
        errors.append(FIT.error(student, run))
    assert errors[0] != pytest.approx(errors[1], rel=1e-2)


def test_a_network_nobody_understands_is_asked() -> None:
    source = """
import torch
class Fixed(torch.nn.Module):
    def forward(self, x):
        return (x - 2) * torch.cos(4 * x)
m0 = Fixed()
"""
    training = replace(train(Plan(model="m0", made=2)), initial=(np.ones((3, 2)),), final=(np.ones((3, 2)),))
    student = FakeStudent.of(source)
    student.files = (file_of(training),)
    assert FIT.judge(student, ASK).outcome is Outcome.PASSED
    del student.namespace["m0"]
    assert FIT.judge(student, ASK).outcome is Outcome.PENDING


def test_bare_tensors_in_an_order_nobody_saw(whole: Training) -> None:
    w1, b1, w2, b2, w3, b3 = whole.final
    arrays = (b2, b1, w3[0], w1[:, 0], w2.T, b3)
    verdict = judged(replace(whole, initial=arrays, final=arrays, passes=(), kind="tensors"))
    assert verdict.outcome is Outcome.PASSED


def test_biases_that_began_alike_are_told_apart_by_the_end(whole: Training) -> None:
    first, natural = whole.passes[0], readings([array.shape for array in whole.final], NET.widths, "sigmoid")[0]
    end = replace(first, step=3999, outputs=natural(whole.final, first.inputs))
    initial, final = ((b3, b2, b1, w1, w2, w3) for w1, b1, w2, b2, w3, b3 in (whole.initial, whole.final))
    odd = replace(whole, initial=initial, final=final, passes=(*whole.passes, end), kind="tensors", model="")
    assert judged(odd).measured == pytest.approx(judged(whole).measured)


def test_noisy_fit_takes_the_noisy_training(whole: Training) -> None:
    noisy = train(Plan(noise=0.5))
    student = Recorded(file_of(whole, off_by(noisy, 1.65)))
    assert FIT.judge(student, ASK).outcome is Outcome.PASSED
    assert "training 2 of 2" in NOISY_FIT.judge(student, ASK).found
    assert NOISY_FIT.judge(Recorded(file_of(whole)), ASK).outcome is Outcome.MISSING
    assert FIT.judge(Recorded(file_of()), ASK).outcome is Outcome.MISSING
