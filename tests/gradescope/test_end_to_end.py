"""The zip in a container, as Gradescope would use it: built, run on good and bad submissions, and by another's program.

Everything is made here: a base image from Debian, ours on top by `setup.sh`, a container for each submission with what
Gradescope gives at least (768 MB, half a core, no network). Files in, `upload.json` out: see `harness.py`. By podman
where it is installed, else by chroot: see `engine.py`; other people's programs need podman.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradescope import chroot, docker_by_podman, harness
from gradescope.chroot import Chroot
from gradescope.engine import Engine, Mount
from gradescope.engines import CONFINEMENT, engine, lacking
from gradescope.podman import AUTOGRADER, AUTOGRADER_BASE, DEBIAN, Podman
from gradescope_schema import valid

from grader.gradescope import carry
from grader.intake.single import single
from grader.records import RunRecord

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parents[2]
SAMPLES = HERE / "sample_submissions" / "hw3"
CALLER = 1234
TOKEN = "the-upload-token"
METADATA = {
    "id": 123456,
    "users": [{"name": "Ada Lovelace", "email": "ada@example.edu", "id": 1, "sid": "100"}],
    "created_at": "2026-07-01T14:22:32.365935-07:00",
    "assignment": {"due_date": "2026-07-31T23:00:00.000000-07:00", "title": "HW3", "total_points": "40.0"},
    "previous_submissions": [],
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="containers with limits are root's here"),
    pytest.mark.skipif(bool(lacking()) and not os.environ.get("CI"), reason="make gradescope installs what is needed"),
]


@pytest.fixture(scope="module")
def machine(pytestconfig: pytest.Config) -> Iterator[Engine]:
    """An engine with an image called as Gradescope's base."""
    assert not lacking(), lacking()
    with engine() as made:
        pytestconfig.stash[CONFINEMENT] = made.confinement()
        made.base()
        yield made


@pytest.fixture
def podman(machine: Engine) -> Podman:
    if not isinstance(machine, Podman):
        pytest.skip("needs podman: a folder that is entered is no image")
    return machine


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip for homework 3."""
    target = tmp_path_factory.mktemp("zip") / "autograder.zip"
    command = [sys.executable, "-m", "grader.cli", "gradescope", "build", "--hw", "3", "-o", str(target)]
    subprocess.run([*command, "--course", str(HERE), "--torch-index", ""], check=True, cwd=HERE)
    return target


@pytest.fixture(scope="module")
def ready(machine: Engine, autograder: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine, with the image that Gradescope would build from the zip."""
    source = tmp_path_factory.mktemp("source")
    with zipfile.ZipFile(autograder) as packed:
        packed.extractall(source)
    said = machine.autograder(source)
    assert "sandbox     setuid" in said
    return machine


class Gradescope:
    """Hands in, and tells what Gradescope stored."""

    def __init__(self, machine: Engine, folder: Path) -> None:
        self.machine, self.folder = machine, folder

    def grade(self, *files: Path, seconds: int = 600) -> Upload:
        inbox, outbox = self.folder / "in", self.folder / "out"
        for place in (inbox / "submission", outbox):
            place.mkdir(parents=True)
        for file in files:
            shutil.copy(file, inbox / "submission")
        (inbox / "submission_metadata.json").write_text(json.dumps(METADATA))
        mounts = [
            Mount(inbox, "/harness/in"),
            Mount(outbox, "/harness/out", writable=True),
            Mount(Path(harness.__file__), "/harness/harness.py"),
        ]
        command = ["python3", "/harness/harness.py", str(seconds)]
        ran = self.machine.run(command, mounts, {"UPLOAD_TOKEN": TOKEN}, seconds + 60)
        assert ran.returncode == 0, ran.stderr
        return Upload(json.loads((outbox / "upload.json").read_text()), inbox / "submission")


class Upload:
    """What Gradescope stored of one submission."""

    def __init__(self, stored: dict[str, Any], submission: Path) -> None:
        assert not stored["autograder_error"], stored
        valid(json.dumps(stored["results"]))
        self.results, self.stdout, self.submission = stored["results"], stored["stdout"], submission
        self.memory: int = stored["memory"]
        """Bytes that our own processes, kernels aside, had in memory at most."""

    @property
    def claims(self) -> dict[str, str]:
        """What became of each claim: 'passed', 'less', or 'pending' where there is no score."""
        found = {}
        for test in self.results["tests"]:
            full = test.get("score") == test.get("max_score")
            found[test["name"].partition(")")[0]] = ("passed" if full else "less") if "score" in test else "pending"
        return found

    @property
    def record(self) -> RunRecord:
        with single(self.submission, "submission_123456", "Ada Lovelace") as handed_in:
            record = carry.unload(self.results["extra_data"], handed_in, "")
        assert record
        return record

    @property
    def everything(self) -> str:
        """All text that came out, in the record too."""
        return "\n".join([json.dumps(self.results), self.stdout, repr(self.record)])


