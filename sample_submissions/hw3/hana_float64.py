# -*- coding: utf-8 -*-
# Hana Kowalská, úkol 3: everything in double precision
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
import numpy as np
from scipy.special import expit, logsumexp
import matplotlib.pyplot as plt

torch.set_default_dtype(torch.float64)
torch.manual_seed(8)


class CurveData(Dataset):
    """512 points on the curve, with or without noise."""

    def __init__(self, x, noise=0.0):
        self.x = x
        self.y = (x - 2) * torch.cos(4 * x) + noise * torch.randn(x.shape)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(1, 64)
        self.second = nn.Linear(64, 64)
        self.last = nn.Linear(64, 1)
        self.apply(self.start)

    @staticmethod
    def start(m):
        if isinstance(m, nn.Linear):
            m.weight.data = torch.randn(m.weight.shape)
            m.bias.data = 0.03 * torch.ones(m.bias.shape)

    def forward(self, x):
        return self.last(self.second(self.first(x).sigmoid()).sigmoid())


def learn(data):
    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0, weight_decay=0)
    for epoch in range(1000):
        for x, y in DataLoader(data, batch_size=128, shuffle=True):
            loss = nn.functional.mse_loss(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
    return net


x = torch.randn(512, 1)

# Problem 1
net = learn(CurveData(x))
z = torch.linspace(-3, 3, 600).unsqueeze(1)
plt.plot(z, (z - 2) * torch.cos(4 * z), z, net(z).detach())
plt.title("Problem 1")
plt.show()

# Problem 2
param_count = sum(map(torch.numel, net.parameters()))
noisy_net = learn(CurveData(x, noise=0.5))
plt.plot(z, (z - 2) * torch.cos(4 * z), z, noisy_net(z).detach())
plt.title("Problem 2")
plt.show()

q2 = """p = 64*1+64 + 64*64+64 + 64+1 = 4353, much more than N = 512. With noise the result is a bit less smooth, but I see no real overfitting - SGD seems to find a nice solution anyway."""
q3a = r"""All exponentials are positive, so $0 < e^{f_y} < \sum_j e^{f_j}$ (there are at least two classes). Dividing,
$0<p_y<1$, and $-\log$ maps $(0,1)$ to $(0,\infty)$. Hence $0<\ell^{CE}(f,y)<\infty$."""
q3b = r"""With $f=\lambda e_y$ the sum is $e^\lambda + (k-1)$, so
$$\ell^{CE}(\lambda e_y,y) = -\log\frac{e^\lambda}{e^\lambda+k-1} = \log\left(1+(k-1)e^{-\lambda}\right)\to \log 1=0.$$"""
q4 = r"""The gap g_i = f_I - f_i is continuous and g_i(x) > 0, so there is a delta_i with g_i > 0 on (x - delta_i, x + delta_i). Take the smallest delta. There f = f_I, therefore the difference quotients agree for |h| < delta and so do the derivatives."""
q5a = r"""relu(z) >= 0 always, and relu is the identity on [0, inf). So applying it again changes nothing (case z < 0: both sides are 0; case z >= 0: both are z)."""
q5b = r"""$\sigma'(z)=1/(1+e^{-z})$ and $\sigma''(z)=\sigma'(z)(1-\sigma'(z))\le 1/4$ since $t(1-t)\le 1/4$. By the mean value theorem
$|\sigma'(x)-\sigma'(y)|\le\frac14|x-y|$. For ReLU the derivative jumps from 0 to 1 at 0, so the quotient $\frac{1-0}{2\varepsilon}$ is unbounded."""
q5c = r"""Use $\sigma(z)=\frac12(1+\rho(z/2))$. Claim: with $C_1=A_1/2$, $d_1=b_1/2$, $C_\ell=A_\ell/4$, $d_\ell=b_\ell/2+\frac14A_\ell\mathbf 1$ we have
$y_\ell=\frac12(y'_\ell+1)$ for all hidden layers. Induction: $A_\ell y_{\ell-1}+b_\ell=\frac12A_\ell y'_{\ell-1}+\frac12A_\ell\mathbf 1+b_\ell=2(C_\ell y'_{\ell-1}+d_\ell)$.
At the end $C_L=A_L/2$, $d_L=b_L+\frac12A_L\mathbf 1$. The other direction just solves these equations for $A,b$."""
q6 = r"""Because a_j X_i + b_j < 0 the derivative of relu is 0 there for all data points, so the chain rule gives gradient 0 for a_j and b_j, so SGD does not change them, so the inequality still holds in the next step, and so on."""
q7 = r"""Now $\sigma'(z)=\alpha\neq 0$ for $z<0$. The derivatives are $u_j\alpha X_i$ and $u_j\alpha$ times $\ell'$. So they vanish only if $u_j=0$
(or if the loss itself is stationary)."""

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
