"""The zygote's client: starts one warm process and asks it for boxes, from as many threads as there are.

Theory of operation. The zygote is made by exec and never by fork, so that nothing of the grader's memory can be in
it. It dies with the *thread* that made it (that is what PDEATHSIG means), so a thread of its own makes it and waits
for its end; a worker that comes and goes must not take it along. One question is on the control socket at a time,
under a lock; a report of a dead box may come in between and is kept for whoever waits for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import GraderFault
from grader.sandbox import request as wire

_START, _ANSWER = 180.0, 30.0
_OPEN_FILES = 1 << 16
_IN_SHELL = f'exec "$@" {wire.CONTROL}<&0 0</dev/null'
"""Puts the socket where the zygote looks for it, and nothing else; `subprocess` can only pass a descriptor as it is."""


class Zygote:
    """One warm process, started when the first box is asked for."""

    def __init__(self, python: Path, setup: wire.ZygoteSetup, log: Path) -> None:
        """Remember what to start; `log` takes its last words."""
        self._python, self._setup, self._log = python, setup, log
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: threading.Thread | None = None
        self._dead: set[str] = set()
        self._unwanted = False
        self.missing: tuple[str, ...] = ()
        """Modules that were to be imported beforehand and are not there."""
        self.threads = 1
        """Of the process once it is up; a fork takes only one of them along."""

    def start(self) -> None:
        """Start the process now, if it was not. Raises GraderFault."""
        with self._lock:
            self._started()

    @property
    def ended(self) -> bool:
        """Whether the process was started and has ended."""
        return self._process is not None and self._process.poll() is not None

    @property
    def pid(self) -> int:
        """The zygote's process, or -1 before it was started."""
        return self._process.pid if self._process else -1

    def box(self, request: wire.BoxRequest, status: socket.socket, agent: socket.socket) -> int:
        """Ask for a box that is given these two sockets; returns the pidfd of its init. Raises GraderFault."""
        with self._lock:
            control = self._started()
            try:
                socket.send_fds(control, [wire.encode(request)], [status.fileno(), agent.fileno()])
                return self._await_start(control, request.id)
            except OSError as error:
                raise GraderFault(f"The warm Python process does not answer ({error}). {self._last_words()}") from error

    def wait_dead(self, box: str, seconds: float) -> bool:
        """Return whether a box was reported empty within so many seconds."""
        deadline = time.monotonic() + seconds
        while box not in self._dead and time.monotonic() < deadline:
            with self._lock, contextlib.suppress(OSError):
                if self._control is None or box in self._dead:
                    break
                self._control.settimeout(0.05)
                self._receive(self._control)
        found = box in self._dead
        self._dead.discard(box)
        return found

    def close(self) -> None:
        """End the zygote and every box with it, for good."""
        self._unwanted = True
        with self._lock:
            if self._control is not None:
                self._control.close()
                self._control = None
            self._end_process()

    def abandon(self) -> None:
        """End a process that is still being started, from another thread than the one that waits for it."""
        self._unwanted = True
        if self._process is not None:
            self._process.kill()

    def _end_process(self) -> None:
        """Wait for the zygote to end, not for long, and for the thread that keeps it."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            self._process.kill()
        if self._keeper is not None:
            self._keeper.join()
        self._process = self._keeper = None

    def _started(self) -> socket.socket:
        """Return the control socket of a zygote that is up, starting it the first time."""
        if self._control is None:
            self._refuse_unwanted()
            many_open_files()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._spawn(theirs)
            self._control = ours
            try:
                self._greet(ours)
            except BaseException:
                ours.close()
                self._control = None
                self._end_process()
                raise
        return self._control

    def _spawn(self, theirs: socket.socket) -> None:
        """Start the process from a thread that lives as long as it does."""
        made = threading.Event()
        failure: list[OSError] = []

        def keep() -> None:
            try:
                with self._log.open("wb") as log:
                    self._process = subprocess.Popen(
                        ["/bin/sh", "-c", _IN_SHELL, "sh", *wire.command(self._python)],
                        stdin=theirs.fileno(), stdout=log, stderr=log, cwd="/", env=wire.environment(),
                        start_new_session=True,
                    )  # fmt: skip
            except OSError as error:
                failure.append(error)
            made.set()
            if self._process is not None:
                self._process.wait()

        self._keeper = threading.Thread(target=keep, name="zygote", daemon=True)
        self._keeper.start()
        made.wait()
        if failure:
            raise GraderFault(f"Python could not be started for students ({failure[0]}).")

    def _greet(self, control: socket.socket) -> None:
        """Tell the zygote what it is for, and wait until it has imported everything."""
        try:
            self._refuse_unwanted()
            control.settimeout(_START)
            control.send(wire.encode(self._setup))
            event, _ = self._receive(control)
        except OSError as error:
            raise GraderFault(f"The warm Python process did not start ({error}). {self._last_words()}") from error
        if event.get("ev") != "up":
            raise GraderFault(f"The warm Python process could not start: {event.get('error', event)}")
        self.missing = tuple(event.get("missing", ()))
        self.threads = int(event.get("threads", 1))

    def _refuse_unwanted(self) -> None:
        if self._unwanted:
            raise GraderFault("The warm Python process did not start: nobody wants it any more.")

    def _await_start(self, control: socket.socket, box: str) -> int:
        """Return the pidfd that comes with the 'started' of this box."""
        control.settimeout(_ANSWER)
        while True:
            event, descriptors = self._receive(control)
            if event.get("ev") == "started" and event.get("id") == box and descriptors:
                return descriptors[0]
            close_all(descriptors)
            if event.get("ev") == "fail":
                raise GraderFault(f"A sandbox could not be made: {event.get('error', '')}")

    def _receive(self, control: socket.socket) -> tuple[Mapping[str, Any], list[int]]:
        """Return one event with its descriptors; notes the dead on the way. Raises OSError at the end of the zygote."""
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 20, 4)
        if not data:
            raise ConnectionResetError("it has ended")
        event: Mapping[str, Any] = json.loads(data)
        if event.get("ev") == "dead":
            self._dead.add(str(event.get("id")))
        return event, descriptors

    def _last_words(self) -> str:
        """Return the end of what the zygote wrote, for staff."""
        try:
            return self._log.read_text(errors="replace").strip()[-600:]
        except OSError:
            return ""


def many_open_files() -> None:
    """Let this process have as many open files as it may; `grader/kernel/rlimits.py` says what a box could do else."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def close_all(descriptors: list[int]) -> None:
    """Close descriptors that were not asked for."""
    for descriptor in descriptors:
        os.close(descriptor)
