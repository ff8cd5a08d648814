"""The curve that a network of layers 1-64-64-1 learns, that network, and how many parameters it has.

`hand_in` trains and plots it as a student would, under the recipe that two sheets share but for the number of points.
"""

import numpy as np

from grader.expect import Network, Normal, Value, mistake


def f_star(x):
    return (x - 2) * np.cos(4 * x)


on = (-2, 2)
recipe = {"step": 0.1, "epochs": 1000, "batch": 128, "inputs": Normal(0, 1), "labels": f_star}


def network():
    """The network that is asked for; each homework declares its own."""
    return Network((1, 64, 64, 1), activation="sigmoid", names=("model", "mlp", "net", "trained_model"))


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


def hand_in(points, *, initialise):
    """Train on exact and on noisy labels at standard normal `points`, plot both, and return both networks.

    `initialise` tells whether weights start as standard normal draws and biases at 0.03, or as torch has them.
    """
    import torch
    from torch import nn

    class MLP(nn.Module):
        """Layers 1-64-64-1, a sigmoid inside."""

        def __init__(self):
            super().__init__()
            self.l1, self.l2, self.l3 = nn.Linear(1, 64), nn.Linear(64, 64), nn.Linear(64, 1)
            for layer in (self.l1, self.l2, self.l3) if initialise else ():
                nn.init.normal_(layer.weight)
                nn.init.constant_(layer.bias, 0.03)

        def forward(self, x):
            return self.l3(torch.sigmoid(self.l2(torch.sigmoid(self.l1(x)))))

    def train(x, y):
        """The network after 1000 epochs of shuffled batches of 128, under half the mean of squares."""
        mlp = MLP()
        descent = torch.optim.SGD(mlp.parameters(), lr=0.1)
        for _ in range(1000):
            for batch in torch.randperm(len(x)).split(128):
                descent.zero_grad()
                (nn.functional.mse_loss(mlp(x[batch]), y[batch]) / 2).backward()
                descent.step()
        return mlp

    torch.manual_seed(0)
    x = torch.randn(points, 1)
    y = (x - 2) * torch.cos(4 * x)
    noisy = y + torch.normal(0, 0.5, x.shape)
    exact_model, noisy_model = train(x, y), train(x, noisy)
    show(exact_model, "Trained on exact labels")
    show(noisy_model, "Trained on noisy labels")
    return exact_model, noisy_model


def show(mlp, title):
    """Plot the network beside the curve it was to learn."""
    import matplotlib.pyplot as plt
    import torch

    grid = torch.linspace(*on, 200).reshape(-1, 1)
    plt.figure()
    plt.plot(grid, f_star(grid.numpy()), label="f*")
    plt.plot(grid, mlp(grid).detach(), label="network")
    plt.title(title)
    plt.legend()
    plt.show()
