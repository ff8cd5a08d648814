"""Open files of a process that is to be confined: none but those it was given."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Any

STANDARD = (0, 1, 2)


def close_all_but(kept: Collection[int]) -> None:
    """Close every descriptor but `kept` and the three standard ones."""
    low = 0
    for descriptor in sorted({*kept, *STANDARD}):
        if low < descriptor:  # of an empty range, CPython 3.11 makes every descriptor there is
            os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def redirect_standard(log: str) -> None:
    """Read nothing from stdin; write stdout and stderr to the file `log`, or nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    outlet = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else nowhere
    for descriptor, target in zip(STANDARD, (nowhere, outlet, outlet), strict=True):
        os.dup2(target, descriptor)


def listening(path: Path) -> int:
    """Return the descriptor of a socket that listens at `path`."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(16)
    return listener.detach()


def tell(outlet: socket.socket, event: str, descriptors: Collection[int] = (), /, **facts: Any) -> None:
    """Send one event, with descriptors if there are any."""
    message = json.dumps({"ev": event, **facts}).encode()
    if descriptors:
        socket.send_fds(outlet, [message], list(descriptors))
    else:
        outlet.send(message)


def tell_of_process(outlet: socket.socket, event: str, pid: int, **facts: Any) -> None:
    """Send an event with the pidfd of a process."""
    process = os.pidfd_open(pid)
    tell(outlet, event, [process], **facts)
    os.close(process)
