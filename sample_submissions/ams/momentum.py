import numpy as np
import matplotlib.pyplot as plt
import torch
from torch import nn

torch.manual_seed(11)

def f(x):
    return (x - 2) * torch.cos(4 * x)

class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(1, 64)
        self.linear2 = nn.Linear(64, 64)
        self.linear3 = nn.Linear(64, 1)

    def forward(self, x):
        x = torch.sigmoid(self.linear1(x))
        x = torch.sigmoid(self.linear2(x))
        return self.linear3(x)

x_train = torch.randn(1000, 1)
y_train = f(x_train)

model = MLP()
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(1000):
    order = torch.randperm(len(x_train))
    for batch in order.split(128):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x_train[batch]), y_train[batch])
        loss.backward()
        opt.step()

grid = torch.linspace(-3, 3, 300).reshape(-1, 1)
plt.plot(grid, f(grid), label="f")
plt.plot(grid, model(grid).detach(), label="trained network")
plt.legend()
plt.show()

n_params = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(n_params, 'parameters')

relu = torch.relu


softplus = nn.functional.softplus


def softplus_derivative(x):
    return torch.sigmoid(x)


softplus_lipschitz = 1 / 4   # the maximum of s (1 - s)


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
