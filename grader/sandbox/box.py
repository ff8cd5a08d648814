"""One box from the trusted side: started, looked at, interrupted, killed, and cleared away without a trace.

Theory of operation. A box is held by two pidfds, one of its init and one of its kernel; they tell of a death at once
and cannot be mistaken for another process. Nothing a box says is believed after 'ready', except that its exit may be
quoted. While a conversation goes on, its forks are the first to go when memory runs short: the kernel they came from
still has other questions to answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import GraderFault
from grader.sandbox import processes, scratch, slots
from grader.sandbox.request import NAMESPACED, BoxRequest
from grader.sandbox.warm import Zygote, close_all
from grader.sandbox.watchdog import Allowance, Watch

_READY = 60.0
_GRACE = 3.0
"""Seconds in which init ends everything else and leaves; only init can outrun a program that keeps forking."""
_LAST_WORD = 5.0
"""Seconds in which init says how the kernel ended; on a busy machine it has to get to a processor first."""
_DYING = 5.0
"""Seconds in which processes that were killed let go of their memory."""


@dataclass
class Box:
    """A kernel in its box. Made by `open_box`; `close` must be called."""

    request: BoxRequest
    mode: str
    zygote: Zygote
    slot: slots.UidSlot | None
    status: socket.socket
    agent: socket.socket
    init: int
    """pidfd of the box's first process; when it ends, the box is gone."""
    kernel: int = -1
    """pidfd of the kernel."""
    watch: Watch | None = None
    reason: str = ""
    """Why it was killed, as the end of a sentence: 'it used more than 3 GiB of memory'."""
    forks: set[int] = field(default_factory=set)
    """Processes that are answering questions."""
    dying: frozenset[int] = frozenset()
    """Processes of questions that were killed, and may have their memory still; never changed while others read it."""
    events: list[str] = field(default_factory=list)
    closed: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _closing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def init_pid(self) -> int:
        """Number of the first process, -1 once it is gone."""
        return processes.pid_of(self.init) if not self.closed else -1

    @property
    def cpu(self) -> float:
        """CPU seconds of the whole tree, up to now or to its end."""
        if self.watch is None:
            return 0.0
        return self.watch.cpu_now() if not self.gone() else self.watch.cpu

    @property
    def cpu_lately(self) -> float:
        """CPU seconds of the tree when it was last looked at, some tenths of a second ago; costs nothing."""
        return self.watch.cpu if self.watch else 0.0

    @property
    def peak(self) -> int:
        """Bytes of memory at the highest."""
        return self.watch.peak if self.watch else 0

    @property
    def memory(self) -> int:
        """Bytes of memory that it holds now."""
        return self.watch.memory_now() if self.watch and not self.gone() else 0

    def gone(self) -> bool:
        """Return whether the kernel or its init has ended."""
        return self.closed or processes.ended(self.init) or (self.kernel >= 0 and processes.ended(self.kernel))

    def interrupt(self) -> None:
        """Send SIGINT to the kernel's group, so that what it started is interrupted as well."""
        pid = processes.pid_of(self.kernel)
        if pid <= 0 or self.gone():
            return
        try:
            os.killpg(pid, signal.SIGINT)
        except OSError:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self.kernel, signal.SIGINT)

    def kill(self, reason: str = "") -> None:
        """End every process of the box."""
        with self._lock:
            if self.closed:
                return
            self.reason = self.reason or reason
            if self.mode not in NAMESPACED:
                self._ask_init_to_end_it()
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self.init, signal.SIGKILL)
        processes.ended(self.init, 5.0)

    def _ask_init_to_end_it(self) -> None:
        """Have init end the box from inside; a death of its own would leave that to the zygote, who is slower."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.init, signal.SIGTERM)
        if not processes.ended(self.init, _GRACE):
            processes.end_tree(self.init_pid)

    def relieve(self, reason: str) -> None:
        """End what can best be spared when the box takes too much: the forks that answer questions, else all of it."""
        with self._lock:
            forks = [pid for pid in tuple(self.forks) if pid > 0]
            below = {one for pid in forks for one in processes.tree(pid)}
            for pid in forks:
                processes.end_tree(pid)
            self.forks.clear()
            below |= self.dying
        if forks:
            self.events.append(f"A question was given up because {reason}.")
        if forks or processes.living(below):
            processes.await_end(below, _DYING)  # or the next look would find their memory, and end all the box for it
            self.dying -= below
        else:
            self.kill(reason)

    def farewell(self) -> Mapping[str, Any]:
        """Return what init says of the kernel's end: {'code': …}; untrusted, and often nothing."""
        with contextlib.suppress(OSError, ValueError, RecursionError):
            deadline = time.monotonic() + _LAST_WORD
            for _ in range(4):
                self.status.settimeout(max(0.01, deadline - time.monotonic()))
                event, descriptors = _event(self.status)
                close_all(descriptors)
                if event.get("ev") == "exit" and isinstance(event.get("code"), int):
                    return event
        return {}

    def close(self) -> None:
        """Kill what is left and clear everything away; may be called twice.

        On Ctrl-C a run and the sandbox may close one box at once. Who comes second waits, since what was made around
        the box goes next; and a number closed twice may be somebody else's by then.
        """
        with self._closing:
            if not self.closed:
                self._clear_away()

    def _clear_away(self) -> None:
        self.kill()
        if self.watch is not None:
            self.watch.stop()
        if self.mode not in NAMESPACED:
            self.zygote.wait_dead(self.request.id, 5.0)
        with self._lock:
            self.closed = True
            close_all([descriptor for descriptor in (self.init, self.kernel) if descriptor >= 0])
        self.status.close()
        self.agent.close()
        if self.slot is not None:
            self.slot.release()
        scratch.remove(Path(self.request.folder))


