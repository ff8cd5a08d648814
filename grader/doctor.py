"""`grade doctor`: what this machine can do for the course at hand, and what it lacks."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader import course, environment
from grader.errors import GraderError
from grader.sandbox.doctor import layers
from grader.sandbox.modes import MODES, choose, obstacle
from grader.sandbox.probe import probe


def examine(asked: Path | None, python: Path | None, console: Console) -> int:
    """Print what was found; return 0 if students' code can be run confined, else 2. Raises GraderError."""

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
    return 0
