"""The zip holds one homework and the grader itself, and the same inputs give the same bytes."""

import io
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from gradescope_course import RUBRIC, write_course
from gradescope_schema import valid, withholds_the_total

import grader
from grader import course, strict
from grader.errors import RubricError, UsageError
from grader.gradescope import build, wheel

REPOSITORY = Path(__file__).parents[2]
CONTAINER = REPOSITORY / "grader" / "gradescope" / "container"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> build.Parcel:
    return build.parcel(course.read(write_course(tmp_path_factory.mktemp("course"))), "1")


def test_one_homework_is_in_it_and_what_its_reference_uses(made):
    assert {name for name in made.files if name.startswith("course/")} == {
        "course/course.toml",
        "course/rubrics/hw1.toml",
        "course/reference/hw1.py",
        "course/reference/shared.py",
        "course/reference/table.csv",
    }
    assert set(made.files) >= {"setup.sh", "run_autograder", "requirements.txt", wheel.NAME}


def test_the_course_in_it_grades_alike(made, tmp_path):
    with zipfile.ZipFile(io.BytesIO(made.zipped())) as packed:
        packed.extractall(tmp_path)
    home = course.read(tmp_path / "course")
    assert (home.secret, home.preload, home.python) == ('täp"ir\n', ("scipy",), None)
    assert home.without == ("gpu",)
    assert course.open_homework(home, home.homeworks[0]).assignment.total == 6


def test_equal_inputs_give_equal_bytes(made, tmp_path, monkeypatch):
    again = write_course(tmp_path / "elsewhere")
    for path in again.rglob("*"):
        os.utime(path, (time.time(), 1e9))
        path.chmod(0o700)
    monkeypatch.setattr(os, "umask", lambda _: 0)
    assert build.parcel(course.read(again), "1").zipped() == made.zipped()


def test_a_change_of_the_rubric_gives_other_bytes(made, tmp_path):
    changed = write_course(tmp_path, rubric=RUBRIC.replace('"First"', '"Fairst"'))
    assert build.parcel(course.read(changed), "1").zipped() != made.zipped()


def test_scripts_can_be_started_and_parsed(made, tmp_path):
    with zipfile.ZipFile(io.BytesIO(made.zipped())) as packed:
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in packed.infolist()}
        packed.extractall(tmp_path)
    assert {name for name, mode in modes.items() if mode == 0o755} == {"setup.sh", "run_autograder"}
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", tmp_path / name], check=True)
        assert b"\r" not in made.files[name]
        assert not re.search(rb"@[A-Z_]+@", made.files[name])


def test_setup_stops_at_the_first_error_and_takes_torch_from_where_it_is_told(made, tmp_path):
    assert "set -euo pipefail" in made.files["setup.sh"].decode()
    assert build.CPU_TORCH in made.files["setup.sh"].decode()
    other = build.parcel(course.read(write_course(tmp_path)), "1", "https://example.org/whl").files["setup.sh"].decode()
    assert "https://example.org/whl" in other
    assert build.CPU_TORCH not in other


def test_torchvision_is_the_one_that_goes_with_torch(tmp_path):
    home = course.read(write_course(tmp_path))
    files = build.parcel(home, "1", packages=("torchvision", "torch-geometric", "torchmetrics")).files
    wanted = files["requirements.txt"].decode()
    minor = int(re.search(r"^torch==2\.(\d+)\.\d+$", wanted, re.MULTILINE)[1])
    assert wanted.endswith(f"\ntorchvision==0.{minor + 15}.0\ntorch-geometric\ntorchmetrics\n")
    own = build.parcel(home, "1", packages=("torchvision==0.27.1",)).files["requirements.txt"].decode()
    assert own.endswith("\ntorchvision==0.27.1\n")
    (line,) = [line for line in files["setup.sh"].decode().splitlines() if line.startswith("mapfile")]
    (tmp_path / "requirements.txt").write_text(wanted)
    taken = subprocess.run(
        ["bash", "-c", f'{line}\necho "${{torch[@]}}"'], cwd=tmp_path, capture_output=True, text=True
    )
    assert [name.partition("=")[0] for name in taken.stdout.split()] == ["torch", "torchvision"]


@pytest.mark.parametrize("index", ['https://x"; rm -rf /; "', "$(id)", "a b", "`id`", "x}"])
def test_an_index_that_is_no_address_is_refused(tmp_path, index):
    with pytest.raises(UsageError, match="not the address"):
        build.parcel(course.read(write_course(tmp_path)), "1", index)


def test_packages_that_a_course_needs_are_installed_too(tmp_path):
    home = course.read(write_course(tmp_path))
    wanted = build.parcel(home, "1", packages=("torchmetrics", "pandas==2.2.3")).files["requirements.txt"].decode()
    assert wanted.endswith("\ntorchmetrics\npandas==2.2.3\n")
    with pytest.raises(UsageError, match="not the name of a package"):
        build.parcel(home, "1", packages=("-r evil.txt",))


def test_extensions_go_along(tmp_path):
    home = write_course(tmp_path)
    (home / "extensions.toml").write_text("[hw1]\nada = 2\n")
    assert build.parcel(course.read(home), "1").files["course/extensions.toml"] == b"[hw1]\nada = 2\n"


def test_the_courses_mirror_goes_along(tmp_path):
    home = write_course(tmp_path)
    (home / "data").mkdir()
    (home / "data" / "mirror.toml").write_text('[[file]]\naddress = "https://x.org/a.gz"\npath = "a.gz"\n')
    (home / "data" / "a.gz").write_bytes(b"1")
    (home / "data" / "unlisted.gz").write_bytes(b"2")
    files = build.parcel(course.read(home), "1").files
    assert {name for name in files if "/data/" in name} == {"course/data/mirror.toml", "course/data/a.gz"}


