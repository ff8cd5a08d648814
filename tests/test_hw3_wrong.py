"""Plausible wrong answers to homework 3, and the sentence each student reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Raised
from grader.expect import Ask
from grader.records import Outcome, Verdict
from grader.reference import load

TRUTHS = load(Path(__file__).parents[1] / "reference" / "hw3.py")
NUMPY = "import numpy as np\n"
TORCH = "import torch\nimport torch.nn.functional as F\n"
MATH = "import math\n"


def judge(name: str, source: str, **credit: float) -> Verdict:
    with np.errstate():
        return TRUTHS[name].judge(FakeStudent.of(source), Ask((1, 2, 3), credit=credit))


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("relu", "def relu(z): return str(z)", "returned text where numbers were expected"),
        ("relu", "def relu(z): return z > 0", "returned truth values where numbers were expected"),
        ("relu", "def relu(z): return {'z': z}", "returned a dictionary where"),
        ("relu", "def relu(z): return print", "class"),
        ("relu", NUMPY + "def relu(z): return np.maximum(z, 0).sum()", "returned a single number where shape (35,)"),
        ("relu", NUMPY + "def relu(z): return -np.maximum(z, 0)", "has the wrong sign"),
        ("relu", NUMPY + "def relu(z): return 3 * np.maximum(z, 0)", "is 3 times what it should be"),
        ("relu", NUMPY + "def relu(z): return np.maximum(z, 0) / 3", "is 1/3 times what it should be"),
        ("relu", NUMPY + "def relu(z): return np.minimum(np.maximum(z, 0), 6)", "where it is 6"),
        ("relu", "def relu(z): raise ValueError", "raised ValueError for z = "),
        ("relu", "def relu(z): return z.reshape(2, 3, 5)", "raised"),
        ("softplus", NUMPY + "def softplus(z): return np.log(1 + np.exp(np.minimum(z, 500)))", "it is 500"),
        ("softplus", NUMPY + "def softplus(z): return np.log2(1 + np.exp(z))", "greatest difference at index"),
        ("ce_loss", NUMPY + "def ce_loss(f, y): return f[y - 1] - np.log(np.exp(f).sum())", "has the wrong sign"),
        ("ce_loss_stable", NUMPY + "def ce_loss(f, y): return f[y-1] - f.max()", "is negative, -2e+04, for f = "),
        ("ce_loss_vanishes", NUMPY + "def ce_loss(f, y): return f[y-1] - f.max() + 1", "does not fall to 0: (1, 1"),
        ("ce_loss_stable", "def ce_loss(f, y): return 0.0", "is 0 for f = (-1e+04, -1e+04, -1e+04), y = 1"),
        ("ce_loss_vanishes", "def ce_loss(f, y): return 0.0", "does not start above 0"),
        *[("max_derivative_refuses", f"def max_derivative(fs, dfs, x):\n"
           f"    v = [f(x) for f in fs]\n    return dfs[v.index(max(v))](x) if v.count(max(v)) == 1 else {answer}",
           "at a point where more than one function is the largest")
          for answer in ("print", "{1: 2}", "[1, 'a']", "1j", "[float('nan'), 1]", "[]", "True", "10**400")],
        ("max_derivative_refuses", "def max_derivative(fs, dfs, x): return max(df(x) for df in dfs)", "answers 1 at"),
        ("gradients", "def gradients(a, b, u, x, y): return a, b", "returned 2 parts where 3 parts were expected"),
        ("gradients", "def gradients(a, b, u, x, y): return a, x, u", "shape (7,) for grad_b where shape (4,)"),
        ("gradients", "def gradients(a, b, u, x, y): return a, b, u", "greatest difference of grad_"),
        ("dead_unit_stays", "def gradients(a, b, u, x, y): return 0*a, 0*b, 0*u", "0 for the units that are alive"),
        ("leaky_unit_moves", "def leaky_gradients(a, b, u, x, y): return 0*a, 0*b, 0*u", "is 0 here as well"),
        ("sigmoid_to_tanh", "def sigmoid_to_tanh(A, b): return A", "returned 3 parts where 2 parts were"),
        ("sigmoid_to_tanh", "def sigmoid_to_tanh(A, b): return A, [0*v for v in b]", "the function is not the same"),
        ("sigmoid_to_tanh", "def sigmoid_to_tanh(A, b): return [m.T for m in A], b", "shape (3, 5) for C, entry 1"),
    ],
)  # fmt: skip
def test_wrong_answer_fails_and_says_where(name: str, source: str, says: str) -> None:
    verdict = judge(name, source)
    assert verdict.outcome is Outcome.FAILED
    assert says in verdict.found, verdict.found


@pytest.mark.parametrize(
    ("name", "source", "mistake"),
    [
        ("softplus", MATH + "def softplus(z): return math.log(1 + math.exp(z))", "overflows"),
        ("softplus", TORCH + "def softplus(z): return torch.log(1 + torch.exp(z))", "overflows"),
        ("softplus", TORCH + "def softplus(z): return torch.log(1 + torch.exp(torch.Tensor(z)))", "overflows"),
        ("softplus", NUMPY + "def softplus(z): return np.log1p(np.exp(np.clip(z, -500, 500)))", "overflows"),
        ("softplus", NUMPY + "def softplus(z): return np.log(1 + np.exp(np.minimum(z, 50)))", "overflows"),
        ("softplus", NUMPY + "np.seterr(all='raise')\ndef softplus(z): return np.log(1 + np.exp(z))", "overflows"),
        ("softplus_derivative", MATH + "def softplus_derivative(z): return math.exp(z) / (1 + math.exp(z))",
         "derivative_overflows"),
        ("softplus_derivative", TORCH + "def softplus_derivative(z): return torch.exp(z) / (1 + torch.exp(z))",
         "derivative_overflows"),
        ("ce_loss", TORCH + "def ce_loss(f, y): return F.cross_entropy(f, torch.tensor(y))", "counts_from_zero"),
        ("ce_loss", NUMPY + "def ce_loss(f, y): return np.log(np.exp(f).sum()) - f[y]", "counts_from_zero"),
        ("ce_loss", TORCH + "def ce_loss(f, y): return F.cross_entropy(torch.softmax(f, 0), y - 1)", "softmax_twice"),
        ("ce_loss_stable", MATH + "def ce_loss(f, y): return math.log(sum(map(math.exp, f))) - f[y - 1]",
         "ce_overflows"),
        ("ce_loss_stable", TORCH + "def ce_loss(f, y): return -torch.log(torch.softmax(f, 0)[y - 1])",
         "ce_logarithm_of_zero"),
        ("gradients", TORCH + "def gradients(a, b, u, x, y):\n"
         "    a, b, u = (t.clone().detach().requires_grad_(True) for t in (a, b, u))\n"
         "    (((torch.relu(x[:, None] * a + b) @ u - y) ** 2).sum()).backward()\n"
         "    return a.grad, b.grad, u.grad", "takes_the_sum_of_squares"),
    ],
)  # fmt: skip
def test_a_known_mistake_is_known_in_every_style(name: str, source: str, mistake: str) -> None:
    verdict = judge(name, source)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake), verdict
    assert judge(name, source, **{mistake: 0.5}).fraction == 0.5


def test_an_argument_is_called_what_its_author_calls_it() -> None:
    for name, said in ("x", "for x = "), ("z", "for z = "), ("*z", "for z = "):
        assert said in judge("softplus", NUMPY + f"def softplus({name}): return np.exp(np.array({name[-1]}) / 9)").found


def test_a_bound_that_ordinary_numbers_reach_is_no_overflow() -> None:
    for bound in 6, 28:
        verdict = judge("softplus", NUMPY + f"def softplus(z): return np.log(1 + np.exp(np.minimum(z, {bound})))")
        assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "")


def test_students_never_read_the_expected_value() -> None:
    verdict = judge("softplus", NUMPY + "def softplus(z): return np.maximum(z, 0) + 0.1")
    assert "0.6931" not in verdict.found + verdict.hint
    assert "was expected" in verdict.staff


def test_what_was_taken_in_place_of_the_name_is_said() -> None:
    verdict = judge("relu", NUMPY + "def rectify(z): return np.maximum(z, 0)\ndef other(z): return z")
    assert verdict.remarks == ("Looked for `relu`, took `rectify`: it answers as asked at a first input.",)


@pytest.mark.parametrize(
    "body", ["pass", "raise NotImplementedError", "print('here')", "return ...", "return ..., [None, ...]"]
)
def test_what_was_not_filled_in_is_missing(body: str) -> None:
    verdict = judge("relu", f"def relu(z): {body}")
    assert verdict.outcome is Outcome.MISSING
    assert "has not been filled in" in verdict.found


def test_a_name_that_is_not_there_is_left_to_the_wall_of_blame() -> None:
    with pytest.raises(Raised, match="name 'undefined' is not defined"):
        judge("relu", "def relu(z): return undefined + z")
