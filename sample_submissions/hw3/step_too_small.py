# Homework 3 - Otto Brandt
import numpy as np
import torch
from torch import nn
import matplotlib.pyplot as plt

torch.manual_seed(21)
lr = 1e-3
epochs = 1000
batch_size = 128


class MLP(nn.Module):

    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(1, 64, bias=True)
        self.l2 = nn.Linear(64, 64, bias=True)
        self.l3 = nn.Linear(64, 1, bias=True)

    def forward(self, x):
        x = torch.sigmoid(self.l1(x))
        x = torch.sigmoid(self.l2(x))
        return self.l3(x)


def f_true(x):
    return (x - 2) * torch.cos(4 * x)


def initialise(model):
    for layer in (model.l1, model.l2, model.l3):
        layer.weight.data = torch.normal(0, 1, layer.weight.shape)
        layer.bias.data = torch.full(layer.bias.shape, 0.03)


def train(X, y):
    model = MLP()
    initialise(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss_function = nn.MSELoss()
    for epoch in range(epochs):
        permutation = torch.randperm(len(X))
        for i in range(0, len(X), batch_size):
            rows = permutation[i:i + batch_size]
            optimizer.zero_grad()
            loss = loss_function(model(X[rows]), y[rows]) / 2
            loss.backward()
            optimizer.step()
    return model


def show(model, title):
    xx = torch.linspace(-2, 2, 500)
    with torch.no_grad():
        plt.figure()
        plt.plot(xx, f_true(xx), label="f*")
        plt.plot(xx, model(xx.unsqueeze(1)).squeeze(), label="trained")
        plt.title(title)
        plt.legend()
        plt.show()


X_train = torch.randn(512, 1)
y_train = f_true(X_train)
model = train(X_train, y_train)
show(model, "Problem 1")

print("parameters:", sum(p.numel() for p in model.parameters()))
y_noisy = f_true(X_train) + torch.normal(0, 0.5, X_train.shape)
model_2 = train(X_train, y_noisy)
show(model_2, "Problem 2")


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
    """Gradients of mean (f - y)^2 / 2 for f(x) = u . relu(a x + b)."""
    z = np.outer(x, a) + b
    h = np.maximum(z, 0)
    r = (h @ u - y) / len(x)
    back = r[:, None] * u * (z > 0)
    return back.T @ x, back.sum(axis=0), h.T @ r

def leaky_gradients(a, b, u, x, y, alpha=0.01):
    z = np.outer(x, a) + b
    slope = np.where(z >= 0, 1.0, alpha)
    r = (z * slope @ u - y) / len(x)
    back = r[:, None] * u * slope
    return back.T @ x, back.sum(axis=0), (z * slope).T @ r


# Problem 2: p = 64*1+64 + 64*64+64 + 64+1 = 4353, much more than N = 512. With noise the
# result is a bit less smooth, but I see no real overfitting - SGD seems to find a nice
# solution anyway.

# Problem 3a: exp(f_y) is one (positive) term of the positive sum, and the other terms are also
# > 0. So the fraction is strictly between 0 and 1. Its log is a finite negative number, minus
# that is positive and finite.

# Problem 3b: plug in: loss = log(1 + (k-1) exp(-lambda)). As lambda -> inf the exponential
# goes to 0 and log(1) = 0.

# Problem 4: The gap g_i = f_I - f_i is continuous and g_i(x) > 0, so there is a delta_i with
# g_i > 0 on (x - delta_i, x + delta_i). Take the smallest delta. There f = f_I, therefore the
# difference quotients agree for |h| < delta and so do the derivatives.

# Problem 5a: relu(z) >= 0 always, and relu is the identity on [0, inf). So applying it again
# changes nothing (case z < 0: both sides are 0; case z >= 0: both are z).

# Problem 5b: softplus' = sigmoid, softplus'' = sigmoid (1 - sigmoid) <= 1/4, so by MVT it is
# 1/4-Lipschitz. relu' jumps at 0: (relu'(e) - relu'(-e)) / (2e) = 1/(2e) -> inf, so no
# constant works.

# Problem 5c: sigma(z) = (rho(z/2) + 1)/2. Halve everything in layer 1. In every later hidden
# layer the input is (y' + 1)/2, so the matrix gets divided by 2 (input) and again by 2
# (argument), and the bias gets b/2 + A 1 / 4. Last layer: A/2 and b + A 1 / 2. By induction
# over the layers y = (y' + 1)/2, so the outputs are equal. Backwards: solve for A and b.

# Problem 6: Because a_j X_i + b_j < 0 the derivative of relu is 0 there for all data points,
# so the chain rule gives gradient 0 for a_j and b_j, so SGD does not change them, so the
# inequality still holds in the next step, and so on.

# Problem 7: leaky relu has slope alpha > 0 on the negative side. d f/d a_j = u_j alpha X_i, d
# f/d b_j = u_j alpha. This is only zero when u_j = 0.
