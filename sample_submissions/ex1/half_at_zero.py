# Exercise 1 (Henrik)
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
    return np.heaviside(x, 0.5)


def tanh_to_sigmoid(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2 @ np.ones(W2.shape[1])


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / e.sum()


def grad_theta(x, y, W, Theta):
    p = softmax(Theta.T @ (W @ x))
    return np.outer(p - y, W @ x)      # row i belongs to theta_i


def grad_W(x, y, W, Theta):
    p = softmax(Theta.T @ (W @ x))
    return np.outer(Theta @ (p - y), x)

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
