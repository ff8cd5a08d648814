"""Two layers with ReLU or leaky ReLU: their gradients, and what becomes of a unit that is dead."""

import numpy as np
from activations import relu

from grader.expect import equals, holds, mistake, normal, shown, uniform, values


def slopes(a, b, u, x, y, alpha):
    """Gradient of the mean of (f - y)**2 / 2 for f(x) = sum_j u_j sigma(a_j x + b_j), sigma leaky with slope alpha."""
    z = np.outer(x, a) + b  # (data, units)
    h, dh = np.where(z > 0, z, alpha * z), np.where(z > 0, 1.0, alpha)
    df = (h @ u - y) / len(x)
    dz = df[:, None] * u * dh
    return x @ dz, dz.sum(0), df @ h


def twice(gradient):
    return [2 * g for g in gradient]


def of_the_square(a, b, u, x, y, alpha=0.0):
    """The same for (f - y)**2, without the half: as right."""
    return twice(slopes(a, b, u, x, y, alpha))


def of_the_leaky_square(a, b, u, x, y, alpha=0.01):
    return of_the_square(a, b, u, x, y, alpha)


GRADIENTS = ("grad_a", "grad_b", "grad_u")
TWO_LAYERS = normal(4), normal(4), normal(4), normal(7), normal(7)


@equals(
    inputs=TWO_LAYERS,
    draws=3,
    accepts=[of_the_square],
    returns=GRADIENTS,
    over="x",
    names=("gradient", "grads", "grad"),
)
def gradients(a, b, u, x, y):
    """(grad_a, grad_b, grad_u), each (units,), for ReLU."""
    return slopes(a, b, u, x, y, alpha=0.0)


@mistake(gradients, "This is the gradient of the sum over the data; the loss is the mean.")
def takes_the_sum(a, b, u, x, y):
    return [len(x) * g for g in gradients(a, b, u, x, y)]


@mistake(gradients, "This is the gradient of the sum over the data; the loss is the mean.")
def takes_the_sum_of_squares(a, b, u, x, y):
    return [2 * len(x) * g for g in gradients(a, b, u, x, y)]


@mistake(gradients, "grad_a lacks the inner derivative x: the unit's argument is a x + b.")
def forgets_the_x(a, b, u, x, y):
    _, grad_b, grad_u = gradients(a, b, u, x, y)
    return grad_b, grad_b, grad_u


@mistake(gradients, "grad_a lacks the inner derivative x: the unit's argument is a x + b.")
def forgets_the_x_of_squares(a, b, u, x, y):
    return twice(forgets_the_x(a, b, u, x, y))


@mistake(gradients, "The slope of ReLU is missing: units whose argument is negative get no gradient.")
def forgets_the_slope(a, b, u, x, y):
    df = (relu(np.outer(x, a) + b) @ u - y) / len(x)
    return x @ df * u, df.sum() * u, gradients(a, b, u, x, y)[2]


@mistake(gradients, "The slope of ReLU is missing: units whose argument is negative get no gradient.")
def forgets_the_slope_of_squares(a, b, u, x, y):
    return twice(forgets_the_slope(a, b, u, x, y))


@mistake(gradients, "The order is (grad_a, grad_b, grad_u).")
def puts_u_first(a, b, u, x, y):
    grad_a, grad_b, grad_u = gradients(a, b, u, x, y)
    return grad_u, grad_a, grad_b


@holds
def dead_unit_stays(student, ask):
    """The gradient of a dead unit is exactly 0, and 100 steps along their own gradient do not revive it."""
    theirs = gradients.of(student, ask)
    a, b, u = values(1, -1, 0.5, -2), values(0.25, -0.5, 0.125, 3), values(0.75, 1.25, -0.5, 0.5)
    x, y = values(0.25, 0.5, 1, 1.5, 2, 2.5), values(1, -0.5, 2, 0.25, -1, 0.5)
    dead, rate = 1, 1 / 256
    for number in range(100):
        grad_a, grad_b, grad_u = theirs(a, b, u, x, y)
        row = values(grad_a[dead], grad_b[dead], grad_u[dead])
        assert (row == 0).all(), f"After {number} steps the gradient of the dead unit is {shown(row)}, not exactly 0."
        assert number or np.delete(grad_a, dead).any(), "The gradient is 0 for the units that are alive, too."
        a, b, u = a - rate * grad_a, b - rate * grad_b, u - rate * grad_u
    assert (a[dead] * x + b[dead] < 0).all(), "After 100 steps the dead unit is alive again."
    return "The dead unit's gradient is exactly 0, and so it was for 100 steps."


@mistake(dead_unit_stays, "The slope of ReLU is missing: a unit whose argument is negative gets no gradient.")
def moves_the_dead(a, b, u, x, y):
    return forgets_the_slope(a, b, u, x, y)


