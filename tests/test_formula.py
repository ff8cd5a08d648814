"""Formulas: read as Python reads them, in LaTeX and Unicode too, refused or bounded whatever is thrown at them."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formula import NotAFormula, Vocabulary, chains, parse, readings, same, value, written

WORDS = Vocabulary.of(
    ("n_in", "n_out", "sigma", "v"),
    {"fan_in": "n_in", "n": "n_in", "sigma2": "sigma**2", "sigma_w": "sigma"},
)
POINT = {"n_in": Fraction(3), "n_out": Fraction(5), "sigma": Fraction(2), "v": Fraction(7)}


def at(text):
    return value(parse(text, WORDS), POINT)


# ------------------------------------------------------------------------------------------------ as Python reads it

leaf = st.sampled_from(["n_in", "n_out", "sigma", "v", "0", "1", "2", "10"])
expression = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
        st.tuples(inner.map(lambda text: f"({text})"), st.integers(-3, 3)).map(lambda pair: f"{pair[0]}**{pair[1]}"),
    ),
    max_leaves=12,
)


@given(expression)
def test_values_are_those_of_python_itself(text):
    numbers = "".join(f"Fraction({c})" if c.isdigit() else c for c in _tokens(text))
    try:
        wanted = eval(numbers, {"Fraction": Fraction}, POINT)
    except ZeroDivisionError:
        assert math.isnan(at(text))
        return
    assert same(at(text), Fraction(wanted))
    assert same(value(parse(written(parse(text, WORDS)), WORDS), POINT), Fraction(wanted))


def _tokens(text):
    """Split into names, numbers and signs; exponents stay integers."""
    import re

    return re.findall(r"\*\*-?\d+|\w+|.", text)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
    | st.text("()[]^*/+-.0123456789en_i\\{} $σ²=", max_size=300)
)
def test_any_text_is_read_or_refused(text):
    chains(text, WORDS)
    chains(f"${text}$ and `{text}`", WORDS)
    try:
        found = readings(text, WORDS)
    except NotAFormula:
        return
    for each in found:
        value(each, POINT)
        written(each)


@pytest.mark.parametrize(
    "text",
    ["9**9**9**9**9", "(" * 39 + "9" + ")" * 39, "((((n_in^64)^64)^64)^64)^64", "1" + "0" * 29, "exp(exp(exp(99)))",
     "-" * 38 + "1", "+".join(["1"] * 149), "1e99 * 1e99 * 1e99 * 1e99 * 1e99", "(1/3)^2000 * (1/7)^2000"],
)  # fmt: skip
def test_what_is_large_ends_at_once(text):
    found = at(text)
    assert math.isnan(found) or abs(found) < 1e300


@pytest.mark.parametrize(
    "text",
    ["", "2 3", "__import__('os')", "open(1)", "n_in.real", "m + 1", "(1", "1)", "sqrt", "sqrt(1, 2)", "max(1)", "1 +",
     "lambda: 1", "[1, 2]", "1 if 1 else 2", "a" * 3000, "(" * 60 + "1" + ")" * 60, "-" * 90 + "1", "+".join("1" * 400),
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(NotAFormula):
        parse(text, WORDS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2/(n_in + n_out)", Fraction(1, 4)),
        ("2(n_in + n_out)", 16),
        ("n_in sigma^2 v^2", 3 * 4 * 49),
        ("-2^2", -4),
        ("2^3^2", 512),
        ("2^-1", Fraction(1, 2)),
        ("N_in * FanIn", 9),
        ("sigma2 / fan_in", Fraction(4, 3)),
        ("np.sqrt(sigma**2)", 2),
        ("sqrt(2) * math.sqrt(2)", 2.0),
        ("max(n_in, n_out)", 5),
        (".5 * 1e1", 5),
    ],
)
def test_values(text, wanted):
    assert same(at(text), wanted if isinstance(wanted, float) else Fraction(wanted))


def test_a_product_after_a_division_has_two_readings():
    assert [value(each, POINT) for each in readings("1/2n_in", WORDS)] == [Fraction(3, 2), Fraction(1, 6)]
    assert len(readings("1/2*n_in", WORDS)) == 1


def test_nan_agrees_with_nothing():
    assert math.isnan(at("1/(n_in - 3)"))
    assert not same(at("0/0"), at("0/0"))
    assert math.isnan(at("sqrt(-1)"))
    assert math.isnan(at("(-8)^(1/3)"))


# ------------------------------------------------------------------------------------------------ in running text


@pytest.mark.parametrize(
    "text",
    [
        r"So $\sigma^2 = \frac{2}{n_{in}+n_{out}}$.",
        r"$$\sigma_w^2 = \dfrac{2}{n_{\text{in}} + n_\text{out}}$$",
        r"\[ \sigma^{2} \approx \tfrac{2}{n_{\mathrm{in}}+n_{\mathrm{out}}}. \]",
        r"\(\mathrm{Var}(W) = 2/(n_in + n_out)\)",
        r"\begin{align*} \sigma^2_w &= 2 \cdot \left( n_{in} + n_{out} \right)^{-1} \\ &\ge 0 \end{align*}",
        r"$\boxed{\sigma^2=\frac2{n_\mathrm{in}+n_\mathrm{out}}}$",
        "the compromise σ² = 2/(nᵢₙ + n_out), as Glorot has it",
        "# sigma^2 = 2 / (fan_in + n_out).",
        "we take `2/(n_in+n_out)` here",
        r"$\text{Var} = \frac{1}{\frac{1}{2}\text{fan}_{in} + \frac{1}{2} n_{out}}$",
        r"$\sigma^2 = \frac{2}{\operatorname{fan\_in}+n_{out}} \quad\text{(Xavier)}$",
    ],
)
def test_a_formula_is_found_in_text(text):
    found = [each for chain in chains(text, WORDS) for side in chain.sides for each in side]
    assert any(same(value(each, POINT), Fraction(1, 4)) for each in found), [written(each) for each in found]


def test_a_chain_keeps_the_places_of_sides_that_cannot_be_read():
    (chain,) = chains(r"$\mathrm{Var}(a_j) = \sum_i q_i = n_{in}\sigma^2 v^2$", WORDS)
    assert [[written(each) for each in side] for side in chain.sides] == [[], [], ["n_in * sigma^2 * v^2"]]


def test_words_are_no_formulas():
    assert not chains("In a layer v is 2, and sigma-like things grow; n is 3 or so.", WORDS)


def test_a_long_text_takes_no_time():
    chains("$" + r"\frac{" * 5000 + "$" + "= 1/n_in " * 20000, WORDS)