@pytest.fixture
def gradescope(ready: Engine, tmp_path: Path) -> Gradescope:
    return Gradescope(ready, tmp_path)


def at_home(sample: str) -> dict[str, str]:
    """Return what `expected.toml` says of a sample's checks, which `test_zoo` holds for grading at home."""
    said = tomllib.loads((SAMPLES / "expected.toml").read_text(encoding="utf-8"))[sample]
    rubric = tomllib.loads((HERE / "rubrics" / "hw3.toml").read_text(encoding="utf-8"))
    expected = {}
    for problem in rubric["problem"]:
        checks, items = len(problem.get("check", ())), len(problem.get("item", ()))
        for place in range(1, checks + items + 1):
            key = f"{problem['id']}.{place}"
            named = [
                outcome
                for outcome in ("failed", "missing", "blocked")
                if {key, problem["id"]} & {*said.get(outcome, ())}
            ]
            waits = place > checks or {key, problem["id"]} & {*said.get("pending", ())}
            expected[key] = "pending" if waits else "less" if named else "passed"
    return expected


@pytest.mark.parametrize("sample", ["ada_script.py", "three_hundred_epochs.ipynb"])
def test_findings_are_those_at_home(gradescope, sample):
    upload = gradescope.grade(SAMPLES / sample)
    assert upload.claims == at_home(sample.partition(".")[0])
    students = sum(file.usage.cpu_student for file in upload.record.files) / 0.5
    assert upload.results["execution_time"] - students < 60
    assert 0 < upload.memory <= 150e6
    assert "setuid" in upload.stdout


def test_a_hostile_submission_gets_nothing(gradescope, tmp_path):
    thief = tmp_path / "thief.py"
    thief.write_text(THIEF)
    upload = gradescope.grade(thief)
    assert "tried everything" in upload.everything
    assert TOKEN not in upload.everything
    assert re.findall(r"GOT .{,300}", upload.everything) == []
    assert harness.total(upload.results) == 0
    assert harness.seen_by_student(upload.results)["total"] is not None


THIEF = """
import glob, json, os, signal, socket, subprocess, sys

def attempt(what, action):
    try:
        found = action()
    except BaseException as error:
        print("refused", what, type(error).__name__)
    else:
        print("refused" if found in (None, "", b"", []) else "G" + "OT", what, str(found)[:300])

for place in ["/proc/1/environ", "/autograder/source/course/reference/hw3.py", "/autograder/results/results.json",
              "/autograder/submission_metadata.json", "/harness/harness.py", "/etc/shadow", "/autograder/stdout"]:
    attempt(place, lambda: open(place, "rb").read())
attempt("parents", lambda: [p for p in glob.glob("/proc/[0-9]*/environ") if b"TOKEN" in open(p, "rb").read()])
attempt("folders", lambda: glob.glob("/autograder/*") + glob.glob("/harness/*"))
attempt("score", lambda: open("/autograder/results/results.json", "w").write(json.dumps({"score": 40})))
attempt("grader", lambda: __import__("grader.rubric"))
attempt("network", lambda: socket.create_connection(("1.1.1.1", 53), 2))
attempt("socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
attempt("root", lambda: os.setuid(0) or "root")
attempt("unshare", lambda: subprocess.run(["unshare", "-r", "id"], capture_output=True, timeout=9).stdout)
for pid in (1, os.getppid()):
    attempt(f"kill {pid}", lambda: os.kill(pid, signal.SIGKILL) or (pid if pid == 1 else None))
print("tried everything")
"""


def test_memory_is_not_ours_to_lose(gradescope, tmp_path):
    greedy = tmp_path / "greedy.py"
    greedy.write_text("def relu(z):\n    return z * (z > 0)\n\nkept = []\nwhile True:\n    kept.append(bytes(2**24))\n")
    upload = gradescope.grade(greedy)
    assert "MemoryError" in upload.results["output"]
    assert upload.claims["5a.1"] == "passed"  # of what was defined before
    assert harness.total(upload.results) == 1


