from math import exp, log

from numpy import vectorize

# 5 (b)
softplus = vectorize(lambda z: log(1 + exp(z)))
softplus_derivative = vectorize(lambda z: exp(z) / (1 + exp(z)))
lipschitz_constant = 0.25
