from __future__ import annotations

import pytest
from fake_student import FakeStudent

from grader.errors import Absent
from grader.expect.search import Taken, Wanted, search

WANTED = Wanted(("softplus", "splus"), ("z",))
PAIR = Wanted(("gradients",), ("a", "b", "x"), defaults=(1,))


def find(source: str, wanted: Wanted = WANTED, behaves: str = "") -> tuple[str, str]:
    (taken, *_) = search(FakeStudent.of(source), wanted, lambda other: other.title == behaves)
    return taken.title, taken.remark


def test_the_name_itself_needs_no_remark() -> None:
    assert find("def softplus(z): pass\ndef splus(z): pass") == ("softplus", "")


@pytest.mark.parametrize(
    ("source", "title", "why"),
    [
        ("def splus(z): pass", "splus", "another name for it"),
        ("def Soft_Plus(z): pass", "Soft_Plus", "the same name in another form"),
        ("class A:\n  def softplus(self, z): pass\na = A()", "a.softplus", "a method of that name"),
        ("def unlike(z): pass\ndef like(z): pass", "like", "it answers as asked at a first input"),
        ("def my_softplus_v2(z): pass\ndef unlike(z): pass", "my_softplus_v2", "its name contains the other"),
    ],
)
def test_another_name_is_taken_and_said(source: str, title: str, why: str) -> None:
    assert find(source, behaves="like") == (title, f"Looked for `softplus`, took `{title}`: {why}.")


def test_another_name_is_not_taken_for_a_function_of_too_few_arguments() -> None:
    alias = Wanted(("gradients", "slope"), ("a", "b", "x"))
    assert find("def slope(a): pass\ndef other(a, b, x): pass", alias, behaves="other")[0] == "other"
    assert find("def slope(a, b, x, more): pass", alias)[0] == "slope"
    assert find("def gradients(a): pass", alias)[0] == "gradients"
    for arguments in "a", "":
        with pytest.raises(Absent):
            find(f"def slope({arguments}): pass", alias)


def test_the_same_parameters_are_enough_when_there_are_several() -> None:
    assert find("def slope(a, b): pass\ndef other(z): pass", PAIR)[0] == "slope"
    with pytest.raises(Absent):
        find("def slope(z): pass")


def test_two_candidates_are_not_guessed_between() -> None:
    with pytest.raises(Absent):
        find("def slope(a, b, x): pass\ndef slant(a, b, x): pass", PAIR)


def test_what_bears_a_name_given_to_something_else_is_not_taken() -> None:
    wanted = Wanted(("softplus",), ("z",), others=frozenset({"softplus_derivative"}))
    with pytest.raises(Absent):
        find("def softplus_derivative(z): pass", wanted, behaves="softplus_derivative")


def test_functions_of_other_arity_are_not_tried() -> None:
    tried: list[str] = []

    def behaves(other: Taken) -> bool:
        tried.append(other.title)
        return False

    student = FakeStudent.of("def f(): 0\ndef g(x): 0\ndef h(x, y=2): 0\ndef i(x, y): 0\ndef j(*x): 0")
    with pytest.raises(Absent):
        search(student, WANTED, behaves)
    assert sorted(tried) == ["g", "h", "j"]


def test_a_programs_entry_is_never_tried_since_it_trains_again_each_time() -> None:
    with pytest.raises(Absent):
        find("def main(argv=None): pass", behaves="main")


def test_what_is_missing_is_told_with_what_is_near() -> None:
    with pytest.raises(Absent) as absent:
        find("softplus = 3\nclass SoftPlus: pass\nsoft_plus_text = 'x'")
    assert absent.value.looked_for == "a function `softplus`"
    assert absent.value.seen == ("number `softplus`", "class `SoftPlus`", "text `soft_plus_text`")


@pytest.mark.parametrize(
    "source",
    [
        "from torch import Tensor",
        "import torch\nclass Mine(torch.Tensor): pass",
        "import random\nsource = random.Random(0)",
        "import enum\nclass Kind(str, enum.Enum):\n    relu = 'relu'",
        "from fractions import Fraction\nx = Fraction(1, 4)",
    ],
)
def test_what_a_library_put_into_a_class_is_nobodys_answer(source: str) -> None:
    for name in "relu", "gauss", "limit_denominator":
        with pytest.raises(Absent):
            find(source, Wanted((name,), ("z",)))


def test_a_plain_container_of_functions_holds_what_its_author_put_there() -> None:
    source = "from types import SimpleNamespace\nanswers = SimpleNamespace(softplus=lambda z: z)"
    assert find(source)[0] == "answers.softplus"
