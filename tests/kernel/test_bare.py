"""Networks that are no modules: what they were shown, what they answered and what labels they had is seen."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from trainings_inside import labels_off, trainings

from grader.kernel import bare

BARE = """
torch.manual_seed(1)
W = [torch.randn(m, n) for n, m in ((1, 64), (64, 64), (64, 1))]
b = [torch.full((m,), 0.03) for m in (64, 64, 1)]
def net(W, b, x):
    for V, c in zip(W[:-1], b[:-1]): x = torch.sigmoid({hidden})
    V, c = W[-1], b[-1]
    return {last}
"""
LOOP = """
P = [p.requires_grad_() for p in W + b]
for e in range(30):
    for x, t in batches():
        {loss}.backward()
        with torch.no_grad():
            for p in P: p -= 0.1 * p.grad; p.grad = None
"""
PURE = """
from torch.func import functional_call, grad, grad_and_value, vmap
def descend(step, P):
    for e in range(30):
        for x, t in batches():
            g = step(P, x, t)
            P = torch.utils._pytree.tree_map(lambda p, q: p - 0.1 * q, P, g)
    return P
"""
AFFINE = {"hidden": "x @ V.T + c", "last": "x @ V.T + c"}
SQUARED = "((net(W, b, x) - t) ** 2).mean()"
WAYS = {
    "rows": (AFFINE, LOOP.format(loss=SQUARED)),
    "an optimizer": (
        AFFINE,
        "o = torch.optim.SGD([p.requires_grad_() for p in W + b], 0.1)\n"
        "for e in range(30):\n    for x, t in batches():\n"
        f"        o.zero_grad(); {SQUARED}.backward(); o.step()",
    ),
    "nn.functional.linear, mse_loss": (
        {"hidden": "nn.functional.linear(x, V, c)", "last": "nn.functional.linear(x, V, c)"},
        LOOP.format(loss="(nn.functional.mse_loss(net(W, b, x), t) / 2)"),
    ),
    "columns": (
        {"hidden": "V @ x + c[:, None]", "last": "V @ x + c[:, None]"},
        LOOP.format(loss="((net(W, b, x.T) - t.T) ** 2).mean()"),
    ),
    "einsum": (
        {"hidden": "torch.einsum('oi,ni->no', V, x) + c", "last": "torch.einsum('oi,ni->no', V, x) + c"},
        LOOP.format(loss="(0.5 * (t - net(W, b, x)).pow(2)).sum().div(128)"),
    ),
    "a plain row of answers": (
        {"hidden": "x @ V.T + c", "last": "(x @ V.T + c).squeeze(1)"},
        LOOP.format(loss="(net(W, b, x) - t[:, 0]).square().mean()"),
    ),
    "torch.func.grad": (AFFINE, PURE + f"descend(grad(lambda P, x, t: {SQUARED.replace('W, b', '*P')}), (W, b))"),
    "torch.func, one example at a time": (
        {"hidden": "V @ x + c", "last": "V @ x + c"},
        PURE + "loss = lambda P, x, t: ((vmap(lambda z: net(*P, z))(x) - t) ** 2).mean()\n"
        "descend(lambda *given: grad_and_value(loss)(*given)[0], (W, b))",
    ),
    "functional_call": (
        AFFINE,
        PURE + "loss = lambda P, x, t: 0.5 * ((functional_call(model, P, x) - t) ** 2).mean()\n"
        "descend(grad(loss), {name: p.detach() for name, p in model.named_parameters()})",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_labels_are_recovered_however_it_is_written(way):
    form, training = WAYS[way]
    (seen,) = trainings(BARE.format(**form), training)
    assert (seen.kind, seen.steps) == ("tensors", 120)
    assert set(seen.batch_sizes) == {128}
    assert seen.rows.shape == (512, 1)
    assert labels_off(seen) < 1e-4
    assert [one.rate for one in seen.passes[:60]] == pytest.approx([0.1] * 60, rel=1e-3)
    assert sorted(np.concatenate(seen.row_ids[:4])) == list(range(512))


def test_torch_2_2_which_has_no_function_to_leave_its_transforms_will_do():
    form, training = WAYS["torch.func.grad"]
    older = "import torch._functorch.pyfunctorch as stack\ndel stack.temporarily_clear_interpreter_stack\n"
    (seen,) = trainings(BARE.format(**form), older + training)
    assert seen.steps == 120
    assert labels_off(seen) < 1e-4


ODD = {
    "a loss with a penalty": LOOP.format(loss=f"({SQUARED} + 1e-3 * sum((p ** 2).sum() for p in P))"),
    "two batches at once": LOOP.format(loss="((net(W, b, x) - t).pow(2).mean() + net(W, b, x[:5] + 1).mean())"),
}


@pytest.mark.parametrize("way", ODD)
def test_what_a_graph_does_not_tell_is_not_guessed(way):
    (seen,) = trainings(BARE.format(**AFFINE), ODD[way])
    assert seen.steps == 120
    assert all(one.inputs is None and one.outputs is None for one in seen.passes)


def test_layers_that_are_added_to_what_they_were_given_take_no_longer_than_there_are_layers():
    weights, given = torch.full((3, 3), 0.1, requires_grad=True), torch.ones(3, 5)
    state = weights @ given
    for _ in range(18):
        state = state + weights @ state
    begun = time.process_time()
    bare.shown_below(torch, (state - given).pow(2).mean(), lambda call, *given: call(*given))
    assert time.process_time() - begun < 1


def test_a_sigmoid_at_the_end_belongs_to_the_answer():
    form = {"hidden": "x @ V.T + c", "last": "torch.sigmoid(x @ V.T + c)"}
    (seen,) = trainings(BARE.format(**form), LOOP.format(loss=SQUARED))
    assert 0 < seen.passes[0].outputs.min() < seen.passes[0].outputs.max() < 1
