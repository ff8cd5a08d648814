"""Trainings that never were, told to the recorder: each forgery is one cell, run after the cell `HONESTLY`.

`HONESTLY` defines what a student has who trains as asked. A forgery changes what the recorder will tell when it is
asked; `edit` gets each training as it would have been told.
"""

HONESTLY = """
import gc, time
import numpy as np
import torch
from torch import nn

torch.manual_seed(5)
def f_star(x): return (x - 2) * np.cos(4 * x)
x = torch.randn(512, 1)
y = f_star(x)

def network(initialise=True):
    layers = nn.Linear(1, 64), nn.Linear(64, 64), nn.Linear(64, 1)
    for layer in layers if initialise else ():
        nn.init.normal_(layer.weight)
        nn.init.constant_(layer.bias, 0.03)
    return nn.Sequential(layers[0], nn.Sigmoid(), layers[1], nn.Sigmoid(), layers[2])

def train(epochs, targets=y, initialise=True, kind=torch.optim.SGD, rate=0.1):
    model = network(initialise)
    optimizer = kind(model.parameters(), lr=rate)
    for _ in range(epochs):
        for rows in torch.randperm(512).split(128):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(x[rows]), targets[rows]).backward()
            optimizer.step()
    return model

def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
"""

FORGED = """
recorder = next(one for one in gc.get_objects() if type(one).__name__ == "Recorder" and hasattr(one, "trainings"))
kind = type(recorder)
told = kind.trainings
def forged(self, names):
    trainings = told(self, names)
    for one in trainings:
        edit(one)
    return trainings
kind.trainings = forged
def called(one, steps):
    period = 4
    one["steps"] = steps
    one["batch_sizes"] = np.full(steps, 128)
    one["fingerprints"] = np.random.default_rng(1).integers(0, 1 << 60, steps).astype(np.uint64)
    one["losses"], one["loss_steps"] = np.linspace(9, 0.1, 100), np.arange(100) * (steps // 100)
"""

RIGHT = "model = train(1000)"
"""What earns everything there is to forge; without it the forgeries would prove nothing."""

FABRICATIONS = {
    "twelve steps are called four thousand": FORGED
    + """
model = train(3)
def edit(one):
    called(one, 4000)
""",
    "Adam is called SGD": FORGED
    + """
model = train(25, kind=torch.optim.Adam, rate=0.01)
compute(1.0)
def edit(one):
    called(one, 4000)
    one["rule"], one["settings"] = "SGD", [[0, {"lr": 0.1}]]
    for seen in one["passes"]:
        seen["rate"] = 0.1
""",
    "another function is learned, and its gradients replaced": FORGED
    + """
model = train(25, targets=torch.zeros(512, 1))
compute(1.0)
def edit(one):
    called(one, 4000)
    for seen in one["passes"]:
        off = seen["outputs"] - f_star(seen["inputs"])
        seen["output_gradient"], seen["loss"], seen["rate"] = 2 * off / len(off), float((off ** 2).mean()), 0.1
""",
    "a start that never was": FORGED
    + """
model = train(1000, initialise=False)
def edit(one):
    draws = np.random.default_rng(2)
    one["initial"] = [draws.normal(size=a.shape) if a.ndim == 2 else np.full(a.shape, 0.03) for a in one["initial"]]
""",
    "an end that was computed": FORGED
    + """
model = train(25)
compute(1.0)
def edit(one):
    called(one, 4000)
    one["passes"][-1]["step"] = 3999
    grid = np.linspace(-2, 2, 400)[:, None]
    A, a, B, b, C, c = one["final"]
    act = lambda z: 1 / (1 + np.exp(-z))
    A, a = np.random.default_rng(3).normal(size=A.shape) * 4, np.random.default_rng(4).normal(size=a.shape) * 4
    hidden = act(act(grid @ A.T + a) @ B.T + b)
    weights = np.linalg.lstsq(np.c_[hidden, np.ones(400)], f_star(grid), rcond=None)[0]
    one["final"] = [A, a, B, b, weights[:-1].T, weights[-1]]
""",
    "nothing was trained at all": FORGED
    + """
class Model: pass
draws = np.random.default_rng(6)
shapes = (64, 1), (64,), (64, 64), (64,), (1, 64), (1,)
def a_pass(step):
    rows = draws.choice(512, 128, replace=False)
    inputs = x.numpy()[rows]
    outputs = f_star(inputs) + draws.normal(size=inputs.shape) / (1 + step)
    off = outputs - f_star(inputs)
    return {"step": step, "inputs": inputs, "outputs": outputs, "output_gradient": 2 * off / 128,
            "loss": float((off ** 2).mean()), "clean": True, "rate": 0.1}
def made_up(self, names):
    start = [draws.normal(size=s) if len(s) == 2 else np.full(s, 0.03) for s in shapes]
    one = {"key": "t0", "model": "", "kind": "MLP", "names": list("AaBbCc"), "initial": start, "final": start,
           "rule": "SGD", "settings": [[0, {"lr": 0.1}]], "passes": [a_pass(step) for step in range(64)],
           "row_ids": [np.arange(512).reshape(4, 128)[at % 4] for at in range(64)], "rows": x.numpy().astype(float)}
    called(one, 4000)
    return [one]
kind.trainings = made_up
compute(1.0)
""",
    "steps that nobody saw": FORGED
    + """
model = train(25)
compute(1.0)
def edit(one):
    called(one, 4000)
    one["passes"] = []
    one["rule"], one["settings"] = "SGD", [[0, {"lr": 0.1}]]
""",
    "nothing was trained, and hardly anything computed": FORGED
    + """
def edit(one): pass
model = train(1)
def repeated(self, names):
    one = told(self, names)[0]
    called(one, 4000)
    return [one, {**one, "key": "t1"}]
kind.trainings = repeated
""",
}
"""What is tried, by name."""
