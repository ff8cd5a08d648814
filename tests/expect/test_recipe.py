"""What was done in training: the rule, the schedule, the data, and which training is meant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from trained import Plan, Recorded, f_star, file_of, train

from grader.chance import Normal
from grader.expect.expectation import Ask
from grader.expect.network import Network
from grader.expect.recipe import Recipe
from grader.observed import Pass, Training
from grader.records import CellError, CellRun, Outcome, Verdict

NET = Network((1, 64, 64, 1), "sigmoid", names=("model",))
CLEAN = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star)
NOISY = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star, noise=0.5)


def verdicts(recipe: Recipe, *plans: Plan) -> dict[str, Verdict]:
    student = Recorded(file_of(*(train(plan) for plan in plans)))
    return {part: recipe.judge(student, Ask((1,), part)) for part in recipe.parts}


def outcomes(recipe: Recipe, *plans: Plan) -> dict[str, Outcome]:
    return {part: verdict.outcome for part, verdict in verdicts(recipe, *plans).items()}


ALL = {"rule": Outcome.PASSED, "schedule": Outcome.PASSED, "data": Outcome.PASSED}

RIGHT = {
    "as asked": Plan(),
    "half": Plan(loss="half mean"),
    "not shuffled": Plan(order="cyclic"),
    "replacement": Plan(order="replacement"),
    "by hand": Plan(rule="by hand"),
    "summed, step made for it": Plan(loss="sum", step=0.1 / 128),
    "half summed, step made for it": Plan(loss="half sum", step=0.1 / 128),
    "over all 512 points, step made for it": Plan(loss="over all", step=0.4),
    "step 0.2 on half, as 0.1 on the mean": Plan(step=0.2, loss="half mean"),
    "step 0.05 on the mean, as 0.1 on half": Plan(step=0.05),
    "one epoch more": Plan(epochs=1001),
    "one step fewer": Plan(steps=3999),
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("seed", [0, 1])
def test_right_ways(name: str, seed: int) -> None:
    assert outcomes(CLEAN, replace(RIGHT[name], seed=seed)) == ALL
    noisy = replace(RIGHT[name], seed=seed, noise=0.5)
    assert outcomes(NOISY, Plan(), noisy) == ALL


THOUSAND = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=1000, inputs=Normal(), labels=f_star)


@pytest.mark.parametrize("order", ["shuffled", "cyclic"])
def test_a_last_batch_may_be_smaller(order: str) -> None:
    assert outcomes(THOUSAND, Plan(rows=1000, order=order)) == ALL


def test_a_last_batch_may_be_left_out_where_the_order_changes() -> None:
    found = verdicts(THOUSAND, Plan(rows=1000, drop_last=True))
    assert {part: verdict.outcome for part, verdict in found.items()} == ALL
    assert found["schedule"].remarks == ("The last, smaller batch of every epoch is left out.",)
    fewer = verdicts(THOUSAND, Plan(rows=1000, drop_last=True, epochs=980))["schedule"]
    assert (fewer.outcome, fewer.mistake) == (Outcome.FAILED, "other_epochs")


WRONG = {
    "step 1e-3": (Plan(step=1e-3), "rule", "other_step", "0.001"),
    "step 1e-2": (Plan(step=1e-2), "rule", "other_step", "0.01"),
    "step 0.2": (Plan(step=0.2), "rule", "other_step", "0.2"),
    "step 0.05 on half": (Plan(step=0.05, loss="half mean"), "rule", "other_step", "0.05"),
    "Adam": (Plan(rule="Adam", step=0.1), "rule", "adam", "Adam"),
    "RMSprop": (Plan(rule="RMSprop", step=0.1), "rule", "other_rule", "RMSprop"),
    "momentum": (Plan(settings={"momentum": 0.9}), "rule", "extras", "momentum 0.9"),
    "no zero_grad": (Plan(clean=False), "rule", "no_zero_grad", "zero"),
    "scheduler": (Plan(decay=0.9), "rule", "schedule", "changes"),
    "uphill": (Plan(step=-0.1, rule="by hand", made=3), "rule", "ascent", "up"),
    "300 epochs": (Plan(epochs=300), "schedule", "other_epochs", "300 epochs"),
    "1000 steps": (Plan(steps=1000), "schedule", "iterations", "250 epochs"),
    "full batch": (Plan(batch=512), "schedule", "full_batch", "512 out of 512"),
    "batch 32": (Plan(batch=32, made=40), "schedule", "other_batch", "of 32"),
    "1000 points": (Plan(rows=1024, made=24), "schedule", "other_rows", "1024"),
    "one batch again and again": (Plan(rows=128), "schedule", "other_rows", "out of 128"),
    "broadcast": (Plan(loss="broadcast"), "data", "broadcast", "mean"),
    "absolute": (Plan(loss="absolute"), "data", "other_loss", "absolute"),
    "Huber": (Plan(loss="Huber"), "data", "other_loss", "Huber"),
    "summed": (Plan(loss="sum"), "data", "summed_loss", "summed"),
    "over all": (Plan(loss="over all"), "data", "scaled_loss", "0.25"),
    "fresh points": (Plan(fresh_points=True), "data", "fresh_points", "anew"),
    "uniform points": (Plan(points=lambda rng, n: rng.uniform(-2, 2, n)), "data", "other_inputs", "N(0, 1"),
    "grid": (Plan(points=lambda rng, n: np.linspace(-2, 2, n)), "data", "other_inputs", "N(0, 1"),
    "other function": (Plan(labels=lambda x: np.cos(4 * x)), "data", "other_labels", "f*"),
    "slip in the formula": (Plan(labels=lambda x: x - 2 * np.cos(4 * x)), "data", "other_labels", "f*"),
    "noisy": (Plan(noise=0.5), "data", "noisy", "noise"),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_way_costs_its_own_part_and_is_named(name: str) -> None:
    plan, part, mistake, said = WRONG[name]
    found = verdicts(CLEAN, plan)
    assert {key for key, verdict in found.items() if verdict.outcome is Outcome.FAILED} == {part}
    assert found[part].mistake == mistake
    assert said in found[part].found
    assert found[part].hint


def test_a_loop_that_leaves_a_batch_out_is_thought_of() -> None:
    hint = verdicts(CLEAN, Plan(steps=3000))["schedule"].hint
    assert hint.endswith("If your loop makes 1000 epochs, each has 3 steps only, and leaves points out.")
    for steps in (1000, 1200, 8000):
        assert "leaves points out" not in verdicts(CLEAN, Plan(steps=steps))["schedule"].hint


@pytest.mark.parametrize("clean", [True, False])
def test_parameters_that_nobody_handed_to_the_optimizer_are_named(clean: bool) -> None:
    made = train(Plan(clean=clean))
    final = (*made.final[:4], *made.initial[4:])
    left = replace(made, final=final, passes=tuple(replace(seen, rate=None) for seen in made.passes))
    verdict = CLEAN.judge(Recorded(file_of(left)), Ask((1,), part="rule"))
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "not_all_parameters")
    assert all(f"`{name}`" in verdict.found for name in made.names[4:])


def test_a_single_step_does_not_stand_for_a_training_whose_labels_were_not_seen() -> None:
    dark = tuple(replace(one, inputs=None, outputs=None, output_gradient=None) for one in train(Plan()).passes)
    unseen = replace(train(Plan(seed=1)), passes=dark)
    run = CLEAN.choose(Recorded(file_of(unseen, train(Plan(steps=1, made=1)))))
    assert run is not None
    assert run.training.steps == 4000


def test_where_a_cell_stopped_before_a_training_it_is_said() -> None:
    stopped = CellRun(3, "code", "train(MLP())", error=CellError("NameError", "name 'MLP' is not defined"))
    for recipe, plan in (CLEAN, Plan(noise=0.5)), (NOISY, Plan()):
        file = replace(file_of(train(plan)), cells=(stopped,))
        verdict = recipe.judge(Recorded(file), Ask((1,), part="data"))
        assert "Cell 3 of hw3.py stopped with NameError" in verdict.found
        assert verdict.hint.startswith("Run the whole file anew")


NOISE = {
    "variance": (Plan(noise=0.5**0.5), "variance", "0.7"),
    "too little": (Plan(noise=0.05), "other_noise", "0.05"),
    "too much": (Plan(noise=2.0), "other_noise", "2"),
    "not centred": (Plan(labels=lambda x: f_star(x) + 0.4, noise=0.3), "biased_noise", "mean"),
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_of_the_wrong_size_is_named(name: str) -> None:
    plan, mistake, said = NOISE[name]
    verdict = verdicts(NOISY, Plan(), plan)["data"]
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake)
    assert said in verdict.found


EITHER = Recipe(NET, step=0.1, epochs=1000, batch=128, rows=512, inputs=Normal(), labels=f_star, noise=(0.5, 0.5**0.5))


@pytest.mark.parametrize("noise", [0.5, 0.5**0.5])
def test_a_spread_may_be_meant_in_two_ways(noise: float) -> None:
    assert outcomes(EITHER, Plan(), Plan(noise=noise)) == ALL


@pytest.mark.parametrize("noise", [0.25, 0.6, 1.0])
def test_a_spread_that_is_meant_in_neither_way_is_refused(noise: float) -> None:
    verdict = verdicts(EITHER, Plan(), Plan(noise=noise))["data"]
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "other_noise")
    assert "deviation or the variance" in verdict.hint


def test_noise_drawn_anew_is_a_remark() -> None:
    verdict = verdicts(NOISY, Plan(), Plan(noise=0.5, fresh_noise=True))["data"]
    assert verdict.outcome is Outcome.PASSED
    assert "anew" in verdict.remarks[0]


def test_right_noise_is_never_refused() -> None:
    for seed in range(40):
        assert verdicts(NOISY, Plan(noise=0.5, seed=seed))["data"].outcome is Outcome.PASSED


def test_remarks_on_order_and_count() -> None:
    (remark,) = verdicts(CLEAN, Plan(order="cyclic"))["schedule"].remarks
    assert "same in every epoch" in remark
    assert "sheet" not in remark  # not every sheet asks for another order
    assert "anew for every batch" in verdicts(CLEAN, Plan(order="replacement"))["schedule"].remarks[0]
    assert "1001 epochs" in verdicts(CLEAN, Plan(epochs=1001))["schedule"].remarks[0]
    assert not verdicts(CLEAN, Plan())["schedule"].remarks


def test_two_optimizers_that_share_a_network_are_for_a_person() -> None:
    training = train(Plan())
    passes = tuple(replace(seen, rate=None) for seen in training.passes)
    shared = replace(training, passes=passes, steps=2 * training.steps)  # half of a step is no multiple of the gradient
    verdict = CLEAN.judge(Recorded(file_of(shared)), Ask((1,), "rule"))
    assert (verdict.outcome, "2 steps" in verdict.found) == (Outcome.PENDING, True)


def test_each_recipe_takes_its_own_training_in_any_order() -> None:
    clean, noisy = Plan(kind="P1", step=1e-3), Plan(kind="P2", noise=0.5)
    for plans in ((clean, noisy), (noisy, clean)):
        assert verdicts(CLEAN, *plans)["rule"].mistake == "other_step"
        assert outcomes(NOISY, *plans) == ALL


def test_going_on_from_the_first_network_is_a_remark() -> None:
    first = train(Plan())
    second = train(Plan(noise=0.5, initial=list(first.final)))
    verdict = NOISY.judge(Recorded(file_of(first, second)), Ask((1,), "data"))
    assert verdict.outcome is Outcome.PASSED
    assert "went on" in verdict.remarks[0]
    assert not CLEAN.judge(Recorded(file_of(first, second)), Ask((1,), "data")).remarks


@pytest.mark.parametrize("first", ["mean", "half mean"])
@pytest.mark.parametrize("second", ["mean", "half mean"])
def test_two_networks_may_be_trained_by_the_sum_of_their_losses(first: str, second: str) -> None:
    clean, noisy = train(Plan(loss=first)), train(Plan(loss=second, noise=0.5, seed=1))
    both = [one.loss + other.loss for one, other in zip(clean.passes, noisy.passes, strict=True)]
    summed = [
        replace(each, passes=tuple(replace(seen, loss=loss) for seen, loss in zip(each.passes, both, strict=True)))
        for each in (clean, noisy)
    ]
    for recipe in (CLEAN, NOISY):
        assert recipe.judge(Recorded(file_of(*summed)), Ask((1,), "data")).outcome is Outcome.PASSED
    more = [
        replace(each, passes=tuple(replace(seen, loss=seen.loss + 3 + seen.step) for seen in each.passes))
        for each in summed
    ]
    assert CLEAN.judge(Recorded(file_of(*more)), Ask((1,), "data")).mistake == "other_loss"


def test_the_same_training_twice_is_not_one_of_two_networks() -> None:
    for loss in ("mean", "half mean"):
        assert outcomes(CLEAN, Plan(loss=loss), Plan(loss=loss)) == ALL


def test_minus_the_loss_may_be_climbed() -> None:
    def climbed(training: Training) -> Training:
        return replace(training, passes=tuple(map(turned, training.passes)))

    def turned(seen: Pass) -> Pass:
        assert seen.output_gradient is not None and seen.rate is not None
        return replace(seen, loss=-seen.loss, output_gradient=-seen.output_gradient, rate=-seen.rate)

    for loss in ("mean", "half mean"):
        student = Recorded(file_of(climbed(train(Plan(loss=loss))), climbed(train(Plan(loss=loss, noise=0.5)))))
        found = {part: CLEAN.judge(student, Ask((1,), part)).outcome for part in CLEAN.parts}
        assert found == ALL
        assert NOISY.judge(student, Ask((1,), "data")).outcome is Outcome.PASSED


AMISS = {
    "grid": (Plan(points=lambda rng, n: np.linspace(-2, 2, n)), "points"),
    "fresh points": (Plan(fresh_points=True, fresh_noise=True), "anew"),
    "summed": (Plan(loss="sum", step=1e-3), "summed"),
}


@pytest.mark.parametrize("name", AMISS)
def test_what_is_wrong_besides_the_noise_is_a_remark_where_only_the_noise_is_asked_about(name: str) -> None:
    plan, said = AMISS[name]
    verdict = verdicts(NOISY, plan, replace(plan, noise=0.5))["data"]
    assert verdict.outcome is Outcome.PASSED and said in verdict.remarks[-1]
    wrong = verdicts(NOISY, plan, replace(plan, noise=2.0))["data"]
    assert (wrong.outcome, wrong.mistake) == (Outcome.FAILED, "other_noise")
    for plans in ((plan, replace(plan, noise=0.5), Plan(noise=0.5, kind="right")),):
        assert "right" in verdicts(NOISY, *plans)["data"].found


def test_two_files() -> None:
    student = Recorded(file_of(train(Plan(noise=0.5)), name="p2.py"), file_of(train(Plan()), name="p1.py"))
    assert "p1.py" in CLEAN.judge(student, Ask((1,), "rule")).found
    assert "p2.py" in NOISY.judge(student, Ask((1,), "rule")).found


def test_attempts_before_the_right_one_do_not_count() -> None:
    attempts = (Plan(step=1.0, made=3), Plan(steps=10), Plan(widths=(1, 8, 1), hidden=("sigmoid",)), Plan(epochs=300))
    assert outcomes(CLEAN, *attempts, Plan()) == ALL
    assert outcomes(CLEAN, Plan(), *attempts) == ALL


def test_both_trainings_broadcast_are_told_apart_by_order() -> None:
    first, second = Plan(loss="broadcast"), Plan(loss="broadcast", noise=0.5)
    assert "training 1 of 2" in verdicts(CLEAN, first, second)["data"].found
    assert "training 2 of 2" in verdicts(NOISY, first, second)["data"].found


def test_only_a_clean_training_leaves_the_noisy_one_missing() -> None:
    verdict = verdicts(NOISY, Plan())["data"]
    assert verdict.outcome is Outcome.MISSING
    assert "without noise" in verdict.found


def test_only_a_noisy_training_is_judged_for_what_it_shares() -> None:
    found = outcomes(CLEAN, Plan(noise=0.5))
    assert found == {"rule": Outcome.PASSED, "schedule": Outcome.PASSED, "data": Outcome.FAILED}


def test_a_run_that_diverged_is_judged_by_its_first_steps() -> None:
    training = train(Plan(loss="sum", made=6))
    passes = (*training.passes, replace(training.passes[-1], step=6, loss=float("nan"), rate=None, clean=True))
    student = Recorded(file_of(replace(training, passes=passes, final=tuple(a * np.nan for a in training.final))))
    assert CLEAN.judge(student, Ask((1,), "data")).mistake == "summed_loss"
    assert CLEAN.judge(student, Ask((1,), "rule")).outcome is Outcome.PASSED


def test_unseen_batches_and_labels_are_not_a_zero() -> None:
    training = train(Plan())
    blind = tuple(replace(seen, inputs=None, outputs=None, output_gradient=None) for seen in training.passes)
    none = np.zeros(4000, dtype=np.int64)
    student = Recorded(file_of(replace(training, passes=blind, batch_sizes=none, rows=np.empty((0, 1)), row_ids=())))
    found = {part: CLEAN.judge(student, Ask((1,), part)).outcome for part in CLEAN.parts}
    assert found == {"rule": Outcome.PASSED, "schedule": Outcome.PASSED, "data": Outcome.PENDING}


def test_what_could_not_be_looked_at_is_not_a_zero() -> None:
    sentence = "What was trained and drawn could not be looked at: it did not answer."
    for part in CLEAN.parts:
        verdict = CLEAN.judge(Recorded(replace(file_of(), unwatched=sentence)), Ask((1,), part))
        assert verdict.outcome is Outcome.PENDING and sentence in verdict.found
        assert CLEAN.judge(Recorded(file_of()), Ask((1,), part)).outcome is Outcome.MISSING


def test_several_backward_passes_before_a_step_are_left_to_a_person() -> None:
    training = train(Plan(clean=False))
    student = Recorded(file_of(replace(training, batch_sizes=np.full(512000, 1))))
    assert CLEAN.judge(student, Ask((1,), "rule")).outcome is Outcome.PENDING
    assert CLEAN.judge(student, Ask((1,), "schedule")).outcome is Outcome.PENDING


def test_nothing_seen() -> None:
    def with_error(blame: str) -> Recorded:
        error = CellError("ModuleNotFoundError", "No module named 'torch'", blame=blame)
        return Recorded(file_of(cells=(CellRun(1, "code", "import torch", error=error),)))

    ask = Ask((1,), "rule")
    assert CLEAN.judge(Recorded(file_of()), ask).outcome is Outcome.MISSING
    assert CLEAN.judge(with_error("environment"), ask).outcome is Outcome.PENDING
    found = CLEAN.judge(with_error("student"), ask)
    assert found.outcome is Outcome.MISSING
    assert "Cell 1 of hw3.py stopped with ModuleNotFoundError" in found.found
    slow = CLEAN.judge(Recorded(file_of(status="stopped", reason="The file was stopped after 600 s.")), ask)
    assert "600 s" in slow.found
