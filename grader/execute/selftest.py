"""A submission of our own that tries to get out, for `grade doctor`: layers are believed when they have held.

Each attempt is a cell that has to fail. A cell that succeeds, or a process that outlives its sandbox, is a layer that
does not hold on this machine.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.assignment import Limits
from grader.execute.running import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import CellRun, FileRun, Submission
from grader.sandbox.processes import descendants

_LIMITS = Limits(cpu=20.0, wall=60.0, memory=1 << 30, processes=64, disk=64 << 20)
_FORKS = """
import os, time
children = []
try:
    while len(children) < 100:
        children.append(os.fork())
        if not children[-1]:
            time.sleep(60)
            os._exit(0)
finally:
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
"""
_FILES = """
import os, time
for number in range(40):
    with open(str(number), "wb") as file:
        file.write(os.urandom(8 << 20))
time.sleep(5)
"""
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Line:
    """What was tried, and whether the sandbox held."""

    what: str
    held: bool
    words: str


def self_test(settings: Settings) -> tuple[Line, ...]:
    """Run the attempts on this machine and return one line for each. Raises UsageError or GraderFault."""
    before = set(descendants(os.getpid()))
    with _bait() as (secret, address):
        attempts = _attempts(secret, address)
        cells = tuple(Cell(place, "code", code) for place, code in enumerate(attempts.values(), 1))
        with Sandbox(replace(settings, hidden=(*settings.hidden, secret.parent))) as sandbox:
            record = _run(sandbox, Document("attempts.py", cells, "python"))
    lines = [_line(what, cell) for what, cell in zip(attempts, record.cells, strict=True)]
    left = [pid for pid in descendants(os.getpid()) if pid not in before]
    return (
        *lines,
        Line("outlive the sandbox", not left, f"{len(left)} processes were left" if left else "nothing was left"),
    )


def _run(sandbox: Sandbox, document: Document) -> FileRun:
    with sandbox.run(Submission("selftest", "Self-test", ()), [document], _LIMITS, seed=0) as finished:
        return finished.files[0]


@contextmanager
def _bait() -> Iterator[tuple[Path, str]]:
    """Lay out what must not be reached: a file that everybody may read, and a port that listens."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        Path(folder).chmod(0o777)
        secret = Path(folder) / "reference.py"
        secret.write_text("answer = 42\n")
        yield secret, repr(server.getsockname())


def _attempts(secret: Path, address: str) -> dict[str, str]:
    """Return the code of each attempt by what it would do; each has to fail."""
    return {
        "read a reference": f"open({str(secret)!r}).read()",
        "read the grader's package": f"open({str(_PACKAGE / 'errors.py')!r}).read()",
        "write outside its folder": f"open({str(secret.parent / 'written')!r}, 'w')",
        "open a connection": f"import socket; socket.create_connection({address}, 2)",
        "become another user": "import os; os.setuid(0 if os.getuid() else 12345)",
        "start more processes than it may": _FORKS,
        "fill the disk": _FILES,
        "take more memory than it may": "kept = bytearray(b'x') * (2 << 30)",
    }


def _line(what: str, cell: CellRun) -> Line:
    """Return whether an attempt failed, and how."""
    if cell.error is not None:
        return Line(what, True, f"{cell.error.kind}: {cell.error.message}")
    return Line(what, bool(cell.stopped), cell.stopped or "it could")
