import torch
import torch.nn as nn
from torch.optim import SGD
from torch.utils.data import TensorDataset, DataLoader
import numpy as np
import matplotlib.pyplot as plt
from scipy.special import expit, logsumexp

N, K, B, alpha = 512, 1000, 128, 0.1
torch.manual_seed(1)


def f_true(x):
    return (x-2) * np.cos(x*4)


X_train = torch.normal(0.0, 1.0, (N,))
y_train = f_true(X_train)
X_val = torch.normal(0.0, 1.0, (N//5,))
y_val = f_true(X_val)

train_dataloader = DataLoader(TensorDataset(X_train.unsqueeze(1), y_train.unsqueeze(1)), batch_size=B)


class MLP(nn.Module):
    def __init__(self, input_dim=1, hidden_dim=64, output_dim=1):
        super().__init__()
        self.l1 = nn.Linear(input_dim, hidden_dim)
        self.l2 = nn.Linear(hidden_dim, hidden_dim)
        self.l3 = nn.Linear(hidden_dim, output_dim)
        self.layers = nn.Sequential(self.l1, nn.Sigmoid(), self.l2, nn.Sigmoid(), self.l3)

    def initialize(self):
        for l in (self.l1, self.l2, self.l3):
            l.weight.data = torch.normal(0, 1, l.weight.shape)
            l.bias.data = torch.full(l.bias.shape, 0.03)

    def forward(self, x):
        return self.layers(x)


def train_model(loader):
    net = MLP()
    net.initialize()
    optimizer = SGD(net.parameters(), lr=alpha)
    loss_fn = nn.MSELoss()
    for _ in range(K):
        for x, y in loader:
            net.zero_grad()
            train_loss = loss_fn(net(x), y)
            train_loss.backward()
            optimizer.step()
    return net


# ---- Problem 1
trained_model = train_model(train_dataloader)
with torch.no_grad():
    xx = torch.linspace(-2, 2, 1024)
    plt.plot(X_train, y_train, "rx", label="Data points")
    plt.plot(xx, f_true(xx), "r", label="True Fn")
    plt.plot(xx, trained_model(xx.unsqueeze(1)).squeeze(), label="Learned Fn")
plt.legend()
plt.savefig("problem1.png")
plt.close()

# ---- Problem 2
print("number of parameters:", sum(p.numel() for p in trained_model.parameters()))
y_noisy = f_true(X_train) + torch.normal(0, 0.5, X_train.shape)
new_trained_model = train_model(DataLoader(TensorDataset(X_train.unsqueeze(1), y_noisy.unsqueeze(1)), batch_size=B))
with torch.no_grad():
    plt.plot(X_train, y_noisy, "rx")
    plt.plot(xx, f_true(xx), "r")
    plt.plot(xx, new_trained_model(xx.unsqueeze(1)).squeeze())
plt.savefig("problem2.png")

# Problem 2) p = 64*1+64 + 64*64+64 + 64+1 = 4353, much more than N = 512. With noise the
# result is a bit less smooth, but I see no real overfitting - SGD seems to find a nice
# solution anyway.

# Problem 3a) exp(f_y) is one (positive) term of the positive sum, and the other terms are also
# > 0. So the fraction is strictly between 0 and 1. Its log is a finite negative number, minus
# that is positive and finite.

# Problem 3b) plug in: loss = log(1 + (k-1) exp(-lambda)). As lambda -> inf the exponential
# goes to 0 and log(1) = 0.

# Problem 4) The gap g_i = f_I - f_i is continuous and g_i(x) > 0, so there is a delta_i with
# g_i > 0 on (x - delta_i, x + delta_i). Take the smallest delta. There f = f_I, therefore the
# difference quotients agree for |h| < delta and so do the derivatives.

# Problem 5a) relu(z) >= 0 always, and relu is the identity on [0, inf). So applying it again
# changes nothing (case z < 0: both sides are 0; case z >= 0: both are z).

# Problem 5b) softplus' = sigmoid, softplus'' = sigmoid (1 - sigmoid) <= 1/4, so by MVT it is
# 1/4-Lipschitz. relu' jumps at 0: (relu'(e) - relu'(-e)) / (2e) = 1/(2e) -> inf, so no
# constant works.

# Problem 5c) sigma(z) = (rho(z/2) + 1)/2. Halve everything in layer 1. In every later hidden
# layer the input is (y' + 1)/2, so the matrix gets divided by 2 (input) and again by 2
# (argument), and the bias gets b/2 + A 1 / 4. Last layer: A/2 and b + A 1 / 2. By induction
# over the layers y = (y' + 1)/2, so the outputs are equal. Backwards: solve for A and b.

# Problem 6) Because a_j X_i + b_j < 0 the derivative of relu is 0 there for all data points,
# so the chain rule gives gradient 0 for a_j and b_j, so SGD does not change them, so the
# inequality still holds in the next step, and so on.

# Problem 7) leaky relu has slope alpha > 0 on the negative side. d f/d a_j = u_j alpha X_i, d
# f/d b_j = u_j alpha. This is only zero when u_j = 0.

ce_loss = lambda f, y: logsumexp(f) - f[y - 1]

def max_derivative(fs, dfs, x):
    v = np.array([f(x) for f in fs])
    I = v.argmax()
    if (np.delete(v, I) >= v[I]).any():
        return None
    return dfs[I](x)

relu = lambda z: z * (z > 0)

softplus = lambda z: np.logaddexp(0, z)
softplus_derivative = expit
softplus_lipschitz = .25

def sigmoid_to_tanh(A, b):
    ones = [0] + [1] * (len(A) - 1)               # is the input of layer l already an activation?
    hid = [.5] * (len(A) - 1) + [1]               # hidden layers need half of the argument
    C = [h * M / (1 + o) for M, o, h in zip(A, ones, hid)]
    d = [h * (v + o * M.sum(1) / 2) for M, v, o, h in zip(A, b, ones, hid)]
    return C, d

def tanh_to_sigmoid(C, d):
    ones = [0] + [1] * (len(C) - 1)
    hid = [2] * (len(C) - 1) + [1]
    A = [h * M * (1 + o) for M, o, h in zip(C, ones, hid)]
    b = [h * (v - o * M.sum(1)) for M, v, o, h in zip(C, d, ones, hid)]
    return A, b

def _grads(a, b, u, x, y, sl):
    z = a * x[:, None] + b
    s = sl(z)
    e = (s * z) @ u - y
    g = e[:, None] * s * u
    return (g * x[:, None]).mean(0), g.mean(0), (e[:, None] * s * z).mean(0)

def gradients(a, b, u, x, y):
    return _grads(a, b, u, x, y, lambda z: 1. * (z > 0))

def leaky_gradients(a, b, u, x, y, alpha=0.01):
    return _grads(a, b, u, x, y, lambda z: np.where(z >= 0, 1., alpha))