def test_what_never_ends_is_stopped_before_gradescope_does(gradescope, tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text(
        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"
    )
    upload = gradescope.grade(endless, seconds=120)
    assert "stopped" in upload.results["output"]
    assert upload.results["execution_time"] < 120


def test_what_cannot_be_read_is_said(gradescope, tmp_path):
    damaged = tmp_path / "hw3.ipynb"
    damaged.write_text('{"cells": [')
    upload = gradescope.grade(damaged)
    assert "hw3.ipynb" in upload.results["output"]
    assert harness.total(upload.results) == 0


@pytest.fixture
def entered(podman: Podman, ready: Engine, tmp_path: Path) -> Iterator[Chroot]:
    """The other engine, with the image that podman has: it is to be had where podman is not."""
    if lacking := chroot.missing():
        pytest.skip(f"chroot needs {', '.join(lacking)}")
    container = podman.buildah("from", "--pull-never", AUTOGRADER).strip()
    made = Chroot(tmp_path)
    made.adopt(Path(podman.buildah("mount", container).strip()))
    yield made
    podman.buildah("rm", container)


def test_without_podman_the_same_is_found(entered, tmp_path):
    upload = Gradescope(entered, tmp_path).grade(SAMPLES / "ada_script.py")
    assert upload.claims == at_home("ada_script")
    assert "setuid" in upload.stdout


@pytest.fixture
def prepared(podman: Podman, ready: Engine) -> Iterator[Podman]:
    """Make our image the one that clients start from: `setup.sh` finds its packages there, and is safe to repeat."""
    podman.buildah("tag", AUTOGRADER, AUTOGRADER_BASE)
    yield podman
    podman.buildah("tag", DEBIAN, AUTOGRADER_BASE)


@pytest.fixture
def project(autograder: Path, tmp_path: Path) -> Path:
    """A folder as gslocal wants it, with the zip that is there already."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(autograder, folder / "autograder.zip")
    (folder / "first.sh").write_text(UNPACKED_FIRST)
    build, docker = 'cmd = "true"\nzip = "autograder.zip"\nwatch = []', 'setup = "first.sh"'
    (folder / "gslocal.toml").write_text(f"[build]\n{build}\n\n[docker]\n{docker}\n")
    return folder


@pytest.fixture
def path_with_docker(prepared: Podman, tmp_path: Path) -> str:
    """Return a PATH on which podman answers to the name of docker."""
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\nexec {sys.executable} {docker_by_podman.__file__} {prepared.folder} "$@"\n')
    docker.chmod(0o755)
    return f"{docker.parent}:{os.environ['PATH']}"


def test_a_client_that_nobody_here_wrote(project, path_with_docker, tmp_path):
    """PyPI's gslocal makes an image of its own from our zip, runs it and prints the score."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "hw3.py").write_text("def relu(z):\n    return z * (z > 0)\n")
    command = [Path(sys.executable).with_name("gslocal"), "run", "--timeout", "300", work]
    ran = subprocess.run(
        command, cwd=project, env={**os.environ, "PATH": path_with_docker}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Autograder completed successfully" in ran.stdout
    assert "Score:" in ran.stdout
    result = valid((project / ".gslocal" / "temp" / "results" / "results.json").read_text())
    assert [test["score"] for test in result["tests"] if test["name"].startswith("5a.1")] == [1]


def test_an_image_for_everybody(podman, tmp_path):
    """The Dockerfile at the top: grades what lies in the caller's folder, and what it writes is the caller's."""
    podman.build(HERE, "localhost/grader", "--build-arg", "TORCH_INDEX=")
    course = tmp_path / "course"
    (course / "submissions").mkdir(parents=True)
    (course / "submissions" / "ada.py").write_text("def relu(z):\n    return z * (z > 0)\n")
    for path in (course, *course.rglob("*")):
        os.chown(path, CALLER, CALLER)
    options = ["-v", f"{course}:/course"]
    ran = podman.start("localhost/grader", ["grade", "submissions/", "--hw", "3"], options)
    assert ran.returncode == 1, ran.stdout + ran.stderr  # graded, and written answers wait for a person
    graded = json.loads((course / "results" / "hw3" / "grades.json").read_text())
    assert graded["run"]["sandbox"] == "setuid"
    assert [each["outcome"] for each in graded["submissions"][0]["findings"] if each["key"] == "5a.1"] == ["passed"]
    assert {path.stat().st_uid for path in course.rglob("*")} == {CALLER}
    assert podman.start("localhost/grader", ["grade", "--hw", "3"], options).returncode == 2


UNPACKED_FIRST = """#!/bin/bash
# gslocal runs setup.sh before it unpacks the zip, other than Gradescope. Braces: read whole, as it overwrites itself.
{
    unzip -oq /mnt/project/autograder.zip -d /autograder/source
    exec bash /autograder/source/setup.sh
}
"""
