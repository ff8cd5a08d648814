"""`Formula`: right however it is given, wrong by name, left to a person where it cannot be read."""

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent, Raised
from grader.expect import Ask, Formula, mistake
from grader.records import Outcome, WrittenAnswer

ALSO = {"fan_in": "n_in", "fan_out": "n_out", "sigma2": "sigma**2"}
ASK = Ask((1, 2, 3), problem="2e")


def xavier():
    formula = Formula(
        "2 / (n_in + n_out)",
        symbols="n_in n_out",
        also=ALSO,
        makes={"sigma": "sqrt(2 / (n_in + n_out))"},
        names=("glorot",),
    )
    formula.name = "sigma2_xavier"
    mistake(formula, "A 2 is missing.")(without_the_two)
    return formula


def without_the_two():
    return "1 / (n_in + n_out)"


def factor():
    formula = Formula("2", words=("factor",))
    formula.name = "relu_factor"
    mistake(formula, "Upside down.")(half)
    return formula


def half():
    return "1/2"


def of(value, formula=None, name="sigma2_xavier", **others):
    return (formula or xavier()).judge(FakeStudent({name: value, **others}), ASK)


def written(text, formula=None):
    answer = WrittenAnswer("2e", text, "by the number", "a.ipynb")
    return (formula or xavier()).judge(FakeStudent({}), Ask((1, 2, 3), problem="2e", answers={"2e": answer}))


RIGHT = [
    "2/(n_in+n_out)",
    "2 / (fan_in + fan_out)",
    "2*(n_in + n_out)^-1",
    "1/((n_in + n_out)/2)",
    r"$\sigma^2 = \frac{2}{n_{in}+n_{out}}$",
    r"\sigma = \sqrt{\frac{2}{n_{in}+n_{out}}}",
    "sigma^2 = 2/(n_in+n_out)",
    "sigma2 * (n_in + n_out) = 2",
    "Eq(sigma**2, 2/(n_in + n_out))",
    lambda n_in, n_out: 2 / (n_in + n_out),
    lambda n_out, n_in: 2 / (n_in + n_out),
    lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    lambda a, b: 2 / (a + b),
    lambda n_in, n_out, gain=1.0: gain * 2 / (n_in + n_out),
    lambda n_in, n_out: np.array([2 / (n_in + n_out)]),
    lambda n_in, n_out: "2/(n_in + n_out)",
]


@pytest.mark.parametrize("value", RIGHT, ids=range(len(RIGHT)))
def test_right_however_given(value):
    verdict = of(value)
    assert verdict.outcome is Outcome.PASSED, verdict
    assert "`sigma2_xavier`" in verdict.found


def test_an_alias_and_another_form_of_the_name():
    assert of("2/(n_in+n_out)", name="glorot").fraction == 1
    assert of("2/(n_in+n_out)", name="Sigma2Xavier").fraction == 1


def test_a_number_is_right_for_sizes_of_their_own():
    assert of(2 / (784 + 32), n_in=784, n_out=32).outcome is Outcome.PASSED
    assert of(2 / (784 + 33), n_in=784, n_out=32).outcome is Outcome.FAILED
    verdict = of(0.25)
    assert verdict.outcome is Outcome.FAILED
    assert "is the number 0.25" in verdict.found


@pytest.mark.parametrize(
    ("value", "name", "words"),
    [
        ("1/(n_in+n_out)", "without_the_two", "A 2 is missing"),
        (lambda n_in, n_out: 1 / (n_in + n_out), "without_the_two", "A 2 is missing"),
        ("(n_in+n_out)/2", "reciprocal", "upside down"),
        ("sqrt(2/(n_in+n_out))", "square_root", "standard deviation"),
        ("4/(n_in+n_out)^2", "square", "square root would be right"),
        ("6/(n_in+n_out)", "factor", "3 times"),
        ("-2/(n_in+n_out)", "factor", "-1 times"),
        ("1/n_in", "", "1 / n_in"),
        ("0/0", "", "not right"),
        ("0", "", "not right"),
    ],
)
def test_wrong_and_named(value, name, words):
    verdict = of(value)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, name), verdict
    assert words in verdict.found


UNREADABLE = ["2/(m + k)", "1/2(n_in) sort of", [1, 2], np.arange(3.0), 1j, {"a": 1}, float("nan"), "9" * 5000]


@pytest.mark.parametrize("value", [*UNREADABLE, lambda a, b, c, d, e, f: 1, lambda n_in, n_out: [1, 2]])
def test_what_cannot_be_read_is_left_to_a_person(value):
    assert of(value).outcome is Outcome.PENDING


def variance():
    formula = Formula("n_in * sigma**2", symbols="n_in n_out sigma", also={"fan_in": "n_in"})
    formula.name = "var_a"
    return formula


@pytest.mark.parametrize(
    "value", [lambda σ, n_in: n_in * σ**2, lambda fan_in, σ: fan_in * σ**2, lambda n_in, m, s: n_in * s**2]
)
def test_arguments_with_greek_names_and_between_known_ones(value):
    assert of(value, variance(), "var_a").outcome is Outcome.PASSED


