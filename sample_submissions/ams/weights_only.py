import numpy as np
import torch
from torch import nn

number_of_parameters = 1 * 64 + 64 * 64 + 64 * 1

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
    L = len(C)
    A, b = [], []
    for l in range(L):
        first, last = l == 0, l == L - 1
        A.append(C[l] * (1 if first else 2) * (1 if last else 2))
        shift = 0 if first else C[l].sum(axis=1)
        b.append((d[l] - shift) * (1 if last else 2))
    return A, b


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

# Problem 4a: For $x\ge0$ we have $\sigma(x)=x$, hence $\sigma(\sigma(x))=\sigma(x)$. For $x<0$,
# $\sigma(x)=0$ and $\sigma(\sigma(x))=\sigma(0)=0=\sigma(x)$. So ReLU is idempotent.

# Problem 4b: The derivative of softplus is $s(x)=1/(1+e^{-x})$ and
# $s'(x)=s(x)(1-s(x))\in(0,1/4]$. By the mean value theorem $|s(x)-s(y)|\le\frac14|x-y|$. The
# derivative of ReLU is 0 on one side and 1 on the other side of 0, so
# $|\sigma'(h)-\sigma'(-h)|/2h=1/2h$ is not bounded.

# Problem 4c: Since $\sigma(x)=\frac12(1+\rho(x/2))$, put $C_1=A_1/2$, $d_1=b_1/2$, for the
# hidden layers after it $C_\ell=A_\ell/4$, $d_\ell=b_\ell/2+A_\ell\mathbf 1/4$, and at the end
# $C_L=A_L/2$, $d_L=b_L+A_L\mathbf 1/2$. By induction every hidden output of the sigmoid network
# is $\frac12(1+\cdot)$ of the one of the tanh network. Solving for $A_\ell,b_\ell$ gives the
# other direction.

# Problem 5: By induction. Let $w_j x_i+b_j<0$ for all $i$ at some step. Then $\sigma$ and
# $\sigma'$ vanish there, so $\partial\ell/\partial w_j=\sum_i
# 2(f(x_i)-y_i)v_j\sigma'(w_jx_i+b_j)x_i/N=0$ and the same for $b_j$: the step leaves both
# unchanged, and the unit is dead at the next step as well.

# Problem 6: With leaky ReLU the slope is $\alpha>0$ where the unit was dead, so
# $\partial\ell/\partial b_j=\frac2N\sum_i(f(x_i)-y_i)v_j\alpha$, which is not zero in general
# (only if $v_j=0$ or the residuals cancel). So $w_j$ and $b_j$ move and the unit can come alive.
