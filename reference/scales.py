"""The variance of initial weights: what a layer does to the variance of a signal, forwards and backwards."""

import numpy as np

from grader.expect import Formula, draws, mistake

SYMBOLS = "n_in n_out sigma v g"
OTHERWISE = {
    **{"fan_in": "n_in", "nin": "n_in", "d_in": "n_in", "fan_out": "n_out", "nout": "n_out", "d_out": "n_out"},
    **{"sigma2": "sigma**2", "sigma_sq": "sigma**2", "sigma_squared": "sigma**2", "var_w": "sigma**2", "s": "sigma"},
    **{"sigma_w": "sigma", "sigma_w2": "sigma**2", "v2": "v**2", "v_sq": "v**2", "v_squared": "v**2", "nu": "v"},
}
"""What else students call them."""
OF_INPUTS = {**OTHERWISE, "n": "n_in"}

var_a = Formula("n_in * sigma**2 * v**2", symbols=SYMBOLS, also=OF_INPUTS, names=("variance_a", "var_aj"))
sigma2_forward = Formula(
    "1 / n_in",
    symbols=SYMBOLS,
    also=OF_INPUTS,
    makes={"sigma": "1 / sqrt(n_in)"},
    names=("sigma2_fwd", "var_forward", "forward_variance"),
)
relu_factor = Formula("2", names=("factor", "factor_relu", "relu_scale"), words=("factor", "doubl", "twice", "relu"))
sigma2_backward = Formula(
    "1 / n_out",
    symbols="n_out n_in sigma v g",
    also=OTHERWISE,
    makes={"sigma": "1 / sqrt(n_out)"},
    names=("sigma2_bwd", "var_backward", "backward_variance"),
)
sigma2_xavier = Formula(
    "2 / (n_in + n_out)",
    symbols=SYMBOLS,
    also=OTHERWISE,
    makes={"sigma": "sqrt(2 / (n_in + n_out))"},
    names=("sigma2_glorot", "xavier_variance", "var_xavier", "glorot_variance"),
)


@mistake(var_a, "The inputs are many: the variances of n_in independent terms add up.")
def forgets_the_fan_in():
    return "sigma**2 * v**2"


@mistake(var_a, "The variance of a sum over n_in independent terms grows with n_in, not with its square.")
def squares_the_fan_in():
    return "n_in**2 * sigma**2 * v**2"


@mistake(var_a, "The variances are sigma**2 and v**2; these are the standard deviations.")
def takes_standard_deviations():
    return "n_in * sigma * v"


@mistake(var_a, "The sum runs over the inputs, of which there are n_in.")
def sums_over_outputs():
    return "n_out * sigma**2 * v**2"


@mistake(sigma2_forward, "That is the standard deviation; the variance is its square.")
def forward_deviation():
    return "1 / sqrt(n_in)"


@mistake(sigma2_forward, "Forwards the sum runs over the inputs of the layer, of which there are n_in.")
def forward_over_outputs():
    return "1 / n_out"


@mistake(sigma2_forward, "That is upside down: the more inputs there are, the smaller the weights have to be.")
def forward_upside_down():
    return "n_in"


@mistake(sigma2_forward, "That is the rule with ReLU; here the layer is linear.")
def forward_with_relu():
    return "2 / n_in"


@mistake(relu_factor, "ReLU lets half of the variance through, so the weights' variance has to make up for it.")
def half():
    return "1/2"


@mistake(relu_factor, "That is the factor of the standard deviation; the variance's is its square.")
def root_of_two():
    return "sqrt(2)"


@mistake(relu_factor, "ReLU sets half of the values to 0, so that less arrives; the rule cannot stay as it was.")
def no_factor():
    return "1"


@mistake(sigma2_backward, "Backwards the sum runs over the outputs of the layer, of which there are n_out.")
def backward_over_inputs():
    return "1 / n_in"


@mistake(sigma2_backward, "That is the standard deviation; the variance is its square.")
def backward_deviation():
    return "1 / sqrt(n_out)"


@mistake(sigma2_backward, "That is upside down: the more outputs there are, the smaller the weights have to be.")
def backward_upside_down():
    return "n_out"


@mistake(sigma2_xavier, "A factor of 2 is missing: with n_in = n_out = n the rule has to be 1/n again.")
def xavier_without_the_two():
    return "1 / (n_in + n_out)"


@mistake(sigma2_xavier, "That is the standard deviation; the variance is its square.")
def xavier_deviation():
    return "sqrt(2 / (n_in + n_out))"


@mistake(sigma2_xavier, "That is the bound of the uniform law whose variance is asked for.")
def xavier_bound():
    return "sqrt(6 / (n_in + n_out))"


@mistake(sigma2_xavier, "That is the mean of 1/n_in and 1/n_out; Xavier's rule takes the mean of n_in and n_out.")
def mean_of_the_two_rules():
    return "(1 / n_in + 1 / n_out) / 2"


# --------------------------------------------------------------------------------------------------- drawn accordingly

VARIANCES = {
    "forward": lambda n_in, _: 1 / n_in,
    "relu": lambda n_in, _: 2 / n_in,
    "backward": lambda _, n_out: 1 / n_out,
    "xavier": lambda n_in, n_out: 2 / (n_in + n_out),
}


def gaussian(n_in, n_out, deviation):
    return np.random.default_rng(n_in).normal(0, deviation, (n_out, n_in))


@draws(
    VARIANCES,
    names=("initialize_weights", "initialise_weights", "weight_init", "init"),
    also={
        "forward": ("fwd", "fan_in", "lecun"),
        "relu": ("he", "kaiming"),
        "backward": ("bwd", "back", "fan_out"),
        "xavier": ("glorot",),
    },
)
def init_weights(n_in, n_out, scheme):
    """Weights (n_out, n_in) of the variance that the scheme asks for."""
    return gaussian(n_in, n_out, VARIANCES[scheme](n_in, n_out) ** 0.5)


@mistake(init_weights, "The variance was taken for the standard deviation: take its square root first.")
def variance_for_deviation(n_in, n_out, scheme):
    return gaussian(n_in, n_out, VARIANCES[scheme](n_in, n_out))


@mistake(init_weights, "The variance goes with the wrong number of neurons: inputs, outputs, or (Xavier) both.")
def the_wrong_fan(n_in, n_out, scheme):
    variance = 1 / n_in if scheme == "xavier" else VARIANCES[scheme](n_out, n_in)
    return gaussian(n_in, n_out, variance**0.5)


@mistake(init_weights, "The variance is half of what it should be.")
def half_the_variance(n_in, n_out, scheme):
    return gaussian(n_in, n_out, (VARIANCES[scheme](n_in, n_out) / 2) ** 0.5)


@mistake(init_weights, "The variance is twice what it should be.")
def twice_the_variance(n_in, n_out, scheme):
    return gaussian(n_in, n_out, (VARIANCES[scheme](n_in, n_out) * 2) ** 0.5)


@mistake(init_weights, "The weights are standard normal, whatever the scheme.")
def standard_normal(n_in, n_out, scheme):
    return gaussian(n_in, n_out, 1.0)
