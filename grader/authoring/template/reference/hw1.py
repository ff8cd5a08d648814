"""What is true, how nearly, and which wrong answers are known. What it is worth stands in rubrics/hw1.toml.

Imported, this file answers grader's questions; run (`python reference/hw1.py`), it is the model submission. At the top
only NumPy and grader.expect are imported: torch is needed where students' code runs, not where answers are judged.
"""

import numpy as np

from grader.expect import Network, Normal, Plot, Recipe, Value, equals, mistake, normal, values

# ------------------------------------------------------------------------------------------------------- 1: a function


def parabola(x):
    return (x - 1) ** 2


# A student's `slope` has to equal this one. It is called twice with five drawn numbers, and once with each of the
# corners. Arrays, tensors, lists and numbers are all taken; a function called `derivative` is found, too.
@equals(inputs=normal(5), corners=[values(1, 0, -1000)], names=("derivative",))
def slope(x):
    return 2 * (x - 1)


# A known mistake is a wrong answer that you have seen, with the sentence its author should read: what was done, and
# what belongs there. It takes the arguments of the right function, and may call it.
@mistake(slope, "This is the parabola itself; its derivative is asked for.")
def not_derived(x):
    return parabola(x)


@mistake(slope, "The factor 2, which the square leaves behind, is lost.")
def factor_lost(x):  # the rubric's `credit` gives it half of the points, by this name
    return slope(x) / 2


# --------------------------------------------------------------------------------------------------------- 2: a number

# Found in a variable of this name, or of one of `names`; what a function of this name returns will do as well.
parameter_count = Value(49, names=("n_parameters", "num_params"))  # 1 x 16 + 16 + 16 x 1 + 1


@mistake(parameter_count, "These are the weights alone; the biases are trained as well.")
def weights_alone():
    return 32


# ------------------------------------------------------------------------------------------- 3: a network, its training

net = Network((1, 16, 1), activation="tanh")

# Nothing has to be saved or printed for it: trainings are watched while they happen.
training = Recipe(net, step=0.1, epochs=200, batch=32, rows=128, inputs=Normal(0, 1), labels=parabola)

plot = Plot(training, on=(-2, 2))


# The model submission, in pieces that can be got wrong. Torch is imported inside.
def trained(rule="SGD", step=0.1, inside="Tanh", batch=32, epochs=200, columns=1):
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(1, 16), getattr(nn, inside)(), nn.Linear(16, 1))
    x = torch.randn(128, 1)
    y = parabola(x) if columns else parabola(x).flatten()
    descent = getattr(torch.optim, rule)(model.parameters(), lr=step)
    for _ in range(epochs):
        for rows in torch.randperm(128).split(batch):
            descent.zero_grad()
            ((model(x[rows]) - y[rows]) ** 2).mean().backward()
            descent.step()
    return model


def show(model, low=-2, high=2):
    import matplotlib.pyplot as plt
    import torch

    x = torch.linspace(low, high, 100).reshape(-1, 1)
    plt.figure()
    plt.plot(x, model(x).detach(), label="trained network")
    plt.plot(x, parabola(x), label="(x - 1)²")
    plt.legend()
    plt.show()


# A mistake of a network, a training or a plot is a program: a function without arguments that does what a student with
# this mistake does, and returns the network. The usual slips are recognised already, and a mistake called like one of
# them (docs/author.md lists them) adds your sentence to what is found. It need train only until the slip can be seen.


@mistake(training, "Adam scales each step by what came before; plain gradient descent does not.", part="rule")
def adam():
    return trained("Adam", epochs=5)


@mistake(training, "With other steps the network gets elsewhere in as many epochs.", part="rule")
def other_step():
    return trained(step=0.01, epochs=5)


@mistake(training, "A batch is 32 points, so that an epoch makes four steps.", part="schedule")
def full_batch():
    return trained(batch=128)


@mistake(training, "The difference of a column and a row is a table of all differences.", part="data")
def broadcast():
    return trained(columns=0, epochs=5)


@mistake(plot, "Half of the interval is not shown.")
def narrow_plot():
    model = trained(epochs=5)
    show(model, 0, 0.5)
    return model


# A mistake that is called like no usual slip says which wrong truth it `meets`, declared as the right one is.
@mistake(net, "ReLU makes corners, and the parabola has none.", meets=Network((1, 16, 1), activation="ReLU"))
def corners():
    return trained(inside="ReLU", epochs=1)


if __name__ == "__main__":
    show(trained())
