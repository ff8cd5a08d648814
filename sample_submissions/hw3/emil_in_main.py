#!/usr/bin/env python3
"""Mathematical foundations of deep networks, sheet 3.  Emil Lindqvist"""
import argparse
import math

import matplotlib.pyplot as plt
import torch


class Regressor(torch.nn.Module):
    def __init__(self, widths=(1, 64, 64, 1)):
        super().__init__()
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        for layer in self.layers:
            torch.nn.init.normal_(layer.weight, 0.0, 1.0)
            torch.nn.init.constant_(layer.bias, 0.03)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.sigmoid(layer(x))
        return self.layers[-1](x)


def target(x):
    return (x - 2) * torch.cos(4 * x)


def train(x, y, args):
    net = Regressor()
    optimiser = torch.optim.SGD(net.parameters(), lr=args.lr)
    for _ in range(args.epochs):
        for rows in torch.randperm(len(x)).split(args.batch):
            optimiser.zero_grad()
            loss = torch.nn.functional.mse_loss(net(x[rows]), y[rows]) / 2
            loss.backward()
            optimiser.step()
    return net


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=128)
    args, _ = parser.parse_known_args()

    torch.manual_seed(7)
    x = torch.randn(512, 1)
    exact, noisy = target(x), target(x) + torch.normal(0, 0.5, x.shape)
    first, second = train(x, exact, args), train(x, noisy, args)
    print(f"{sum(p.numel() for p in first.parameters())} trainable parameters")

    grid = torch.linspace(-2, 2, 300).reshape(-1, 1)
    fig, (left, right) = plt.subplots(1, 2, sharey=True)
    for axis, net, labels in ((left, first, exact), (right, second, noisy)):
        axis.plot(x, labels, ".", markersize=2)
        axis.plot(grid, target(grid))
        axis.plot(grid, net(grid).detach())
    fig.savefig("fit.png")


def ce_loss(f, y):
    biggest = max(f)
    return biggest - f[y-1] + math.log(sum(math.exp(v - biggest) for v in f))


def max_derivative(fs, dfs, x):
    ranked = sorted(((fs[i](x), i) for i in range(len(fs))), reverse=True)
    assert len(ranked) == 1 or ranked[0][0] > ranked[1][0], "argmax is not unique, f may have a kink"
    return dfs[ranked[0][1]](x)


def relu(z):
    if z > 0:
        return z
    return 0.0


def softplus(z):
    # log(1+e^z) = max(z,0) + log(1+e^-|z|)
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))

def softplus_derivative(z):
    if z >= 0:
        return 1/(1+math.exp(-z))
    return math.exp(z)/(1+math.exp(z))

softplus_lipschitz = 0.25


def sigmoid_to_tanh(A, b):
    C = []
    d = []
    for l in range(len(A)):
        inner = 1.0 if l == 0 else 0.5
        outer = 1.0 if l == len(A)-1 else 0.5
        C.append([[outer*inner*w for w in row] for row in A[l]])
        d.append([outer*(bias + (0 if l == 0 else sum(row)/2)) for row, bias in zip(A[l], b[l])])
    return C, d

def tanh_to_sigmoid(C, d):
    A = []
    b = []
    for l in range(len(C)):
        inner = 1.0 if l == 0 else 2.0
        outer = 1.0 if l == len(C)-1 else 2.0
        A.append([[outer*inner*w for w in row] for row in C[l]])
        b.append([outer*(bias - (0 if l == 0 else sum(row))) for row, bias in zip(C[l], d[l])])
    return A, b


def gradients(a, b, u, x, y):
    p, N = len(a), len(x)
    ga, gb, gu = [0.0]*p, [0.0]*p, [0.0]*p
    for xi, yi in zip(x, y):
        pre = [a[j]*xi + b[j] for j in range(p)]
        out = sum(u[j]*max(0.0, pre[j]) for j in range(p))
        for j in range(p):
            gu[j] += (out-yi)*max(0.0, pre[j])/N
            if pre[j] > 0:
                ga[j] += (out-yi)*u[j]*xi/N
                gb[j] += (out-yi)*u[j]/N
    return ga, gb, gu


def leaky_gradients(a, b, u, x, y, alpha=0.01):
    p, N = len(a), len(x)
    ga, gb, gu = [0.0]*p, [0.0]*p, [0.0]*p
    for xi, yi in zip(x, y):
        pre = [a[j]*xi + b[j] for j in range(p)]
        s = [1.0 if z >= 0 else alpha for z in pre]
        out = sum(u[j]*s[j]*pre[j] for j in range(p))
        for j in range(p):
            gu[j] += (out-yi)*s[j]*pre[j]/N
            ga[j] += (out-yi)*u[j]*s[j]*xi/N
            gb[j] += (out-yi)*u[j]*s[j]/N
    return ga, gb, gu


"""
Problem 2
p = 64*1+64 + 64*64+64 + 64+1 = 4353, much more than N = 512. With noise the result is a bit less smooth, but I see no real overfitting - SGD seems to find a nice solution anyway.

Problem 3
(a) exp(f_y) is one (positive) term of the positive sum, and the other terms are also > 0. So the fraction is strictly between 0 and 1. Its log is a finite negative number, minus that is positive and finite.
(b) plug in: loss = log(1 + (k-1) exp(-lambda)). As lambda -> inf the exponential goes to 0 and log(1) = 0.

Problem 4
The gap g_i = f_I - f_i is continuous and g_i(x) > 0, so there is a delta_i with g_i > 0 on (x - delta_i, x + delta_i). Take the smallest delta. There f = f_I, therefore the difference quotients agree for |h| < delta and so do the derivatives.

Problem 5
(a) relu(z) >= 0 always, and relu is the identity on [0, inf). So applying it again changes nothing (case z < 0: both sides are 0; case z >= 0: both are z).
(b) softplus' = sigmoid, softplus'' = sigmoid (1 - sigmoid) <= 1/4, so by MVT it is 1/4-Lipschitz. relu' jumps at 0: (relu'(e) - relu'(-e)) / (2e) = 1/(2e) -> inf, so no constant works.
(c) sigma(z) = (rho(z/2) + 1)/2. Halve everything in layer 1. In every later hidden layer the input is (y' + 1)/2, so the matrix gets divided by 2 (input) and again by 2 (argument), and the bias gets b/2 + A 1 / 4. Last layer: A/2 and b + A 1 / 2. By induction over the layers y = (y' + 1)/2, so the outputs are equal. Backwards: solve for A and b.

Problem 6
Because a_j X_i + b_j < 0 the derivative of relu is 0 there for all data points, so the chain rule gives gradient 0 for a_j and b_j, so SGD does not change them, so the inequality still holds in the next step, and so on.

Problem 7
leaky relu has slope alpha > 0 on the negative side. d f/d a_j = u_j alpha X_i, d f/d b_j = u_j alpha. This is only zero when u_j = 0.
"""

if __name__ == "__main__":
    main()
