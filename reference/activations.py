"""Activations and their derivatives, as several homeworks ask for them, and how they usually go wrong."""

import numpy as np

from grader.expect import Value, equals, gradient, mistake, normal, values


@equals(inputs=normal(35, scale=3.0), corners=[values(0, 1e-3, -1e-3, 1e4, -1e4)], names=("my_relu", "relu_fn"))
def relu(z):
    return np.maximum(z, 0)


@mistake(relu, "This is the absolute value: negative numbers are to become 0.")
def absolute_value(z):
    return np.abs(z)


@mistake(relu, "This is leaky ReLU: negative numbers are to become 0.")
def leaky(z):
    return np.where(z > 0, z, 0.01 * z)


@mistake(relu, "This is the derivative of ReLU, a step.")
def step(z):
    return (z > 0) * 1.0


@equals(
    inputs=normal(25, scale=3.0),
    corners=[values(-30, -5, 0, 5, 30), values(-1e4, 1e4)],
    names=("soft_plus", "my_softplus"),
)
def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


@mistake(softplus, "exp(z) overflows for large z: use max(z, 0) + log1p(exp(-|z|)), which is the same number.")
def overflows(z):
    return np.log(1 + np.exp(z))


@mistake(softplus, "This is the derivative of softplus, the sigmoid.")
def sigmoid_instead(z):
    return 1 / (1 + np.exp(-z))


@mistake(softplus, "The 1 under the logarithm is missing: log(exp(z)) is z.")
def forgets_the_one(z):
    return z


@mistake(softplus, "The sign of the exponent is wrong: this is log(1 + exp(-z)).")
def softplus_of_minus_z(z):
    return softplus(-z)


@gradient(
    of=softplus,
    inputs=normal(25, scale=3.0),
    corners=[values(-30, -5, 0, 5, 30), values(-1e4, 1e4)],
    names=("dsoftplus", "d_softplus", "softplus_prime", "softplus_grad", "grad_softplus", "softplus_deriv"),
)
def softplus_derivative(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


@mistake(softplus_derivative, "exp(z) overflows for large z: use 1 / (1 + exp(-z)) there, which is the same number.")
def derivative_overflows(z):
    return np.exp(z) / (1 + np.exp(z))


@mistake(softplus_derivative, "This is the second derivative of softplus.")
def second_derivative(z):
    return softplus_derivative(z) * softplus_derivative(-z)


@mistake(softplus_derivative, "This is the derivative of ReLU, which softplus is a smooth version of.")
def derivative_of_relu(z):
    return (z > 0) * 1.0


@mistake(softplus_derivative, "The sign of the exponent is wrong: this falls from 1 to 0.")
def derivative_falls(z):
    return softplus_derivative(-z)


@mistake(softplus_derivative, "This is softplus itself.")
def not_derived(z):
    return softplus(z)


@equals(
    inputs=normal(25, scale=3.0),
    corners=[values(-30, -5, 0, 5, 30), values(-1e4, 1e4)],
    names=("sigma", "logistic", "my_sigmoid", "sigmoid_fn"),
)
def sigmoid(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


@mistake(sigmoid, "exp(z) overflows for large z: use 1 / (1 + exp(-z)) there, which is the same number.")
def sigmoid_overflows(z):
    return np.exp(z) / (1 + np.exp(z))


@mistake(sigmoid, "The sign of the exponent is wrong: this falls from 1 to 0.")
def sigmoid_falls(z):
    return sigmoid(-z)


@mistake(sigmoid, "This is tanh, which runs from -1 to 1; the sigmoid runs from 0 to 1.")
def tanh_instead(z):
    return np.tanh(z)


@gradient(
    of=sigmoid,
    inputs=normal(25, scale=3.0),
    corners=[values(-30, -5, 0, 5, 30), values(-1e4, 1e4)],
    names=("dsigmoid", "d_sigmoid", "sigmoid_prime", "sigmoid_grad", "grad_sigmoid", "sigmoid_deriv"),
)
def sigmoid_derivative(z):
    return sigmoid(z) * sigmoid(-z)


@mistake(sigmoid_derivative, "exp overflows for large |z|: use sigmoid(z) (1 - sigmoid(z)), which is the same number.")
def sigmoid_derivative_overflows(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


@mistake(sigmoid_derivative, "The factor 1 - sigmoid(z) is missing: this is the sigmoid itself.")
def forgets_the_second_factor(z):
    return sigmoid(z)


@mistake(sigmoid_derivative, "That is z (1 - z): the sigmoid has to be applied to z first.")
def takes_the_activation(z):
    return z * (1 - z)


@equals(
    inputs=normal(35, scale=3.0),
    corners=[values(0, 1e-3, -1e-3, 1e4, -1e4)],
    names=("step", "step_function", "heaviside_step", "unit_step"),
)
def heaviside(z):
    return (z >= 0) * 1.0


@mistake(heaviside, "At 0 the step is 1, as the sheet defines it.")
def zero_at_zero(z):
    return (z > 0) * 1.0


@mistake(heaviside, "At 0 the step is 1, as the sheet defines it; here it is 1/2.")
def half_at_zero(z):
    return np.heaviside(z, 0.5)


@mistake(heaviside, "This is the sign, which is -1 below 0; the step is 0 there.")
def sign_instead(z):
    return np.where(z >= 0, 1.0, -1.0)


softplus_lipschitz = Value(
    1 / 4,
    names=("lipschitz_constant", "softplus_lipschitz_constant", "lipschitz"),
    words=("lipschitz",),
    rtol=1e-3,  # it may be found on a grid
)


@mistake(softplus_lipschitz, "1 is the Lipschitz constant of softplus; its derivative has a smaller one.")
def of_softplus_itself():
    return 1


@mistake(
    softplus_lipschitz, "That bounds the derivative's slope, but a smaller constant does too: look for its maximum."
)
def not_the_smallest():
    return 1 / 2
