"""Networks with one hidden layer of step neurons, a number in and a number out: a box, and any function from boxes."""

import numpy as np

from grader.expect import (
    Function,
    equals,
    evaluable,
    holds,
    mistake,
    plain_array,
    polynomial,
    shown,
    uniform,
    values,
    wave,
)


def heights(network, x):
    """Values at x (points,) of a network with one hidden layer of steps, given as its four arrays in any layout."""
    W1, b1, W2, b2 = (np.ravel(part) for part in network)
    return (np.outer(x, W1) + b1 > 0) @ W2 + b2.sum()


IN_WIDTHS = values(
    -40, -2.3, -0.93, -0.61, -0.37, -0.11, -0.01, 0.01, 0.12, 0.33, 0.53, 0.71, 0.93, 0.99, 1.01, 1.3, 2.2, 40
)
"""Where a box is looked at, in units of its width: never on an edge, since the value there is a convention."""


def at_some_points(answer, h, delta):
    return heights(answer, delta * IN_WIDTHS)


def two_steps(b1, W2):
    return np.ones((2, 1)), np.array(b1), np.array([W2]), 0.0


@equals(
    inputs=(uniform(0.5, 3.0), uniform(0.3, 2.0)),
    draws=4,
    corners=[(1.0, 1.0), (2.0, 0.5)],
    returns=("W1", "b1", "W2", "b2"),
    view=at_some_points,
    names=("box", "box_net", "make_box", "box_weights"),
)
def box_network(h, delta):
    """Up by h at 0, down again at delta."""
    return two_steps([0.0, -delta], [h, -h])


@mistake(box_network, "The step at delta is on the wrong side: a neuron switches where w x + b = 0, so b = -w delta.")
def thresholds_for_biases(h, delta):
    return two_steps([0.0, delta], [h, -h])


@mistake(box_network, "The second step is added; it has to be taken away again, or the function stays up for ever.")
def adds_both_steps(h, delta):
    return two_steps([0.0, -delta], [h, h])


@mistake(box_network, "The height is 1 whatever h is: the weights of the output neuron are h and -h.")
def forgets_the_height(h, delta):
    return two_steps([0.0, -delta], [1.0, -1.0])


@mistake(box_network, "The box is centred at 0; the sheet's stands between 0 and delta.")
def centred_at_zero(h, delta):
    return two_steps([delta / 2, -delta / 2], [h, -h])


@mistake(box_network, "The box stands upside down: the step at 0 goes up, the one at delta goes down.")
def upside_down(h, delta):
    return two_steps([0.0, -delta], [-h, h])


def boxes(f, B, n):
    """The network of n boxes side by side on [-B, B], each as high as f in its middle."""
    edges = np.linspace(-B, B, n + 1)
    middles = [f(x) for x in (edges[1:] + edges[:-1]) / 2]
    return (
        np.ones(2 * n),
        -np.concatenate([edges[:-1], edges[1:]]),
        np.concatenate([middles, np.negative(middles)]),
        0.0,
    )


SIZES = (8, 64, 512)
"""Numbers of boxes (or of neurons: a sheet does not say which) that errors are compared at."""
MOST = 50_000
"""Neurons of a network that is still looked at."""


@holds
def approximate(student, ask):
    """The greatest error on [-B, B], off the edges, falls as n grows, for functions that nobody could foresee."""
    theirs = Function(
        boxes, inputs=(polynomial(0, 1), 1.0, 8), names=("approximate_function", "approx", "build_network")
    )
    theirs.name = "approximate"
    theirs = theirs.of(student, ask)
    rng = ask.rng()
    waves = (
        wave("sin", rng.uniform(1, 2), rng.uniform(2, 3), rng.uniform(0, 3)),
        wave("exp", 0.5, rng.uniform(0.5, 1), 0),
    )
    curve = polynomial(rng.uniform(1, 2), rng.uniform(-2, -1), rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.3))
    tried = (*zip(waves, (2.0, 1.5)), (curve, 2))
    answers = [[theirs.raw(f, B, n) for n in SIZES] for f, B in tried]
    for (f, B), networks in zip(tried, answers):
        errors = [greatest_error(network, f, B) for network in networks]
        told = f"For n = {SIZES[0]}, {SIZES[1]}, {SIZES[2]} the greatest errors are {', '.join(map(shown, errors))}"
        assert errors[0] > 2 * errors[1] and errors[1] > 2 * errors[2], f"{told}: they have to fall towards 0."
    return f"{told}, for the last of three functions that were tried."


def greatest_error(answer, f, B):
    """Sup distance from f on a grid over [-B, B], without the points at which a neuron of the network switches."""
    parts = list(answer.values()) if isinstance(answer, dict) else answer
    network = [plain_array(part) for part in parts] if isinstance(parts, (list, tuple)) and len(parts) == 4 else [None]
    assert all(part is not None for part in network), "`approximate` is to return four arrays: W1, b1, W2, b2."
    W1, b1, W2, b2 = (np.ravel(part) for part in network)
    assert W1.size == b1.size == W2.size and b2.size == 1, (
        f"The network has {W1.size} weights into its hidden layer, {b1.size} biases there, {W2.size} weights out of it "
        f"and {b2.size} biases at the end; a layer of k neurons has k, k, k and 1."
    )
    assert W1.size <= MOST, f"The network has {W1.size} hidden neurons; it was not looked at."
    x = np.linspace(-B, B, 1202)[1:-1]
    switches = np.sort(-b1[W1 != 0] / W1[W1 != 0])
    near = np.searchsorted(switches, x - 1e-9) < np.searchsorted(switches, x + 1e-9)
    x = x[~near]
    y = np.array([((W1 * each + b1 > 0) @ W2) for each in x]) + b2
    return float(np.abs(y - evaluable(f)(x)).max())


@mistake(approximate, "The boxes have height 1; each is to be as high as the function is there.")
def boxes_of_height_one(f, B, n):
    return boxes(np.ones_like, B, n)


@mistake(approximate, "The boxes cover [0, B] only; the interval is [-B, B].")
def covers_half_the_interval(f, B, n):
    edges = np.linspace(0, B, n + 1)
    middles = [f(x) for x in (edges[1:] + edges[:-1]) / 2]
    return (
        np.ones(2 * n),
        -np.concatenate([edges[:-1], edges[1:]]),
        np.concatenate([middles, np.negative(middles)]),
        0.0,
    )


@mistake(approximate, "Each step adds the whole height of the function; a stair goes up by the difference to the last.")
def adds_whole_heights(f, B, n):
    edges = np.linspace(-B, B, n + 1)[:-1]
    return np.ones(n), -edges, np.array([f(x) for x in edges]), 0.0


@mistake(approximate, "The number of boxes is fixed; it has to grow with n.")
def ignores_n(f, B, n):
    return boxes(f, B, 10)
