"""`Variance`: an initialiser's draws, in any layout and of any law, and how they usually go wrong."""

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent, Raised
from grader.expect import Ask, draws, mistake
from grader.records import Outcome

RULES = {"forward": lambda n_in, _: 1 / n_in, "xavier": lambda n_in, n_out: 2 / (n_in + n_out)}


def gaussian(n_in, n_out, std):
    return np.random.default_rng().normal(0, std, (n_out, n_in))


def expectation():
    made = draws(RULES, names=("initialise",), also={"xavier": ("glorot",)})(lambda a, b, c: gaussian(a, b, 1))
    made.name = "init_weights"
    mistake(made, "The variance was taken for the standard deviation.")(variance_for_deviation)
    return made


def variance_for_deviation(n_in, n_out, scheme):
    return gaussian(n_in, n_out, RULES[scheme](n_in, n_out))


def right(n_in, n_out, scheme):
    return gaussian(n_in, n_out, RULES[scheme](n_in, n_out) ** 0.5)


def judge(function, part="xavier", name="init_weights"):
    return expectation().judge(FakeStudent({name: function}), Ask((1,), part))


def uniform(n_in, n_out, scheme):
    bound = (3 * RULES[scheme](n_in, n_out)) ** 0.5
    return np.random.uniform(-bound, bound, (n_in, n_out))


def lists(n_in, n_out, scheme):
    return right(n_in, n_out, scheme).tolist()


def with_biases(n_in, n_out, scheme):
    return right(n_in, n_out, scheme).T, np.zeros(n_out)


def scheme_first(scheme, n_in, n_out):
    return right(n_in, n_out, scheme)


def glorot(n_in, n_out, scheme):
    if scheme not in ("forward", "glorot"):
        raise ValueError(scheme)
    return right(n_in, n_out, "xavier" if scheme == "glorot" else scheme)


def keras(n_in, n_out, scheme):
    torch = pytest.importorskip("torch")
    return torch.randn(n_in, n_out) * RULES[scheme](n_in, n_out) ** 0.5


@pytest.mark.parametrize("part", RULES)
@pytest.mark.parametrize("function", [right, uniform, lists, with_biases, scheme_first, glorot, keras])
def test_right_in_any_style(function, part):
    verdict = judge(function, part)
    assert verdict.outcome is Outcome.PASSED, verdict


def test_under_another_name_it_says_so():
    assert "initialise" in judge(right, name="initialise").remarks[0]


def test_wrong_and_named():
    verdict = judge(variance_for_deviation)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "variance_for_deviation")
    assert judge(lambda n_in, n_out, scheme: gaussian(n_in, n_out, 1.0)).outcome is Outcome.FAILED
    assert judge(lambda n_in, n_out, scheme: gaussian(n_in, n_out, 1.1 * n_in**-0.5), "forward").fraction == 0


def test_a_mean_that_is_not_zero():
    verdict = judge(lambda n_in, n_out, scheme: abs(right(n_in, n_out, scheme)))
    assert "mean" in verdict.found
    assert verdict.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "answer", [np.zeros(3), "weights", 1.0, [[1, 2], [3]], float("nan"), {"a": 1}, np.full((120, 300), np.nan)]
)
def test_other_things_are_no_weights(answer):
    verdict = judge(lambda n_in, n_out, scheme: answer)
    assert verdict.outcome is Outcome.FAILED
    assert "returned" in verdict.found


def test_an_object_is_left_to_a_person():
    assert judge(lambda n_in, n_out, scheme: object()).outcome is Outcome.PENDING


def test_nothing_comes_back():
    with pytest.raises(Absent):
        judge(lambda n_in, n_out, scheme: None)
    with pytest.raises(Raised):
        judge(lambda n_in, n_out, scheme: 1 / 0)
    with pytest.raises(Absent):
        expectation().judge(FakeStudent({}), Ask((1,), "xavier"))


def test_fair_draws_are_hardly_ever_refused():
    assert all(judge(right).fraction == 1 for _ in range(60))
