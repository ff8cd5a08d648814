"""Which way of confining is used: the strongest there is, the one that was asked for, or none in so many words.

| mode | who | layers |
|---|---|---|
| priv | root | namespaces with an empty root, a user of its own, Landlock, seccomp, rlimits |
| userns | plain user | the same inside a user namespace |
| setuid | root in a container | a user of its own, Landlock, seccomp, rlimits |
| plain | plain user in a container | Landlock, seccomp, rlimits |
| none | only if asked for | rlimits and a clean environment: nothing keeps a program from reading or sending anything |

Without mount namespaces a path may lead to other people's sockets and shared memory, so `setuid` and `plain` can
neither connect to a socket nor use `/dev/shm`; a DataLoader's workers then run in the kernel itself.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from grader.errors import UsageError
from grader.sandbox import filter as filters
from grader.sandbox.probe import Machine
from grader.sandbox.request import NAMESPACED, ZygoteSetup
from grader.sandbox.view import view

MODES = ("priv", "userns", "setuid", "plain")
"""From the strongest to the weakest; each is enough."""
NONE = "none"
SCOPED_SIGNALS = 6
"""The version of Landlock from which on a box can signal nobody outside."""


def choose(machine: Machine, asked: str | None = None) -> str:
    """Return the mode to use; raises UsageError, with the reason and what to do, if it cannot be had."""
    if asked is None:
        return _strongest(machine)
    known(asked)
    reason = obstacle(machine, asked)
    if reason:
        possible = ", ".join(mode for mode in (*MODES, NONE) if not obstacle(machine, mode))
        raise UsageError(f"Sandbox {asked!r} cannot be had here: {reason}. Possible here: {possible}.")
    return asked


def known(asked: str) -> None:
    """Raise UsageError if no mode has this name."""
    if asked not in (*MODES, NONE):
        raise UsageError(f"There is no sandbox {asked!r}; choose one of {', '.join((*MODES, NONE))}.")


def _strongest(machine: Machine) -> str:
    """Return the first mode without an obstacle."""
    for mode in MODES:
        if not obstacle(machine, mode):
            return mode
    reasons = "; ".join(f"{mode}: {obstacle(machine, mode)}" for mode in MODES)
    raise UsageError(
        "Students' programs cannot be confined on this machine, so they are not run. "
        f"Why, for each way there is: {reasons}. On a machine that holds nothing worth reading, and without a network, "
        "`--sandbox none` runs them all the same."
    )


def obstacle(machine: Machine, mode: str) -> str:
    """Return why a mode cannot be had on a machine; empty if it can."""
    if mode == NONE:
        return ""
    if machine.seccomp:
        return f"system calls cannot be filtered ({machine.seccomp})"
    return {"priv": _priv, "userns": _userns, "setuid": _setuid, "plain": _plain}[mode](machine)


_NOT_AS_ROOT = (
    "it is for plain users (in a container: `--user 1000`); as root, the number of processes would have no limit"
)


def _priv(machine: Machine) -> str:
    """Return why there can be no namespaces and no other user."""
    if machine.namespaces:
        return f"namespaces of one's own are refused ({machine.namespaces})"
    return f"no other user can be taken on ({machine.identity})" if machine.identity else ""


def _userns(machine: Machine) -> str:
    """Return why there can be no user namespace; as root it would not bound the number of processes."""
    if machine.root:
        return _NOT_AS_ROOT
    return f"user namespaces are refused ({machine.users})" if machine.users else ""


def _setuid(machine: Machine) -> str:
    """Return why another user's permissions do not protect us, or do not let it run."""
    if not machine.root:
        return "needs root"
    if machine.identity:
        return f"no other user can be taken on ({machine.identity})"
    if machine.reach:
        return machine.reach
    if not machine.landlock and machine.exposed:
        return f"there is no Landlock and {machine.exposed} can be read by everybody (chmod -R go-rwx would close it)"
    return ""


def _plain(machine: Machine) -> str:
    """Return why the files of this user cannot be protected from a program of the same user."""
    if machine.root:
        return _NOT_AS_ROOT
    return "" if machine.landlock else "there is no Landlock (Linux 5.13 or newer, and allowed here)"


def setup(
    machine: Machine,
    mode: str,
    hidden: Iterable[Path] = (),
    preload: Iterable[str] = (),
    *,
    warm: bool = True,
    mirror: Path | None = None,
) -> ZygoteSetup:
    """Return what to tell a zygote so that its boxes are confined in a mode."""
    seen = replace(view(machine.prefixes, hidden), mirror=str(mirror or ""))
    return ZygoteSetup(mode, seen, _filter(machine, mode), tuple(preload), warm)


def _filter(machine: Machine, mode: str) -> str:
    """Return the system-call filter of a mode, in base64."""
    if mode == NONE:
        return ""
    namespaced = mode in NAMESPACED
    signals = namespaced or mode == "setuid" or machine.landlock >= SCOPED_SIGNALS
    program = filters.program(sockets=namespaced, signals=signals, own_user=mode != "plain")
    return base64.b64encode(program).decode()