def open_box(zygote: Zygote, request: BoxRequest, mode: str, slot: slots.UidSlot | None) -> Box:
    """Start a box and wait until its kernel is ready, before any student code. Raises GraderFault."""
    status, far_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    agent, far_agent = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with far_status, far_agent:
            init = zygote.box(request, far_status, far_agent)
    except BaseException:
        status.close()
        agent.close()
        raise
    box = Box(request, mode, zygote, slot, status, agent, init)
    try:
        _await_ready(box)
        box.watch = Watch(box.init_pid, _allowance(box), box.relieve)
    except BaseException:
        box.close()
        raise
    return box


def _await_ready(box: Box) -> None:
    """Read the status socket until the kernel is ready."""
    deadline = time.monotonic() + _READY
    while True:
        box.status.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            event, descriptors = _event(box.status)
        except (OSError, ValueError) as error:
            raise GraderFault(f"A sandbox did not start: {error}.") from error
        if event.get("ev") == "kernel" and descriptors and box.kernel < 0:
            box.kernel = descriptors.pop(0)
        close_all(descriptors)
        if event.get("ev") == "ready" and box.kernel >= 0:
            return
        if event.get("ev") in ("fail", "exit"):
            raise GraderFault(f"A sandbox could not be made: {event.get('error', event)}")


def _event(status: socket.socket) -> tuple[Mapping[str, Any], list[int]]:
    """Return one event and its descriptors. Raises OSError at the end, ValueError when it is not an object."""
    data, descriptors, _, _ = socket.recv_fds(status, 1 << 16, 4)
    if not data:
        close_all(descriptors)
        raise ConnectionResetError("the box has ended")
    try:
        event = json.loads(data)
        if not isinstance(event, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError):
        close_all(descriptors)
        raise
    return event, descriptors


def _allowance(box: Box) -> Allowance:
    """Return what the box may take; its files are counted only where its file system has no quota."""
    folders = () if box.mode in NAMESPACED else (Path(box.request.folder),)
    shared = processes.shared_with_zygote(processes.pid_of(box.kernel))
    return Allowance(box.request.memory, box.request.disk, folders, shared, own_network=box.mode in NAMESPACED)
