"""A homework that is sound, and homeworks whose reference and rubric do not agree with each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grader import session
from grader.authoring import new
from grader.authoring.mistakes import attempts, idle
from grader.authoring.selfcheck import Checked
from grader.authoring.stand_in import prelude
from grader.course import open_homework, read
from grader.records import Grade, Submission
from grader.rehearsal import Rehearsal

RUBRIC = """
title = "Homework 1"
total = 3
[[problem]]
id = "1"
title = "First"
  [[problem.check]]
  claim = "relu is max(0, z)"
  points = 1
  expects = "relu"
  [[problem.check]]
  claim = "The count is 3"
  points = 1
  expects = "count"
  [[problem.check]]
  claim = "relu is never negative"
  points = 1
  expects = "not_negative"
"""
REFERENCE = """
import numpy as np
from activations import relu
from grader.expect import Value, failed, holds, mistake, passed

count = Value(3)

@mistake(relu, "This is the identity.")
def identity(z):
    return z

@holds
def not_negative(student):
    assert np.min(student.call("relu", np.array([-1.0, 2.0]))) >= 0, "It is negative."
"""

SIBLING = """
from grader.expect import equals, normal, values
from positive import larger

@equals(inputs=(normal(5),), corners=[(values(0, 1),)])
def relu(z):
    return larger(z, 0)
"""
POSITIVE = "from numpy import maximum as larger"


def test_the_stand_in_leaves_what_a_student_would_have_written(course):
    look = "print(type(relu).__name__, type(identity).__name__, type(not_negative).__name__, count, relu(-2.0))"
    program = "\n".join((prelude(course / "reference" / "hw1.py"), REFERENCE, look))
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["function", "function", "function", "3", "0.0"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    reference = {"hw1": REFERENCE, "activations": SIBLING, "positive": POSITIVE}
    files = {"rubrics/hw1.toml": RUBRIC, **{f"reference/{name}.py": text for name, text in reference.items()}}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def check(course: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Return the exit code and what was said, without the seconds it took."""
    code = session.selfcheck(session.Order("1", course=course, jobs=2), Console(width=200, highlight=False))
    said = capsys.readouterr().out.splitlines()
    return code, [line for line in said if line and not line.startswith("The hand-ins took")]


@pytest.mark.slow
def test_a_sound_homework(course, capsys):
    code, said = check(course, capsys)
    assert code == 0
    assert said[:2] == ["1.1  relu is max(0, z)", "  identity: named, 0 of 1 point"]
    assert said[2].startswith("      This is the identity. `relu` is not right for z = ")
    assert said[3:] == [
        "No mistake is known of 1.2 (The count is 3).",
        "No mistake is known of 1.3 (relu is never negative).",
        "hw1: 3 checks, 1 known mistake, sound.",
    ]


@pytest.mark.slow
def test_a_reference_that_breaks_its_own_law(course, capsys):
    path = course / "reference" / "hw1.py"
    path.write_text(REFERENCE.replace(">= 0", ">= 1"))
    code, said = check(course, capsys)
    assert code == 1
    assert said[3].startswith("The reference is failed on 1.3 (relu is never negative): It is negative.")
    assert said[-1] == "hw1: 3 checks, 1 known mistake, 1 complaint."


@pytest.mark.slow
def test_a_law_that_holds_for_everybody(course, capsys):
    path = course / "reference" / "hw1.py"
    path.write_text(REFERENCE.replace('np.min(student.call("relu", np.array([-1.0, 2.0]))) >= 0', "True"))
    code, said = check(course, capsys)
    assert code == 1
    assert said[3].startswith("An empty notebook is passed on 1.3")


NOT_NAMED = """
@mistake(relu, "This is right.")
def no_mistake(z):
    return np.maximum(z, 0)

@mistake(relu, "This is random.")
def dice(z):
    return z + np.random.random()

@mistake(count, "This is the sine.")
def words():
    return sin(3)

@mistake(relu, "This is the identity, too.")
def the_same(z):
    return +z
"""


@pytest.mark.slow
def test_mistakes_that_are_not_caught_or_not_named(course, capsys):
    path = course / "reference" / "hw1.py"
    path.write_text(REFERENCE + NOT_NAMED)
    code, said = check(course, capsys)
    assert (code, said[-1]) == (1, "hw1: 3 checks, 5 known mistakes, 4 complaints.")
    told = {line.split("'")[1]: line for line in said if line.startswith("The mistake")}
    assert told["no_mistake"].startswith("The mistake 'no_mistake' is passed on 1.1 (relu is max(0, z)) and should be ")
    assert "Is it one, of this claim" in told["no_mistake"]
    assert "It was not told from other wrong answers: is it random" in told["dice"]
    assert "It could not be handed in whole: NameError: name 'sin' is not defined" in "".join(said)
    assert "It was taken for 'identity', which answers the same." in told["the_same"]
    assert sum("NOT named, " in line for line in said) == 4


@pytest.mark.slow
def test_a_reference_that_stops_as_a_program(course, capsys):
    path = course / "reference" / "hw1.py"
    path.write_text(f'{REFERENCE.strip()}\n\nif __name__ == "__main__":\n    1 / 0\n')
    code, said = check(course, capsys)
    assert code == 1
    line = len(path.read_text().splitlines())
    complaint = "run as a program, it stopped with ZeroDivisionError: division by zero."
    assert f"reference/hw1.py, line {line}: {complaint}" in said


def test_a_mistake_that_no_claim_is_about_is_not_forgotten(tmp_path, capsys):
    home = read(new.make(tmp_path).folder)
    rubric = tmp_path / "rubrics" / "hw1.toml"
    text = rubric.read_text(encoding="utf-8").replace('"training.rule"', '"training.data"')
    rubric.write_text(text, encoding="utf-8")
    homework = open_homework(home, "1")
    assert {each.known.name for each in idle(homework)} == {"adam", "other_step"}
    assert {each.known.name for each in attempts(homework)} >= {"broadcast", "full_batch"}
    grade = Grade(Submission("reference", "reference", ()), None, (), {}, (), 1)
    Rehearsal(Console(width=200), homework.assignment).end(Checked(grade, (), (), idle(homework), (), 0.0))
    said = capsys.readouterr().out
    assert "The mistake 'adam' was not tried: no claim expects 'training.rule', which it is of." in said


VARIABLE = """
@holds
def small(student):
    w = student.get("w")
    return None if w < 1 else failed(f"w is {w}.", mistake="far")

@mistake(small, "That is far from it")
def far():
    return {"w": 2.0}

if __name__ == "__main__":
    w = 0.5
"""
CLAIM = """
  [[problem.check]]
  claim = "w is small"
  points = 1
  expects = "small"
"""


@pytest.mark.slow
def test_a_law_about_a_variable_and_a_mistake_that_returns_it(course, capsys):
    path, rubric = course / "reference" / "hw1.py", course / "rubrics" / "hw1.toml"
    path.write_text(REFERENCE + VARIABLE)
    rubric.write_text(RUBRIC.replace("total = 3", "total = 4") + CLAIM)
    code, said = check(course, capsys)
    assert (code, said[-1]) == (0, "hw1: 4 checks, 2 known mistakes, sound.")
    place = said.index("  far: named, 0 of 1 point")
    assert said[place + 1].strip() == "That is far from it. w is 2.0."
