"""A derivative is right in every layout and by every method, also of the student's own function."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.expect import Ask, equals, gradient, mistake, normal
from grader.expect.gradient import differences
from grader.records import Outcome, Verdict
from grader.reference import load

TRUTHS = load(Path(__file__).parents[2] / "reference" / "ex1.py")
NUMPY = "import numpy as np\n"
STRICT = "import numpy as np\nnp.seterr(all='raise')\nimport warnings; warnings.simplefilter('error')\n"
TORCH = "import torch\n"
MATH = "import math\n"
P = "z = Theta.T @ (W @ x)\n    p = np.exp(z - z.max()); p = p / p.sum()\n    "
BY_THETA = NUMPY + "def grad_theta(x, y, W, Theta):\n    " + P + "h = W @ x\n    return "
BY_W = NUMPY + "def grad_W(x, y, W, Theta):\n    " + P + "d = Theta @ (p - y)\n    return "
AUTOGRAD = TORCH + (
    "def loss(x, y, W, Theta): return -(y * torch.log_softmax(Theta.T @ (W @ x), 0)).sum()\n"
    "def grad_{name}(x, y, W, Theta):\n"
    "    {by} = {by}.detach().clone(){single}.requires_grad_()\n"
    "    return torch.autograd.grad(loss(x{single}, y{single}, {W}, {Theta}), {by})[0]"
)
LOOPS = (
    MATH
    + """
def grad_theta(x, y, W, Theta):
    n, m, k = len(x), len(W), len(y)
    h = [sum(W[a][b] * x[b] for b in range(n)) for a in range(m)]
    e = [math.exp(sum(h[a] * Theta[a][i] for a in range(m))) for i in range(k)]
    return [[(e[i] / sum(e) - y[i]) * h[a] for a in range(m)] for i in range(k)]
