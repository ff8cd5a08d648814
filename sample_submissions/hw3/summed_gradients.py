# Dario Ricci
import numpy as np


def ce_loss(f, y):
    """Cross entropy of the logits f at label y in 1..k."""
    f = np.asarray(f, dtype=float)
    m = f.max()
    return m + np.log(np.exp(f - m).sum()) - f[int(y) - 1]

def max_derivative(fs, dfs, x):
    values = np.array([f(x) for f in fs])
    best = np.flatnonzero(values == values.max())
    if len(best) > 1:
        raise ValueError("the maximiser is not unique")
    return dfs[best[0]](x)

def relu(z):
    return np.maximum(0, z)

def softplus(z):
    z = np.asarray(z, dtype=float)
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_derivative(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


softplus_lipschitz = 1 / 4

def sigmoid_to_tanh(A, b):
    C, d = [], []
    L = len(A)
    for l in range(L):
        c = A[l].copy()
        e = b[l].copy()
        if l > 0:                      # y_{l-1} = (y'_{l-1} + 1) / 2
            e = e + c.sum(axis=1) / 2
            c = c / 2
        if l < L - 1:                  # sigma(z) = (1 + tanh(z / 2)) / 2
            c, e = c / 2, e / 2
        C.append(c)
        d.append(e)
    return C, d


def tanh_to_sigmoid(C, d):
    A, b = [], []
    L = len(C)
    for l in range(L):
        a = C[l].copy()
        e = d[l].copy()
        if l > 0:                      # y'_{l-1} = 2 y_{l-1} - 1
            e = e - a.sum(axis=1)
            a = 2 * a
        if l < L - 1:                  # tanh(z) = 2 sigma(2 z) - 1
            a, e = 2 * a, 2 * e
        A.append(a)
        b.append(e)
    return A, b

def gradients(a, b, u, x, y):
    z = np.outer(x, a) + b
    h = np.maximum(z, 0)
    r = h @ u - y
    back = r[:, None] * u * (z > 0)
    return (back * x[:, None]).sum(0), back.sum(0), (h * r[:, None]).sum(0)

def leaky_gradients(a, b, u, x, y, alpha=0.01):
    z = np.outer(x, a) + b
    slope = np.where(z >= 0, 1.0, alpha)
    r = (z * slope) @ u - y
    back = r[:, None] * u * slope
    return (back * x[:, None]).sum(0), back.sum(0), (z * slope * r[:, None]).sum(0)


# Exercise 3a -- exp(f_y) is one (positive) term of the positive sum, and the other terms are
# also > 0. So the fraction is strictly between 0 and 1. Its log is a finite negative number,
# minus that is positive and finite.

# Exercise 3b -- plug in: loss = log(1 + (k-1) exp(-lambda)). As lambda -> inf the exponential
# goes to 0 and log(1) = 0.

# Exercise 4 -- The gap g_i = f_I - f_i is continuous and g_i(x) > 0, so there is a delta_i
# with g_i > 0 on (x - delta_i, x + delta_i). Take the smallest delta. There f = f_I, therefore
# the difference quotients agree for |h| < delta and so do the derivatives.

# Exercise 5a -- relu(z) >= 0 always, and relu is the identity on [0, inf). So applying it
# again changes nothing (case z < 0: both sides are 0; case z >= 0: both are z).

# Exercise 5b -- softplus' = sigmoid, softplus'' = sigmoid (1 - sigmoid) <= 1/4, so by MVT it
# is 1/4-Lipschitz. relu' jumps at 0: (relu'(e) - relu'(-e)) / (2e) = 1/(2e) -> inf, so no
# constant works.

# Exercise 5c -- sigma(z) = (rho(z/2) + 1)/2. Halve everything in layer 1. In every later
# hidden layer the input is (y' + 1)/2, so the matrix gets divided by 2 (input) and again by 2
# (argument), and the bias gets b/2 + A 1 / 4. Last layer: A/2 and b + A 1 / 2. By induction
# over the layers y = (y' + 1)/2, so the outputs are equal. Backwards: solve for A and b.

# Exercise 6 -- Because a_j X_i + b_j < 0 the derivative of relu is 0 there for all data
# points, so the chain rule gives gradient 0 for a_j and b_j, so SGD does not change them, so
# the inequality still holds in the next step, and so on.

# Exercise 7 -- leaky relu has slope alpha > 0 on the negative side. d f/d a_j = u_j alpha X_i,
# d f/d b_j = u_j alpha. This is only zero when u_j = 0.
