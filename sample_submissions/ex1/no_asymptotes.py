# Exercise 1, N. Adams
import math
import matplotlib.pyplot as plt

def s0(x):
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def s1(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


ds0 = s1    # this is 1a!


def ds1(x):
    return s1(x) * s1(-x)


def l0(x):
    if x > 0:
        return x
    return 0


def l1(x):
    if x >= 0:
        return 1
    return 0


def tanh_to_sigmoid(W1, b1, W2, b2):
    V1 = [[2 * w for w in row] for row in W1]
    c1 = [2 * b for b in b1]
    V2 = [[2 * w for w in row] for row in W2]
    c2 = [b - sum(row) for b, row in zip(b2, W2)]
    return V1, c1, V2, c2


def probabilities(x, W, Theta):
    h = [sum(w * xi for w, xi in zip(row, x)) for row in W]
    logits = [sum(h[a] * Theta[a][i] for a in range(len(h))) for i in range(len(Theta[0]))]
    exps = [math.exp(l - max(logits)) for l in logits]
    return h, [e / sum(exps) for e in exps]


def grad_theta(x, y, W, Theta):
    h, p = probabilities(x, W, Theta)
    return [[(p[i] - y[i]) * ha for ha in h] for i in range(len(y))]


def grad_W(x, y, W, Theta):
    h, p = probabilities(x, W, Theta)
    back = [sum((p[i] - y[i]) * Theta[a][i] for i in range(len(y))) for a in range(len(h))]
    return [[b * xi for xi in x] for b in back]

xs = [i / 20 for i in range(-100, 101)]
plt.figure()
plt.plot(xs, [s0(x) for x in xs])
plt.savefig("softplus.png")

plt.figure()
plt.plot(xs, [s1(x) for x in xs])
plt.savefig("sigmoid.png")

# Problem 1a: $s_0'(x) = \frac{1}{1+e^x}\cdot e^x = \frac{1}{e^{-x}+1} = s_1(x)$ by the chain
# rule. The asymptotes are $y=0$ for $x\to-\infty$ and $y=x$ for $x\to\infty$, since
# $s_0(x)-x=\ln(1+e^{-x})\to0$.

# Problem 1b: $s_1'(x) = \frac{e^{-x}}{(1+e^{-x})^2} = s_1(x)\cdot\frac{e^{-x}}{1+e^{-x}} =
# s_1(x)(1-s_1(x))$. The asymptotes are $y=0$ and $y=1$.

# Problem 1c: Both $s_0$ and $l_0$ are convex and tend to the same asymptotes, but $l_0$ has a
# kink at 0 and $s_0$ is smooth. Both $s_1$ and $l_1$ grow from 0 to 1, but $l_1$ jumps while
# $s_1$ is continuous.

# Problem 2a: From $2s_1(2x)-1=\frac{2}{1+e^{-2x}}-1=\frac{1-e^{-2x}}{1+e^{-2x}}=\tanh(x)$ we get
# $F(x)=W_2(2s_1(2W_1x+2b_1)-\mathbf 1)+b_2$, so $W_1'=2W_1$, $b_1'=2b_1$, $W_2'=2W_2$,
# $b_2'=b_2-W_2\mathbf 1$.

# Problem 2b: No. With $l_1$ the network takes only finitely many values (one for each pattern of
# on and off), so it is piecewise constant, but $\tanh$ networks are continuous and in general
# not constant.

# Problem 3a: Write $p=\sigma^{\max}(Wx;\Theta)$ and $h=Wx$. Then $\ell=-\sum_j y_j
# h^\top\theta_j+\left(\sum_j y_j\right)\ln\sum_l e^{h^\top\theta_l}$, so
# $\partial_{\theta_i}\ell=(p_i\sum_j y_j-y_i)\,Wx=(p_i-y_i)\,Wx$.

# Problem 3b: With $h=Wx$: $\nabla_h\ell=\sum_i(p_i-y_i)\theta_i=\Theta(p-y)$, and $h_a=\sum_b
# W_{ab}x_b$, hence $\partial\ell/\partial W=\Theta(p-y)\,x^\top$.
