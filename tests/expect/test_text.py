"""What the rules of a sheet ask of the writing: plainly there, plainly absent, or for a person."""

import time

import pytest
from fake_student import FakeStudent

from grader.expect import Ask, Explained, Mentions, Typeset
from grader.records import Outcome

ASK = Ask((1,))
TEXT = "# %% [markdown]\n"
CODE = "\n".join(f"x{i} = {i}" for i in range(8))
SAID = TEXT + "This cell sets eight numbers, one after the other, as the sheet asks."
HELP = Mentions((r"acknowledg", r"\b(?:chat ?gpt|llms?)\b", r"\bworked\b.{0,20}\bwith\b", r"on my own\b"), "help")


def outcome(expectation, *cells):
    return expectation.judge(FakeStudent.of(*cells), ASK).outcome


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ((SAID, CODE), Outcome.PASSED),
        ((CODE, SAID), Outcome.PASSED),
        ((SAID, "x = 1", CODE), Outcome.PASSED),
        ((SAID, "x = 1", "y = 1", "z = 1", CODE), Outcome.PENDING),
        ((CODE,), Outcome.MISSING),
        ((TEXT + "# Problem 3", CODE), Outcome.MISSING),
        ((CODE + "\n# sets eight numbers, one after the other, as asked",), Outcome.PENDING),
        ((SAID,), Outcome.MISSING),
        ((), Outcome.MISSING),
    ],
)
def test_explanations_beside_code(cells, wanted):
    assert outcome(Explained(), *cells) is wanted


@pytest.mark.parametrize(
    "said",
    [
        TEXT + "## Acknowledgements\n\nNone.",
        TEXT + "I asked ChatGPT about the sum.",
        "# I worked on all of this with Dana\nx = 1",
        '"""All of it on my own."""\nx = 1',
    ],
)
def test_help_is_acknowledged(said):
    verdict = HELP.judge(FakeStudent.of(said), ASK)
    assert verdict.outcome is Outcome.PASSED
    assert "“" in verdict.found


def test_nothing_said_of_help():
    assert outcome(HELP, SAID, CODE) is Outcome.MISSING


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"Hence $\sigma^2 = 1/n$.", Outcome.PASSED),
        (r"\begin{align} x &= 1 \end{align}", Outcome.PASSED),
        ("Hence sigma squared is one over n.", Outcome.PENDING),
        (r"![page](attachment:page.png) and $x=1$", Outcome.PENDING),
        ("It costs $5.", Outcome.PENDING),
    ],
)
def test_typeset(text, wanted):
    assert outcome(Typeset(), TEXT + text) is wanted


def test_nothing_written_may_be_in_another_file():
    assert outcome(Typeset(), CODE) is Outcome.PENDING


@pytest.mark.parametrize(
    ("beside", "cells", "wanted"),
    [
        (("theory.pdf",), (CODE,), Outcome.PENDING),
        (("Theory.PDF", "data.csv"), (SAID, CODE), Outcome.PENDING),
        (("theory.pdf",), (TEXT + "$x=1$", CODE), Outcome.PASSED),
        (("theory.tex", "theory.pdf"), (CODE,), Outcome.PASSED),
        (("data.csv",), (SAID, CODE), Outcome.PENDING),
    ],
)
def test_answers_in_a_file_beside(beside, cells, wanted):
    verdict = Typeset().judge(FakeStudent.of(*cells), Ask((1,), beside=beside))
    assert verdict.outcome is wanted
    if wanted is Outcome.PENDING and beside[0].casefold() == "theory.pdf":
        assert f"`{beside[0]}` was handed in" in verdict.found


@pytest.mark.parametrize(
    ("count", "said"), [(1, "cell 5 of"), (2, "cells 5 and 6 of"), (9, "cells 5, 6, 7, 8, 9, 10 and 3 more of")]
)
def test_cells_without_text_are_listed_in_words(count, said):
    verdict = Explained().judge(FakeStudent.of(SAID, *["x = 1"] * 3, *[CODE] * count), ASK)
    assert f"beside the code of {said} hw.ipynb;" in verdict.found


@pytest.mark.parametrize("piece", ["$" + "a" * 600 + "\n", "\\(", "\\[a", "$ \n", "$$a"])
def test_hostile_text_is_not_searched_for_hours(piece):
    """Before what is looked for was bounded, a piece of a megabyte took from minutes to hours."""
    started = time.process_time()
    outcome(Typeset(), TEXT + piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 30
