import numpy as np
import torch
from torch import nn

# number of parameters: (1 + 1) * 64 + (64 + 1) * 64 + 64 + 1 = 4353

def relu(x):
    return np.maximum(x, 0)


def softplus(x):
    return np.logaddexp(0, x)


def softplus_derivative(x):
    return 0.5 * (1 + np.tanh(x / 2))


softplus_lipschitz = 0.25


def sigmoid_to_tanh(A, b):
    L = len(A)
    C, d = [], []
    for l in range(L):
        first, last = l == 0, l == L - 1
        C.append(A[l] / (1 if first else 2) / (1 if last else 2))
        shift = 0 if first else A[l].sum(axis=1) / 2
        d.append((b[l] + shift) / (1 if last else 2))
    return C, d


def tanh_to_sigmoid(C, d):
    return C, d


def gradients(w, b, v, x, y):
    z = np.outer(x, w) + b
    h = np.maximum(z, 0)
    r = h @ v - y
    inner = r[:, None] * v * (z > 0)
    n = len(x)
    return 2 * x @ inner / n, 2 * inner.sum(axis=0) / n, 2 * r @ h / n


def leaky_gradients(w, b, v, x, y, alpha=0.01):
    z = np.outer(x, w) + b
    slope = np.where(z >= 0, 1, alpha)
    h = slope * z
    r = h @ v - y
    inner = r[:, None] * v * slope
    n = len(x)
    return 2 * x @ inner / n, 2 * inner.sum(axis=0) / n, 2 * r @ h / n

# Problem 4a: Case 1: x is not negative, then relu(x) = x and applying it again changes nothing.
# Case 2: x is negative, then relu(x) = 0, and relu(0) = 0 again. In both cases the claim holds.

# Problem 4b: softplus'(x) = e^x/(1+e^x), softplus''(x) = e^x/(1+e^x)^2 which is at most 1/4 (AM-
# GM: (1+e^x)^2 >= 4 e^x). A differentiable function with bounded derivative is Lipschitz. relu'
# jumps at 0, it is not even continuous, so it can not be Lipschitz.

# Problem 4c: tanh(x) = 2 sigmoid(2x) - 1. Layer by layer: double the arguments and the outputs,
# and move the -1 into the bias of the following layer. Written out: A_1 = 2 C_1, b_1 = 2 d_1,
# A_l = 4 C_l, b_l = 2 (d_l - C_l 1), A_L = 2 C_L, b_L = d_L - C_L 1. Inverting these formulas
# gives the converse.

# Problem 5: If the unit is dead for all data then relu' is zero at all its inputs. The gradient
# for w_j and for b_j carries the factor relu', so it is zero and SGD does not move them.
# Therefore the unit stays dead after each step, for ever.

# Problem 6: leaky relu has derivative alpha for negative inputs, this is not zero. The gradient
# for w_j is sum of residual * v_j * alpha * x_i, in general non zero, so the weights change and
# the unit is not stuck any more.
