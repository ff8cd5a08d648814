"""Right answers to homework 3 as different students write them: every one of them earns its claim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.expect import Ask
from grader.records import Outcome
from grader.reference import load

TRUTHS = load(Path(__file__).parents[1] / "reference" / "hw3.py")
NUMPY = "import numpy as np\n"
TORCH = "import torch\nimport torch.nn.functional as F\n"
MATH = "import math\n"
TO_TANH = """
def sigmoid_to_tanh(A, b):
    C, d = [], []
    for l in range(len(A)):
        first, last = l == 0, l == len(A) - 1
        C.append(A[l] / (1 if last else 2) / (1 if first else 2))
        shift = 0 if first else A[l].sum(1) / (2 if last else 4)
        d.append(b[l] / (1 if last else 2) + shift)
    return {result}
"""
GRADIENTS = """
def gradients(a, b, u, x, y):
    z = a * x[:, None] + b
    r = np.maximum(z, 0) @ u - y
    g = (z > 0) * u * r[:, None]
    {result}
"""
AUTOGRAD = """
def gradients(a, b, u, x, y):
    a, b, u = (t.clone().detach().requires_grad_(True) for t in (a, b, u))
    f = torch.relu(x[:, None] * a + b) @ u
    {loss}.backward()
    return a.grad, b.grad, u.grad
