"""What all submissions of one homework are graded with: the homework, the results, the marks, and what runs code."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from grader import digest
from grader.assignment import Assignment, Limits
from grader.course import Course, Homework
from grader.errors import GraderError, GraderFault
from grader.records import Finding, Mark, Submission
from grader.store import Results

if TYPE_CHECKING:
    from grader.execute import Finished, Progress
    from grader.notebook import Document


class Interrupted(GraderError):
    """The person at the keyboard wants to stop; what is under way is dropped."""


class Runner(Protocol):
    """What runs a submission: `grader.execute.Sandbox`."""

    mode: str
    layers: tuple[str, ...]

    def run(
        self,
        submission: Submission,
        documents: Sequence[Document],
        limits: Limits,
        *,
        seed: int,
        progress: Callable[[Progress], None],
    ) -> AbstractContextManager[Finished]:
        """Run a submission's documents; its kernels live while the context does."""

    def close(self) -> None:
        """End every process, also those of runs in other threads."""


class Deferred:
    """A runner that is made when it is first asked for: a regrade needs none, and its imports are dear."""

    def __init__(self, make: Callable[[], Runner]) -> None:
        """Remember how to `make` it."""
        self._make = make
        self._lock = threading.Lock()
        self._closed = False
        self.made: Runner | None = None

    def __call__(self) -> Runner:
        """Return the runner; raise UsageError if this machine cannot have it, GraderFault after `close`."""
        with self._lock:
            if self._closed:
                raise GraderFault("The sandbox was closed.")
            if self.made is None:
                self.made = self._make()
            return self.made

    def close(self) -> None:
        """End everything it runs; may be called twice."""
        with self._lock:
            self._closed = True
        if self.made is not None:
            self.made.close()


def sandboxed(mode: str | None, python: Path, home: Course, *, at_once: int = 1) -> Runner:
    """Return the sandbox; imported here because a regrade needs none of it."""
    from grader.execute import Sandbox, Settings

    hidden = (home.folder, Path(__file__).resolve().parent)
    settings = Settings(
        mode=mode, python=python, preload=home.preload, warm=home.warm, hidden=hidden, mirror=home.mirror,
        without=home.without, at_once=at_once,
    )  # fmt: skip
    return Sandbox(settings)


@dataclass(frozen=True)
class Bench:
    """What all submissions of one homework are graded with."""

    homework: Homework
    results: Results
    runner: Callable[[], Runner]
    marks: tuple[Mark, ...] = ()
    """Everybody's, in the order they were made."""
    python: Path = Path(sys.executable)
    """Of the students' environment."""
    versions: Callable[[], Mapping[str, str]] = dict
    """Tells the versions of what students' code runs with; called only if something runs."""
    fresh: bool = False
    """Whether to run everything again, whatever is recorded."""
    stopping: Callable[[], bool] = lambda: False
    progress: Callable[[Progress], None] = lambda _: None
    judged: Callable[[Finding], None] = lambda _: None
    """Told of each finding as it is made, from the thread that grades."""
    say: Callable[[str], None] = lambda _: None
    """Takes a sentence for the person at the keyboard."""

    @property
    def assignment(self) -> Assignment:
        """Return the rubric."""
        return self.homework.assignment

    @property
    def seed(self) -> int:
        """Return what the seeds of the students' generators come from."""
        return digest.seed(self.assignment.secret, self.assignment.id)
