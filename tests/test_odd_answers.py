"""Whatever comes back from a function, or stands under a name, is a clear finding: never a fault, never a point.

Each hand-in answers with one odd thing wherever the homework asks for anything. It goes the whole way, by the command
line, through the sandbox; what is read here is what a student reads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from zoo import HERE

from grader import course, session
from grader.expect import Formula, Function, Value
from grader.expect.variance import Variance

ODD = {
    "a generator": ("(i for i in range(3))", "generator"),
    "a tensor on no device that is here": ("torch.zeros(3, device='meta')", "Tensor on the device meta"),
    "a tensor on a device": ("torch.full((3,), torch.nan).cuda()", ""),
    "an array that is not finite": ("np.full(3, np.nan)", ""),
    "an array of objects": ("np.array([object(), None])", ""),
    "complex numbers": ("np.array([1 + 2j])", ""),
    "a huge array": ("np.broadcast_to(0.0, (9000, 9000))", "too large"),
    "a huge list": ("list(range(10**6))", "too many parts"),
    "an object": ("Thing()", "class Thing"),
    "text": ("'forty-two'", "text"),
}
"""What comes back, and what a finding about a function that returns it has to say."""
START = "import numpy as np, torch\nclass Thing:\n    pass\ndef odd():\n    return {}\n"
MODEL = """
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = torch.nn.Linear(1, 64), torch.nn.Linear(64, 64), torch.nn.Linear(64, 1)
    def forward(self, x):
        return odd()
model = Net()
"""
HOMEWORKS = ("hw1", "hw3", "ex1", "ams")
Findings = Mapping[str, Mapping[str, Any]]
UNSAID = ("Traceback", " at 0x", "opaque", "<class", "not plain data")
"""What no student should have to read."""


def called(homework: str) -> dict[str, str]:
    """Return the functions that a homework asks for, by the claim about each."""
    opened = course.open_homework(course.read(HERE), homework)
    asked = {claim.key: opened.expectations[claim.expects] for _, claim in opened.assignment.claims if claim.expects}
    return {key: each.name for key, each in asked.items() if isinstance(each, Function | Variance)}


def handed_in(homework: str, odd: str) -> str:
    """Return a program that answers in one odd way wherever something is asked for."""
    opened = course.open_homework(course.read(HERE), homework)
    functions, values = {"feed_forward_sample", "train_one_sample"}, {"weights", "biases"}
    for each in opened.expectations.values():
        if isinstance(each, Formula | Value):
            values.add(each.name)
        elif isinstance(each, Function | Variance):
            functions.add(each.name)
    defined = [f"def {name}(*arguments, **keywords): return odd()\n" for name in sorted(functions)]
    return START.format(odd) + "".join(defined) + "".join(f"{name} = odd()\n" for name in sorted(values)) + MODEL


def graded(folder: Path, homework: str, programs: Mapping[str, str]) -> dict[str, Findings]:
    """Return what the command line finds of these programs, by program and claim."""
    (folder / "in").mkdir()
    names = {f"student_{at}": how for at, how in enumerate(programs)}
    for name, how in names.items():
        (folder / "in" / f"{name}.py").write_text(programs[how], encoding="utf-8")
    asked = [str(folder / "in"), "--hw", homework, "--course", str(HERE), "--out", str(folder / "out")]
    command = [sys.executable, "-m", "grader.cli", *asked]
    ran = subprocess.run(command, cwd=HERE, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True)
    assert ran.returncode == session.WAITING, ran.stdout + ran.stderr
    said = json.loads((folder / "out" / "grades.json").read_text(encoding="utf-8"))
    return {names[one["student"]]: {each["key"]: each for each in one["findings"]} for one in said["submissions"]}


@pytest.mark.slow
@pytest.mark.parametrize("homework", HOMEWORKS)
def test_odd_answers_are_clear_findings(tmp_path, homework):
    found = graded(tmp_path, homework, {how: handed_in(homework, odd) for how, (odd, _) in ODD.items()})
    functions = called(homework)
    for how, findings in found.items():
        for key, finding in findings.items():
            told = f"{how}, {key}: {finding['found']} {finding['hint']}"
            assert finding["outcome"] in ("failed", "missing", "blocked", "pending"), told
            assert finding["found"] and not any(each in told for each in UNSAID), told
            if key in functions and finding["outcome"] == "failed":
                assert f"`{functions[key]}`" in told and finding["hint"], told
                assert ODD[how][1] in told, told


RIGHT = """
import torch
from decimal import Decimal
from fractions import Fraction
def relu(z): return torch.relu(torch.as_tensor(z).cuda())
def softplus(z): return torch.nn.functional.softplus(torch.as_tensor(z, device="cuda:0"), threshold=100)
softplus_lipschitz = Fraction(1, 4)
parameter_count = Decimal(4353)
"""


@pytest.mark.slow
def test_right_answers_of_odd_kinds_are_right(tmp_path):
    found = graded(tmp_path, "hw3", {"all": RIGHT})["all"]
    assert [found[key]["outcome"] for key in ("5a.1", "5b.1", "5b.3", "2.1")] == ["passed"] * 4
