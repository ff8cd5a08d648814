"""A fork of a finished kernel, for one conversation.

The agent in the kernel answers with the number that the process it forked has in there. Which process that is, a new
one of this box's, is looked up by us before it is ever signalled: a student's agent could say any number. At the end
the fork goes, and with it all that has appeared in the box since it was asked for.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import TooSlow, Unusable
from grader.sandbox import processes
from grader.sandbox.box import Box

_ASK = b'{"op": "converse"}'
_QUIET, _PATIENCE, _PAUSE = 0.05, 5.0, 0.002
"""Seconds without a new process after which there is none left; after which all of the box has to go; between looks."""
_WATCHED, _LOOKS = 0.5, 5
"""Seconds for which a fork is watched that has not answered in time, and looks at it."""


@dataclass
class Fork:
    """One end of a conversation; `close` kills the other."""

    socket: socket.socket
    _box: Box
    _pid: int
    _before: frozenset[int]

    def starved(self) -> bool:
        """Tell whether the fork would compute while all of its box gets less than a quarter of a processor."""
        before, ready = self._box.cpu, 0
        for _ in range(_LOOKS):
            time.sleep(_WATCHED / _LOOKS)
            ready += processes.would_compute(self._pid)
        return ready > _LOOKS / 2 and self._box.cpu - before < _WATCHED / 4

    def close(self) -> None:
        """End the fork and what it started."""
        self.socket.close()
        still = processes.living(self._box.dying)
        self._box.dying = frozenset((*still, *processes.tree(self._pid)))  # before it is no fork any more
        self._box.forks.discard(self._pid)
        if self._box.gone():
            return
        with contextlib.suppress(OSError):
            if self._pid in processes.descendants(self._box.init_pid):
                processes.end_tree(self._pid)
            self._end_strays()

    def _end_strays(self) -> None:
        """End what the fork left behind, again until nothing more appears: a program may keep forking."""
        if not self._strays():
            return
        deadline = time.monotonic() + _PATIENCE
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < _QUIET and not self._box.gone():
            if strays := self._strays():
                quiet_since = time.monotonic()
                self._box.dying |= frozenset(strays)
                for pid in strays:
                    processes.end_tree(pid)
            else:
                time.sleep(_PAUSE)
            if time.monotonic() > deadline:
                self._box.kill("what a question had started could not be ended")

    def _strays(self) -> list[int]:
        """Return the living processes that are new to the box and that no other conversation accounts for."""
        others = {self._pid}  # killed, if not gone yet: to wait for that would hold up every question
        others |= {pid for fork in tuple(self._box.forks) for pid in (fork, *processes.descendants(fork))}
        return processes.living({*processes.descendants(self._box.init_pid)} - self._before - others)


def fork(box: Box, seconds: float) -> Fork:
    """Ask the kernel of a box to fork itself; raises TooSlow or Unusable."""
    if box.gone():
        raise Unusable("The program had ended before it could be asked.")
    _drain(box)
    before = frozenset(processes.descendants(box.init_pid))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with theirs:
            pid = _ask(box, theirs, seconds, before)
    except BaseException:
        ours.close()
        raise
    box.forks.add(pid)
    return Fork(ours, box, pid, before)


def _ask(box: Box, theirs: socket.socket, seconds: float, before: frozenset[int]) -> int:
    """Send the request and return the process that serves it."""
    deadline = time.monotonic() + seconds
    try:
        box.agent.settimeout(seconds)
        socket.send_fds(box.agent, [_ASK], [theirs.fileno()])
        box.agent.settimeout(max(0.01, deadline - time.monotonic()))
        data = box.agent.recv(1 << 16)
    except TimeoutError as error:
        raise TooSlow(f"The finished program did not answer within {seconds:.0f} s.") from error
    except OSError as error:
        raise Unusable("The finished program cannot be asked: it closed its connection.") from error
    return _verified(box, data, before)


def _verified(box: Box, data: bytes, before: frozenset[int]) -> int:
    """Return the fork's process; raises Unusable unless it is one of this box's, and new."""
    said = _said(data)
    if type(said.get("pid")) is not int:
        raise Unusable(f"The finished program cannot be asked{_complaint(said)}.")
    new = (pid for pid in processes.descendants(box.init_pid) if pid not in before)
    found = next((pid for pid in new if processes.number_inside(pid) == said["pid"]), None)
    if found is None:
        raise Unusable("The finished program cannot be asked: it answered with a process that is not its own.")
    return found


def _said(data: bytes) -> Mapping[str, Any]:
    """Return what the agent answered, or nothing if it has no proper form."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _complaint(said: Mapping[str, Any]) -> str:
    """Return what the agent says went wrong, if it says so in a form that can be quoted."""
    error = said.get("error")
    return f": {error[:200]}" if isinstance(error, str) and error.isprintable() else ""


def _drain(box: Box) -> None:
    """Throw away answers to questions that were given up."""
    box.agent.setblocking(False)
    with contextlib.suppress(OSError):
        while True:
            if not box.agent.recv(1 << 16):
                break
