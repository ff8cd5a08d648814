"""A runner without a sandbox, and a homework to go with it.

What is asked of a file's 'kernel' is answered from its text: the words in it are its global names. The claims
'first' and 'second' are passed where that name is there.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from made_up import assignment

from grader import wire
from grader.bench import Bench
from grader.course import Homework
from grader.errors import StudentFailure
from grader.expect.expectation import Ask, Expectation
from grader.expect.verdicts import failed, passed
from grader.notebook import Document
from grader.records import CellRun, FileRun, Submission, SubmittedFile, Verdict
from grader.store import Results
from grader.student import Student


class Named(Expectation):
    """Passed where the student has a global of this expectation's name."""

    def __init__(self, name: str, *, also: str = "") -> None:
        super().__init__()
        self.name, self.also = name, also

    def judge(self, student: Student, ask: Ask) -> Verdict:
        names = {seen.handle.name for seen in student.survey()}
        if self.also:
            student.get(self.also)
        return passed("It is there.") if self.name in names else failed("It is not there.")


class Broken(Expectation):
    """Fails of itself."""

    def judge(self, student: Student, ask: Ask) -> Verdict:
        raise KeyError("a defect")


class Line:
    """One end of a conversation with somebody who knows these names."""

    def __init__(self, names: Sequence[str], open_lines: list[Line]) -> None:
        self.socket, self._other = socket.socketpair()
        self._names, self._open = names, open_lines
        self._open.append(self)
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def starved(self) -> bool:
        return False

    def close(self) -> None:
        self.socket.close()
        self._thread.join()
        self._other.close()
        self._open.remove(self)

    def _answer(self) -> None:
        while True:
            deadline = time.monotonic() + 120
            try:
                question, _ = wire.receive(self._other, deadline)
                wire.send(self._other, self._reply(question["op"]), (), deadline)
            except StudentFailure:
                return

    def _reply(self, op: object) -> dict[str, object]:
        if op == "survey":
            names = [{"name": n, "kind": "other", "type": "int", "parameters": [], "shape": []} for n in self._names]
            return {"ok": True, "names": names}
        return {"ok": True, "value": 1}


@dataclass(frozen=True)
class Ran:
    """A submission that was 'run'."""

    files: tuple[FileRun, ...]
    lines: list[Line]

    def connect(self, file: int) -> Line:
        return Line(self.files[file].cells[0].source.split(), self.lines)


@dataclass
class FakeRunner:
    """Notes who was run; `before` is called at the start of each run and may raise, wait or stop the test."""

    before: Callable[[Submission], None] = lambda _: None
    ran: list[str] = field(default_factory=list)
    closed: bool = False
    lines: list[Line] = field(default_factory=list)
    mode: str = "fake"
    layers: tuple[str, ...] = ("none at all",)

    @contextmanager
    def run(self, submission: Submission, documents: Sequence[Document], limits, *, seed, progress) -> Iterator[Ran]:
        self.before(submission)
        self.ran.append(submission.student)
        yield Ran(tuple(_run(document) for document in documents), self.lines)

    def close(self) -> None:
        self.closed = True


def _run(document: Document) -> FileRun:
    return FileRun(document.name, tuple(CellRun(c.number, c.kind, c.source) for c in document.cells), "finished")


def handed_in(folder: Path, student: str, **files: str) -> Submission:
    """Return a submission of scripts with these texts."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, text in files.items():
        path = folder / f"{student}_{name}.py"
        path.write_text(text)
        found.append(SubmittedFile(path, f"{name}.py"))
    return Submission(student, student.title(), tuple(found))


def bench(folder: Path, runner: FakeRunner | None = None, **more) -> Bench:
    """Return what to grade with; results go to a folder inside `folder`."""
    expectations = {name: Named(name) for name in ("first", "second")}
    homework = more.pop("homework", Homework(assignment(folder), expectations))
    runner = runner or FakeRunner()
    return Bench(homework, Results(folder / "results"), lambda: runner, versions=lambda: {"python": "3"}, **more)