@pytest.mark.parametrize("value", [lambda n_in, s: n_in * s**2, lambda s, t: s**2 * t, lambda a, b: a + b])
def test_a_function_whose_arguments_are_not_told_apart_is_for_a_person(value):
    assert of(value, variance(), "var_a").outcome is Outcome.PENDING


def test_two_readings_are_left_to_a_person():
    formula = Formula("1 / (2 * n_in)", symbols="n_in")
    formula.name = "f"
    assert formula.judge(FakeStudent({"f": "1/2n_in"}), ASK).outcome is Outcome.PENDING
    assert formula.judge(FakeStudent({"f": "1/(2n_in)"}), ASK).outcome is Outcome.PASSED
    assert formula.judge(FakeStudent({"f": "1/3n_in"}), ASK).outcome is Outcome.FAILED


def test_nothing_is_missing():
    for value in (None, "", ...):
        with pytest.raises(Absent):
            of(value)


def test_a_function_that_raises_is_the_students():
    with pytest.raises(Raised):
        of(lambda n_in, n_out: 1 / 0)


def test_a_function_of_tensors():
    torch = pytest.importorskip("torch")
    assert of(lambda n_in, n_out: torch.reciprocal(torch.add(n_in, n_out)) * 2).outcome is Outcome.PASSED


def test_sympy_crosses_as_its_text():
    class Mul:
        """Stands for an expression: sympy itself need not be there."""

        def __str__(self):
            return "2/(n_in + n_out)"

    assert of(Mul()).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "text",
    [
        r"Balancing both, $\sigma^2 = \frac{2}{n_{in}+n_{out}}$, which is Xavier's rule.",
        "So sigma^2 = 2/(n_in + n_out).",
        r"Forward $\sigma^2 n_{in}=1$, backward $\sigma^2 n_{out}=1$; together $\frac{n_{in}+n_{out}}2\sigma^2 = 1$.",
    ],
)
def test_found_in_the_written_answer(text):
    assert written(text).outcome is Outcome.PASSED


def test_a_written_answer_fails_only_for_a_known_mistake_at_its_end():
    assert written(r"Hence $\sigma^2 = \frac{1}{n_{in}+n_{out}}$.").mistake == "without_the_two"
    assert written(r"Hence $\sigma^2 = \frac{1}{n_{in}}$.").outcome is Outcome.PENDING
    assert written("One has to find a compromise.").outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("# Balancing both: $\\sigma^2 = \\frac{2}{n_{in}+n_{out}}$", Outcome.PASSED),
        ("It has to do with 2 and both sizes.", Outcome.PENDING),
        ("### Problem 3\nA dense network is trained here.", None),
    ],
)
def test_text_without_labels_is_read_if_it_may_hold_a_formula(text, outcome):
    student = FakeStudent.of("# %% [markdown]\n" + text)
    if outcome is None:
        with pytest.raises(Absent):
            xavier().judge(student, ASK)
    else:
        assert xavier().judge(student, ASK).outcome is outcome


def test_a_right_answer_in_words_makes_up_for_a_global_that_cannot_be_read():
    answer = WrittenAnswer("2e", r"$\sigma^2 = \frac{2}{n_{in}+n_{out}}$", "by the number", "a.ipynb")
    student = FakeStudent({"sigma2_xavier": [1, 2]})
    assert xavier().judge(student, Ask((1,), problem="2e", answers={"2e": answer})).outcome is Outcome.PASSED


@pytest.mark.parametrize("value", [2, 2.0, "2", np.int64(2), np.array([2.0]), lambda: 2, "c = 2", "$2$"])
def test_a_constant(value):
    assert of(value, factor(), "relu_factor").outcome is Outcome.PASSED


def test_a_constant_in_words():
    assert written("The factor is 2.", factor()).outcome is Outcome.PASSED
    assert written("So there is a factor of $2$, as half is lost.", factor()).outcome is Outcome.PASSED
    assert written("The factor is $1/2$.", factor()).mistake == "half"
    assert written("The factor is 1/2 of the variance, thus 2.", factor()).outcome is Outcome.PENDING
    assert written("ReLU drops one half.", factor()).outcome is Outcome.PENDING
    assert of(0.5, factor(), "relu_factor").mistake == "half"
    assert of(4, factor(), "relu_factor").mistake == "square"


def test_the_finding_reveals_only_where_the_rubric_says_so():
    assert "2 / (n_in + n_out)" not in of("1/n_in").found
    for wrong in ("1/n_in", "1/(n_in + n_out)"):
        revealed = xavier().judge(FakeStudent({"sigma2_xavier": wrong}), Ask((1,), reveal=True))
        assert "2 / (n_in + n_out)" in revealed.found


@pytest.mark.parametrize("seed", range(20))
def test_no_seed_changes_a_verdict(seed):
    student = FakeStudent({"sigma2_xavier": "2/(n_in+n_out)"})
    assert xavier().judge(student, Ask((seed,))).fraction == 1
    student = FakeStudent({"sigma2_xavier": "1/n_in"})
    assert xavier().judge(student, Ask((seed,))).outcome is Outcome.FAILED
