"""The kernel process of a box, from the fork to the loop that takes the student's cells."""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import random
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import (
    agent,
    application,
    commands,
    descriptors,
    displays,
    environment,
    landlock,
    leaving,
    linux,
    rlimits,
    root,
    seccomp_install,
    streams,
)
from .preload import native_threads

DEVICES = tuple(f"/dev/{name}" for name in root.DEVICES)
NOT_OURS_ALONE = ("net", "task")
"""What in a process's folder in `/proc` tells of others, without a network of one's own: by what path their sockets
are reached; `task` leads there too."""
FACTS_OF_THE_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/sys/devices/system/cpu")


def run(
    setup: dict[str, Any], request: dict[str, Any], home: str, status: socket.socket, wires: Mapping[str, Any]
) -> None:
    """Confine this process, start a kernel in it, announce it, and serve until the kernel is shut down.

    Args:
        setup: the zygote's, see `grader.sandbox.request.ZygoteSetup`.
        request: the box's, see `grader.sandbox.request.BoxRequest`.
        home: the student's working folder, as seen from here.
        status: where 'ready' is said; closed before student code runs.
        wires: 'agent', a descriptor, and 'channels', listening descriptors by port.
    """
    os.setpgid(0, 0)  # an interrupt goes to the kernel and what it runs, not to its init
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)
    linux.prctl(linux.DUMPABLE, 1)  # a change of user had hidden /proc/self from itself
    temporary = "/tmp" if setup["namespaced"] else str(Path(home).parent / "tmp")
    environment.install(home, temporary, request["threads"])
    rlimits.few_open_files()
    layers = confine(setup, home, temporary)
    refresh(request["seed"], request["threads"], setup["view"]["readable"])
    app = application.start(wires["channels"], request["key"])
    streams.limit(app.shell, request["output"])
    displays.limit(app.shell, request["output"])
    commands.install(app.shell)
    leaving.forbid(app.shell)
    options = {name: request[name] for name in ("seed", "threads", "output")}
    mirror = root.MIRROR if setup["view"]["mirror"] and setup["namespaced"] else setup["view"]["mirror"]
    of_course = {"mirror": mirror, "without": setup["without"]}
    agent.install(app.shell, wires["agent"], {**options, **of_course, "workers": setup["workers"]})
    forget_ourselves()
    descriptors.tell(status, "ready", layers=layers, threads=native_threads())
    status.close()
    gc.enable()  # the zygote forks without it
    app.start()


def confine(setup: dict[str, Any], home: str, temporary: str) -> list[str]:
    """Install Landlock and the system-call filter; return the names of all layers that are in place."""
    layers = {
        "priv": ["namespaces", "own root", "own user"],
        "userns": ["user namespace", "namespaces", "own root"],
        "setuid": ["own user"],
    }.get(setup["mode"], [])
    if setup["mode"] != "none":
        offered = landlock.install(_rules(setup, home, temporary))
        layers += [f"Landlock {offered}"] if offered else []
        seccomp_install.install(base64.b64decode(setup["filter"]))
        layers += ["seccomp"]
    return [*layers, "limits", "clean environment"]


def _rules(setup: dict[str, Any], home: str, temporary: str) -> landlock.Rules:
    """Return what the kernel may open: its own small root, or the environment and its own two folders."""
    if setup["namespaced"]:
        return landlock.Rules(readable=("/",), writable=(home, temporary, "/dev/shm"), devices=DEVICES)
    ourselves = f"/proc/{os.getpid()}"
    own = landlock.around([ourselves], [f"{ourselves}/{name}" for name in NOT_OURS_ALONE])
    readable = (*setup["rules"].readable, *own.readable, *FACTS_OF_THE_MACHINE)
    return landlock.Rules(readable, (home, temporary), (*setup["rules"].listable, *own.listable), DEVICES)


def refresh(seed: int, threads: int, readable: list[str]) -> None:
    """Undo what a fork copies and should not: seeds, cached folders, an event loop's policy, paths of ours."""
    tempfile.tempdir = None
    asyncio.set_event_loop_policy(None)
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
        sys.modules["torch"].set_num_threads(threads)
    sys.path[:] = ["", *(entry for entry in sys.path if _below(entry, readable))]


def _below(entry: str, folders: list[str]) -> bool:
    """Tell whether a path is one of `folders` or below one."""
    return any(entry == folder or entry.startswith(folder.rstrip("/") + "/") for folder in folders)


def forget_ourselves() -> None:
    """Take our modules out of the student's sight: `autoreload` and friends go through all there are."""
    package = __name__.rpartition(".")[0]
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
        del sys.modules[name]
