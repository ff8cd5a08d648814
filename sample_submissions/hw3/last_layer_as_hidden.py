import numpy as np


def sigmoid_to_tanh(A, b):
    n = len(A)
    C = [np.asarray(W) / (2 if i in (0, n - 1) else 4) for i, W in enumerate(A)]
    d = [b[0] / 2]
    for i in range(1, n):
        d.append((b[i] / 2 if i < n - 1 else b[i]) + C[i].sum(axis=1))
    return C, d


def tanh_to_sigmoid(C, d):
    A, b = [2 * C[0]], [2 * d[0]]
    for W, v in zip(C[1:], d[1:]):      # also the last one
        A.append(4 * W)
        b.append(2 * v - 2 * W @ np.ones(W.shape[1]))
    return A, b
