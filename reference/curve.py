"""The curve that a network of layers 1-64-64-1 learns, that network, how many parameters it has, and what goes wrong.

`hand_in` trains and plots it as a student would, under the recipe that two sheets share but for the number of points.
A known mistake of a network, a training or a plot is a program that makes it, called as the finding calls it. It is run
by `grade selfcheck`: so it trains no longer than it takes to see the slip.
"""

import numpy as np

from grader.expect import Network, Normal, Value, mistake


def f_star(x):
    return (x - 2) * np.cos(4 * x)


on = (-2, 2)
recipe = {"step": 0.1, "epochs": 1000, "batch": 128, "inputs": Normal(0, 1), "labels": f_star}

net = Network((1, 64, 64, 1), activation="sigmoid", names=("model", "mlp", "net", "trained_model"))

parameter_count = Value(
    (1 * 64 + 64) + (64 * 64 + 64) + (64 * 1 + 1),
    names=("n_parameters", "num_parameters", "number_of_parameters", "total_parameters", "parameters_count",
           "n_params", "num_params", "number_of_params", "total_params", "param_count", "params_count"),
    words=("param",),
)  # fmt: skip


@mistake(parameter_count, "Every layer has biases too; only the weights were counted.")
def weights_only():
    return 64 + 64 * 64 + 64


@mistake(parameter_count, "The layers were counted twice: once on their own and once inside a container.")
def counted_twice():
    return 2 * 4353


# ------------------------------------------------------------------------------------------------------- as handed in


def perceptron(*widths, activation="Sigmoid", end="Identity", bias=True):
    """Linear layers of these widths with an activation between them, as torch starts them."""
    from torch import nn

    pairs = ((nn.Linear(n, m, bias=bias), getattr(nn, activation)()) for n, m in zip(widths, widths[1:]))
    layers = [layer for pair in pairs for layer in pair]
    return nn.Sequential(*layers[:-1], getattr(nn, end)())


def drawn(model, spread=1.0, bias=0.03):
    """The same network with weights that are normal draws, and every bias at one value."""
    from torch.nn import init

    for layer in model[::2]:
        if hasattr(layer, "weight"):
            init.normal_(layer.weight, std=spread)
            init.constant_(layer.bias, bias)
    return model


def sample(points, noise=0.0):
    """Standard normal draws, and the curve there with normal noise of this deviation."""
    import torch

    x = torch.randn(points, 1)
    return x, (x - 2) * torch.cos(4 * x) + noise * torch.randn(points, 1)


def half_square(answers, labels):
    return ((answers - labels) ** 2).mean() / 2


def trained(model, x, y, rule="SGD", epochs=1000, batch=128, loss=half_square, fresh=True, **settings):
    """The network after so many epochs of shuffled batches."""
    import torch

    descent = getattr(torch.optim, rule)(model.parameters(), **{"lr": 0.1, **settings})
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            if fresh:
                descent.zero_grad()
            loss(model(x[rows]), y[rows]).backward()
            descent.step()
    return model


def hand_in(points, *, initialise):
    """Train on exact and on noisy labels at standard normal `points`, plot both, and return both networks.

    `initialise` tells whether weights start as standard normal draws and biases at 0.03, or as torch has them.
    """
    import torch

    torch.manual_seed(0)
    x, y = sample(points)
    models = []
    for labels, title in (
        (y, "Trained on exact labels"),
        (y + torch.normal(0, 0.5, y.shape), "Trained on noisy labels"),
    ):
        model = perceptron(1, 64, 64, 1)
        models.append(trained(drawn(model) if initialise else model, x, labels))
        show(title, model, f_star)
    return models


def show(title, *curves, over=on):
    """Plot curves, and networks, over an interval."""
    import matplotlib.pyplot as plt
    import torch

    grid = torch.linspace(*over, 200).reshape(-1, 1)
    plt.figure()
    for curve in curves:
        heights = curve(grid.numpy()) if curve is f_star else curve(grid).detach()
        plt.plot(grid, heights, label="f*" if curve is f_star else "network")
    plt.title(title)
    plt.legend()
    plt.show()