@mistake(dead_unit_stays, "The slope of ReLU is missing: a unit whose argument is negative gets no gradient.")
def moves_the_dead_of_squares(a, b, u, x, y):
    return twice(forgets_the_slope(a, b, u, x, y))


@mistake(dead_unit_stays, "This is the gradient with leaky ReLU; ReLU is exactly flat below 0.")
def leaks(a, b, u, x, y):
    return slopes(a, b, u, x, y, alpha=0.01)


@mistake(dead_unit_stays, "This is the gradient with leaky ReLU; ReLU is exactly flat below 0.")
def leaks_of_squares(a, b, u, x, y):
    return of_the_square(a, b, u, x, y, alpha=0.01)


@equals(
    inputs=(*TWO_LAYERS, uniform(0.05, 0.3)),
    draws=3,
    corners=[TWO_LAYERS],
    accepts=[of_the_leaky_square],
    returns=GRADIENTS,
    over="x",
    names=("leaky_gradient", "leaky_relu_gradients", "gradients_leaky"),
)
def leaky_gradients(a, b, u, x, y, alpha=0.01):
    """(grad_a, grad_b, grad_u), each (units,), for leaky ReLU."""
    return slopes(a, b, u, x, y, alpha)


@mistake(leaky_gradients, "This is the gradient with ReLU: below 0 the slope is alpha, not 0.")
def does_not_leak(a, b, u, x, y, alpha=0.01):
    return gradients(a, b, u, x, y)


@mistake(leaky_gradients, "This is the gradient with ReLU: below 0 the slope is alpha, not 0.")
def does_not_leak_of_squares(a, b, u, x, y, alpha=0.01):
    return of_the_square(a, b, u, x, y)


@mistake(leaky_gradients, "This is the gradient of the sum over the data; the loss is the mean.")
def takes_the_leaky_sum(a, b, u, x, y, alpha=0.01):
    return [len(x) * g for g in slopes(a, b, u, x, y, alpha)]


@mistake(leaky_gradients, "This is the gradient of the sum over the data; the loss is the mean.")
def takes_the_leaky_sum_of_squares(a, b, u, x, y, alpha=0.01):
    return [len(x) * g for g in of_the_square(a, b, u, x, y, alpha)]


@mistake(leaky_gradients, "The slope leaks, but the values do not: below 0, leaky ReLU is alpha z.")
def leaks_in_the_slope_only(a, b, u, x, y, alpha=0.01):
    z = np.outer(x, a) + b
    df = (relu(z) @ u - y) / len(x)
    dz = df[:, None] * u * np.where(z > 0, 1.0, alpha)
    return x @ dz, dz.sum(0), df @ relu(z)


@mistake(leaky_gradients, "The slope leaks, but the values do not: below 0, leaky ReLU is alpha z.")
def leaks_in_the_slope_only_of_squares(a, b, u, x, y, alpha=0.01):
    return twice(leaks_in_the_slope_only(a, b, u, x, y, alpha))


@holds
def leaky_unit_moves(student, ask):
    """The rows of a unit that ReLU would have killed are not 0, unless its u is."""
    theirs = leaky_gradients.of(student, ask)
    a, b, u = values(1, -1, 0.5, -2), values(0.25, -0.5, 0.125, 3), values(0.75, 1.25, -0.5, 0.5)
    x, y = values(0.25, 0.5, 1, 1.5, 2, 2.5), values(1, -0.5, 2, 0.25, -1, 0.5)
    unit = 1
    grad_a, grad_b, _ = theirs(a, b, u, x, y)
    assert np.isfinite((grad_a[unit], grad_b[unit])).all(), (
        "The gradient of a unit that ReLU would have killed is not finite."
    )
    assert grad_a[unit] and grad_b[unit], "The gradient of a unit that ReLU would have killed is 0 here as well."
    u[unit] = 0
    grad_a, grad_b, _ = theirs(a, b, u, x, y)
    row = values(grad_a[unit], grad_b[unit])
    assert (row == 0).all(), f"With u_j = 0 the gradient by a_j and b_j has to be exactly 0; it is {shown(row)}."
    return "The unit gets a gradient, unless its u is 0."


@mistake(leaky_unit_moves, "This is the gradient with ReLU: below 0 the slope is alpha, not 0.")
def still_dead(a, b, u, x, y, alpha=0.01):
    return gradients(a, b, u, x, y)


@mistake(leaky_unit_moves, "grad_a and grad_b lack the factor u_j.")
def forgets_the_u(a, b, u, x, y, alpha=0.01):
    return slopes(a, b, np.ones_like(u), x, y, alpha)
