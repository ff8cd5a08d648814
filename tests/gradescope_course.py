"""A course of one small homework, for tests of what is done without a sandbox."""

from __future__ import annotations

from pathlib import Path

RUBRIC = """
title = "Homework 1"
total = 6
leaderboard = [{ name = "Size", claim = "1.1" }]

[[problem]]
id = "1"
title = "One"
  [[problem.check]]
  claim = "First"
  points = 1
  expects = "first"
  [[problem.check]]
  claim = "Second"
  points = 2
  expects = "second"

[[problem]]
id = "2"
title = "Two"
  [[problem.check]]
  claim = "Third"
  points = 1
  expects = "third"
  [[problem.item]]
  claim = "Says why"
  points = 2
"""
REFERENCE = """
from shared import Named

first, second, third = Named(), Named(), Named()
"""
SHARED = """
from dataclasses import replace
from pathlib import Path

from grader.expect.expectation import Expectation
from grader.expect.verdicts import failed, passed

TABLE = Path(__file__).with_name("table.csv")


class Named(Expectation):
    def judge(self, student, ask):
        names = {seen.handle.name for seen in student.survey()}
        if "broken" in names:
            raise KeyError("a defect")
        return replace(passed("It is there.") if self.name in names else failed("It is not there."), measured=3.5)
"""


def write_course(folder: Path, *, rubric: str = RUBRIC, reference: str = REFERENCE) -> Path:
    """Write the course into `folder`, with things in it that no container needs."""
    for name, text in {
        "rubrics/hw1.toml": rubric,
        "rubrics/hw2.toml": rubric,
        "reference/hw1.py": reference,
        "reference/hw2.py": reference,
        "reference/shared.py": SHARED,
        "reference/unrelated.py": "secret = 1\n",
        "reference/table.csv": "1,2\n",
        "reference/unrelated.csv": "3,4\n",
        "course.toml": 'name = "A course"\nsecret = "täp\\"ir\\n"\n[environment]\n'
        'python = "bin/python"\npreload = ["scipy"]\n'
        "[environment.shims]\ngpu = false\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
