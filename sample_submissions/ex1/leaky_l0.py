l0 = lambda x: x if x > 0 else 0.01 * x
l1 = lambda x: 1 if x >= 0 else 0
