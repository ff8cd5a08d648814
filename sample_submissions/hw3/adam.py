# hw3, Pia Lund
import numpy as np
import torch
from torch import nn
import matplotlib.pyplot as plt
from scipy.special import expit, logsumexp
torch.manual_seed(22)
lr = 0.01
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
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
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


# Problem 2: There are $(64+64)+(64^2+64)+(64+1)=4353$ parameters and only 512 points, so in
# principle the net could memorise the noise. It does not: the curve gets a little rougher but
# still follows $f_\star$. The labels have noise of size 0.5 and the error against the true
# function is far smaller than that.

# Problem 3a: All exponentials are positive, so $0 < e^{f_y} < \sum_j e^{f_j}$ (there are at
# least two classes). Dividing, $0<p_y<1$, and $-\log$ maps $(0,1)$ to $(0,\infty)$. Hence
# $0<\ell^{CE}(f,y)<\infty$.

# Problem 3b: With $f=\lambda e_y$ the sum is $e^\lambda + (k-1)$, so $$\ell^{CE}(\lambda
# e_y,y) = -\log\frac{e^\lambda}{e^\lambda+k-1} = \log\left(1+(k-1)e^{-\lambda}\right)\to \log
# 1=0.$$

# Problem 4: Let $I$ be the unique maximiser at $x$. For $i\neq I$ the function $f_I-f_i$ is
# continuous (both are differentiable) and positive at $x$, hence positive on some
# neighbourhood $U_i$. There are finitely many $i$, so $U=\bigcap U_i$ is still a
# neighbourhood, and on it $f=f_I$. The derivative only depends on values near $x$, so
# $f'(x)=f_I'(x)$.

# Problem 5a: If $z\ge 0$ then $\sigma(z)=z$ and $\sigma(\sigma(z))=\sigma(z)$. If $z<0$ then
# $\sigma(z)=0$ and $\sigma(\sigma(z))=\sigma(0)=0=\sigma(z)$.

# Problem 5b: $\sigma'(z)=1/(1+e^{-z})$ and $\sigma''(z)=\sigma'(z)(1-\sigma'(z))\le 1/4$ since
# $t(1-t)\le 1/4$. By the mean value theorem $|\sigma'(x)-\sigma'(y)|\le\frac14|x-y|$. For ReLU
# the derivative jumps from 0 to 1 at 0, so the quotient $\frac{1-0}{2\varepsilon}$ is
# unbounded.

# Problem 5c: Use $\sigma(z)=\frac12(1+\rho(z/2))$. Claim: with $C_1=A_1/2$, $d_1=b_1/2$,
# $C_\ell=A_\ell/4$, $d_\ell=b_\ell/2+\frac14A_\ell\mathbf 1$ we have
# $y_\ell=\frac12(y'_\ell+1)$ for all hidden layers. Induction: $A_\ell
# y_{\ell-1}+b_\ell=\frac12A_\ell y'_{\ell-1}+\frac12A_\ell\mathbf 1+b_\ell=2(C_\ell
# y'_{\ell-1}+d_\ell)$. At the end $C_L=A_L/2$, $d_L=b_L+\frac12A_L\mathbf 1$. The other
# direction just solves these equations for $A,b$.

# Problem 6: Induction over $k$. If $a_j^kX_i+b_j^k<0$ for every $i$ then
# $\sigma'(a_j^kX_i+b_j^k)=0$, so $\partial_{a_j}\ell = \ell' u_j\sigma' X_i=0$ and
# $\partial_{b_j}\ell=\ell' u_j\sigma'=0$. Then $a_j^{k+1}=a_j^k$, $b_j^{k+1}=b_j^k$, so the
# unit is still dead.

# Problem 7: Now $\sigma'(z)=\alpha\neq 0$ for $z<0$. The derivatives are $u_j\alpha X_i$ and
# $u_j\alpha$ times $\ell'$. So they vanish only if $u_j=0$ (or if the loss itself is
# stationary).
