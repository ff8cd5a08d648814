# Elif, problem 1
import numpy as np
import matplotlib.pyplot as plt

def s0(x):
    # stable: never take exp of something large
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def s1(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def ds0(x):
    return s1(x)


def ds1(x):
    return s1(x) * (1 - s1(x))


def l0(x):
    return np.maximum(0, x)


def l1(x):
    return np.where(x >= 0, 1.0, 0.0)

xs = np.linspace(-6, 6, 400)
plt.plot(xs, s0(xs), label="softplus")
plt.plot(xs, np.zeros_like(xs), "k--", label="asymptotes")
plt.plot(xs, xs, "k--")
plt.legend()
plt.show()

plt.plot(xs, s1(xs), label="sigmoid")
plt.axhline(0, color="grey", ls=":")
plt.axhline(1, color="grey", ls=":")
plt.legend()
plt.show()

# Problem 1a: $s_0'(x) = \frac{1}{1+e^x}\cdot e^x = \frac{1}{e^{-x}+1} = s_1(x)$ by the chain
# rule. The asymptotes are $y=0$ for $x\to-\infty$ and $y=x$ for $x\to\infty$, since
# $s_0(x)-x=\ln(1+e^{-x})\to0$.

# Problem 1b: $s_1'(x) = \frac{e^{-x}}{(1+e^{-x})^2} = s_1(x)\cdot\frac{e^{-x}}{1+e^{-x}} =
# s_1(x)(1-s_1(x))$. The asymptotes are $y=0$ and $y=1$.

# Problem 1c: Both $s_0$ and $l_0$ are convex and tend to the same asymptotes, but $l_0$ has a
# kink at 0 and $s_0$ is smooth. Both $s_1$ and $l_1$ grow from 0 to 1, but $l_1$ jumps while
# $s_1$ is continuous.
