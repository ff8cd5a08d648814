"""Parameters before the first step, and the slips that students make with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_student import FakeStudent
from trained import Plan, Recorded, f_star, file_of, train

from grader.chance import Normal
from grader.expect.expectation import Ask
from grader.expect.initial import Initial
from grader.expect.network import Network
from grader.expect.recipe import Recipe
from grader.records import Outcome, Verdict

NET = Network((1, 64, 64, 1), "sigmoid")
CLEAN = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star)
START = Initial(CLEAN, weights=Normal(), bias=0.03)
ASK = Ask((1,))


def judged(*plans: Plan) -> Verdict:
    return START.judge(Recorded(file_of(*(train(replace(plan, made=4)) for plan in plans))), ASK)


def uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    return rng.uniform(-1, 1, shape) / np.sqrt(shape[1])


def uniform_bias(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    return rng.uniform(-1, 1, shape[0]) / np.sqrt(shape[1])


def constant(value: float) -> Callable[..., Any]:
    return lambda rng, shape: np.full(shape, value)


def bias(value: float) -> Callable[..., Any]:
    return lambda rng, shape: np.full(shape[0], value)


def test_fair_draws_pass() -> None:
    for seed in range(60):
        assert judged(Plan(seed=seed)).outcome is Outcome.PASSED


def draws(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    return rng.normal(size=shape[0])


def small(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    return rng.normal(0, 0.03, shape)


WRONG = {
    "default": (Plan(start=uniform, bias=uniform_bias), "default_initialisation", "PyTorch"),
    "default weights": (Plan(start=uniform), "default_initialisation", "PyTorch"),
    "default biases": (Plan(bias=uniform_bias), "default_bias", "biases kept"),
    "zero weights": (Plan(start=constant(0.0)), "zeros", "zero"),
    "constant": (Plan(start=constant(1.0)), "constant", "the same"),
    "swapped constants": (Plan(start=constant(0.03), bias=bias(1.0)), "swapped", "swapped"),
    "swapped laws": (Plan(start=constant(0.03), bias=draws), "swapped", "swapped"),
    "swapped deviations": (Plan(start=small, bias=bias(1.0)), "swapped", "swapped"),
    "rand": (Plan(start=lambda rng, shape: rng.uniform(0, 1, shape)), "uniform", "uniform"),
    "centred uniform": (Plan(start=lambda rng, shape: rng.uniform(-(3**0.5), 3**0.5, shape)), "uniform", "uniform"),
    "zero bias": (Plan(bias=bias(0.0)), "zero_bias", "zero"),
    "bias 0.3": (Plan(bias=bias(0.3)), "", "all 0.3"),
    "bias is one": (Plan(bias=bias(1.0)), "", "all 1"),
    "random bias": (Plan(bias=draws), "", "from -"),
    "scaled": (Plan(start=lambda rng, shape: rng.normal(size=shape) / np.sqrt(shape[1])), "", "standard deviation 0.1"),
    "mean 0.03": (Plan(start=lambda rng, shape: rng.normal(1.0, 1.0, shape)), "", "mean 1|standard deviation"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_slips_are_named(name: str) -> None:
    plan, mistake, said = WRONG[name]
    verdict = judged(plan)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake), verdict.found
    assert any(part in verdict.found for part in said.split("|")), verdict.found
    assert "0.03" in verdict.hint


def test_the_layer_is_named() -> None:
    def last_forgotten(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
        return uniform(rng, shape) if shape[0] == 1 else rng.normal(size=shape)

    found = judged(Plan(start=last_forgotten)).found
    assert "weights of layer 3" in found
    assert "layer 1" not in found
    assert "layer 2" not in found


def test_the_exact_training_counts_not_the_noisy_one() -> None:
    worse = Plan(noise=0.5, start=uniform)
    assert judged(Plan(), worse).outcome is Outcome.PASSED
    assert judged(worse, Plan()).outcome is Outcome.PASSED
    assert judged(Plan(start=uniform), Plan(noise=0.5)).outcome is Outcome.FAILED


def test_bare_tensors_with_weights_and_biases_of_one_shape() -> None:
    training = train(Plan(made=4))
    w1, b1, w2, b2, w3, b3 = training.initial
    arrays = (b1, w1[:, 0], w2.T, b2, w3[0], b3)
    student = Recorded(file_of(replace(training, initial=arrays, final=arrays)))
    assert START.judge(student, ASK).outcome is Outcome.PASSED


def test_parameters_not_kept() -> None:
    student = Recorded(file_of(replace(train(Plan(made=4)), initial=())))
    assert START.judge(student, ASK).outcome is Outcome.MISSING


def test_a_network_that_was_never_trained() -> None:
    source = """
import torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(1, 64), torch.nn.Sigmoid(), torch.nn.Linear(64, 64), torch.nn.Sigmoid(),
                            torch.nn.Linear(64, 1))
"""
    filled = (
        "for p in model.parameters():\n    p.data = torch.randn(p.shape) if p.dim() == 2 else torch.full(p.shape, 0.03)"
    )
    assert START.judge(FakeStudent.of(source), ASK).outcome is Outcome.MISSING
    assert START.judge(FakeStudent.of(source, filled), ASK).outcome is Outcome.PASSED