def test_data_of_other_homeworks_stay_at_home(tmp_path):
    home = write_course(tmp_path)
    table = ""
    for name, homeworks in (("theirs", '["hw2"]'), ("ours", '["hw1"]')):
        (home / "data" / name).mkdir(parents=True)
        (home / "data" / name / "x").write_bytes(b"1")
        table += f'[[file]]\naddress = "https://x.org/{name}/"\npath = "{name}/"\n'
        table += f'[[set]]\nname = "{name}"\nhomeworks = {homeworks}\n'
    (home / "data" / "mirror.toml").write_text(table)
    files = build.parcel(course.read(home), "1").files
    assert {name for name in files if "/data/" in name} == {"course/data/mirror.toml", "course/data/ours/x"}


def test_the_script_writes_a_valid_result_before_anything_else(made, tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    script = made.files["run_autograder"].decode().replace("/autograder/results", str(results))
    script = script.replace("/opt/deepgrader", str(tmp_path / "absent"))
    subprocess.run(["bash", "-c", script], capture_output=True)
    assert withholds_the_total(valid((results / "results.json").read_text()))


def test_a_broken_homework_is_refused(tmp_path):
    with pytest.raises(RubricError, match="add up"):
        build.parcel(course.read(write_course(tmp_path, rubric=RUBRIC.replace("total = 6", "total = 7"))), "1")


def test_the_author_is_told_about_points_and_hidden_claims(tmp_path):
    hidden = RUBRIC.replace('expects = "second"', 'expects = "second"\n  visibility = "after_due_date"')
    notes = " ".join(build.parcel(course.read(write_course(tmp_path, rubric=hidden)), "1").notes)
    assert "points to 4" in notes
    assert "2 more points" in notes
    assert "10 minutes and 3.2 GB: a time-out of 17 minutes and a container of 3.5 GB" in notes
    assert "While 1.2 cannot be seen by a student, Gradescope does not show that student the total either." in notes


def test_a_package_that_the_course_expects_is_missed(tmp_path, made):
    assert "imports scipy ahead" in " ".join(made.notes)
    with_it = build.parcel(course.read(write_course(tmp_path)), "1", packages=("scipy>=1.11",))
    assert "ahead" not in " ".join(with_it.notes)


def test_nothing_hidden_is_nothing_told(made):
    assert "total" not in " ".join(made.notes)


# ----------------------------------------------------------------------------------------------------- the wheel


def test_the_wheel_is_the_program_and_nothing_else():
    with zipfile.ZipFile(io.BytesIO(wheel.wheel())) as packed:
        names = packed.namelist()
    assert "grader/gradescope/container/setup.sh" in names
    assert "grader/report/templates/student.html" in names
    assert not [name for name in names if "__pycache__" in name or "packaged/" in name or name.startswith("reference")]


def test_the_wheel_can_be_installed_and_run(tmp_path):
    place = tmp_path / wheel.NAME
    place.write_bytes(wheel.wheel())
    into = tmp_path / "into"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", into, place], check=True)
    environment = {**os.environ, "PYTHONPATH": str(into)}
    ask = "import grader; from importlib.metadata import version; print(grader.__file__, version('deepgrader'))"
    said = subprocess.run([sys.executable, "-c", ask], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert said.stdout.split() == [str(into / "grader" / "__init__.py"), grader.__version__]


def test_every_requirement_is_pinned_and_as_it_is_tested():
    pinned = _pins(CONTAINER / "requirements.txt")
    tested = _pins(REPOSITORY / "constraints.txt")
    for need in strict.document(REPOSITORY / "pyproject.toml")["project"]["dependencies"]:
        assert re.match(r"[\w-]+", need)[0].lower().replace("_", "-") in pinned
    assert {name: versions for name, versions in pinned.items() if name in tested and not versions & tested[name]} == {}


def _pins(path: Path) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w-]+)==([\w.]+)", path.read_text(), re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins


# ----------------------------------------------------------------------------------------------------- the command


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "grader.cli", "gradescope", "build", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True)


def test_the_command_writes_the_zip_and_says_what_to_set(tmp_path, made):
    folder = write_course(tmp_path / "course")
    said = command("--hw", "1", "--course", folder, "-o", tmp_path / "out.zip")
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "out.zip").read_bytes() == made.zipped()
    assert "Set the autograder's points to 4." in said.stdout


def test_the_command_writes_an_image(tmp_path):
    folder = write_course(tmp_path / "course")
    assert command("--hw", "1", "--course", folder, "--image", tmp_path / "image").returncode == 0
    assert "FROM gradescope/autograder-base:ubuntu-22.04" in (tmp_path / "image" / "Dockerfile").read_text()
    assert os.access(tmp_path / "image" / "source" / "run_autograder", os.X_OK)
    assert (tmp_path / "image" / "source" / "course" / "rubrics" / "hw1.toml").is_file()


def test_bad_use_is_a_sentence(tmp_path):
    folder = write_course(tmp_path / "course")
    said = command("--hw", "9", "--course", folder, "-o", tmp_path / "out.zip")
    assert (said.returncode, "There is no homework '9'" in said.stderr) == (2, True)
    (tmp_path / "file").touch()
    assert command("--hw", "1", "--course", folder, "-o", tmp_path / "file" / "out.zip").returncode == 2
