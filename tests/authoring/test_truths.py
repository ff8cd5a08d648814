"""Functions of a reference, tried at their own inputs before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.truths import refuse_unanswered
from grader.course import locate, open_homework, read
from grader.errors import RubricError

ROOT = Path(__file__).parents[2]
RUBRIC = """
title = "T"
total = 1
[[problem]]
id = "1"
title = "P"
  [[problem.check]]
  claim = "C"
  points = 1
  expects = "f"
"""
REFERENCE = """
import numpy as np
from grader.expect import equals, normal, polynomial

def pair(rng):
    return {pair}

@equals(inputs=pair)
def f(x, y):
    return {answer}
"""


def tried(folder: Path, pair: str = "1.0, normal(3)(rng)", answer: str = "x * y") -> str:
    """Return what is refused, without the reference's path."""
    for name, text in (("rubrics/hw1.toml", RUBRIC), ("reference/hw1.py", REFERENCE.format(pair=pair, answer=answer))):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    try:
        refuse_unanswered(open_homework(read(folder), "1"))
    except RubricError as error:
        return str(error).removeprefix(f"{folder}/reference/hw1.py: ")
    return ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ""),
        ({"answer": "[x, y.sum()]"}, ""),
        ({"answer": "np.log(-y * y)"}, ""),
        ({"pair": "polynomial(1, 2), 3.0", "answer": "x(y)"}, ""),
        (
            {"pair": "[1.0, 2.0]"},
            "f cannot be tried at its `inputs`. TypeError: f() missing 1 required positional argument: 'y'.",
        ),
        (
            {"pair": "normal(3)"},
            "f cannot be tried at its `inputs`. TypeError: f() missing 1 required positional argument: 'y'.",
        ),
        (
            {"pair": "1 / 0"},
            "f cannot be tried at its `inputs`. reference/hw1.py, line 6: ZeroDivisionError: division by zero.",
        ),
        (
            {"answer": "x * z"},
            "f cannot be tried at its `inputs`. reference/hw1.py, line 10: NameError: name 'z' is not defined.",
        ),
        ({"answer": "None"}, "f returns nothing for x = 1, y = ("),
        ({"answer": "'x'"}, "f cannot be tried at its `inputs`. ValueError: could not convert string to float: 'x'."),
        ({"answer": "x + np.random.normal()"}, "f answers another time something else for x = 1, y = ("),
    ],
)
def test_what_a_reference_cannot_answer_itself_is_refused_in_its_place(tmp_path, given, said):
    refused = tried(tmp_path, **given)
    assert refused.startswith(said)
    assert bool(refused) == bool(said)


@pytest.mark.parametrize("homework", ["hw1", "hw3", "ex1", "ams"])
def test_the_homeworks_that_come_with_the_program_answer(homework):
    refuse_unanswered(open_homework(locate(ROOT), homework))