"""
)


def judge(name: str, source: str, seed: int = 1) -> Verdict:
    with np.errstate():
        return TRUTHS[name].judge(FakeStudent.of(source), Ask((seed, 2, 3), others=frozenset(TRUTHS) - {name}))


RIGHT = [
    ("grad_theta", BY_THETA + "np.outer(p - y, h)"),  # one row for each theta
    ("grad_theta", BY_THETA + "np.outer(h, p - y)"),  # one column
    ("grad_theta", BY_THETA + "[(p[i] - y[i]) * h for i in range(len(y))]"),
    ("grad_theta", BY_THETA + "[((p[i] - y[i]) * h).reshape(-1, 1) for i in range(len(y))]"),
    ("grad_theta", BY_THETA + "{f'theta_{i + 1}': (p[i] - y[i]) * h for i in reversed(range(len(y)))}"),
    ("grad_theta", BY_THETA + "{i: (p[i] - y[i]) * h for i in range(len(y))}"),
    ("grad_theta", BY_THETA + "tuple((p[i] - y[i]) * h for i in range(len(y)))"),
    ("grad_theta", BY_THETA + "np.outer(h, y.sum() * p - y)"),  # y need not sum to 1
    ("grad_theta", BY_THETA + "np.outer(p - y, h).astype(np.float32)"),
    ("grad_theta", BY_THETA.replace("x, y, W, Theta", "x, t, V, U", 1).replace("z =", "y, W, Theta = t, V, U; z =", 1)
     + "np.outer(p - y, h)"),
    ("grad_theta", STRICT + BY_THETA + "np.outer(p - y, h)"),
    ("grad_theta", LOOPS),
    ("grad_theta", AUTOGRAD.format(name="theta", by="Theta", single="", W="W", Theta="Theta")),
    ("grad_theta", AUTOGRAD.format(name="theta", by="Theta", single=".float()", W="W.float()", Theta="Theta")),
    ("grad_W", BY_W + "np.outer(d, x)"),
    ("grad_W", BY_W + "np.outer(x, d)"),
    ("grad_W", BY_W + "d[:, None] * x[None, :]"),
    ("grad_W", BY_W + "(d[:, None] @ x[None, :]).tolist()"),
    ("grad_W", NUMPY + "def grad_W(x, y, W, Theta):  # everything a column\n"
     "    assert x.ndim == 2\n    z = Theta.T @ W @ x; p = np.exp(z) / np.exp(z).sum()\n"
     "    return Theta @ (p - y) @ x.T"),
    ("grad_W", AUTOGRAD.format(name="W", by="W", single="", W="W", Theta="Theta")),
    ("ds0", NUMPY + "def ds0(x): return 1 / (1 + np.exp(-x))"),
    ("ds0", STRICT + "def ds0(x):\n    e = np.exp(-np.abs(x))\n    return np.where(x > 0, 1, e) / (1 + e)"),
    ("ds0", NUMPY + "def ds0(x): return 0.5 + 0.5 * np.tanh(x / 2)"),
    ("ds0", TORCH + "def ds0(x): return torch.sigmoid(x)"),
    ("ds0", TORCH + "def ds0(x):\n    x = torch.as_tensor(x).clone().requires_grad_()\n"
     "    torch.nn.functional.softplus(x).sum().backward()\n    return x.grad"),
    ("ds0", MATH + "def ds0(x): return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))"),
    ("ds0", NUMPY + "def s0(x): return np.logaddexp(0, x)\n"
     "def ds0(x, h=1e-5): return (s0(x + h) - s0(x - h)) / (2 * h)"),
    ("ds1", NUMPY + "def s1(x): return 1 / (1 + np.exp(-x))\ndef ds1(x): return s1(x) * (1 - s1(x))"),
    ("ds1", NUMPY + "def ds1(x): return (1 - np.tanh(x / 2) ** 2) / 4"),
    ("ds1", TORCH + "def ds1(x): return torch.sigmoid(x) * torch.sigmoid(-x)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source"), RIGHT)
def test_right_answer_passes(name: str, source: str) -> None:
    for seed in range(5):
        verdict = judge(name, source, seed)
        assert verdict.outcome is Outcome.PASSED, verdict


@pytest.mark.parametrize(
    ("name", "source", "mistake"),
    [
        ("grad_theta", BY_THETA + "np.outer(y - p, h)", "y_minus_p"),
        ("grad_theta", BY_THETA + "np.outer(h, y - p)", "y_minus_p"),
        ("grad_theta", BY_THETA + "np.outer(p, h)", "forgets_y"),
        ("grad_theta", BY_THETA + "np.outer(p - y, x)", "forgets_W"),
        ("grad_theta", BY_THETA + "-np.outer(h, y)", "forgets_the_denominator"),
        ("grad_theta", BY_THETA + "2 * np.outer(p - y, h)", ""),
        ("grad_theta", BY_THETA + "(p - y) @ np.ones((len(y), 1)) * h", ""),
        ("grad_W", BY_W + "-np.outer(x, d)", "y_minus_p_again"),
        ("ds0", MATH + "def ds0(x): return math.exp(x) / (1 + math.exp(x))", "derivative_overflows"),
        ("ds0", NUMPY + "def ds0(x): return 0 * x", ""),
        ("ds1", NUMPY + "def ds1(x): return 1 / (1 + np.exp(-x))", "forgets_the_second_factor"),
        ("ds1", NUMPY + "def ds1(x): return np.exp(-x) / (1 + np.exp(-x)) ** 2", "sigmoid_derivative_overflows"),
    ],
)
def test_wrong_answer_fails(name: str, source: str, mistake: str) -> None:
    for seed in range(5):
        verdict = judge(name, source, seed)
        assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake), verdict


def test_a_derivative_of_the_students_own_function_is_right() -> None:
    own = NUMPY + "def s0(x): return np.logaddexp(0, -x)\n"
    assert judge("s0", own).outcome is Outcome.FAILED
    assert judge("ds0", own + "def ds0(x): return -1 / (1 + np.exp(x))").outcome is Outcome.PASSED
    assert judge("ds0", own + "def ds0(x): return 1 / (1 + np.exp(-x))").outcome is Outcome.PASSED
    assert judge("ds0", own + "def ds0(x): return np.exp(-x)").outcome is Outcome.FAILED


@pytest.mark.parametrize("own", ["0 * x", "0 * x + 3", "np.where(x > 0, np.nan, 1)", "print(x)", "1 / 0", "undefined"])
def test_nothing_is_earned_by_a_function_without_a_derivative(own: str) -> None:
    source = NUMPY + f"def s0(x): return {own}\ndef ds0(x): return 0 * x"
    assert judge("ds0", source).outcome is Outcome.FAILED
    assert judge("ds0", source.replace("0 * x", "1 / (1 + np.exp(-x))")).outcome is Outcome.PASSED


def test_questions_do_not_depend_on_a_tolerance() -> None:
    asked = []
    for source in ("np.logaddexp(0, x)\ndef ds0(x): return 1 / (1 + np.exp(-x))", "x\ndef ds0(x): return x"):
        student = FakeStudent.of(f"{NUMPY}def s0(x): return {source}")
        TRUTHS["ds0"].judge(student, Ask((1,)))
        asked.append([name for name, _ in student.asked])
    assert asked[0] == asked[1]


def test_differences_by_a_number_a_vector_and_entry_by_entry() -> None:
    x, A = np.array([1.0, -2.0, 30.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert differences(np.square, (x,), 0) == pytest.approx(2 * x, rel=1e-8)
    assert differences(lambda x: x @ x, (x,), 0) == pytest.approx(2 * x, rel=1e-6)
    assert differences(lambda v, A: v @ A @ v, (x[:2], A), 1) == pytest.approx(np.outer(x[:2], x[:2]), rel=1e-8)
    assert differences(lambda a, b: a * b, (2.0, 3.0), 1) == pytest.approx(2.0)


def test_declared_in_a_line() -> None:
    @equals(inputs=normal())
    def square(x):
        return x * x

    @gradient(of=square, inputs=normal())
    def slope(x):
        return 2 * x

    @mistake(slope, "Derived twice.")
    def two(x):
        return 2.0

    assert slope(3.0) == 6.0
    assert slope.judge(FakeStudent.of("def slope(x): return 2 * x"), Ask((1,))).outcome is Outcome.PASSED
    assert slope.judge(FakeStudent.of("def slope(x): return 2"), Ask((1,))).mistake == "two"
