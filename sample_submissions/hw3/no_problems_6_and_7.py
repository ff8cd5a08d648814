# Finn Olsen, homework 3, theory
import math


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






# Problem 3a: exp(f_y) is one (positive) term of the positive sum, and the other terms are also
# > 0. So the fraction is strictly between 0 and 1. Its log is a finite negative number, minus
# that is positive and finite.

# Problem 3b: plug in: loss = log(1 + (k-1) exp(-lambda)). As lambda -> inf the exponential
# goes to 0 and log(1) = 0.

# Problem 4: The gap g_i = f_I - f_i is continuous and g_i(x) > 0, so there is a delta_i with
# g_i > 0 on (x - delta_i, x + delta_i). Take the smallest delta. There f = f_I, therefore the
# difference quotients agree for |h| < delta and so do the derivatives.

# Problem 5a: relu(z) >= 0 always, and relu is the identity on [0, inf). So applying it again
# changes nothing (case z < 0: both sides are 0; case z >= 0: both are z).

# Problem 5b: softplus' = sigmoid, softplus'' = sigmoid (1 - sigmoid) <= 1/4, so by MVT it is
# 1/4-Lipschitz. relu' jumps at 0: (relu'(e) - relu'(-e)) / (2e) = 1/(2e) -> inf, so no
# constant works.

# Problem 5c: sigma(z) = (rho(z/2) + 1)/2. Halve everything in layer 1. In every later hidden
# layer the input is (y' + 1)/2, so the matrix gets divided by 2 (input) and again by 2
# (argument), and the bias gets b/2 + A 1 / 4. Last layer: A/2 and b + A 1 / 2. By induction
# over the layers y = (y' + 1)/2, so the outputs are equal. Backwards: solve for A and b.
