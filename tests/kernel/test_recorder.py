"""What the recorder sees of trainings in the many ways they are written, and that it changes none of them."""

from __future__ import annotations

import numpy as np
import pytest
from standin import kernel

BEFORE = """
import torch, numpy as np
from torch import nn
torch.manual_seed(0)
f = lambda x: (x - 2) * torch.cos(4 * x)
X = torch.randn(512, 1); y = f(X)
class MLP(nn.Module):
    def __init__(s):
        super().__init__(); s.l1 = nn.Linear(1, 64); s.l2 = nn.Linear(64, 64); s.l3 = nn.Linear(64, 1)
    def forward(s, x):
        return s.l3(torch.sigmoid(s.l2(torch.sigmoid(s.l1(x)))))
def init(model):
    for l in (model.l1, model.l2, model.l3):
        l.weight.data = torch.normal(0, 1, l.weight.shape); l.bias.data = torch.full(l.bias.shape, 0.03)
def reset(model):
    for l in (model.l1, model.l2, model.l3):
        l.weight.data.normal_(0, 1); l.bias.data.fill_(0.03)
def sgd(model, lr=0.1, **k): return torch.optim.SGD(model.parameters(), lr=lr, **k)
def train(model, y, epochs, opt=None):
    opt = opt or sgd(model)
    for e in range(epochs):
        perm = torch.randperm(512)
        for i in range(4):
            b = perm[i*128:(i+1)*128]
            opt.zero_grad(); loss = 0.5 * nn.functional.mse_loss(model(X[b]), y[b]); loss.backward(); opt.step()
def batches(): return [(X[i:i+128], y[i:i+128]) for i in range(0, 512, 128)]
def noisy(): return y + 0.5 * torch.randn(512, 1)
model = MLP(); init(model)
"""

BY_HAND = """
for e in range(30):
    for x, t in batches():
        loss = ((model(x) - t) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters(): p -= 0.1 * p.grad
        model.zero_grad()
"""

ONE_RUN = {
    "plain": "train(model, y, 30)",
    "inside a function": "def main():\n    m = MLP(); init(m); train(m, y, 30)\nmain()",
    "new optimizer in every epoch": "for e in range(30): train(model, y, 1)",
    "by hand": BY_HAND,
    "by hand, through data": """
        for e in range(30):
            for x, t in batches():
                loss = ((model(x) - t) ** 2).mean(); loss.backward()
                for p in model.parameters():
                    p.data = p.data - 0.1 * p.grad.data
                    p.grad.data.zero_()
        """,
    "by hand, data in place": """
        for e in range(30):
            for x, t in batches():
                loss = ((model(x) - t) ** 2).mean(); loss.backward()
                for p in model.parameters(): p.data -= 0.1 * p.grad; p.grad = None
        """,
    "autograd.grad": """
        P = list(model.parameters())
        for e in range(30):
            for x, t in batches():
                loss = ((model(x) - t) ** 2).mean()
                g = torch.autograd.grad(outputs=loss, inputs=P)
                with torch.no_grad():
                    for p, q in zip(P, g): p -= 0.1 * q
        """,
    "a list of layers": """
        L = [model.l1, model.l2, model.l3]
        def net(x): return L[2](torch.sigmoid(L[1](torch.sigmoid(L[0](x)))))
        del model
        train(net, y, 30, torch.optim.SGD([p for l in L for p in l.parameters()], lr=0.1))
        """,
    "model.forward": "train(model.forward, y, 30, sgd(model))",
    "a class that is no module": """
        class Net:
            def __init__(s): s.layers = [model.l1, model.l2, model.l3]
            def __call__(s, x):
                for l in s.layers[:-1]: x = torch.sigmoid(l(x))
                return s.layers[-1](x)
            def parameters(s): return [p for l in s.layers for p in l.parameters()]
        train(Net(), y, 30)
        """,
    "gradients set to zero in place": """
        opt = sgd(model)
        for e in range(30):
            for x, t in batches():
                opt.zero_grad(set_to_none=False); ((model(x) - t) ** 2).mean().backward(); opt.step()
        """,
    "a closure": """
        opt = sgd(model)
        for e in range(30):
            for x, t in batches():
                def closure():
                    opt.zero_grad(); l = ((model(x) - t) ** 2).mean(); l.backward(); return l
                opt.step(closure)
        """,
    "looks at a gradient, and evaluates": """
        ((model(X) - y) ** 2).mean().backward(); model.l1.weight.grad.norm()
        o = sgd(model)
        for e in range(30):
            train(model, y, 1, o); model.eval(); model(X); ((model(X) - y) ** 2).mean().item()
        """,
    "an output changed in place": """
        o = sgd(model)
        for e in range(30):
            for x, t in batches():
                o.zero_grad(); out = model(x); out -= t; (out ** 2).mean().backward(); o.step()
        """,
    "inputs as a vector": """
        class V(MLP):
            def forward(s, x): return MLP.forward(s, x.view(-1, 1)).squeeze()
        model = V(); init(model); X = X.squeeze(); y = y.squeeze(); train(model, y, 30)
        """,
    "one example at a time, added up": """
        o = sgd(model)
        for e in range(5):
            for x, t in batches():
                o.zero_grad()
                for j in range(128): (((model(x[j]) - t[j]) ** 2).sum() / 128).backward()
                o.step()
        """,
    "one example at a time, in one loss": """
        o = sgd(model)
        for e in range(5):
            for x, t in batches():
                o.zero_grad(); loss = sum((model(x[j]) - t[j]) ** 2 for j in range(128)) / 128
                loss.sum().backward(); o.step()
        """,
    "errors in between": """
        o = sgd(model)
        train(model, y, 10, o)
        try: model(torch.zeros(3, 7))
        except RuntimeError: pass
        l = ((model(X) - y) ** 2).mean(); l.backward()
        try: l.backward()
        except RuntimeError: pass
        train(model, y, 20, o)
        """,
}


