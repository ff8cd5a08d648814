# %%
# Dmitri K.
import numpy as np
import matplotlib.pyplot as plt
from sklearn.preprocessing import OneHotEncoder

np.seterr(all="raise")

# %% [markdown]
# ### 1 (a)
# By the chain rule the derivative of ln(1+e^x) is e^x/(1+e^x). Dividing numerator and
# denominator by e^x gives 1/(1+e^-x), which is the sigmoid. For x to minus infinity the function
# goes to 0, for large x it approaches the line y = x.

# %%
def s0(x):
    return np.logaddexp(0, x)


def ds0(x):
    return (np.tanh(x / 2) + 1) / 2

# %% [markdown]
# ### 1 (b)
# Quotient rule: s1' = e^-x/(1+e^-x)^2. On the other hand 1 - s1 = e^-x/(1+e^-x), so s1 (1 - s1)
# is the same thing. Asymptotes are the horizontal lines at 0 and at 1.

# %%
def s1(x):
    """The sigmoid is a scaled tanh, which never overflows."""
    return (np.tanh(x / 2) + 1) / 2


def ds1(x):
    return (1 - np.tanh(x / 2) ** 2) / 4

# %% [markdown]
# ### 1 (c)
# s0 and l0: both are unbounded above and go to zero on the left; the difference is that ReLU is
# exactly zero there and softplus is positive. s1 and l1: both map to [0, 1]; the Heaviside
# function is not continuous at 0.

# %%
def l0(x):
    return x * (x > 0)


def l1(x):
    return (np.asarray(x) >= 0).astype(int)

# %% [markdown]
# ### 2 (a)
# tanh(x) = 2 s1(2x) - 1 follows by multiplying with e^x/e^x. Plugging in: W2 tanh(W1 x + b1) +
# b2 = 2 W2 s1(2 W1 x + 2 b1) - W2 1 + b2. So double W1, b1 and W2, and subtract the row sums of
# W2 from b2.

# %%
def tanh_to_sigmoid(W1, b1, W2, b2):
    W1_new = 2 * W1
    b1_new = (2 * b1).reshape(-1, 1)
    W2_new = 2 * W2
    b2_new = (b2.ravel() - np.sum(W2, axis=1)).reshape(-1, 1)
    return W1_new, b1_new, W2_new, b2_new

# %% [markdown]
# ### 2 (b)
# It does not hold. Step functions give a function with jumps that is constant in between, tanh
# gives a smooth one, and equality for all x is impossible unless everything is constant.

# %% [markdown]
# ### 3 (a)
# l = -sum_j y_j (h.theta_j) + ln(sum_l exp(h.theta_l)) because the y_j sum to one, where h = W
# x. The derivative with respect to theta_i is -y_i h + exp(h.theta_i)/sum * h = (p_i - y_i) W x.

# %%
def f(x, W, Theta):
    logits = Theta.T @ W @ x
    exps = np.exp(logits)
    return exps / np.sum(exps)


def grad_theta(x, y, W, Theta):
    prob = f(x, W, Theta)
    k = len(y)
    return [(prob[i] * np.sum(y) - y[i]) * (W @ x) for i in range(k)]

# %% [markdown]
# ### 3 (b)
# Entry by entry: dl/dW_ab = sum_i (p_i - y_i) Theta_ai x_b, and as a matrix this is Theta (p -
# y) x^T, which has the shape of W.

# %%
def grad_W(x, y, W, Theta):
    prob = f(x, W, Theta)
    m, n = W.shape
    G = np.zeros((m, n))
    for a in range(m):
        for b in range(n):
            for i in range(len(y)):
                G[a, b] += (prob[i] - y[i]) * Theta[a, i] * x[b]
    return G

# %%
x = np.arange(-5, 5.05, 0.05)
plt.plot(x, s0(x), x, np.maximum(x, 0), "--")      # ReLU is both asymptotes at once
plt.title("s0 and its asymptotes")
plt.show()

# %%
plt.plot(x, s1(x))
plt.plot(x, 0 * x, ":", x, 0 * x + 1, ":")
plt.show()
