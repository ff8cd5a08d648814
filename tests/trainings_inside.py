"""Trainings as students write them, run in a kernel of the plainest kind, and what the recorder tells of them."""

from __future__ import annotations

import numpy as np
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
