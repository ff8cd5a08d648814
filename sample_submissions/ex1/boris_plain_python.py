# Boris I., Exercise 1: everything by hand, no numpy
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
plt.plot([-5, 0], [0, 0], "--")
plt.plot([0, 5], [0, 5], "--")
plt.savefig("softplus.png")

plt.figure()
plt.plot(xs, [s1(x) for x in xs])
plt.hlines([0, 1], -5, 5, linestyles="dashed")
plt.savefig("sigmoid.png")

# Problem 1a: By the chain rule the derivative of ln(1+e^x) is e^x/(1+e^x). Dividing numerator
# and denominator by e^x gives 1/(1+e^-x), which is the sigmoid. For x to minus infinity the
# function goes to 0, for large x it approaches the line y = x.

# Problem 1b: Quotient rule: s1' = e^-x/(1+e^-x)^2. On the other hand 1 - s1 = e^-x/(1+e^-x), so
# s1 (1 - s1) is the same thing. Asymptotes are the horizontal lines at 0 and at 1.

# Problem 1c: s0 and l0: both are unbounded above and go to zero on the left; the difference is
# that ReLU is exactly zero there and softplus is positive. s1 and l1: both map to [0, 1]; the
# Heaviside function is not continuous at 0.

# Problem 2a: tanh(x) = 2 s1(2x) - 1 follows by multiplying with e^x/e^x. Plugging in: W2 tanh(W1
# x + b1) + b2 = 2 W2 s1(2 W1 x + 2 b1) - W2 1 + b2. So double W1, b1 and W2, and subtract the
# row sums of W2 from b2.

# Problem 2b: It does not hold. Step functions give a function with jumps that is constant in
# between, tanh gives a smooth one, and equality for all x is impossible unless everything is
# constant.

# Problem 3a: l = -sum_j y_j (h.theta_j) + ln(sum_l exp(h.theta_l)) because the y_j sum to one,
# where h = W x. The derivative with respect to theta_i is -y_i h + exp(h.theta_i)/sum * h = (p_i
# - y_i) W x.

# Problem 3b: Entry by entry: dl/dW_ab = sum_i (p_i - y_i) Theta_ai x_b, and as a matrix this is
# Theta (p - y) x^T, which has the shape of W.
