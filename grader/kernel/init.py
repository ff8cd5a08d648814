"""The first process of a box: it builds the box around itself, forks the kernel, reaps, and ends what is left.

Theory of operation. `build` reads as the table of contents of a box. Nothing of the student's has been read when it
runs; after it, this process has no way back. It stays the kernel's parent, and only that: where there is a process
namespace it is number 1 and takes everything along when it leaves; elsewhere it kills whatever is in the box. It leaves
when the kernel has ended, when it is sent SIGTERM, or when the grader's end of the status socket has closed.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
from pathlib import Path
from typing import Any

from . import credentials, descriptors, ending, landlock, linux, namespaces, rlimits, root, start
from .copying import copy_in

PORTS = (1, 2, 3, 4)
"""Of the kernel's channels, see `grader.sandbox.request.CHANNELS`."""


def run(setup: dict[str, Any], request: dict[str, Any], status: socket.socket, agent: int) -> None:
    """Be the init of one box; does not return."""
    channels = open_channels(Path(request["folder"]))
    home = build(setup, request, {status.fileno(), agent, *channels.values()})
    alone = setup["mode"] == "setuid" or (setup["mode"] == "plain" and landlock.keep_signals_in())
    kernel = os.fork()
    if kernel == 0:
        start.run(setup, request, home, status, {"agent": agent, "channels": channels})
        os._exit(0)
    for descriptor in (agent, *channels.values()):
        os.close(descriptor)
    linux.prctl(linux.DUMPABLE, 0)
    descriptors.tell_of_process(status, "kernel", kernel)
    watch(kernel, status)
    if alone:
        ending.end_everybody()
    elif not setup["namespaced"]:
        ending.end_descendants()
    os._exit(0)


def build(setup: dict[str, Any], request: dict[str, Any], kept: set[int]) -> str:
    """Build the box around this process; return the student's home in it."""
    os.setsid()
    descriptors.redirect_standard(request["log"])
    descriptors.close_all_but(kept)
    volunteer_for_memory_shortage()
    default_signals()
    uid, gid = identity(setup["mode"], request)
    home = own_root(setup, request, uid, gid) if setup["namespaced"] else own_folders(request, uid, gid)
    if setup["mode"] == "userns":
        linux.prctl(linux.DUMPABLE, 1)  # or our own /proc/self is closed to us, and with it the map of users
        namespaces.own_users()  # processes are counted by user and namespace; boxes must not share a count
    shared_user = setup["mode"] in ("plain", "none")
    rlimits.install(request, rlimits.tasks_of(os.getuid()) + setup["out_of_sight"] if shared_user else 0)
    if setup["mode"] in ("priv", "setuid"):
        credentials.become(uid, gid)
    if setup["mode"] != "none":
        credentials.drop_capabilities()
        linux.prctl(linux.NO_NEW_PRIVILEGES, 1)
    linux.prctl(linux.SUBREAPER, 1)
    if setup["namespaced"]:
        linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)  # last: a change of user clears it
    return home


def open_channels(folder: Path) -> dict[int, int]:
    """Return the descriptor of a listening socket for each channel, in a folder that only the grader can enter."""
    wire = folder / "wire"
    wire.mkdir(mode=0o700)
    return {port: descriptors.listening(wire / f"k-{port}") for port in PORTS}


def identity(mode: str, request: dict[str, Any]) -> tuple[int, int]:
    """Return whom the kernel will run as: a user of its own, where we may choose."""
    return (request["uid"], request["gid"]) if mode in ("priv", "setuid") else (os.getuid(), os.getgid())


def own_root(setup: dict[str, Any], request: dict[str, Any], uid: int, gid: int) -> str:
    """Enter namespaces of our own and a root that holds only what is granted; return the home in it."""
    namespaces.own_all()
    root.enter(request, setup["view"], uid, gid)
    return root.HOME


def own_folders(request: dict[str, Any], uid: int, gid: int) -> str:
    """Make the home and the temporary folder on the machine's own disk; return the home."""
    for name in ("home", "tmp"):
        folder = Path(request["folder"]) / name
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    home = Path(request["folder"]) / "home"
    copy_in(request["files"], home, uid, gid)
    return str(home)


def volunteer_for_memory_shortage() -> None:
    """Have the machine end this box first when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def default_signals() -> None:
    """Give up the zygote's handling of signals."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def watch(kernel: int, status: socket.socket) -> None:
    """Reap whatever ends, until the kernel has, or we are told to leave, or the grader has gone."""
    ended, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    while not _reaped(kernel, status):
        ready, _, _ = select.select([ended, status.fileno()], [], [])
        if status.fileno() in ready:
            return
        with contextlib.suppress(BlockingIOError):
            if signal.SIGTERM in os.read(ended, 4096):
                return


def _reaped(kernel: int, status: socket.socket) -> bool:
    """Reap all that has ended; return whether the kernel was among it."""
    while True:
        try:
            process, code, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if process == kernel:
            with contextlib.suppress(OSError):
                descriptors.tell(status, "exit", **_testimony(code, used))
            return True
        if process == 0:
            return False


def _testimony(code: int, used: resource.struct_rusage) -> dict[str, Any]:
    """Return how the kernel ended and what it and its reaped children used. Seconds and KiB."""
    usage = {"utime": used.ru_utime, "stime": used.ru_stime, "maxrss": used.ru_maxrss}
    return {"code": os.waitstatus_to_exitcode(code), **usage}
