"""What the recorder noted, checked and turned into `Training`s and `Figure`s of ours."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Protocol

from grader import wire
from grader.errors import Unusable
from grader.records import Figure, Training

LIMITS = wire.Limits(bytes=256 << 20, header=16 << 20, nodes=400_000)


class _Connection(Protocol):
    """Anything that holds a stream to a fork of a finished kernel."""

    socket: socket.socket


@dataclass(frozen=True)
class Observed:
    """What one file's kernel noted while it ran; testimony, but well-formed."""

    trainings: tuple[Training, ...] = ()
    figures: tuple[Figure, ...] = ()
    shims: tuple[str, ...] = ()
    """What was replaced so that the code could run here, a sentence each."""
    remarks: tuple[str, ...] = ()
    """What had to be dropped because it was malformed, a sentence each."""


def observed(connection: _Connection | socket.socket, deadline: float) -> Observed:
    """Ask a fork what was observed, until `deadline` (of `time.monotonic`); `StudentFailure` if it cannot tell."""
    stream = connection if isinstance(connection, socket.socket) else connection.socket
    wire.send(stream, {"op": "observed"}, (), deadline)
    header, buffers = wire.receive(stream, deadline, LIMITS)
    if header.get("ok") is not True:
        raise Unusable("It could not tell what it did.")
    value = wire.decode(header.get("value"), buffers, limits=LIMITS)
    return Observed()
