"""What this machine, and a student's Python on it, can do to confine a program: tried, not guessed.

Every layer is tried by the student's own Python in a process that is thrown away (`grader/kernel/trial.py`), since what
a kernel's version or a file in `/proc` promises, a container may forbid.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.sandbox.request import command, environment
from grader.sandbox.view import own_files

PATIENCE = 60.0
OLDEST = (3, 10)


@dataclass(frozen=True)
class Machine:
    """What can be had. Of a layer, an empty sentence says that it works, another one why it does not."""

    root: bool
    """Whether the grader runs as root."""
    namespaces: str
    """Namespaces and a root of one's own, as root."""
    users: str
    """The same inside a user namespace, as anybody."""
    identity: str
    """Becoming another user."""
    reach: str
    """Whether another user can read the student's Python."""
    exposed: str
    """The first path that must stay unseen and that another user could read; empty if there is none."""
    landlock: int
    """Landlock's version, 0 if there is none."""
    seccomp: str
    """System-call filters."""
    prefixes: tuple[str, ...]
    """Folders that make up the student's Python."""
    version: tuple[int, ...]
    """Of the student's Python."""


def probe(python: Path, hidden: Iterable[Path] = ()) -> Machine:
    """Return what this machine can do; raises UsageError if the student's Python cannot hold a kernel."""
    facts = _tried(python, (*map(str, hidden), *map(str, own_files())))
    version = tuple(facts.pop("version"))
    if version < OLDEST:
        raise UsageError(f"{python} is Python {_dotted(version)}; students' programs need {_dotted(OLDEST)} or newer.")
    if not facts.pop("kernel"):
        raise UsageError(f"{python} has no ipykernel; install it there: {python} -m pip install ipykernel")
    return Machine(**{**facts, "prefixes": tuple(facts["prefixes"])}, version=version)


def _tried(python: Path, unseen: Iterable[str]) -> dict[str, Any]:
    """Return what the trials printed."""
    try:
        done = subprocess.run([*command(python, "trial"), *unseen], **_AS_A_ZYGOTE, timeout=PATIENCE)
        facts: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise UsageError(f"{python} is not a Python that can be run: it gave no sensible answer.") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{python} is not a Python that can be run: {error}.") from error
    return facts


_AS_A_ZYGOTE: Mapping[str, Any] = {
    "env": environment(),
    "cwd": "/",
    "stdin": subprocess.DEVNULL,
    "capture_output": True,
}


def _dotted(version: tuple[int, ...]) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))
