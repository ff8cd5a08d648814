# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Homework 3
# Inês Carvalho

# %%
import numpy as np
import torch
from torch import nn
import matplotlib.pyplot as plt
# %matplotlib inline

# %% [markdown]
# ## Problem 1

# %%
torch.manual_seed(0)
x = torch.randn(512, 1)
f = lambda t: (t - 2) * torch.cos(4 * t)

def new_net():
    net = nn.Sequential()
    for k, (i, o) in enumerate([(1, 64), (64, 64), (64, 1)]):
        lin = nn.Linear(i, o)
        nn.init.normal_(lin.weight, std=1.0)
        nn.init.constant_(lin.bias, 0.03)
        net.add_module(f"linear{k}", lin)
        if k < 2:
            net.add_module(f"sigmoid{k}", nn.Sigmoid())
    return net

# %%
def run(net, y):
    sgd = torch.optim.SGD(net.parameters(), lr=0.1)
    criterion = nn.MSELoss(reduction="mean")
    for epoch in range(1000):
        idx = np.random.permutation(512)
        for s in range(0, 512, 128):
            xb, yb = x[idx[s:s + 128]], y[idx[s:s + 128]]
            sgd.zero_grad(set_to_none=False)
            (criterion(net(xb), yb) * 0.5).backward()
            sgd.step()
    return net

net = run(new_net(), f(x))

# %%
order = x.squeeze().argsort()
plt.plot(x[order], f(x)[order], label="truth")
plt.plot(x[order], net(x[order]).detach(), label="net")
plt.legend()

# %% [markdown]
# ## Problem 2

# %%
net_2 = run(new_net(), f(x) + torch.normal(0, 0.5, x.shape))
print('parameters:', sum(p.numel() for p in net_2.parameters()))
plt.plot(x[order], net_2(x[order]).detach())

# %% [markdown]
# There are $(64+64)+(64^2+64)+(64+1)=4353$ parameters and only 512 points, so in principle the net could memorise the noise.
# It does not: the curve gets a little rougher but still follows $f_\star$. The labels have noise of size 0.5 and the error against the
# true function is far smaller than that.

# %% [markdown]
# ## Problem 3
# ### (a)
# All exponentials are positive, so $0 < e^{f_y} < \sum_j e^{f_j}$ (there are at least two classes). Dividing,
# $0<p_y<1$, and $-\log$ maps $(0,1)$ to $(0,\infty)$. Hence $0<\ell^{CE}(f,y)<\infty$.

# %%
def ce_loss(f, y):
    f = torch.as_tensor(f)
    return torch.logsumexp(f, dim=0) - f[y - 1]   # labels start at 1 on the sheet

# %% [markdown]
# ### (b)
# With $f=\lambda e_y$ the sum is $e^\lambda + (k-1)$, so
# $$\ell^{CE}(\lambda e_y,y) = -\log\frac{e^\lambda}{e^\lambda+k-1} = \log\left(1+(k-1)e^{-\lambda}\right)\to \log 1=0.$$

# %% [markdown]
# ## Problem 4
# Let $I$ be the unique maximiser at $x$. For $i\neq I$ the function $f_I-f_i$ is continuous (both are differentiable) and positive
# at $x$, hence positive on some neighbourhood $U_i$. There are finitely many $i$, so $U=\bigcap U_i$ is still a neighbourhood, and on it $f=f_I$.
# The derivative only depends on values near $x$, so $f'(x)=f_I'(x)$.

# %%
def max_derivative(fs, dfs, x):
    vals = [float(f(x)) for f in fs]
    top = max(vals)
    if vals.count(top) > 1:
        return None          # kink, no derivative in general
    return dfs[vals.index(top)](x)

# %% [markdown]
# ## Problem 5
# ### (a)
# If $z\ge 0$ then $\sigma(z)=z$ and $\sigma(\sigma(z))=\sigma(z)$. If $z<0$ then $\sigma(z)=0$ and $\sigma(\sigma(z))=\sigma(0)=0=\sigma(z)$.

# %%
def relu(z):
    return torch.clamp(torch.as_tensor(z), min=0)

