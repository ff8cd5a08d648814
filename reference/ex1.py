"""Exercise 1: activation functions, tanh for the sigmoid, and the gradients of a softmax network.

What is true, how nearly, and how it usually goes wrong. The names are the sheet's. Imported, it answers the grader's
questions; run, it is the model submission.
"""

import equivalence
import numpy as np
from activations import heaviside as l1
from activations import relu as l0
from activations import sigmoid as s1
from activations import sigmoid_derivative as ds1
from activations import softplus as s0
from activations import softplus_derivative as ds0

from grader.expect import Graph, equals, gradient, mistake, normal

# ------------------------------------------------------------------------------------------- 1: activation functions

graph_s0 = Graph(s0, on=(-4, 4), left=(0, 0), right=(1, 0))
graph_s1 = Graph(s1, on=(-4, 4), left=(0, 0), right=(0, 1))

# -------------------------------------------------------------------------------------- 2: the sigmoid in place of tanh


def two_layers(W1, b1, W2, b2):
    """Weights and biases as lists, one entry a layer."""
    return [W1, W2], [b1, b2]


def as_sigmoid_network(answer, W1, b1, W2, b2):
    return equivalence.as_sigmoid_network(two_layers(*answer), *two_layers(W1, b1, W2, b2))


def sizes(d, n, m):
    """Weights and biases of a network from d by n hidden units to m."""
    return normal(n, d), normal(n), normal(m, n), normal(m)


@equals(
    inputs=sizes(3, 5, 2),
    draws=1,
    corners=[sizes(2, 6, 4), sizes(1, 4, 3)],
    returns=("W1", "b1", "W2", "b2"),
    names=("tanh2sigmoid", "tanh_to_sigmoid_network", "to_sigmoid", "sigmoid_weights"),
    view=as_sigmoid_network,
    rtol=1e-4,
    atol=1e-4,
)
def tanh_to_sigmoid(W1, b1, W2, b2):
    """The sigmoid network of the same sizes with the same function; tanh(x) = 2 s1(2 x) - 1."""
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(1)


