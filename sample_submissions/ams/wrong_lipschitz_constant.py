import numpy as np
import torch
from torch import nn

# number of parameters: (1 + 1) * 64 + (64 + 1) * 64 + 64 + 1 = 4353

relu = torch.relu


softplus = nn.functional.softplus


def softplus_derivative(x):
    return torch.sigmoid(x)


softplus_lipschitz = 1


def sigmoid_to_tanh(A, b):
    C = [a / 4 for a in A]
    d = [bias / 2 + a.sum(1) / 4 for a, bias in zip(A, b)]
    C[0], d[0] = A[0] / 2, b[0] / 2
    C[-1], d[-1] = A[-1] / 2, b[-1] + A[-1].sum(1) / 2
    return C, d


def tanh_to_sigmoid(C, d):
    A = [4 * c for c in C]
    b = [2 * (bias - c.sum(1)) for c, bias in zip(C, d)]
    A[0], b[0] = 2 * C[0], 2 * d[0]
    A[-1], b[-1] = 2 * C[-1], d[-1] - C[-1].sum(1)
    return A, b


def by_autograd(activation, w, b, v, x, y):
    w, b, v = (t.detach().clone().requires_grad_() for t in (w, b, v))
    f = activation(x[:, None] * w + b) @ v
    return torch.autograd.grad(((f - y) ** 2).mean(), (w, b, v))


def gradients(w, b, v, x, y):
    return by_autograd(torch.relu, w, b, v, x, y)


def leaky_gradients(w, b, v, x, y, alpha=0.01):
    return by_autograd(lambda z: torch.where(z >= 0, z, alpha * z), w, b, v, x, y)

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
