"""`Variance`: an initialiser's draws, in any layout and of any law, and how they usually go wrong."""

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent, Raised, TooSlow, Unusable
from grader.expect import Ask, draws, mistake
from grader.expect.apart import speaks_of
from grader.records import Outcome

RULES = {"forward": lambda n_in, _: 1 / n_in, "xavier": lambda n_in, n_out: 2 / (n_in + n_out)}
FOUR = {**RULES, "backward": lambda _, n_out: 1 / n_out, "relu": lambda n_in, _: 2 / n_in}


CHANCE = np.random.default_rng()


@pytest.fixture(autouse=True)
def the_same_chance_each_time():
    """One draw in some thousands is an unlucky one: two variances that are alike may differ by more than `ALIKE`."""
    CHANCE.bit_generator.state = np.random.default_rng(1).bit_generator.state


def gaussian(n_in, n_out, std):
    return CHANCE.normal(0, std, (n_out, n_in))


def expectation(rules=RULES):
    made = draws(rules, names=("initialise",), also={"xavier": ("glorot",)})(lambda a, b, c: gaussian(a, b, 1))
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


def initialiser(rule, scale=1.0):
    """Return a function of two sizes by a rule's variance, times a scale."""
    return lambda n_in, n_out: scale * gaussian(n_in, n_out, FOUR[rule](n_in, n_out) ** 0.5)


@pytest.mark.parametrize(
    ("forward", "xavier"),
    [
        ("init_forward", "init_xavier"),
        ("forwardInit", "GlorotInit"),
        ("weights_forward", "glorot"),
        ("init_b", "init_e"),
    ],
)
def test_a_function_for_each_scheme(forward, xavier):
    student = FakeStudent({forward: initialiser("forward"), xavier: initialiser("xavier"), "add": lambda a, b: a + b})
    for part, name in (("forward", forward), ("xavier", xavier)):
        verdict = expectation().judge(student, Ask((1,), part))
        assert verdict.outcome is Outcome.PASSED
        assert verdict.remarks[0].startswith(f"Looked for `init_weights(…, '{part}')`, took `{name}`")


def test_a_function_for_each_scheme_that_is_wrong_is_named():
    student = FakeStudent({"init_xavier": lambda n_in, n_out: variance_for_deviation(n_in, n_out, "xavier")})
    assert expectation().judge(student, Ask((1,), "xavier")).mistake == "variance_for_deviation"
    with pytest.raises(Absent):
        expectation().judge(student, Ask((1,), "forward"))


def test_sizes_may_come_outputs_first():
    def init_forward(fan_out, fan_in):
        return gaussian(fan_in, fan_out, fan_in**-0.5)

    assert expectation().judge(FakeStudent({"init_forward": init_forward}), Ask((1,), "forward")).fraction == 1


def test_functions_that_have_the_word_and_make_no_weights_are_not_taken():
    others = {"forward": lambda x, y: x, "the_init": initialiser("forward", 2.0), "forward_pass": lambda a, b: 1 / 0}
    with pytest.raises(Absent):
        expectation().judge(FakeStudent(others), Ask((1,), "forward"))


def test_a_word_counts_only_as_a_whole_part_of_a_name():
    assert all(speaks_of(name, "he") for name in ("he", "he_init", "initHe", "HeInit", "W_he2"))
    assert not any(speaks_of(name, "he") for name in ("the_init", "sheet", "where", "init"))
    assert speaks_of("initFanIn", "fan_in")
    assert not speaks_of("fan_init", "fan_in")


def test_a_name_with_two_schemes_does_not_hide_the_function_of_one():
    student = FakeStudent({"init_forward": initialiser("forward"), "init_forward_relu": initialiser("relu")})
    for part, name in (("forward", "init_forward"), ("relu", "init_forward_relu")):
        verdict = expectation(FOUR).judge(student, Ask((1,), part))
        assert verdict.outcome is Outcome.PASSED
        assert f"took `{name}`" in verdict.remarks[0]


def test_names_that_were_exchanged_are_not_put_right():
    student = FakeStudent({"init_forward": initialiser("backward"), "init_backward": initialiser("forward")})
    assert expectation(FOUR).judge(student, Ask((1,), "forward")).outcome is Outcome.FAILED


@pytest.mark.parametrize("failure", [TooSlow("No answer in time."), Unusable("too large"), Raised("OSError", "no")])
def test_a_function_for_something_else_that_gives_nothing_of_use_is_passed_over(failure):
    class Trains(FakeStudent):
        def call(self, what, *arguments, **keywords):
            if getattr(what, "name", what) == "train":
                raise failure
            return super().call(what, *arguments, **keywords)

    student = Trains({"draw_2b": initialiser("forward"), "train": lambda epochs, rate: None})
    assert expectation().judge(student, Ask((1,), "forward")).fraction == 1