@mistake(tanh_to_sigmoid, "The shift is forgotten: tanh is twice the sigmoid minus 1, and the -1 has to go into b2'.")
def forgets_the_shift(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2


@mistake(tanh_to_sigmoid, "The argument has to be doubled too: tanh(x) = 2 s1(2 x) - 1.")
def forgets_to_double_the_argument(W1, b1, W2, b2):
    return W1, b1, 2 * W2, b2 - W2.sum(1)


@mistake(tanh_to_sigmoid, "The shift was subtracted once; it has to go through W2: every row of W2 sums it up.")
def shifts_by_one(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - 1


@mistake(tanh_to_sigmoid, "The sign of the shift is wrong: tanh(x) = 2 s1(2 x) - 1, so that it is subtracted from b2.")
def adds_the_shift(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 + W2.sum(1)


@mistake(tanh_to_sigmoid, "This is the way back, which makes a network of tanh from one of the sigmoid.")
def the_way_back(W1, b1, W2, b2):
    return W1 / 2, b1 / 2, W2 / 2, b2 + W2.sum(1) / 2


@mistake(tanh_to_sigmoid, "b1 stands inside the activation as well, and has to be doubled with W1.")
def forgets_the_first_bias(W1, b1, W2, b2):
    return 2 * W1, b1, 2 * W2, b2 - W2.sum(1)


@mistake(tanh_to_sigmoid, "This is the network unchanged.")
def unchanged(W1, b1, W2, b2):
    return W1, b1, W2, b2


# ---------------------------------------------------------------------------- 3: gradients under softmax, cross entropy


def softmax(z):
    return np.exp(z - z.max()) / np.exp(z - z.max()).sum()


def loss(x, y, W, Theta):
    """Cross entropy of the softmax of Theta^T W x with y; the columns of Theta are the theta_i."""
    z = Theta.T @ W @ x
    return -y @ (z - z.max() - np.log(np.exp(z - z.max()).sum()))


def a_case(n, m, k, *, sure=False):
    """x (n,), y (k,) that sums to 1, W (m, n), Theta (m, k): all sizes differ, so that layouts can be told apart."""

    def draw(rng):
        y = np.eye(k)[rng.integers(k)] if sure else rng.dirichlet(np.ones(k))
        return rng.normal(size=n), y, rng.normal(size=(m, n)), rng.normal(size=(m, k))

    return draw


CASES = {"inputs": a_case(4, 3, 5), "draws": 2, "corners": [a_case(2, 5, 3), a_case(5, 2, 4, sure=True)]}


@gradient(of=loss, by="Theta", **CASES, names=("gradient_theta", "dtheta", "d_theta", "grad_Theta", "dL_dTheta"))
def grad_theta(x, y, W, Theta):
    """Column i is the derivative by theta_i: (sum(y) p_i - y_i) W x, with p the softmax."""
    return np.outer(W @ x, y.sum() * softmax(Theta.T @ W @ x) - y)


@mistake(grad_theta, "The sign is wrong: the loss is minus the logarithm, so it is p - y, not y - p.")
def y_minus_p(x, y, W, Theta):
    return -grad_theta(x, y, W, Theta)


@mistake(grad_theta, "Only the softmax's own part is there: y_i has to be subtracted from p_i.")
def forgets_y(x, y, W, Theta):
    return np.outer(W @ x, softmax(Theta.T @ W @ x))


@mistake(grad_theta, "theta_i meets W x, not x: the inner derivative is W x.")
def forgets_W(x, y, W, Theta):
    return np.outer(x, softmax(Theta.T @ W @ x) - y)


@mistake(grad_theta, "The denominator depends on every theta_i too; only the numerator was derived.")
def forgets_the_denominator(x, y, W, Theta):
    return np.outer(W @ x, -y)


@gradient(of=loss, by="W", **CASES, names=("gradient_W", "dW", "d_W", "grad_w", "dL_dW"))
def grad_W(x, y, W, Theta):
    """Theta (sum(y) p - y) x^T, of the shape of W."""
    return np.outer(Theta @ (y.sum() * softmax(Theta.T @ W @ x) - y), x)


@mistake(grad_W, "The sign is wrong: the loss is minus the logarithm, so it is p - y, not y - p.")
def y_minus_p_again(x, y, W, Theta):
    return -grad_W(x, y, W, Theta)


@mistake(grad_W, "Only the softmax's own part is there: y has to be subtracted from p.")
def forgets_y_again(x, y, W, Theta):
    return np.outer(Theta @ softmax(Theta.T @ W @ x), x)


@mistake(grad_W, "The denominator depends on W too; only the numerator was derived.")
def forgets_the_denominator_again(x, y, W, Theta):
    return np.outer(-Theta @ y, x)


# -------------------------------------------------------------------------------------------------- 1: as handed in


def plot(curve, *asymptotes):
    """Draw a curve and straight lines y = m x + n, given as (m, n), beside it."""
    import matplotlib.pyplot as plt

    x = np.linspace(-5, 5, 201)
    plt.figure()
    plt.plot(x, curve(x))
    for slope, height in asymptotes:
        plt.plot(x, slope * x + height, linestyle="--")
    plt.show()


@mistake(graph_s0, "An asymptote is a line that the curve comes ever nearer to; there is one on either side.")
@mistake(graph_s1, "An asymptote is a line that the curve comes ever nearer to; there is one on either side.")
def asymptote_missing():
    plot(s0, (0, 0))
    plot(s1, (0, 0))


@mistake(graph_s0, "The sheet asks for the asymptotes as well: the lines that the curve comes ever nearer to.")
@mistake(graph_s1, "The sheet asks for the asymptotes as well: the lines that the curve comes ever nearer to.")
def no_asymptotes():
    plot(s0)
    plot(s1)


@mistake(graph_s0, "Compare a value or two: s0(0) is log 2.")
@mistake(graph_s1, "Compare a value or two: s1(0) is 1/2.")
def other_curve():
    plot(np.sin, (0, 0), (1, 0))
    plot(np.tanh, (0, 0), (0, 1))


if __name__ == "__main__":
    plot(s0, (0, 0), (1, 0))
    plot(s1, (0, 0), (0, 1))
