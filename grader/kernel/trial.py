"""Tries each layer of a box on this machine, in a process of its own, and prints what came of it as JSON.

Run by the student's Python as `trial NAME…` of this package's bootstrap, with the paths that must stay unseen as
arguments. An empty sentence says that a layer works; another one says why it does not.
"""

from __future__ import annotations

import json
import os
import stat
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from importlib import util
from pathlib import Path

from . import credentials, landlock, linux, namespaces, root, seccomp_install

SOMEBODY = 54_321
"""A user id that nobody has."""
ALLOW_EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)


def main() -> None:
    """Print the results of all trials."""
    unseen = sys.argv[3:]
    trials: dict[str, Callable[[], str]] = {
        "namespaces": own_namespaces,
        "users": own_users,
        "identity": another_user,
        "reach": python_as_another_user,
        "exposed": lambda: exposed(unseen),
        "seccomp": system_calls,
    }
    results = {name: in_a_child(trial) for name, trial in trials.items()}
    facts = {
        "root": os.geteuid() == 0,
        "prefixes": prefixes(),
        "version": list(sys.version_info[:3]),
        "kernel": has_kernel(),
    }
    print(json.dumps({**results, **facts, "landlock": landlock.version()}))


def in_a_child(trial: Callable[[], str]) -> str:
    """Return what a trial says when it is made in a fork of this process, which it may leave unusable."""
    outcome, report = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(outcome)
        os.write(report, said(trial).encode()[:4096])
        os._exit(0)
    os.close(report)
    with os.fdopen(outcome, errors="replace") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer.removesuffix("\n") if answer else "the trial ended without a word"


def said(trial: Callable[[], str]) -> str:
    """Return a trial's sentence, or a newline for none, so that silence is never success."""
    try:
        return trial() or "\n"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is why this layer cannot be had
        return f"{type(error).__name__}: {error}"


def own_namespaces() -> str:
    """Enter namespaces and a root of our own, as root of the machine may."""
    if os.geteuid() != 0:
        return "needs root"
    linux.unshare(linux.NEW_PROCESSES)
    return _own_root()


def own_users() -> str:
    """Do the same in a user namespace, as a plain user may where it is allowed."""
    namespaces.become_root_of_own()
    linux.unshare(linux.NEW_PROCESSES)
    return _own_root()


def _own_root() -> str:
    """Assemble an empty root, as the first process of a process namespace must, and pivot into it."""
    with tempfile.TemporaryDirectory() as folder:
        return in_a_child(lambda: _enter_root(folder))


def _enter_root(folder: str) -> str:
    """Enter namespaces, then a root made at `folder`."""
    namespaces.own_all()
    nothing: dict[str, object] = {"readable": [], "hidden": [], "mirror": ""}
    root.enter({"folder": folder, "disk": 1 << 20, "files": []}, nothing, os.getuid(), os.getgid())
    return ""


def another_user() -> str:
    """Become another user."""
    credentials.become(SOMEBODY, SOMEBODY)
    return ""


def python_as_another_user() -> str:
    """Look, as another user, for what a kernel will import."""
    ours = prefixes()
    another_user()
    for folder in (*ours, *(entry for entry in sys.path if entry)):
        closed = closed_folder(Path(folder))
        if closed:
            return f"{folder} cannot be read by another user, because {closed} is closed to others"
    return ""


def closed_folder(path: Path) -> str:
    """Return the first folder on the way to `path` that we may not pass through; empty if there is none."""
    for folder in (*reversed(path.resolve().parents), path):
        if folder.is_dir() and not os.access(folder, os.X_OK):
            return str(folder)
    return ""


def exposed(unseen: list[str]) -> str:
    """Return the first of `unseen` that another user could read by the permissions of files alone."""
    another_user()
    return next((path for path in unseen if os.access(path, os.R_OK) and _is_there(path)), "")


def _is_there(path: str) -> bool:
    """Tell whether a path leads to a file or a folder."""
    kind = Path(path).stat().st_mode
    return stat.S_ISDIR(kind) or stat.S_ISREG(kind)


def system_calls() -> str:
    """Install a filter that allows everything."""
    seccomp_install.install(ALLOW_EVERYTHING)
    return ""


def prefixes() -> list[str]:
    """Return the folders that make up this Python: the environment, what it is based on, and its packages."""
    packages = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), sysconfig.get_path("stdlib"))
    program = Path(sys.executable).resolve().parent.parent
    return list(dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix, *packages, str(program))))


def has_kernel() -> bool:
    """Tell whether ipykernel can be imported."""
    return util.find_spec("ipykernel") is not None
