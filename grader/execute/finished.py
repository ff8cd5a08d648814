"""A submission that has been run, as checks converse with it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Protocol

from grader.errors import Unusable
from grader.records import FileRun
from grader.sandbox.box import Box
from grader.sandbox.fork import fork

_CONNECT = 20.0


class Connection(Protocol):
    """A conversation's stream to a fork of a finished kernel."""

    socket: socket.socket

    def starved(self) -> bool:
        """Tell whether the fork would compute, and hardly gets to."""

    def close(self) -> None:
        """Kill the fork and what it started."""


@dataclass(frozen=True)
class Finished:
    """A submission that has been run; its kernels live until the context ends."""

    files: tuple[FileRun, ...]
    _boxes: tuple[Box | None, ...]

    def connect(self, file: int) -> Connection:
        """Return a fresh fork of a file's finished kernel. Raises TooSlow or Unusable."""
        box = self._boxes[file]
        if box is None:
            why = "was not run" if self.files[file].left_out else "had ended its program"
            raise Unusable(f"{self.files[file].name} {why}, so that nothing could be asked of it.")
        return fork(box, _CONNECT)
