"""How a network that learns a curve usually goes wrong: its layers, its training, its plot.

Each known mistake is a program that makes it, called as the finding calls it; `grade selfcheck` hands it in. Most slips
are in every step, so these programs train for a few epochs only. What depends on the number of points stands in the
homeworks.
"""

from curve import f_star, half_square, net, perceptron, sample, show, trained

from grader.expect import Network, mistake

FEW = 20
"""Epochs after which a slip shows that is in every step."""


def both(points=512, noise=0.5, **changed):
    """Networks trained on exact and on noisy labels, with something changed, for a few epochs unless told otherwise."""
    changed = {"epochs": FEW, **changed}
    return [trained(perceptron(1, 64, 64, 1), *sample(points, spread), **changed) for spread in (0.0, noise)]


# ---------------------------------------------------------------------------------------------------------- the layers


@mistake(net, "The sheet asks for the sigmoid after both hidden layers: another activation makes another network.")
def other_activation():
    return perceptron(1, 64, 64, 1, activation="Tanh")


@mistake(
    net,
    "ReLU has no bound, as the sigmoid has: steps of 0.1 that suit the one are too long for the other.",
    meets=Network((1, 64, 64, 1), activation="ReLU"),
)
def relu_inside():
    return perceptron(1, 64, 64, 1, activation="ReLU")


@mistake(net, "With a sigmoid at its end a network answers between 0 and 1, and f* does not stay there.")
def activation_at_output():
    return perceptron(1, 64, 64, 1, end="Sigmoid")


@mistake(net, "Three linear layers make the widths 1-64-64-1: count the layers with weights.")
def missing_layer():
    return perceptron(1, 64, 1)


@mistake(net, "Biases are among the 4353 parameters.")
def no_bias():
    return perceptron(1, 64, 64, 1, bias=False)


# ------------------------------------------------------------------------------------------------------------- the rule


def adam():
    return both(rule="Adam", lr=0.01)


def other_step():
    return both(lr=0.01)


def extras():
    return both(momentum=0.9)


def no_zero_grad():
    return both(fresh=False)


# ------------------------------------------------------------------------------------------------------------- the data


def broadcast():
    """Labels of shape (n,) against outputs of shape (n, 1)."""
    x, y = sample(512)
    return trained(perceptron(1, 64, 64, 1), x, y.ravel(), epochs=FEW)


def other_inputs():
    """Uniform points."""
    x, _ = sample(512)
    x = x.uniform_(-2, 2)
    return trained(perceptron(1, 64, 64, 1), x, (x - 2) * (4 * x).cos(), epochs=FEW)


def fresh_points():
    """New points in every epoch."""
    model = perceptron(1, 64, 64, 1)
    for _ in range(FEW):
        trained(model, *sample(512), epochs=1)
    return model


def summed_loss():
    return both(loss=lambda answers, labels: ((answers - labels) ** 2).sum(), epochs=2)


def other_labels():
    """The curve with another frequency."""
    x, _ = sample(512)
    return trained(perceptron(1, 64, 64, 1), x, (x - 2) * (2 * x).cos(), epochs=FEW)


# ------------------------------------------------------------------------------------------------------------ the noise


def variance():
    """0.5 taken for the variance."""
    return both(noise=0.5**0.5)


def other_noise():
    """0.5 squared for the deviation."""
    return both(noise=0.25)


def biased_noise():
    """Noise that is positive more often than negative, of the right size."""
    x, y = sample(512, noise=0.4)
    exact = trained(perceptron(1, 64, 64, 1), *sample(512), epochs=1)
    return exact, trained(perceptron(1, 64, 64, 1), x, y + 0.3, epochs=FEW)


# ------------------------------------------------------------------------------------------------------------- the fit


def far_off():
    """A training that is much too short."""
    return both()


def diverged():
    """Steps that are much too long."""
    return both(lr=1000.0, loss=lambda answers, labels: half_square(answers, labels) * 1e6)


# ------------------------------------------------------------------------------------------------------------ the plot


def truth_only():
    model = trained(perceptron(1, 64, 64, 1), *sample(512), epochs=FEW)
    show("The curve", f_star)
    return model


def narrow_plot():
    model = trained(perceptron(1, 64, 64, 1), *sample(512), epochs=FEW)
    show("The network near 0", f_star, model, over=(-0.2, 0.2))
    return model


# ------------------------------------------------------------------------------------ what those who do so should read

RULES = {
    adam: "Adam scales every step by gradients it has seen before; the sheet asks for plain gradient descent.",
    other_step: "The step size is 0.1 on the sheet; with another one the network gets elsewhere in as many epochs.",
    extras: "Momentum and decay change every step; the sheet asks for plain gradient descent.",
    no_zero_grad: "backward() adds to the gradients that are there: set them to zero before each step.",
}
DATA = {
    broadcast: "Subtracting (n,) from (n, 1) gives an (n, n) array of differences, silently.",
    other_inputs: "The points are to be standard normal draws.",
    fresh_points: "The data are drawn once and shown again in every epoch; new ones each time are another problem.",
    summed_loss: "The loss is a mean: a sum makes steps that are as many times longer as a batch has points.",
    other_labels: "Print a few points with their labels, and check one by hand: f*(x) = (x - 2) cos(4 x).",
}
FITS = {
    far_off: "A network that starts and trains as the sheet says comes near f* in nine runs of ten.",
    diverged: "Steps were too long for this loss: parameters grew without bound.",
}
PLOTS = {
    truth_only: "The trained network belongs on the plot: model(x) against x, beside f*.",
    narrow_plot: "f* turns several times on [-2, 2]; show the network on all of it.",
}


def mistakes(expectation, known, part=""):
    """Declare that this usually goes wrong."""
    for wrong, sentence in known.items():
        mistake(expectation, sentence, part=part)(wrong)
