"""Networks of tanh and of the sigmoid are the same functions: the way there and the way back."""

import numpy as np
from activations import sigmoid

from grader.expect import equals, mistake, normal


def network(A, b, x, activation):
    """Values of the network at the columns of x."""
    y = x
    for W, shift in zip(A[:-1], b[:-1]):
        y = activation(W @ y + shift[:, None])
    return A[-1] @ y + b[-1][:, None]


def points(A):
    return np.random.default_rng(5).normal(size=(A[0].shape[1], 20))


def as_tanh_network(answer, A, b):
    return network(*answer, points(A), np.tanh)


def as_sigmoid_network(answer, C, d):
    return network(*answer, points(C), sigmoid)


def weights(*widths):
    """Matrices (n_l, n_{l-1}) and vectors (n_l,) of a network of these widths."""
    pairs = list(zip(widths, widths[1:]))
    return [normal(m, n) for n, m in pairs], [normal(m) for _, m in pairs]


SIZES = [weights(2, 4, 3), weights(1, 6, 5, 2), weights(3, 4, 2, 5, 3)]


@equals(
    inputs=weights(3, 5, 4, 2), draws=1, corners=SIZES, returns=("C", "d"), view=as_tanh_network, rtol=1e-4, atol=1e-4
)
def sigmoid_to_tanh(A, b):
    """The tanh network with the same function; sigmoid(z) = (1 + tanh(z / 2)) / 2."""
    C = [A[0] / 2, *(W / 4 for W in A[1:-1]), A[-1] / 2]
    d = [b[0] / 2, *(shift / 2 + W.sum(1) / 4 for W, shift in zip(A[1:-1], b[1:-1])), b[-1] + A[-1].sum(1) / 2]
    return C, d


@mistake(
    sigmoid_to_tanh,
    "The shift is forgotten: sigmoid is half of tanh plus 1/2, and the 1/2 has to go into the next bias.",
)
def forgets_the_shift(A, b):
    return [A[0] / 2, *(W / 4 for W in A[1:-1]), A[-1] / 2], [*(shift / 2 for shift in b[:-1]), b[-1]]


@mistake(
    sigmoid_to_tanh, "The last layer has no activation: its weights and bias are only corrected for the layer before."
)
def treats_the_last_as_hidden(A, b):
    C, d = sigmoid_to_tanh([*A, np.eye(len(b[-1]))], [*b, b[-1]])
    return C[:-1], d[:-1]


@mistake(sigmoid_to_tanh, "The argument has to be halved too: sigmoid(z) = (1 + tanh(z / 2)) / 2.")
def forgets_to_halve(A, b):
    return [A[0], *(W / 2 for W in A[1:])], [b[0], *(shift + W.sum(1) / 2 for W, shift in zip(A[1:], b[1:]))]


@mistake(sigmoid_to_tanh, "This is the network unchanged.")
def unchanged(A, b):
    return A, b


@equals(
    inputs=weights(3, 5, 4, 2),
    draws=1,
    corners=SIZES,
    returns=("A", "b"),
    view=as_sigmoid_network,
    rtol=1e-4,
    atol=1e-4,
)
def tanh_to_sigmoid(C, d):
    """The sigmoid network with the same function; tanh(z) = 2 sigmoid(2 z) - 1."""
    A = [2 * C[0], *(4 * W for W in C[1:-1]), 2 * C[-1]]
    b = [2 * d[0], *(2 * (shift - W.sum(1)) for W, shift in zip(C[1:-1], d[1:-1])), d[-1] - C[-1].sum(1)]
    return A, b


@mistake(
    tanh_to_sigmoid, "The shift is forgotten: tanh is twice sigmoid minus 1, and the -1 has to go into the next bias."
)
def forgets_the_shift_back(C, d):
    return [2 * C[0], *(4 * W for W in C[1:-1]), 2 * C[-1]], [*(2 * shift for shift in d[:-1]), d[-1]]


@mistake(
    tanh_to_sigmoid, "The last layer has no activation: its weights and bias are only corrected for the layer before."
)
def treats_the_last_as_hidden_back(C, d):
    A, b = tanh_to_sigmoid([*C, np.eye(len(d[-1]))], [*d, d[-1]])
    return A[:-1], b[:-1]


@mistake(tanh_to_sigmoid, "This is the network unchanged.")
def unchanged_back(C, d):
    return C, d
