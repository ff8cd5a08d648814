"""What the recorder sees of a training in the many ways it is written, and that it changes none of them."""

from __future__ import annotations

import numpy as np
import pytest
from standin import kernel
from trainings_inside import BEFORE, BY_HAND, labels_off, trainings

from grader.conversation import Live
from grader.records import FileRun

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


LONG = ("plain", "inside a function", "new optimizer in every epoch", "by hand", "a closure", "inputs as a vector")
LONG += ("looks at a gradient, and evaluates", "gradients set to zero in place", "errors in between")


@pytest.mark.parametrize(("way", "factor"), [(way, 1) for way in ONE_RUN] + [(way, 5) for way in LONG])
def test_one_training_however_it_is_written(way, factor):
    """The longer ones come to where most passes are only glanced at."""
    epochs = 5 if "one example" in way else 30 * factor
    code = ONE_RUN[way].replace("30", str(30 * factor)).replace("y, 10, o", f"y, {10 * factor}, o")
    (training,) = trainings(code.replace("y, 20, o", f"y, {20 * factor}, o"))
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
        with Live([FileRun("a", (), "finished")], process.connect, 120.0).conversation("c") as student:
            end = student.get("end")
    w1, b1, w2, b2, w3, b3 = training.initial
    first = training.passes[0]
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    hidden = sigmoid(sigmoid(first.inputs @ w1.T + b1) @ w2.T + b2)
    assert first.outputs == pytest.approx(hidden @ w3.T + b3, abs=1e-4)
    for kept, true in zip(training.final, end, strict=True):
        assert np.array_equal(kept, true)


def test_the_recorder_changes_no_number():
    watched = "train(model, y, 20); end = [p.detach().numpy().copy() for p in model.parameters()]"
    unwatched = "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Recorder': o.active = False\n"
    ends = []
    for cells in ((BEFORE, watched), (BEFORE, unwatched, watched)):
        with kernel(*cells) as process:
            live = Live([FileRun("a", (), "finished")], lambda file, p=process: p.connect(), 120.0)
            with live.conversation("c") as student:
                ends.append(student.get("end"))
            assert len(process.observed().trainings) == (1 if len(ends) == 1 else 0)
    assert all(np.array_equal(one, other) for one, other in zip(*ends, strict=True))
