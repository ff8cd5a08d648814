"""The fork server: imports the course's packages once, then forks a box for every request.

Theory of operation. The grader execs this file in the student's Python with a clean environment and one open socket, so
nothing of the grader is in its memory and there is nothing to steal from a fork of it. It has one thread and no ZMQ
context; what is frozen before the first fork is never touched by the collector, and so stays shared. It dies with the
grader, and at the end of its control socket. It reports a box dead only when nothing of the box is left. Where nothing
can be shared, the same process is started cold, for one box, with the kernel's own modules and no others.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from . import credentials, descriptors, ending, init, landlock, linux, namespaces, pages, preload, rlimits

CONTROL = 3
LONGEST_MESSAGE = 1 << 20
LONGEST_TRACEBACK = 3000


def main() -> None:
    """Serve the control socket until it closes."""
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)
    rlimits.many_open_files()
    control = socket.socket(fileno=CONTROL)
    setup = prepare(json.loads(control.recv(LONGEST_MESSAGE)))
    if setup["mode"] == "userns":
        namespaces.become_root_of_own()
    linux.prctl(linux.DUMPABLE, 0)  # nobody of the same user may look into it
    linux.prctl(linux.SUBREAPER, 1)
    imported, missing = warm_up(setup)
    descriptors.tell(control, "up", threads=preload.native_threads(), imported=imported, missing=missing)
    Server(setup, control).serve()


def prepare(setup: dict[str, Any]) -> dict[str, Any]:
    """Return the setup with what follows from it for all boxes."""
    namespaced = setup["mode"] in ("priv", "userns")
    view = setup["view"]
    readable = [*view["readable"], *([view["mirror"]] if view["mirror"] else [])]
    rules = landlock.Rules() if namespaced else landlock.around(readable, view["hidden"])
    workers = namespaced or setup["mode"] == "none"  # without them there is no /dev/shm, nor connect(2)
    out_of_sight = 0 if setup["mode"] in ("priv", "userns", "setuid") else rlimits.tasks_out_of_sight(os.getuid())
    return {**setup, "namespaced": namespaced, "rules": rules, "workers": workers, "out_of_sight": out_of_sight}


def warm_up(setup: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Import everything; return the names of what was imported and of what is missing.

    Meanwhile no garbage is looked for: of modules next to nothing is, and a seventh of the time would go into it.
    """
    gc.disable()
    result = preload.imports(setup["preload"]) if setup["warm"] else ([], [])
    preload.ourselves(__name__.rpartition(".")[0], Path(__file__).parent)
    gc.freeze()
    gc.enable()
    if setup["warm"]:
        pages.gather()
    return result


@dataclass
class Server:
    """The loop: requests come in, boxes go out, the dead are reaped."""

    setup: dict[str, Any]
    control: socket.socket
    boxes: dict[int, dict[str, Any]] = field(default_factory=dict)
    """The request of each living init, by process."""

    def serve(self) -> None:
        """Take requests until the control socket closes; a cold zygote leaves with its one box."""
        ended, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to act on
        own_processes = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        while True:
            ready, _, _ = select.select([self.control.fileno(), ended], [], [])
            if ended in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(ended, 4096)
                if self.bury() and not self.setup["warm"]:
                    return
            if self.control.fileno() in ready:
                message, given, _, _ = socket.recv_fds(self.control, LONGEST_MESSAGE, 2)
                if not message:
                    return
                self.start(json.loads(message), given, own_processes)

    def bury(self) -> bool:
        """Reap inits that have ended, end what they left behind, say that they are dead; return whether any were."""
        dead = []
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                dead.append(found)
        ended = [(self.boxes.pop(process), status) for process, status in dead if process in self.boxes]
        for request, status in ended:
            self.clear(request)
            descriptors.tell(self.control, "dead", id=request["id"], status=status)
        return bool(ended)

    def clear(self, request: dict[str, Any]) -> None:
        """End what the init of a box has left behind, as it does when it is killed."""
        if self.setup["mode"] == "setuid":
            sweeper = os.fork()
            if sweeper == 0:
                credentials.become(request["uid"], request["gid"])
                ending.end_everybody()
                os._exit(0)
            os.waitpid(sweeper, 0)
        if not self.setup["namespaced"]:
            ending.end_descendants(spared=self.boxes)

    def start(self, request: dict[str, Any], given: list[int], own_processes: int) -> None:
        """Fork a box and hand out the pidfd of its init."""
        if self.setup["namespaced"]:
            linux.unshare(linux.NEW_PROCESSES)
        gc.disable()
        process = os.fork()
        if process == 0:
            be_init(self.setup, request, *given)
        gc.enable()
        if self.setup["namespaced"]:
            linux.enter(own_processes, linux.NEW_PROCESSES)
        self.boxes[process] = request
        for descriptor in given:
            os.close(descriptor)
        descriptors.tell_of_process(self.control, "started", process, id=request["id"])


def be_init(setup: dict[str, Any], request: dict[str, Any], status: int, agent: int) -> NoReturn:
    """Run a box's init, or its kernel; what goes wrong before the student's code runs is told as a fault of ours."""
    outlet = socket.socket(fileno=status)
    try:
        init.run(setup, request, outlet, agent)
    except BaseException:  # noqa: BLE001 - the wall of blame: a box that could not be built
        with contextlib.suppress(OSError):
            descriptors.tell(outlet, "fail", error=traceback.format_exc()[-LONGEST_TRACEBACK:])
    os._exit(70)