# %% [markdown]
# ### (b)
# $\sigma'(z)=1/(1+e^{-z})$ and $\sigma''(z)=\sigma'(z)(1-\sigma'(z))\le 1/4$ since $t(1-t)\le 1/4$. By the mean value theorem
# $|\sigma'(x)-\sigma'(y)|\le\frac14|x-y|$. For ReLU the derivative jumps from 0 to 1 at 0, so the quotient $\frac{1-0}{2\varepsilon}$ is unbounded.

# %%
def softplus(z):
    z = torch.as_tensor(z, dtype=torch.float64)
    return torch.logaddexp(z, torch.zeros_like(z))

def softplus_derivative(z):
    return torch.sigmoid(torch.as_tensor(z, dtype=torch.float64))

softplus_lipschitz = 0.25

# %% [markdown]
# ### (c)
# Use $\sigma(z)=\frac12(1+\rho(z/2))$. Claim: with $C_1=A_1/2$, $d_1=b_1/2$, $C_\ell=A_\ell/4$, $d_\ell=b_\ell/2+\frac14A_\ell\mathbf 1$ we have
# $y_\ell=\frac12(y'_\ell+1)$ for all hidden layers. Induction: $A_\ell y_{\ell-1}+b_\ell=\frac12A_\ell y'_{\ell-1}+\frac12A_\ell\mathbf 1+b_\ell=2(C_\ell y'_{\ell-1}+d_\ell)$.
# At the end $C_L=A_L/2$, $d_L=b_L+\frac12A_L\mathbf 1$. The other direction just solves these equations for $A,b$.

# %%
def sigmoid_to_tanh(A, b):
    A = [torch.as_tensor(M) for M in A]
    b = [torch.as_tensor(v) for v in b]
    C = [A[0] / 2] + [M / 4 for M in A[1:-1]] + [A[-1] / 2]
    d = [b[0] / 2] + [v / 2 + M.sum(1) / 4 for M, v in zip(A[1:-1], b[1:-1])] + [b[-1] + A[-1].sum(1) / 2]
    return C, d

def tanh_to_sigmoid(C, d):
    C = [torch.as_tensor(M) for M in C]
    d = [torch.as_tensor(v) for v in d]
    A = [2 * C[0]] + [4 * M for M in C[1:-1]] + [2 * C[-1]]
    b = [2 * d[0]] + [2 * (v - M.sum(1)) for M, v in zip(C[1:-1], d[1:-1])] + [d[-1] - C[-1].sum(1)]
    return A, b

# %% [markdown]
# ## Problem 6
# Induction over $k$. If $a_j^kX_i+b_j^k<0$ for every $i$ then $\sigma'(a_j^kX_i+b_j^k)=0$, so
# $\partial_{a_j}\ell = \ell' u_j\sigma' X_i=0$ and $\partial_{b_j}\ell=\ell' u_j\sigma'=0$. Then $a_j^{k+1}=a_j^k$, $b_j^{k+1}=b_j^k$, so the unit is still dead.

# %%
def gradients(a, b, u, x, y):
    a, b, u = (torch.as_tensor(t).clone().requires_grad_() for t in (a, b, u))
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    f = torch.relu(x[:, None] * a + b) @ u
    ((f - y) ** 2).mean().backward()
    return a.grad, b.grad, u.grad

# %% [markdown]
# ## Problem 7
# Now $\sigma'(z)=\alpha\neq 0$ for $z<0$. The derivatives are $u_j\alpha X_i$ and $u_j\alpha$ times $\ell'$. So they vanish only if $u_j=0$
# (or if the loss itself is stationary).

# %%
def leaky_gradients(a, b, u, x, y, alpha=0.01):
    a, b, u = (torch.as_tensor(t).clone().requires_grad_() for t in (a, b, u))
    x, y = torch.as_tensor(x), torch.as_tensor(y)
    f = nn.functional.leaky_relu(x[:, None] * a + b, alpha) @ u
    ((f - y) ** 2).mean().backward()
    return a.grad, b.grad, u.grad
