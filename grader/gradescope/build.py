"""The zip that Gradescope takes: one homework, a wheel of this package, and the scripts that bring them together.

Built from files alone, without a network and without Docker. The same course and the same grader give the same bytes,
so that a second upload is only needed where something changed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import course, strict
from grader.assignment import Assignment, Limits
from grader.course import Course
from grader.errors import UsageError
from grader.gradescope import publish
from grader.gradescope.machine import OURS, RUNNING
from grader.gradescope.packed import packed
from grader.gradescope.wheel import NAME, wheel
from grader.late import EXTENSIONS
from grader.mirror import TABLE
from grader.report.text import counted, listed
from grader.siblings import siblings
from grader.store import write_whole

CPU_TORCH = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch's builds without CUDA are."""
COMPANIONS = {"torchvision": "0.28.0"}
"""What goes with the torch of `container/requirements.txt`; the newest, which pip would take, go with another torch."""
SCRIPTS = ("run_autograder", "setup.sh")
_CONTAINER = Path(__file__).parent / "container"


@dataclass(frozen=True)
class Parcel:
    """What goes into the zip, and what its author should know."""

    files: Mapping[str, bytes]
    notes: tuple[str, ...]

    def zipped(self) -> bytes:
        """Return the zip; the same files give the same bytes."""
        return packed(self.files, executable=SCRIPTS)


def parcel(home: Course, homework: str, torch_index: str = CPU_TORCH, packages: Sequence[str] = ()) -> Parcel:
    """Return what a container needs for one homework; raise RubricError or UsageError where it could not work.

    `packages` are requirements of students' programs, besides torch, as pip takes them.
    """
    assignment = course.open_homework(home, homework).assignment
    files = {**_scripts(torch_index, packages), NAME: wheel()}
    files |= {f"course/{name}": data for name, data in _course(home, assignment)}
    return Parcel(files, (*_notes(assignment), *_absent(home, files["requirements.txt"].decode())))


def write_zip(made: Parcel, place: Path) -> None:
    """Write the zip; raise UsageError if it cannot be written there."""
    try:
        write_whole(place.resolve(), made.zipped())
    except OSError as error:
        raise UsageError(f"{place} cannot be written: {error.strerror or error}.") from None


def write_image(made: Parcel, folder: Path) -> None:
    """Write a Dockerfile, and what it copies, into `folder`; raise UsageError if that cannot be done."""
    try:
        for name, data in {f"source/{name}": data for name, data in made.files.items()}.items():
            write_whole(folder.resolve() / name, data)
            (folder / name).chmod(0o755 if Path(name).name in SCRIPTS else 0o644)
        write_whole(folder.resolve() / "Dockerfile", (_CONTAINER / "Dockerfile").read_bytes())
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}.") from None


def _scripts(torch_index: str, packages: Sequence[str]) -> dict[str, bytes]:
    if not set(torch_index).isdisjoint("'\"`$\\} \n"):
        raise UsageError(f"{torch_index!r} is not the address of a package index.")
    for package in packages:
        if not re.fullmatch(r"[A-Za-z][\w.-]*([=<>!~]=?[\w.*,<>=!~]+)?", package):
            raise UsageError(f"{package!r} is not the name of a package, such as torchvision or pandas==2.2.3.")
    starting = publish.text(publish.withheld(publish.STARTING))
    asked = [f"{name}=={COMPANIONS[name]}" if name in COMPANIONS else name for name in packages]
    words = {"@TORCH_INDEX@": torch_index, "@STARTING@": starting, "@PACKAGES@": "\n".join(asked)}
    return {name: _filled(name, words).encode() for name in (*SCRIPTS, "requirements.txt")}


def _filled(name: str, words: Mapping[str, str]) -> str:
    text = (_CONTAINER / name).read_text(encoding="utf-8")
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


def _course(home: Course, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a course that has this one homework."""
    yield f"rubrics/{assignment.rubric.name}", assignment.rubric.read_bytes()
    code = [assignment.reference, *siblings(assignment.reference)]
    for path in [*code, *_data_of(code)]:
        yield f"reference/{path.name}", path.read_bytes()
    yield "course.toml", _course_file(home).encode()
    if (home.folder / EXTENSIONS).is_file():
        yield EXTENSIONS, (home.folder / EXTENSIONS).read_bytes()
    if offered := home.serving(assignment.id).mirror:
        for name in (TABLE, *sorted({name for _, name in offered.files})):
            yield f"data/{name}", (offered.folder / name).read_bytes()


def _data_of(code: list[Path]) -> Iterator[Path]:
    """Yield the files beside these references that are no code and that one of them names."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in code]
    for path in sorted(code[0].parent.iterdir()):
        if path.is_file() and path.suffix not in (".py", ".pyc") and any(path.name in text for text in texts):
            yield path


def _course_file(home: Course) -> str:
    """Return the course's own file, but for its Python: the container has another."""
    place = home.folder / "course.toml"
    said = strict.document(place) if place.exists() else {}
    if "environment" in said:
        said = {**said, "environment": {key: value for key, value in said["environment"].items() if key != "python"}}
    return "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in said.items())


def _toml(value: object) -> str:
    """Return a value of a course file in TOML, which writes all but tables as JSON does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _notes(assignment: Assignment) -> Iterator[str]:
    """Yield what the author should know before the upload."""
    claims = [claim for _, claim in assignment.claims]
    machine = sum(claim.points for claim in claims if claim.by == "check")
    people = sum(claim.points for claim in claims if claim.by == "item")
    yield f"Set the autograder's points to {machine:g}."
    yield _what_it_takes(assignment.limits)
    if people:
        more = counted(people, "more point is", "more points are")
        yield f"{more} for a person to give: by manual grading there, or here with `grade mark`."
    hidden = [claim.key for claim in claims if claim.visibility != "visible"]
    if hidden:
        shown = listed(hidden[:5] + ([f"{len(hidden) - 5} more"] if len(hidden) > 5 else []))
        yield f"While {shown} cannot be seen by a student, Gradescope does not show that student the total either."


def _absent(home: Course, requirements: str) -> Iterator[str]:
    """Yield a note on what the course imports ahead and the container will not have."""
    there = {name.lower().replace("-", "_") for name in re.findall(r"^[\w-]+", requirements, re.MULTILINE)}
    packages = [name.partition(".")[0] for name in home.preload]
    if lacking := [name for name in dict.fromkeys(packages) if name.lower() not in there]:
        yield f"The course imports {listed(lacking)} ahead, and the container has no such package: see --with."


def _what_it_takes(limits: Limits) -> str:
    """Return which of Gradescope's containers and time-outs leaves a submission what the rubric allows."""
    minutes = math.ceil(min(limits.cpu, limits.wall) / RUNNING / 60)
    memory = (limits.memory + OURS) / 1e9
    return (
        f"The rubric allows {minutes * RUNNING:.0f} minutes and {limits.memory / 1e9:.1f} GB: a time-out of {minutes} "
        f"minutes and a container of {memory:.1f} GB give all of it; in smaller ones programs are stopped earlier."
    )
