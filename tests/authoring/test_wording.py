"""What the author of a homework is told of an error in the reference."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from grader.authoring.wording import lacking, stopped, told
from grader.errors import GraderFault
from grader.expect.verdicts import failed, fault
from grader.records import CellError, CellRun, FileRun, Grade, RunRecord, Submission

REFERENCE = "def square(x):\n    return y * x\n\n\ndef law(student):\n    student.figures\n"


class Interview:
    """Of the real one's name."""


def raised(file: Path, call: str, *arguments: object) -> str:
    """Return the traceback of an error in a reference, as a fault keeps it."""
    names: dict[str, object] = {}
    exec(compile(REFERENCE, file, "exec"), names)
    try:
        names[call](*arguments)
    except (NameError, AttributeError):
        return traceback.format_exc()
    raise AssertionError


def test_an_error_in_the_reference_is_told_by_its_place_there(tmp_path):
    folder = tmp_path / "reference"
    said = told(fault("We failed.", staff=raised(folder / "hw1.py", "square", 3)), folder)
    assert said == "reference/hw1.py, line 2: NameError: name 'y' is not defined."


def test_a_law_that_asks_amiss_is_told_what_can_be_asked(tmp_path):
    said = told(fault("We failed.", staff=raised(tmp_path / "hw1.py", "law", Interview())), tmp_path)
    assert ", line 6: AttributeError: 'Interview' object has no attribute 'figures'. A student can be asked" in said
    assert " files, survey, models, get, call, " in said


def test_an_error_of_ours_is_told_whole(tmp_path):
    whole = raised(tmp_path / "elsewhere" / "check.py", "square", 3)
    assert told(fault("We failed.", staff=whole), tmp_path) == whole


def test_a_fault_that_has_its_sentence_is_told_by_it(tmp_path):
    try:
        raise GraderFault("The law f returned False.")
    except GraderFault:
        assert told(fault("We failed.", staff=traceback.format_exc()), tmp_path) == "The law f returned False."


def test_what_staff_is_told_is_cut_to_one_line(tmp_path):
    verdict = failed("It is 3.", "Try 4.", staff="x" * 400 + "\nmore")
    assert told(verdict, tmp_path) == f"It is 3. Try 4. {'x' * 300}"


def grade(*errors: CellError | None) -> Grade:
    cells = tuple(CellRun(at, "code", "", error=error) for at, error in enumerate(errors, 1))
    record = RunRecord("reference", "", (FileRun("reference.ipynb", cells, "finished"),), sandbox="")
    return Grade(Submission("reference", "reference", ()), record, (), {}, (), 1)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, ""),
        (
            CellError("ValueError", "oops", "Cell In[2], line 7\n----> 7 show()\nCell In[2], line 3, in show()"),
            "reference/hw1.py, line 3: run as a program, it stopped with ValueError: oops.",
        ),
        (
            CellError("ModuleNotFoundError", "No module named 'torch'", blame="environment"),
            "reference/hw1.py: run as a program, it stopped with ModuleNotFoundError: No module named 'torch'. "
            "Students' code runs in /venv/bin/python: install it there, or name another Python with --python.",
        ),
    ],
)
def test_what_stops_the_reference_is_said(error, said):
    assert stopped(grade(None, error), Path("/c/reference/hw1.py"), Path("/venv/bin/python")) == said
    assert lacking(grade(None, error)) == bool(error and error.blame == "environment")
