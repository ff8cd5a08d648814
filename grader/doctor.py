"""`grade doctor`: what this machine can do for the course at hand, what it lacks, and whether the sandbox holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader import course, environment
from grader.errors import GraderError
from grader.sandbox.doctor import layers
from grader.sandbox.modes import MODES, choose, obstacle
from grader.sandbox.probe import probe


def examine(asked: Path | None, python: Path | None, console: Console) -> int:
    """Print what was found; return 0 if students' code is confined and nothing got out, else 2. Raises GraderError."""

    def say(what: str, words: str) -> None:
        console.print(Text(f"{what:<12}{words}"), soft_wrap=True)

    home = course.locate(asked)
    say("course", f"{home.name} in {home.folder}: {', '.join(home.homeworks) or 'no homework yet'}")
    interpreter = environment.interpreter(python, home.python)
    found = environment.versions(interpreter)
    say("Python", f"{interpreter} for students' code")
    say("", ", ".join(f"{name} {version}" for name, version in found.items() if name != "grader"))
    if "torch" not in found:
        say("", "torch is not there: submissions that import it will stop at that line")
    machine = probe(interpreter, (home.folder, Path(__file__).resolve().parent))
    for mode in MODES:
        say(f"  {mode}", obstacle(machine, mode) or "possible")
    try:
        mode = choose(machine)
    except GraderError as error:
        say("sandbox", str(error))
        return 2
    say("sandbox", f"{mode}: {', '.join(layers(machine, mode))}")
    return _tried(interpreter, home.folder, say)


def _tried(python: Path, course_folder: Path, say: Callable[[str, str], None]) -> int:
    """Have a submission of our own try to get out, and say what came of it; return 0 if nothing got through, else 2."""
    from grader.execute import Settings
    from grader.execute.selftest import self_test

    lines = self_test(Settings(python=python, hidden=(course_folder,)))
    for place, line in enumerate(lines):
        said = "held" if line.held else f"GOT THROUGH: {line.words}"
        say("" if place else "tried to", f"{line.what}: {said}")
    through = sum(not line.held for line in lines)
    if through:
        say("", f"{through} of {len(lines)} got through: run no student's code on this machine")
    return 2 if through else 0
