"""What makes a submission run again, and what does not."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.digest import digest, own_seed, seed
from grader.records import Submission, SubmittedFile

PYTHON = Path("/usr/bin/python3")
LIMITS = Limits()


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    (tmp_path / "hw.py").write_text("x = 1")
    (tmp_path / "data.csv").write_text("1,2")
    code, data = (SubmittedFile(tmp_path / name, name) for name in ("hw.py", "data.csv"))
    return Submission("ada", "Ada", (code,), (data,))


def of(submission: Submission, limits: Limits = LIMITS, number: int = 1, python: Path = PYTHON) -> str:
    return digest(submission, limits, number, python)


def test_the_same_files_have_the_same_digest_wherever_they_lie(submission, tmp_path):
    before = of(submission)
    (tmp_path / "elsewhere").mkdir()
    for file in (*submission.files, *submission.beside):
        file.path.rename(tmp_path / "elsewhere" / file.name)
    moved = [tuple(SubmittedFile(tmp_path / "elsewhere" / one.name, one.name) for one in some)
             for some in (submission.files, submission.beside)]  # fmt: skip
    assert of(dataclasses.replace(submission, files=moved[0], beside=moved[1], name="A.", remarks=("r",))) == before


def test_every_cause_changes_it(submission):
    before = of(submission)
    (code,), (data,) = submission.files, submission.beside
    others = [
        of(submission, Limits(cpu=1.0)),
        of(submission, number=2),
        of(submission, python=Path("/other")),
        digest(submission, LIMITS, 1, PYTHON, "other data"),
        of(dataclasses.replace(submission, beside=())),
        of(dataclasses.replace(submission, files=(code, data), beside=())),
        of(dataclasses.replace(submission, files=(dataclasses.replace(code, name="hw2.py"),))),
    ]
    code.path.write_text("x = 2")
    others.append(of(submission))
    data.path.write_text("1,3")
    others.append(of(submission))
    assert len({before, *others}) == len(others) + 1


def test_what_cannot_be_read_does_not_hang_or_raise(submission, tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    files = tuple(SubmittedFile(tmp_path / name, name) for name in ("pipe.py", "none.py", "."))
    assert of(dataclasses.replace(submission, files=files))


def test_the_seed_is_the_courses_and_the_homeworks():
    assert seed("s", "hw1") == seed("s", "hw1")
    assert len({seed("s", "hw1"), seed("s", "hw2"), seed("t", "hw1"), seed("sh", "w1")}) == 4
    assert 0 <= seed("", "hw1") < 2**32


def test_each_submission_has_a_seed_of_its_own_that_repeats(submission, tmp_path):
    other = dataclasses.replace(submission, student="bob", name="Bob")
    assert own_seed(7, submission) == own_seed(7, other), "the same files"
    assert own_seed(7, submission) != own_seed(8, submission)
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "hw.py").write_text("x = 1 ")
    files = (SubmittedFile(tmp_path / "bob" / "hw.py", "hw.py"),)
    assert own_seed(7, dataclasses.replace(submission, files=files)) != own_seed(7, submission)
    assert 0 <= own_seed(7, submission) < 2**32