def trainings(*cells):
    with kernel(BEFORE, *cells) as process:
        observed = process.observed()
    assert observed.remarks == ()
    return observed.trainings


def labels_off(training):
    """Greatest difference between the labels recovered from closely seen passes and f*(x)."""
    worst = 0.0
    for seen in training.passes:
        c = np.sum(seen.output_gradient**2) / (4 * seen.loss)
        x, y = seen.inputs[:, 0], (seen.outputs - seen.output_gradient / (2 * c))[:, 0]
        worst = max(worst, float(np.abs(y - (x - 2) * np.cos(4 * x)).max()))
    return worst


@pytest.mark.parametrize("way", ONE_RUN)
def test_one_training_however_it_is_written(way):
    (training,) = trainings(ONE_RUN[way])
    epochs = 5 if "one example" in way else 30
    assert training.steps == len(training.batch_sizes) == 4 * epochs
    assert set(training.batch_sizes) == {128}
    assert training.rows.shape == (512, 1)
    assert all(seen.clean for seen in training.passes)
    rates = [seen.rate for seen in training.passes if seen.rate is not None]
    assert len(rates) >= len(training.passes) - 1
    assert rates == pytest.approx([0.1] * len(rates), rel=1e-3)
    assert labels_off(training) < 1e-4
    assert [array.shape for array in training.initial] == [(64, 1), (64,), (64, 64), (64,), (1, 64), (1,)]
    assert all(array == pytest.approx(0.03) for array in training.initial[1::2])
    assert 0.95 < training.initial[2].std() < 1.05
    epoch = np.concatenate(training.row_ids[:4])
    assert sorted(epoch) == list(range(512))
    prints = training.fingerprints.reshape(epochs, 4).sum(axis=1, dtype=np.uint64)
    assert len(set(prints.tolist())) == 1
    assert training.rule == ("by hand" if "by hand" in way or way == "autograd.grad" else "SGD")


def test_first_outputs_come_from_the_initial_parameters_and_final_is_the_last_state():
    with kernel(BEFORE, "train(model, y, 30); end = [p.detach().clone() for p in model.parameters()]") as process:
        (training,) = process.observed().trainings
        from grader.conversation import Live
        from grader.records import FileRun

        with Live([FileRun("a", (), "finished")], process.connect, 20.0).conversation("c") as student:
            end = student.get("end")
    w1, b1, w2, b2, w3, b3 = training.initial
    first = training.passes[0]
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    hidden = sigmoid(sigmoid(first.inputs @ w1.T + b1) @ w2.T + b2)
    assert first.outputs == pytest.approx(hidden @ w3.T + b3, abs=1e-4)
    for kept, true in zip(training.final, end, strict=True):
        assert np.array_equal(kept, true)


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
    "by hand, initialised again": BY_HAND + "init(model); y = noisy()" + BY_HAND,
}


@pytest.mark.parametrize("way", TWO_RUNS)
def test_two_trainings_are_kept_apart(way):
    first, second = trainings(TWO_RUNS[way])
    assert first.steps == second.steps == 120
    assert labels_off(first) < 1e-4
    assert labels_off(second) > 0.5
    off = np.abs(second.initial[2] - first.final[2]).max()
    assert (off == 0) == ("going on" in way)


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


def test_the_recorder_changes_no_number():
    watched = "train(model, y, 20); end = [p.detach().numpy().copy() for p in model.parameters()]"
    unwatched = "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Recorder': o.active = False\n"
    ends = []
    for cells in ((BEFORE, watched), (BEFORE, unwatched, watched)):
        with kernel(*cells) as process:
            link = process.connect()
            from grader.interview import Interview
            from grader.records import FileRun
            from grader import wire
            import time

            def ask(file, question, buffers, link=link):
                wire.send(link.socket, question, buffers, time.monotonic() + 20)
                return wire.receive(link.socket, time.monotonic() + 20)

            ends.append(Interview([FileRun("a", (), "finished")], ask).get("end"))
            assert len(process.observed().trainings) == (1 if len(ends) == 1 else 0)
            link.close()
    assert all(np.array_equal(one, other) for one, other in zip(*ends, strict=True))
