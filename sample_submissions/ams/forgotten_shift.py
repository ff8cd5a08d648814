def sigmoid_to_tanh(A, b):
    last = len(A) - 1
    C = [W / 2 if l == 0 or l == last else W / 4 for l, W in enumerate(A)]
    d = [v if l == last else v / 2 for l, v in enumerate(b)]
    return C, d


def tanh_to_sigmoid(C, d):
    last = len(C) - 1
    A = [2 * W if l == 0 or l == last else 4 * W for l, W in enumerate(C)]
    b = [2 * v for v in d]
    for l in range(1, last + 1):
        b[l] = (1 if l == last else 2) * (d[l] - C[l].sum(1))
    return A, b
