"""Namespaces of a box: its own processes, files, network, message queues and host name."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from . import linux

HOSTNAME = b"box"


def become_root_of_own() -> None:
    """Turn a plain user's zygote into the first process of a user namespace in which it may make others.

    Returns in a child only, which is process 1 of a process namespace; the caller stays behind, waits for the child
    and leaves with its status.
    """
    own_users()
    linux.unshare(linux.NEW_PROCESSES | linux.NEW_MOUNTS)
    child = os.fork()
    if child:
        os._exit(_outlive(child))
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    linux.mount("proc", "/proc", "proc", linux.NO_SETUID | linux.NO_DEVICES | linux.NO_EXEC)


def _outlive(child: int) -> int:
    """Wait for a child, holding nothing open meanwhile; return an exit status that tells of its."""
    os.closerange(0, os.sysconf("SC_OPEN_MAX"))
    linux.prctl(linux.DEATH_SIGNAL, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


def own_users() -> None:
    """Enter a new user namespace in which we are who we were, and the only one."""
    uid, gid = os.getuid(), os.getgid()
    linux.unshare(linux.NEW_USERS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def own_all() -> None:
    """Enter new mount, IPC, host name and network namespaces; that of processes was made before the fork."""
    linux.unshare(linux.NEW_MOUNTS | linux.NEW_IPC | linux.NEW_HOSTNAME | linux.NEW_NETWORK)
    linux.check(linux.libc.sethostname(HOSTNAME, len(HOSTNAME)), "sethostname")
