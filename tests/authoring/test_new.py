"""`grade new`: the course it makes is sound, its samples are found to be what they are, and nothing is written over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grader import course, session
from grader.authoring import new
from grader.errors import UsageError


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_course_has_what_a_course_needs(tmp_path):
    made = new.make(tmp_path / "courses" / "ours")
    assert (made.homework, made.course) == ("hw1", True)
    samples = ("expected.toml", "right_notebook.ipynb", "right_script.py", "starter.ipynb", "wrong_script.py")
    homework = {"rubrics/hw1.toml", "reference/hw1.py", *(f"sample_submissions/hw1/{name}" for name in samples)}
    assert files(made.folder) == homework | {"course.toml", "README.md", ".gitignore"}
    assert course.open_homework(course.read(made.folder), "1").assignment.total == 10


def test_every_course_has_a_secret_of_its_own(tmp_path):
    secrets = {course.read(new.make(tmp_path / name).folder).secret for name in "ab"}
    assert len(secrets) == 2
    assert all(len(secret) == 32 for secret in secrets)


@pytest.mark.parametrize(("asked", "name"), [("2", "hw2"), ("ex1", "ex1"), ("Final_project", "Final_project")])
def test_a_course_is_given_another_homework_and_is_else_as_it_was(tmp_path, asked, name):
    new.make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    made = new.make(tmp_path, asked)
    assert (made.homework, made.course) == (name, False)
    assert {path: path.read_bytes() for path in before} == before
    added = {path: text.read_text() for path in files(tmp_path) if (text := tmp_path / path) not in before}
    assert all(name in path and "hw1" not in path + text for path, text in added.items())
    assert len(added) == 7
    assert course.open_homework(course.read(tmp_path), name).assignment.id == name


def test_a_folder_that_has_only_a_repository_counts_as_empty(tmp_path):
    (tmp_path / ".git").mkdir()
    assert new.make(tmp_path).course


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("", "is a course already. To give it another homework, name that with --hw, such as --hw 2."),
        ("1", "hw1.py is there already, and nothing is written over; take another --hw."),
        ("hw-2", "'hw-2' cannot name a homework: its name starts with a letter, and has letters, digits"),
        ("2a", "'2a' cannot name a homework"),
        ("class", "'class' cannot name a homework"),
        ("../hw2", "'../hw2' cannot name a homework"),
        ("numpy", "'numpy' should not name a homework: its reference, numpy.py, would hide the Python module"),
    ],
)
def test_what_a_course_is_not_given(tmp_path, asked, sentence):
    new.make(tmp_path)
    before = files(tmp_path)
    with pytest.raises(UsageError) as refused:
        new.make(tmp_path, asked)
    assert sentence in str(refused.value)
    assert files(tmp_path) == before


def test_a_homework_is_not_made_a_course_within_the_course(tmp_path):
    new.make(tmp_path)
    before = files(tmp_path)
    with pytest.raises(
        UsageError, match=r"for another homework of that one: grade new --hw hw2, in its folder\. A new"
    ):
        new.make(tmp_path / "hw2")
    assert files(tmp_path) == before


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"is not empty, and not a course\. A new course needs an empty folder"):
        new.make(tmp_path)
    with pytest.raises(UsageError, match="is a file; a course is a folder"):
        new.make(tmp_path / "thesis.tex")
    assert files(tmp_path) == {"thesis.tex"}


def test_a_homework_of_which_a_part_is_there_is_not_begun(tmp_path):
    new.make(tmp_path)
    (tmp_path / "rubrics" / "hw2.toml").write_text("mine")
    before = files(tmp_path)
    with pytest.raises(UsageError, match=r"rubrics/hw2.toml is there already"):
        new.make(tmp_path, "2")
    assert files(tmp_path) == before


def test_what_cannot_be_written_is_said(tmp_path, monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "c"))

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(UsageError, match="c cannot be written: Permission denied"):
        new.make(tmp_path / "c")


def test_the_command_says_what_it_made_and_what_to_do_next(tmp_path):
    asked = [sys.executable, "-m", "grader.cli", "new", "my course", "--hw", "3"]
    ran = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "A course in my course, with the homework hw3:",
        "  rubrics/hw3.toml          what is claimed, and what it is worth",
        "  reference/hw3.py          what is true, and which mistakes are known",
        "  sample_submissions/hw3/   hand-ins, right and wrong, and what is to be found in them",
        "It is a small one, to be changed into yours. Try it as it is:",
        "  cd 'my course'",
        "  grade selfcheck --hw hw3 --samples",
        "  grade sample_submissions/hw3 --hw hw3",
    ]


@pytest.mark.slow
def test_a_course_that_was_made_is_sound_and_its_samples_are_found_to_be_what_they_are(tmp_path, monkeypatch, capsys):
    new.make(tmp_path, "2")
    monkeypatch.chdir(tmp_path)
    order = session.Order("2", jobs=2, samples=True)
    assert session.selfcheck(order, Console(width=400)) == session.GRADED, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "hw2: 7 checks, 9 known mistakes, 4 samples, sound." in said
    assert "No mistake is known of" not in said
