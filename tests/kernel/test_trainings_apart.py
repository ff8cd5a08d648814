"""Trainings are kept apart, and rules other than plain gradient descent are seen as what they are."""

from __future__ import annotations

import numpy as np
import pytest
from trainings_inside import BY_HAND, labels_off, trainings

TWO_RUNS = {
    "initialised again": "train(model, y, 30); init(model); train(model, noisy(), 30)",
    "initialised again in place": "train(model, y, 30); reset(model); train(model, noisy(), 30)",
    "going on with other labels": "train(model, y, 30); n = noisy(); train(model, n, 30)",
    "going on with the same optimizer": "o = sgd(model); train(model, y, 30, o); n = noisy(); train(model, n, 30, o)",
    "another model": "train(model, y, 30); other = MLP(); init(other); train(other, noisy(), 30)",
    "parameters replaced": """
        train(model, y, 30)
        for l in (model.l1, model.l2, model.l3):
            l.weight = nn.Parameter(torch.randn_like(l.weight)); l.bias = nn.Parameter(torch.full_like(l.bias, .03))
        train(model, noisy(), 30)
        """,
    "constructed again": "train(model, y, 30); model.__init__(); init(model); train(model, noisy(), 30)",
    "layers replaced": """
        train(model, y, 30)
        model.l1, model.l2, model.l3 = nn.Linear(1, 64), nn.Linear(64, 64), nn.Linear(64, 1)
        init(model); train(model, noisy(), 30)
        """,
    "by hand, initialised again": BY_HAND + "init(model); y = noisy()" + BY_HAND,
}


@pytest.mark.parametrize("epochs", [30, 101])
@pytest.mark.parametrize("way", TWO_RUNS)
def test_two_trainings_are_kept_apart(way, epochs):
    """The longer ones have come to where most passes are only glanced at."""
    code = TWO_RUNS[way].replace(", 30", f", {epochs}").replace("range(30)", f"range({epochs})")
    first, second = trainings(code)
    glanced_over = 1 if "other labels" in way else 0
    assert abs(first.steps - 4 * epochs) <= glanced_over and first.steps + second.steps == 8 * epochs
    assert labels_off(first) < (1e-4 if first.steps == 4 * epochs else 3)
    assert labels_off(second) > 0.5
    off = np.abs(second.initial[2] - first.final[2]).max()
    assert (off == 0) == ("going on" in way)


IN_ONE_LOOP = {
    "initialised again": "o = sgd(model)\nfor t in (y, noisy()): init(model); train(model, t, 101, o)",
    "initialised again in place": "o = sgd(model)\nfor t in (y, noisy()): reset(model); train(model, t, 101, o)",
    "constructed again": "for t in (y, noisy()): model.__init__(); init(model); train(model, t, 101)",
}


@pytest.mark.parametrize("way", IN_ONE_LOOP)
def test_two_trainings_of_one_loop_are_kept_apart(way):
    """The second one is called from where the first one was, which had come to where passes are only glanced at."""
    first, second = trainings(IN_ONE_LOOP[way])
    assert first.steps == second.steps == 404
    assert labels_off(first) < 1e-4 and labels_off(second) > 0.5
    assert np.abs(second.initial[2] - first.final[2]).max() > 0


def test_a_new_optimizer_and_new_labels_in_one_loop_are_seen_within_one_step():
    first, second = trainings("for t in (y, noisy()): train(model, t, 101, sgd(model))")
    assert (first.steps, second.steps) in ((404, 404), (405, 403))
    assert np.array_equal(second.initial[2], first.final[2])


def test_other_examples_in_the_same_loop_are_another_training():
    first, second = trainings("""
        o = sgd(model)
        for X in (X, X + 0.001): train(model, f(X), 101, o)
        """)
    assert (first.steps, second.steps) == (404, 404)
    assert second.rows.shape == first.rows.shape
    off = np.abs(second.initial[2] - first.final[2]).max()
    assert off == 0


def test_evaluations_between_epochs_leave_no_trace():
    (training,) = trainings("""
        o = sgd(model)
        for e in range(101):
            train(model, y, 1, o); ((model(X) - y) ** 2).mean().item()
        """)
    assert training.steps == len(training.batch_sizes) == len(training.fingerprints) == 404
    assert set(training.batch_sizes) == {128}


def test_settings_changed_while_passes_are_only_glanced_at_are_noted_at_their_step():
    (training,) = trainings("""
        o = sgd(model); s = torch.optim.lr_scheduler.StepLR(o, 30, 0.5)
        for e in range(90): train(model, y, 1, o); s.step()
        """)
    assert [(step, settings["lr"]) for step, settings in training.settings] == [(0, 0.1), (120, 0.05), (240, 0.025)]


def test_two_models_in_one_loop():
    first, second = trainings("""
        other = MLP(); init(other); a, b = sgd(model), sgd(other)
        for e in range(10):
            for x, t in batches():
                a.zero_grad(); b.zero_grad()
                l = ((model(x) - t) ** 2).mean(); k = ((other(x) - t) ** 2).mean()
                l.backward(); k.backward(); a.step(); b.step()
        """)
    assert first.steps == second.steps == 40
    assert labels_off(first) < 1e-4 > labels_off(second)


OTHER_RULES = {
    "adam": ("torch.optim.Adam(model.parameters(), lr=1e-3)", "Adam"),
    "momentum": ("sgd(model, 0.01, momentum=0.9)", "SGD"),
    "decay": ("sgd(model, weight_decay=1e-3)", "SGD"),
}


