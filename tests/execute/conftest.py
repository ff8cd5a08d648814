"""A sandbox that lives as long as the tests, and a short way to run a few cells in it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.conversation import Live
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission, SubmittedFile

LIMITS = Limits()


class Laboratory:
    """Runs cells, and keeps what a test looks at afterwards."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.told = []

    def submission(self, **files: str) -> Submission:
        """A submission of 'work.py' and what else is given as NAME__EXTENSION=text."""
        handed_in = []
        for name, text in {"work__py": "", **files}.items():
            path = self.folder / name.replace("__", ".")
            path.write_text(text)
            handed_in.append(SubmittedFile(path, path.name))
        return Submission("s1", "Student One", tuple(handed_in[:1]), tuple(handed_in[1:]))

    @contextmanager
    def finished(self, *sources: str, limits: Limits = LIMITS, submission: Submission | None = None):
        """The submission after these cells, its kernel alive."""
        cells = tuple(Cell(place, "code", source) for place, source in enumerate(sources, 1))
        handed_in = submission or self.submission()
        documents = [Document("work.py", cells, "python")]
        with self.sandbox.run(handed_in, documents, limits, seed=1, progress=self.told.append) as finished:
            yield finished

    def record(self, *sources: str, limits: Limits = LIMITS, submission: Submission | None = None):
        """The record of these cells."""
        with self.finished(*sources, limits=limits, submission=submission) as finished:
            return finished.files[0]


@contextmanager
def _asked(finished, seconds: float = 60.0):
    live = Live(finished.files, finished.connect, seconds)
    with live.conversation("test") as student:
        yield student


@pytest.fixture()
def asked():
    """A conversation with a finished submission."""
    return _asked


@pytest.fixture(scope="session")
def sandbox():
    """One sandbox for all tests, in the best mode there is here."""
    with Sandbox(Settings()) as made:
        yield made


@pytest.fixture()
def laboratory(sandbox, tmp_path):
    """A place to run cells in."""
    return Laboratory(sandbox, tmp_path)
