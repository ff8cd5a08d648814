"""The system calls a kernel may make, as a program for the machine's seccomp.

Theory of operation. Everything is allowed but what is listed: students' programs use more of Linux than anyone can
list, and the other layers do not rest on this one. What is listed is what reaches other processes, the machine's
configuration, new file systems and namespaces, memory that no limit counts, or networks. The program is built here, in
the trusted process, and travels as bytes; a name that libseccomp does not know is an error, so that a misspelt rule
cannot go missing. Calls newer than this list do not exist for a box: it gets ENOSYS, and libraries fall back.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterable
from typing import Any

import pyseccomp

REFUSED = {
    "other processes": "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise",
    "file systems": "mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr "
    "mknod mknodat open_by_handle_at name_to_handle_at quotactl quotactl_fd fanotify_init",
    "namespaces": "unshare setns",
    "the machine": "swapon swapoff reboot kexec_load kexec_file_load init_module finit_module delete_module acct "
    "settimeofday clock_settime clock_adjtime adjtimex iopl ioperm syslog vhangup personality modify_ldt",
    "the inner workings": "bpf perf_event_open userfaultfd keyctl add_key request_key vmsplice migrate_pages "
    "move_pages",
    "memory between users": "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl "
    "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr",
    "relics": "lookup_dcookie nfsservctl uselib ustat sysfs",
}
"""Answered with EPERM, by what they would reach."""

ABSENT = (
    "io_uring_setup io_uring_enter io_uring_register io_setup clone3 memfd_create memfd_secret "
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
)
"""Answered with ENOSYS, upon which libraries take the older way: what `clone3` and rings ask for no filter can see, the
memory of `memfd` and of rules no limit counts, and of `io_setup` the machine has so much for everybody together."""

SINCE_2021 = {
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "landlock_create_ruleset": 444,
    "landlock_add_rule": 445, "landlock_restrict_self": 446, "memfd_secret": 447,
}  # fmt: skip
"""Names that an older libseccomp does not know; from 424 on the number is the same on every architecture."""

NEWER = range(450, 512)
"""Calls that came after those considered here."""

NEW_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
FAKE_INPUT = (0x5412, 0x541C)
"""ioctl TIOCSTI and TIOCLINUX: type on somebody's terminal."""

FOLDER_WATCHES = "inotify_init inotify_init1 inotify_add_watch"
"""They tell names in folders that Landlock does not let a box list, and which of the packages that all boxes share
another one opens; and a user has few of them."""
WATCHES_OF_FILES = (1024, 1026)
"""fcntl's F_SETLEASE and F_NOTIFY. By a lease on a file of one's user, whoever opens it waits for up to 45 seconds."""

SHARED_WITHOUT_A_FILE = 0x01 | 0x20
"""mmap's MAP_SHARED and MAP_ANONYMOUS: such memory stays when the process lets go of it, and is then nobody's."""
SOL_SOCKET, SEND_BUFFERS = 1, (7, 32)
"""setsockopt's SO_SNDBUF and SO_SNDBUFFORCE: what waits in sockets is in no process's memory."""

UNIX, KIND = 1, 0xF
STREAM, SEQPACKET = 1, 5
TELL_OTHERS = {"fcntl": (8, 15), "ioctl": (0x8901, 0x8902)}
"""F_SETOWN, F_SETOWN_EX, FIOSETOWN and SIOCSPGRP: whom Linux sends a signal, of any number, about a descriptor."""
SIGNALS = "kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo"


ATTRIBUTES = (
    "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat "
    "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr"
)
"""What changes a file that cannot be opened for writing, and Landlock does not guard."""


