"""Runs a command as on a lesser machine: `dockerlike.py [--container] [--user UID] COMMAND…`; to be started as root.

--container: with the capabilities and about the system-call filter that Docker gives by default.
--user UID: as a plain user.

In both cases this Python may lie below a home that is closed to others; it is opened first, in a mount namespace of our
own, as it is on the machines that are meant.
"""

import ctypes
import errno
import os
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyseccomp

from grader.kernel import linux, seccomp_install
from grader.sandbox import filter as filters

CAPABILITIES = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND NET_RAW CHROOT MKNOD AUDIT_WRITE SETFCAP."""
REFUSED = """unshare mount umount2 setns pivot_root open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
swapon swapoff reboot kexec_load kexec_file_load init_module finit_module delete_module bpf perf_event_open userfaultfd
keyctl add_key request_key open_by_handle_at quotactl quotactl_fd acct settimeofday clock_settime iopl ioperm syslog
vhangup fanotify_init lookup_dcookie nfsservctl uselib ustat sysfs io_uring_setup io_uring_enter io_uring_register
move_pages get_mempolicy mbind set_mempolicy"""


def main(arguments):
    container = arguments[0] == "--container"
    arguments = arguments[container:]
    user = int(arguments[1]) if arguments[0] == "--user" else None
    arguments = arguments[2:] if user is not None else arguments
    open_this_python()
    if container:
        seccomp_install_with_privilege(program())
        restrict_capabilities(None if user is not None else CAPABILITIES)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    os.execvp(arguments[0], arguments)


def open_this_python():
    """Cover every closed folder on the way to this Python with one that is open and holds that way only."""
    base = Path(sys.base_prefix)
    closed = [folder for folder in reversed(base.parents) if not folder.stat().st_mode & 0o001]
    linux.unshare(linux.NEW_MOUNTS)
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    for folder in closed:
        held = os.open(base, os.O_PATH)
        linux.mount("tmpfs", str(folder), "tmpfs", 0, "mode=755")
        base.mkdir(parents=True)
        linux.mount(f"/proc/self/fd/{held}", str(base), flags=linux.BIND)
        os.close(held)


def program():
    made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in REFUSED.split():
        made.add_rule(pyseccomp.ERRNO(errno.EPERM), filters.number(name))
    made.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for flag in filters.NEW_NAMESPACES:
        made.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    return filters._exported(made)


def seccomp_install_with_privilege(instructions):
    """Docker's runtime installs the filter while it is still root, and leaves set-uid programs their power."""
    linux_prctl, linux.prctl = (
        linux.prctl,
        lambda option, *rest: 0 if option == linux.NO_NEW_PRIVILEGES else linux_prctl(option, *rest),
    )
    seccomp_install.install(instructions)
    linux.prctl = linux_prctl


def restrict_capabilities(kept):
    for capability in range(41):
        if capability not in (kept or ()):
            linux.prctl(linux.DROP_BOUND, capability)
    if kept is not None:
        mask = sum(1 << capability for capability in kept)
        header = struct.pack("Ii", 0x20080522, 0)
        low, high = mask & 0xFFFFFFFF, mask >> 32
        linux.check(ctypes.CDLL(None).capset(header, struct.pack("6I", low, low, 0, high, high, 0)), "capset")


if __name__ == "__main__":
    main(sys.argv[1:])
