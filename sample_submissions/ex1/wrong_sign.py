# %%
# wrong sign in both gradients
import numpy as np
import matplotlib.pyplot as plt

# %% [markdown]
# ### 1 (a)
# $s_0'(x) = \frac{1}{1+e^x}\cdot e^x = \frac{1}{e^{-x}+1} = s_1(x)$ by the chain rule. The
# asymptotes are $y=0$ for $x\to-\infty$ and $y=x$ for $x\to\infty$, since
# $s_0(x)-x=\ln(1+e^{-x})\to0$.

# %%
def s0(x):
    # stable: never take exp of something large
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def ds0(x):
    return s1(x)

# %% [markdown]
# ### 1 (b)
# $s_1'(x) = \frac{e^{-x}}{(1+e^{-x})^2} = s_1(x)\cdot\frac{e^{-x}}{1+e^{-x}} =
# s_1(x)(1-s_1(x))$. The asymptotes are $y=0$ and $y=1$.

# %%
def s1(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def ds1(x):
    return s1(x) * (1 - s1(x))

# %% [markdown]
# ### 1 (c)
# Both $s_0$ and $l_0$ are convex and tend to the same asymptotes, but $l_0$ has a kink at 0 and
# $s_0$ is smooth. Both $s_1$ and $l_1$ grow from 0 to 1, but $l_1$ jumps while $s_1$ is
# continuous.

# %%
def l0(x):
    return np.maximum(0, x)


def l1(x):
    return np.where(x >= 0, 1.0, 0.0)

# %% [markdown]
# ### 2 (a)
# From $2s_1(2x)-1=\frac{2}{1+e^{-2x}}-1=\frac{1-e^{-2x}}{1+e^{-2x}}=\tanh(x)$ we get
# $F(x)=W_2(2s_1(2W_1x+2b_1)-\mathbf 1)+b_2$, so $W_1'=2W_1$, $b_1'=2b_1$, $W_2'=2W_2$,
# $b_2'=b_2-W_2\mathbf 1$.

# %%
def tanh_to_sigmoid(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2 @ np.ones(W2.shape[1])

# %% [markdown]
# ### 2 (b)
# No. With $l_1$ the network takes only finitely many values (one for each pattern of on and
# off), so it is piecewise constant, but $\tanh$ networks are continuous and in general not
# constant.

# %% [markdown]
# ### 3 (a)
# Write $p=\sigma^{\max}(Wx;\Theta)$ and $h=Wx$. Then $\ell=-\sum_j y_j
# h^\top\theta_j+\left(\sum_j y_j\right)\ln\sum_l e^{h^\top\theta_l}$, so
# $\partial_{\theta_i}\ell=(p_i\sum_j y_j-y_i)\,Wx=(p_i-y_i)\,Wx$.

# %%
def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def grad_theta(x, y, W, Theta):
    p = softmax(Theta.T @ (W @ x))
    return np.outer(y - p, W @ x)      # row i belongs to theta_i

# %% [markdown]
# ### 3 (b)
# With $h=Wx$: $\nabla_h\ell=\sum_i(p_i-y_i)\theta_i=\Theta(p-y)$, and $h_a=\sum_b W_{ab}x_b$,
# hence $\partial\ell/\partial W=\Theta(p-y)\,x^\top$.

# %%
def grad_W(x, y, W, Theta):
    p = softmax(Theta.T @ (W @ x))
    return np.outer(Theta @ (y - p), x)

# %%
xs = np.linspace(-6, 6, 400)
plt.plot(xs, s0(xs), label="softplus")
plt.plot(xs, np.zeros_like(xs), "k--", label="asymptotes")
plt.plot(xs, xs, "k--")
plt.legend()
plt.show()

# %%
plt.plot(xs, s1(xs), label="sigmoid")
plt.axhline(0, color="grey", ls=":")
plt.axhline(1, color="grey", ls=":")
plt.legend()
plt.show()