def program(*, sockets: bool, signals: bool, own_user: bool) -> bytes:
    """Return the filter as instructions of the machine's seccomp.

    Args:
        sockets: whether AF_UNIX sockets may be connected. Only where the box's files are its own: elsewhere a path
            leads to other people's sockets, which Landlock does not guard.
        signals: whether signals may be sent. Only where the box can reach no process but its own.
        own_user: whether nothing else that the box could reach belongs to its user.
    """
    made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    made.set_attr(
        pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS
    )  # the default ends one thread, and looks like a hang
    _refuse(made, errno.EPERM, " ".join(REFUSED.values()).split())
    _refuse(made, errno.ENOSYS, [*ABSENT.split(), *NEWER])
    for flag in NEW_NAMESPACES:
        made.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    for request in FAKE_INPUT:
        made.add_rule(pyseccomp.ERRNO(errno.EPERM), "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    _no_hidden_memory(made)
    _only_unix_sockets(made)
    _refuse(made, errno.EACCES, FOLDER_WATCHES.split())
    for command in WATCHES_OF_FILES:
        watches = pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, command)
        made.add_rule(pyseccomp.ERRNO(errno.EACCES), "fcntl", watches)
    if not sockets:
        _no_addresses(made)
    _only_own_settings(made)
    if not own_user:
        _refuse(made, 0, ATTRIBUTES.split())  # errno 0: said to have been done, as `shutil.copy` and `zipfile` expect
        _only_own_priority(made)
    if not signals:
        _refuse(made, errno.EPERM, SIGNALS.split())
        for call, commands in TELL_OTHERS.items():
            for command in commands:
                tells = pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, command)
                made.add_rule(pyseccomp.ERRNO(errno.EPERM), call, tells)
    return _exported(made)


def number(name: str) -> int:
    """Return the number of a system call; raise ValueError if this libseccomp and our own short list do not know it."""
    found: int = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    if found == _UNKNOWN:
        found = SINCE_2021.get(name, _UNKNOWN)
    if found == _UNKNOWN:
        raise ValueError(f"no system call named {name!r}")
    return found


_UNKNOWN = -1
"""libseccomp's answer; other negative numbers are calls of other architectures, which it leaves out by itself."""


def _refuse(made: Any, error: int, calls: Iterable[str | int]) -> None:
    """Have each of the calls fail with an errno."""
    for call in calls:
        made.add_rule(pyseccomp.ERRNO(error), number(call) if isinstance(call, str) else call)


def _no_hidden_memory(made: Any) -> None:
    """Refuse memory that the watch could not count, and larger buffers of sockets than it counts with."""
    hidden = pyseccomp.Arg(3, pyseccomp.MASKED_EQ, SHARED_WITHOUT_A_FILE, SHARED_WITHOUT_A_FILE)
    made.add_rule(pyseccomp.ERRNO(errno.EPERM), "mmap", hidden)
    for option in SEND_BUFFERS:
        of_sockets, size = pyseccomp.Arg(1, pyseccomp.EQ, SOL_SOCKET), pyseccomp.Arg(2, pyseccomp.EQ, option)
        made.add_rule(pyseccomp.ERRNO(0), "setsockopt", of_sockets, size)  # said to have been done


def _only_unix_sockets(made: Any) -> None:
    """Refuse every family of sockets but AF_UNIX: no networks, no netlink, no packets."""
    for call in ("socket", "socketpair"):
        made.add_rule(pyseccomp.ERRNO(errno.EACCES), call, pyseccomp.Arg(0, pyseccomp.NE, UNIX))


def _no_addresses(made: Any) -> None:
    """Refuse to reach a socket by its address: by connect(2), or by sending on one that needs no connection."""
    made.add_rule(pyseccomp.ERRNO(errno.EACCES), "connect")
    for call in ("socket", "socketpair"):
        for kind in set(range(KIND + 1)) - {STREAM, SEQPACKET}:
            made.add_rule(pyseccomp.ERRNO(errno.EACCES), call, pyseccomp.Arg(1, pyseccomp.MASKED_EQ, KIND, kind))


def _only_own_settings(made: Any) -> None:
    """Refuse to look at or change the limits of another process; one's own are asked for as those of process 0."""
    made.add_rule(pyseccomp.ERRNO(errno.EPERM), "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))


def _only_own_priority(made: Any) -> None:
    """Refuse to slow down other processes of the same user."""
    refuse = pyseccomp.ERRNO(errno.EPERM)
    others = pyseccomp.Arg(0, pyseccomp.NE, 0)
    for call in ("sched_setaffinity", "sched_setattr"):
        made.add_rule(refuse, call, others)
    made.add_rule(refuse, "sched_setscheduler", others, pyseccomp.Arg(1, pyseccomp.NE, 0))  # libzmq asks for plain 0
    for call, itself in (("setpriority", 0), ("ioprio_set", 1)):
        made.add_rule(refuse, call, pyseccomp.Arg(0, pyseccomp.NE, itself))
        made.add_rule(refuse, call, pyseccomp.Arg(1, pyseccomp.NE, 0))


def _exported(made: Any) -> bytes:
    """Return a finished filter as bytes."""
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()
