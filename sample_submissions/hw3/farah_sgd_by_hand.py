# Farah Haddad - homework 3
# I wrote the SGD step myself to see what the optimizer does.
import numpy as np, torch
import matplotlib.pyplot as plt

rng = np.random.default_rng(5)
torch.manual_seed(5)

x_train = torch.tensor(rng.standard_normal((512, 1)), dtype=torch.float32)
f = lambda x: (x - 2) * torch.cos(4 * x)

def build():
    model = torch.nn.Sequential(
        torch.nn.Linear(1, 64), torch.nn.Sigmoid(),
        torch.nn.Linear(64, 64), torch.nn.Sigmoid(),
        torch.nn.Linear(64, 1))
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() == 2:
                p.copy_(torch.randn(p.shape))
            else:
                p[:] = 0.03
    return model

def sgd(model, y, lr=0.1, epochs=1000, batch=128):
    for epoch in range(epochs):
        shuffled = torch.randperm(512)
        for k in range(0, 512, batch):
            idx = shuffled[k:k+batch]
            loss = ((model(x_train[idx]) - y[idx])**2).mean() / 2
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= lr * p.grad

# Problem 1
model = build()
sgd(model, f(x_train))
s = torch.arange(-2, 2, 0.01)[:, None]
plt.plot(s, f(s)); plt.plot(s, model(s).detach().numpy()); plt.show()

# Problem 2
num_params = 0
for p in model.parameters():
    num_params += int(np.prod(p.shape))
print(num_params)
model2 = build()
y2 = f(x_train) + torch.normal(0, 0.5, x_train.shape)
sgd(model2, y2)
plt.plot(s, f(s)); plt.plot(s, model2(s).detach().numpy()); plt.scatter(x_train, y2, s=3); plt.show()

# 2) There are $(64+64)+(64^2+64)+(64+1)=4353$ parameters and only 512 points, so in principle
# the net could memorise the noise. It does not: the curve gets a little rougher but still
# follows $f_\star$. The labels have noise of size 0.5 and the error against the true function
# is far smaller than that.

# 3a) All exponentials are positive, so $0 < e^{f_y} < \sum_j e^{f_j}$ (there are at least two
# classes). Dividing, $0<p_y<1$, and $-\log$ maps $(0,1)$ to $(0,\infty)$. Hence
# $0<\ell^{CE}(f,y)<\infty$.

# 3b) With $f=\lambda e_y$ the sum is $e^\lambda + (k-1)$, so $$\ell^{CE}(\lambda e_y,y) =
# -\log\frac{e^\lambda}{e^\lambda+k-1} = \log\left(1+(k-1)e^{-\lambda}\right)\to \log 1=0.$$

# 4) Let $I$ be the unique maximiser at $x$. For $i\neq I$ the function $f_I-f_i$ is continuous
# (both are differentiable) and positive at $x$, hence positive on some neighbourhood $U_i$.
# There are finitely many $i$, so $U=\bigcap U_i$ is still a neighbourhood, and on it $f=f_I$.
# The derivative only depends on values near $x$, so $f'(x)=f_I'(x)$.

# 5a) If $z\ge 0$ then $\sigma(z)=z$ and $\sigma(\sigma(z))=\sigma(z)$. If $z<0$ then
# $\sigma(z)=0$ and $\sigma(\sigma(z))=\sigma(0)=0=\sigma(z)$.

# 5b) $\sigma'(z)=1/(1+e^{-z})$ and $\sigma''(z)=\sigma'(z)(1-\sigma'(z))\le 1/4$ since
# $t(1-t)\le 1/4$. By the mean value theorem $|\sigma'(x)-\sigma'(y)|\le\frac14|x-y|$. For ReLU
# the derivative jumps from 0 to 1 at 0, so the quotient $\frac{1-0}{2\varepsilon}$ is
# unbounded.

# 5c) Use $\sigma(z)=\frac12(1+\rho(z/2))$. Claim: with $C_1=A_1/2$, $d_1=b_1/2$,
# $C_\ell=A_\ell/4$, $d_\ell=b_\ell/2+\frac14A_\ell\mathbf 1$ we have
# $y_\ell=\frac12(y'_\ell+1)$ for all hidden layers. Induction: $A_\ell
# y_{\ell-1}+b_\ell=\frac12A_\ell y'_{\ell-1}+\frac12A_\ell\mathbf 1+b_\ell=2(C_\ell
# y'_{\ell-1}+d_\ell)$. At the end $C_L=A_L/2$, $d_L=b_L+\frac12A_L\mathbf 1$. The other
# direction just solves these equations for $A,b$.

# 6) Induction over $k$. If $a_j^kX_i+b_j^k<0$ for every $i$ then $\sigma'(a_j^kX_i+b_j^k)=0$,
# so $\partial_{a_j}\ell = \ell' u_j\sigma' X_i=0$ and $\partial_{b_j}\ell=\ell' u_j\sigma'=0$.
# Then $a_j^{k+1}=a_j^k$, $b_j^{k+1}=b_j^k$, so the unit is still dead.

# 7) Now $\sigma'(z)=\alpha\neq 0$ for $z<0$. The derivatives are $u_j\alpha X_i$ and
# $u_j\alpha$ times $\ell'$. So they vanish only if $u_j=0$ (or if the loss itself is
# stationary).

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
