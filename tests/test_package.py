"""What `pip install` of a build gives: the program, the course it falls back on, and what `grade new` writes."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
COURSE = ("data", "reference", "rubrics")


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """A wheel of this checkout."""
    into = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    return next(into.glob("*.whl"))


@pytest.fixture(scope="module")
def site(packed, tmp_path_factory) -> Path:
    """A folder with what is in the wheel, and no checkout near."""
    into = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", into, packed], check=True)
    return into


def python(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "NO_COLOR": "1"}
    return subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True)


def sources(folder: str) -> set[str]:
    paths = [path.relative_to(REPOSITORY) for path in (REPOSITORY / folder).rglob("*") if path.is_file()]
    left_by_tools = {path for path in paths for part in path.parts if part == "__pycache__" or part.startswith(".")}
    return {path.as_posix() for path in paths if path not in left_by_tools}


def test_the_program_and_the_course_are_in_it_whole_and_nothing_else(packed):
    with zipfile.ZipFile(packed) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    course = {f"grader/packaged/{path}" for folder in COURSE for path in sources(folder)}
    assert names == sources("grader") | course


def test_in_a_folder_that_is_no_course_the_one_that_came_along_serves(site, tmp_path):
    ask = "from grader.course import locate; home = locate(None); print(home.folder, *home.homeworks)"
    ended = python(site, tmp_path, "-c", ask)
    assert ended.stdout.split() == [str(site / "grader" / "packaged"), "ams", "ex1", "hw1", "hw3"], ended.stderr


@pytest.mark.slow
def test_a_new_course_is_made_and_found_sound(site, tmp_path):
    made = python(site, tmp_path, "-m", "grader.cli", "new", "ours")
    assert made.returncode == 0, made.stderr
    checked = python(site, tmp_path / "ours", "-m", "grader.cli", "selfcheck", "--hw", "1", "--samples")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    graded = python(site, tmp_path / "ours", "-m", "grader.cli", "sample_submissions/hw1", "--hw", "1")
    assert graded.returncode == 1, graded.stdout + graded.stderr
    assert str(tmp_path / "ours" / "results" / "hw1") in graded.stdout.replace("\n", "")
