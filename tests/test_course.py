"""Which course is meant, which homework, and what a course file may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from grader.errors import RubricError, UsageError
from grader.kernel.shims import SHIMS

RUBRIC = 'title = "T"\ntotal = 1\n[[problem]]\nid = "1"\ntitle = "P"\n[[problem.check]]\nclaim = "C"\npoints = 1\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("rubrics", "reference"):
        (tmp_path / "course" / name).mkdir(parents=True)
    for name in ("hw3", "ex1", "Final"):
        (tmp_path / "course" / "rubrics" / f"{name}.toml").write_text(RUBRIC + 'expects = "x"\n')
    return tmp_path / "course"


def test_the_current_folder_if_it_is_one(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert course.locate().folder == folder


def test_the_one_that_was_named_comes_first(folder, tmp_path, monkeypatch):
    (tmp_path / "other" / "rubrics").mkdir(parents=True)
    (tmp_path / "other" / "reference").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert course.locate(folder).folder == folder
    assert course.locate(Path("../course")).folder == folder


def test_else_the_one_that_comes_with_the_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "hw3" in course.locate().homeworks


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(UsageError, match="needs the folders"):
        course.locate(tmp_path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("3", "hw3"), ("hw3", "hw3"), ("HW3", "hw3"), ("ex1", "ex1"), ("Ex1", "ex1"), ("final", "Final")],
)
def test_homeworks_by_number_or_name(folder, asked, found):
    assert course.find(course.read(folder), asked).id == found


@pytest.mark.parametrize("asked", ["4", "../hw3", "", "exx1"])
def test_an_unknown_homework_lists_those_there_are(folder, asked):
    with pytest.raises(UsageError, match=r"those there are: Final, ex1, hw3\."):
        course.find(course.read(folder), asked)


def test_a_course_file(folder):
    python = "/usr/bin/python3"
    (folder / "course.toml").write_text(f'name = "N"\nsecret = "s"\n[environment]\npython = "{python}"\n')
    found = course.read(folder)
    assert (found.name, found.secret, found.python) == ("N", "s", Path(python))
    assert course.find(found, "3").secret == "s"
    (folder / "course.toml").write_text('[environment]\npython = ".venv/bin/python"\n')
    assert course.read(folder).python == folder / ".venv/bin/python"


def test_what_is_imported_ahead_in_the_environment_of_students(folder):
    assert (course.read(folder).preload, course.read(folder).warm) == ((), True)
    (folder / "course.toml").write_text('[environment]\npreload = ["pandas", "torchvision"]\nwarm = false\n')
    found = course.read(folder)
    assert (found.preload, found.warm) == (("pandas", "torchvision"), False)
    (folder / "course.toml").write_text('[environment]\nwarm = "no"\n')
    with pytest.raises(RubricError, match="environment: warm: "):
        course.read(folder)


def test_a_course_file_is_strict(folder):
    (folder / "course.toml").write_text('[environment]\npyton = "x"\n')
    with pytest.raises(RubricError, match=r"environment: unknown key 'pyton'\. Did you mean 'python'\?"):
        course.read(folder)


def test_a_homework_is_refused_before_anything_runs(folder):
    (folder / "reference" / "hw3.py").write_text("y = 1\n")
    with pytest.raises(RubricError, match="does not declare"):
        course.open_homework(course.read(folder), "3")
    (folder / "reference" / "ex1.py").write_text(
        "from grader.expect.expectation import Expectation\nx = Expectation()\n"
    )
    assert course.open_homework(course.read(folder), "ex1").expectations["x"].name == "x"


def shims(folder: Path, line: str) -> course.Course:
    (folder / "course.toml").write_text(f"[environment]\n{line}\n")
    return course.read(folder)


def test_every_shim_is_on_unless_a_course_switches_it_off(folder):
    assert course.read(folder).without == ()
    other = shims(folder, "shims = { gpu = false, plots = true, drift = false }")
    assert other.without == ("drift", "gpu")
    assert course.find(other, "hw3").surroundings != course.find(shims(folder, ""), "hw3").surroundings


def test_a_course_knows_the_shims_that_there_are():
    known = course._Shims.model_fields
    assert sorted(known) == sorted(SHIMS) and all(field.default for field in known.values())


def test_an_unknown_shim_gives_the_nearest(folder):
    with pytest.raises(RubricError, match=r"unknown key 'gpus'.*gpu"):
        shims(folder, "shims = { gpus = false }")
