"""A Gradescope export is graded at home from the records that travelled with it: no student's program is run."""

import io
import json
import sys
from pathlib import Path

import pytest
from fake_runner import FakeRunner
from gradescope_course import RUBRIC, write_course
from rich.console import Console

from grader import session
from grader.gradescope import carry, publish, work
from grader.intake.gradescope import METADATA

FILES = {101: "first", 102: "first second third"}


@pytest.fixture
def runner(monkeypatch) -> FakeRunner:
    fake = FakeRunner()
    monkeypatch.setattr(session, "sandboxed", lambda *_, **__: fake)
    monkeypatch.setattr(work, "sandboxed", lambda *_: fake)
    return fake


@pytest.fixture
def export(tmp_path, runner) -> Path:
    """Return what instructors download after Gradescope has graded two submissions."""
    folder, metadata = tmp_path / "assignment_7_export", {}
    for number, text in FILES.items():
        result = graded_there(tmp_path / str(number), text)
        place = folder / f"submission_{number}" / "my homework" / "hw.py"
        place.parent.mkdir(parents=True)
        place.write_text(text)
        who = {":name": f"Student {number}", ":sid": str(number), ":email": f"{number}@x.edu"}
        told = {":submitters": [who], ":created_at": "2026-07-01 10:00:00 Z", ":results": result}
        metadata[f"submission_{number}"] = told
    (folder / METADATA).write_text(json.dumps(metadata))  # which is YAML too
    runner.ran.clear()
    return folder


def graded_there(home: Path, text: str) -> dict:
    (home / "results").mkdir(parents=True)
    (home / "submission").mkdir()
    (home / "submission" / "hw.py").write_text(text)
    write_course(home / "source" / "course")
    work.main([str(home), "60"])
    return json.loads((home / "results" / ".last.json").read_text())


def graded_here(tmp_path: Path, export: Path, *, rubric: str = RUBRIC, fresh: bool = False) -> dict[str, float]:
    """Return the points of each student."""
    home = write_course(tmp_path / "course", rubric=rubric)
    (home / "course.toml").write_text('secret = "täp\\"ir\\n"\n')
    order = session.Order("1", export, course=home, out=tmp_path / "results", fresh=fresh)
    with Path("/dev/null").open("w") as nowhere:
        assert session.grade_class(order, Console(file=nowhere)) == session.WAITING
    said = json.loads((tmp_path / "results" / "grades.json").read_text())
    return {each["name"]: each["earned"] for each in said["submissions"]}


def test_who_has_no_grade_there_is_said(export, tmp_path):
    metadata = json.loads((export / METADATA).read_text())
    metadata["submission_102"][":results"] = publish.withheld("Something broke.")
    (export / METADATA).write_text(json.dumps(metadata))
    said = io.StringIO()
    home, python = write_course(tmp_path / "course"), Path(sys.executable)
    order = session.Order("1", export, course=home, out=tmp_path / "results", python=python)
    session.grade_class(order, Console(file=said, width=1000))
    assert "What Gradescope shows as a total is no grade for Student 102." in said.getvalue()


def test_nothing_is_run(tmp_path, export, runner):
    assert graded_here(tmp_path, export) == {"Student 101": 1, "Student 102": 4}
    assert runner.ran == []


def test_a_changed_rubric_is_applied(tmp_path, export, runner):
    dearer = RUBRIC.replace("total = 6", "total = 11").replace("points = 1", "points = 6", 1)
    assert graded_here(tmp_path, export, rubric=dearer) == {"Student 101": 6, "Student 102": 9}
    assert runner.ran == []


def test_a_file_that_was_changed_is_run(tmp_path, export, runner):
    (export / "submission_101" / "my homework" / "hw.py").write_text("second")
    assert graded_here(tmp_path, export) == {"Student 101": 2, "Student 102": 4}
    assert len(runner.ran) == 1


def test_everything_is_run_if_that_is_asked_for(tmp_path, export, runner):
    graded_here(tmp_path, export, fresh=True)
    assert len(runner.ran) == len(FILES)


def test_a_record_made_here_is_kept(tmp_path, export, runner, monkeypatch):
    graded_here(tmp_path, export)
    monkeypatch.setattr(carry, "unload", lambda *_: pytest.fail("looked for"))
    graded_here(tmp_path, export)