@pytest.mark.parametrize("rule", OTHER_RULES)
def test_no_rate_explains_other_rules(rule):
    code, name = OTHER_RULES[rule]
    (training,) = trainings(f"train(model, y, 30, {code})")
    assert training.rule == name
    assert sum(seen.rate is not None for seen in training.passes) <= 1
    assert training.settings[0][1].get("momentum", 0) == (0.9 if rule == "momentum" else 0)


def test_forgotten_zero_grad_shows():
    (training,) = trainings("""
        opt = sgd(model)
        for e in range(30):
            for x, t in batches(): ((model(x) - t) ** 2).mean().backward(); opt.step()
        """)
    assert [seen.clean for seen in training.passes][:3] == [True, False, False]
    assert all(seen.rate == pytest.approx(0.1) for seen in training.passes)


def test_a_schedule_shows_in_settings_and_rates():
    (training,) = trainings("""
        o = sgd(model); s = torch.optim.lr_scheduler.StepLR(o, 10, 0.5)
        for e in range(30): train(model, y, 1, o); s.step()
        """)
    assert [(step, settings["lr"]) for step, settings in training.settings] == [(0, 0.1), (40, 0.05), (80, 0.025)]
    assert {round(seen.rate, 6) for seen in training.passes} == {0.1, 0.05, 0.025}


def test_labels_with_fresh_noise_are_one_training():
    (training,) = trainings("o = sgd(model)\nfor e in range(30): train(model, noisy(), 1, o)")
    assert training.steps == 120


def test_a_training_that_diverges_is_one_training():
    (training,) = trainings("train(model, y, 30, sgd(model, 50.0))")
    assert training.steps == 120
    assert not np.isfinite(training.final[0]).all()


def test_lbfgs_is_one_training_by_its_own_name():
    (training,) = trainings("""
        o = torch.optim.LBFGS(model.parameters(), lr=0.1)
        def closure():
            o.zero_grad(); l = ((model(X) - y) ** 2).mean(); l.backward(); return l
        for e in range(5): o.step(closure)
        """)
    assert training.rule == "LBFGS"


@pytest.mark.parametrize("new", [False, True])
def test_bare_tensors(new):
    update = (
        "w1, w2 = [(w - 0.01 * w.grad).detach().requires_grad_() for w in (w1, w2)]"
        if new
        else "with torch.no_grad():\n            for w in (w1, w2): w -= 0.01 * w.grad; w.grad.zero_()"
    )
    (training,) = trainings(f"""
w1 = torch.randn(64, 1, requires_grad=True); w2 = torch.randn(1, 64, requires_grad=True)
for e in range(30):
    for x, t in batches():
        o = torch.sigmoid(x @ w1.T) @ w2.T
        loss = ((o - t) ** 2).mean(); loss.backward()
        {update}
""")
    assert (training.kind, training.rule, training.steps) == ("tensors", "by hand", 120)
    assert {array.shape for array in training.initial} == {(64, 1), (1, 64)}
    assert all(seen.rate == pytest.approx(0.01, rel=1e-3) for seen in training.passes)


def test_evaluation_is_no_training():
    assert trainings("model(X); ((model(X) - y) ** 2).mean().backward(); model.zero_grad(); model(X)") == ()


def test_examples_drawn_anew_at_each_step_are_one_training():
    (training,) = trainings("""
        net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 1))
        o = torch.optim.Adam(net.parameters(), 0.03)
        for e in range(400):
            x = torch.randn(64, 20); o.zero_grad(); ((net(x) - x.sum(1, keepdim=True)) ** 2).mean().backward(); o.step()
        """)
    assert training.steps == 400


def test_a_tiny_model_that_is_set_back_is_trained_anew():
    runs = trainings("""
        net = nn.Linear(1, 1)
        for run in range(3):
            net.reset_parameters(); o = sgd(net)
            for e in range(130): o.zero_grad(); ((net(X) - y) ** 2).mean().backward(); o.step()
        """)
    assert [training.steps for training in runs] == [130] * 3


def test_a_model_of_which_one_layer_was_replaced_is_trained_anew():
    runs = trainings("""
        net = nn.Sequential(nn.Linear(1, 64), nn.Sigmoid(), nn.Linear(64, 1))
        for run in range(3):
            net[0] = nn.Linear(1, 64); o = sgd(net)
            for e in range(130): o.zero_grad(); ((net(X) - y) ** 2).mean().backward(); o.step()
        """)
    assert [training.steps for training in runs] == [130] * 3


def test_derivatives_by_the_inputs_are_no_pass_of_their_own():
    (training,) = trainings("""
        o = sgd(model, 0.001)
        x = X.clone().requires_grad_()
        for e in range(300):
            o.zero_grad(); u = model(x)
            slope, = torch.autograd.grad(u.sum(), x, create_graph=True)
            ((slope - y) ** 2 + u ** 2).mean().backward(); o.step()
        """)
    assert training.kind == "MLP"
    assert training.steps == 300


def test_two_losses_that_are_passed_back_one_after_the_other_are_one_training():
    (training,) = trainings("""
        o = sgd(model, 0.01)
        for e in range(300):
            o.zero_grad(); u = model(X)
            ((u - y) ** 2).mean().backward(retain_graph=True); u.abs().mean().backward(); o.step()
        """)
    assert training.kind == "MLP"
    assert training.steps >= 295


def test_a_model_that_is_called_many_times_in_one_pass_shows_all_its_examples():
    (training,) = trainings("""
        o = sgd(model, 0.01)
        for e in range(200):
            o.zero_grad(); parts = zip(X.split(64), y.split(64))
            sum(((model(x) - t) ** 2).mean() for x, t in parts).backward(); o.step()
        """)
    assert set(training.batch_sizes) == {512}
