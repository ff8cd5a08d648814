# 1a. Two steps that face each other: one is on to the right of 0, the other to the left of delta.
# Both are on between, so their sum is 2h there and h elsewhere; the output bias takes h away.
import math
import random


def box_network(h, delta):
    return [1, -1], [0, delta], [h, h], -h


# 1b. The stair: one neuron for each of n steps, as high as the function has risen since the last one.
# The smaller the steps, the closer the stair is to the function, which is smooth.
def approximate(f, B, n):
    xs = [-B + 2 * B * i / n for i in range(n)]
    W2, last = [], 0.0
    for x in xs:
        W2.append(f(x) - last)
        last = f(x)
    return [[1.0]] * n, [-x for x in xs], [W2], [0.0]


# 1c. With d inputs a cell needs 2d neurons and one more to join them, and there are n to the power d cells.
# So it works, but it is of no practical use beyond a few dimensions.

# 2a. Independent terms of mean zero: the variances add up, n_in times.
def var_a(n_in, sigma, v):
    return n_in * sigma ** 2 * v ** 2


# 2b. The product of n_in and the variance is to be 1, or the signal grows or shrinks from layer to layer.
def sigma2_forward(fan_in):
    return 1 / fan_in


# 2c. ReLU throws away half of the second moment, so the variance has to be doubled.
def relu_factor():
    return 2


# 2d. The same for the transposed matrix: its rows have n_out entries, so n_out takes the place of n_in.
def sigma2_backward(n_in, n_out):
    return 1.0 / n_out


# 2e. The mean of the two numbers of neurons takes the place of either of them: Xavier and Glorot.
def sigma2_xavier(n_in, n_out):
    return 1 / ((n_in + n_out) / 2)


def init_weights(n_in, n_out, scheme):
    variance = {"forward": 1 / n_in, "relu": 2 / n_in, "backward": 1 / n_out, "xavier": 2 / (n_in + n_out)}[scheme]
    return [[random.gauss(0, math.sqrt(variance)) for _ in range(n_in)] for _ in range(n_out)]
