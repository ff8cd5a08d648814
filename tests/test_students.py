"""Code that needs torchvision is graded in an environment apart, which GRADER_STUDENTS names (make students)."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import session

HERE = Path(__file__).parents[1]
SAMPLES = ("vera_torchvision.py", "wim_torchvision.ipynb")
PYTHON = os.environ.get("GRADER_STUDENTS", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="GRADER_STUDENTS names no Python with torchvision (make students)"),
]


@pytest.fixture(scope="module")
def grades(tmp_path_factory):
    """What is found of the samples that use torchvision, by student and claim."""
    folder = tmp_path_factory.mktemp("students")
    handed_in = folder / "in"
    handed_in.mkdir()
    for name in SAMPLES:
        shutil.copy(HERE / "sample_submissions" / "hw1" / name, handed_in)
    asked = [str(handed_in), "--hw", "1", "--course", str(HERE), "--python", PYTHON, "--out", str(folder / "out")]
    command = [sys.executable, "-m", "grader.cli", *asked, "-j", "1"]
    ran = subprocess.run(command, cwd=HERE, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True)
    assert ran.returncode == session.WAITING, ran.stdout + ran.stderr
    said = json.loads((folder / "out" / "grades.json").read_text(encoding="utf-8"))
    return {one["student"]: {each["key"]: each for each in one["findings"]} for one in said["submissions"]}


@pytest.mark.parametrize("student", [Path(name).stem for name in SAMPLES])
def test_a_classifier_trained_with_torchvision_earns_every_point(grades, student):
    found = {key: each for key, each in grades[student].items() if key.startswith("3.") and each["by"] == "check"}
    assert len(found) == 6
    assert {each["outcome"] for each in found.values()} == {"passed"}, [each["found"] for each in found.values()]