"""

STYLES = [
    # ce_loss: labels as int, 0-d tensors, one-hot; batches; the logarithm and the exponential in every way
    ("ce_loss", NUMPY + "def ce_loss(f, y): return -np.log(np.exp(f)[y-1] / np.exp(f).sum())"),
    ("ce_loss", NUMPY + "def ce_loss(f, y): return -np.log(np.exp(f)[y-1] / np.exp(f).sum() + 1e-12)"),
    ("ce_loss", TORCH + "def ce_loss(f, y): return F.cross_entropy(f.unsqueeze(0), torch.tensor([y - 1]))"),
    ("ce_loss", TORCH + "def ce_loss(f, y): return F.cross_entropy(f, y - 1)"),
    ("ce_loss", TORCH + "def ce_loss(f, y): return F.cross_entropy(f.float(), y.long() - 1).item()"),
    ("ce_loss", TORCH + "def ce_loss(f, y): return torch.logsumexp(torch.tensor(f), 0) - f[y - 1]"),
    ("ce_loss", TORCH + "def ce_loss(f, y): return torch.logsumexp(torch.Tensor(f), 0) - f[y - 1]"),
    ("ce_loss", NUMPY + "def ce_loss(f, y): return -np.log(np.exp(f[np.arange(len(f)), y-1])/np.exp(f).sum(1))"),
    ("ce_loss", MATH + "def ce_loss(f, y): return math.log(sum(math.exp(v) for v in f)) - f[y - 1]"),
    ("ce_loss", MATH + "def ce_loss(f, y): return [math.log(sum(map(math.exp, f + []))) - f[y - 1]]"),
    ("ce_loss", NUMPY + "def ce_loss(y, f): return np.log(np.exp(f).sum()) - f[y - 1]"),
    ("ce_loss", NUMPY + "def ce_loss(f, y, eps=0.0, *, base=None): return np.log(np.exp(f).sum()) - f[y - 1] + eps"),
    ("ce_loss_stable", TORCH + "def ce_loss(f, y): return F.cross_entropy(f[None].float(), torch.tensor([y - 1]))"),
    ("ce_loss_stable", NUMPY + "def ce_loss(f, y): return np.log(np.exp(f - max(f)).sum()) + max(f) - f[y-1]"),
    ("ce_loss_stable", TORCH + "def ce_loss(f, y): return -F.log_softmax(f, 0)[y]"),  # from 0: judged elsewhere
    ("ce_loss_vanishes", TORCH + "def ce_loss(f, y): return -F.log_softmax(f, 0)[y]"),
    ("ce_loss_vanishes", TORCH + "def ce_loss(f, y): return F.cross_entropy(f[None].float(), torch.tensor([y - 1]))"),
    # max_derivative
    ("max_derivative", NUMPY + "def max_derivative(fs, dfs, x): return dfs[np.argmax([f(x) for f in fs])](x)"),
    ("max_derivative", TORCH + "def max_derivative(fs, dfs, x):\n"
     "    return dfs[torch.stack([f(x) for f in fs]).argmax()](x)"),
    ("max_derivative", "def max_derivative(fs, dfs, x):\n"
     "    h = 1e-6\n    return (max(f(x + h) for f in fs) - max(f(x - h) for f in fs)) / (2 * h)"),
    ("max_derivative_refuses", "def max_derivative(fs, dfs, x):\n"
     "    v = [f(x) for f in fs]\n    return dfs[v.index(max(v))](x) if v.count(max(v)) == 1 else None"),
    ("max_derivative_refuses", "def max_derivative(fs, dfs, x):\n"
     "    v = [f(x) for f in fs]\n    assert v.count(max(v)) == 1\n    return dfs[v.index(max(v))](x)"),
    ("max_derivative_refuses", NUMPY + "def max_derivative(fs, dfs, x):\n"
     "    v = [f(x) for f in fs]\n    return dfs[v.index(max(v))](x) if v.count(max(v)) == 1 else np.nan"),
    ("max_derivative_refuses", "def max_derivative(fs, dfs, x):\n"
     "    v = [f(x) for f in fs]\n    return dfs[v.index(max(v))](x) if v.count(max(v)) == 1 else 'not unique'"),
    # relu, softplus and its derivative
    ("relu", "def relu(z): return max(0, z)"),
    ("relu", "def relu(z): return z if z > 0 else 0"),
    ("relu", "def relu(z): return [max(0.0, v) for v in z]"),
    ("relu", TORCH + "def relu(z): return torch.clamp(z, min=0)"),
    ("relu", TORCH + "def relu(z): return torch.max(torch.zeros(1), z.float())"),
    ("relu", TORCH + "def relu(z): return z if z > 0 else torch.zeros_like(z)"),
    ("relu", TORCH + "relu = torch.nn.ReLU()"),
    ("relu", TORCH + "relu = F.relu"),
    ("relu", NUMPY + "relu = np.vectorize(lambda z: max(z, 0.0))"),
    ("relu", NUMPY + "relu = lambda z: z * (z > 0)"),
    ("relu", NUMPY + "def relu(z, /, out=None, **rest): return np.maximum(0, z).reshape(-1, 1)"),
    ("relu", NUMPY + "def relu(*, z): return np.maximum(0, z)"),
    ("relu", NUMPY + "def ReLU(z): return np.maximum(0, z)"),
    ("relu", NUMPY + "def rectify(t): return np.maximum(0, t)"),
    ("relu", NUMPY + "class Act:\n    def __call__(self, z): return np.maximum(0, z)\nrelu = Act()"),
    ("relu", NUMPY + "class Act:\n    def relu(self, z): return np.maximum(0, z)\nsolution = Act()"),
    ("relu", NUMPY + "class Act:\n    @staticmethod\n    def relu(z): return np.maximum(0, z)"),
    ("softplus", MATH + "def softplus(z): return math.log1p(math.exp(-abs(z))) + max(z, 0)"),
    ("softplus", MATH + "def softplus(z):\n    if z > 30: return z\n    return math.log(1 + math.exp(z))"),
    ("softplus", TORCH + "softplus = torch.nn.Softplus()"),
    ("softplus", TORCH + "def softplus(z): return F.softplus(torch.tensor(z, dtype=torch.float32)).tolist()"),
    ("softplus", TORCH + "def softplus(z):\n"
     "    if z > 20:\n        return z\n    return torch.log1p(torch.exp(z))"),
    ("softplus", NUMPY + "def softplus(z): return np.logaddexp(0, z)"),
    ("softplus", NUMPY + "np.seterr(all='raise')\n"
     "def softplus(z): return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))"),
    ("softplus_derivative", NUMPY + "def softplus_derivative(z): return 1 / (1 + np.exp(-z))"),
    ("softplus_derivative", NUMPY + "def softplus_derivative(z): return (1 + np.tanh(z / 2)) / 2"),
    ("softplus_derivative", NUMPY + "def dsoftplus(z):\n"
     "    return np.where(z > 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))"),
    ("softplus_derivative", TORCH + "softplus_derivative = torch.sigmoid"),
    ("softplus_derivative", TORCH + "def softplus_derivative(z):\n"
     "    z = z.clone().requires_grad_(True)\n    F.softplus(z).sum().backward()\n    return z.grad"),
    # networks
    ("sigmoid_to_tanh", TO_TANH.format(result="C, d")),
    ("sigmoid_to_tanh", TO_TANH.format(result="tuple(C), tuple(d)")),
    ("sigmoid_to_tanh", TO_TANH.format(result="{'d': d, 'C': C}")),
    ("sigmoid_to_tanh", TO_TANH.format(result="list(zip(C, d))")),
    ("sigmoid_to_tanh", TO_TANH.format(result="C, [v.reshape(-1, 1) for v in d]")),
    ("sigmoid_to_tanh", NUMPY + TO_TANH.format(result="[w.tolist() for w in C], [list(v) for v in d]")),
    ("sigmoid_to_tanh", TORCH + "def sigmoid_to_tanh(A, b):\n"
     "    C = [w.float() / 4 for w in A]; C[0] = C[0] * 2; C[-1] = C[-1] * 2\n"
     "    d = [v.float() / 2 + torch.mm(w, torch.ones(w.shape[1], 1)).squeeze(1) for v, w in zip(b, C)]\n"
     "    d[0] = b[0].float() / 2; d[-1] = d[-1] + b[-1].float() / 2\n    return C, d"),
    ("sigmoid_to_tanh", NUMPY + "def sigmoid_to_tanh(A, b):  # biases as columns\n"
     "    C = [w / 4 for w in A]; C[0] = C[0] * 2; C[-1] = C[-1] * 2\n"
     "    d = [v / 2 + w.sum(axis=1, keepdims=True) for v, w in zip(b, C)]\n"
     "    d[0] = b[0] / 2; d[-1] = d[-1] + b[-1] / 2\n    return C, d"),
    # gradients
    ("gradients", NUMPY + GRADIENTS.format(result="return x @ g / len(x), g.mean(0), r @ np.maximum(z, 0) / len(x)")),
    ("gradients", NUMPY + GRADIENTS.format(
        result="return 2 * x @ g / len(x), 2 * g.mean(0), 2 * r @ np.maximum(z, 0) / len(x)")),
    ("gradients", NUMPY + GRADIENTS.format(
        result="return np.array([x @ g / len(x), g.mean(0), r @ np.maximum(z, 0) / len(x)])")),
    ("gradients", NUMPY + GRADIENTS.format(
        result="return {'du': r @ np.maximum(z, 0) / len(x), 'da': x @ g / len(x), 'db': g.mean(0)}")),
    ("gradients", NUMPY + GRADIENTS.format(
        result="return [v.reshape(-1, 1) for v in (x @ g / len(x), g.mean(0), r @ np.maximum(z, 0) / len(x))]")),
    ("gradients", TORCH + AUTOGRAD.format(loss="((f - y) ** 2).mean()")),
    ("gradients", TORCH + AUTOGRAD.format(loss="(0.5 * (f - y) ** 2).mean()")),
    ("gradients", TORCH + AUTOGRAD.format(loss="F.mse_loss(f, y)")),
    ("gradients", MATH + "def gradients(a, b, u, x, y):\n"
     "    n, p = len(x), len(a)\n    ga, gb, gu = [0.0] * p, [0.0] * p, [0.0] * p\n"
     "    for i in range(n):\n"
     "        z = [a[j] * x[i] + b[j] for j in range(p)]\n"
     "        r = sum(u[j] * max(z[j], 0) for j in range(p)) - y[i]\n"
     "        for j in range(p):\n"
     "            gu[j] += r * max(z[j], 0) / n\n"
     "            if z[j] > 0:\n                ga[j] += r * u[j] * x[i] / n; gb[j] += r * u[j] / n\n"
     "    return ga, gb, gu"),
    ("dead_unit_stays", TORCH + AUTOGRAD.format(loss="((f - y) ** 2).mean()")),
    ("dead_unit_stays", TORCH + AUTOGRAD.format(loss="((f - y) ** 2).sum()")),
]  # fmt: skip
LEAKY = """
def leaky_gradients(a, b, u, x, y{alpha}):
    z = np.outer(x, a) + b
    s = np.where(z > 0, 1, {slope})
    r = (s * z) @ u - y
    g = s * u * r[:, None]
    return x @ g / len(x), g.mean(0), r @ (s * z) / len(x)
"""
STYLES += [
    (claim, NUMPY + "alpha = 0.01\n" + LEAKY.format(alpha=alpha, slope=slope))
    for claim in ("leaky_gradients", "leaky_unit_moves")
    for alpha, slope in ((", alpha=0.01", "alpha"), ("", "alpha"), (", slope=0.01", "slope"), (", alpha", "alpha"))
]


@pytest.mark.parametrize(("name", "source"), STYLES)
def test_right_answer_passes(name: str, source: str) -> None:
    with np.errstate():
        verdict = TRUTHS[name].judge(FakeStudent.of(source), Ask((1, 2, 3)))
    assert verdict.outcome is Outcome.PASSED, verdict
