"""The system-call filter, as a program; what it does to a program is seen in `tests/attacks`."""

import errno
import fcntl
import platform
import struct

import pytest

from grader.sandbox import filter as filters


def test_a_misspelt_system_call_is_an_error():
    with pytest.raises(ValueError, match="no system call named 'ptrase'"):
        filters.number("ptrase")


def test_calls_that_an_old_libseccomp_does_not_know_have_their_number(monkeypatch):
    monkeypatch.setattr(filters.pyseccomp, "resolve_syscall", lambda arch, name: -1)
    assert filters.number("mount_setattr") == 442
    with pytest.raises(ValueError, match="mount"):
        filters.number("mount")


def test_our_short_list_agrees_with_libseccomp_where_that_knows_better():
    for name, expected in filters.SINCE_2021.items():
        assert filters.pyseccomp.resolve_syscall(filters.pyseccomp.Arch.NATIVE, name) in (expected, -1)


def test_what_is_refused_makes_the_program_longer():
    settings = (True, True, True), (False, True, True), (False, False, True), (False, False, False)
    lengths = [len(filters.program(sockets=s, signals=k, own_user=u)) for s, k, u in settings]
    assert lengths == sorted(set(lengths))
    assert lengths[-1] % 8 == 0
    assert lengths[-1] // 8 < 4096  # the most that the machine's kernel takes


ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED = 0x7FFF0000, 0x80000000
"""Answers of the machine's seccomp; an errno is one as `refused` has it."""


def refused(number):
    return 0x00050000 | number


def decided(program, call, *arguments, architecture=None):
    """What a filter answers to a call by its name or number: the machine's seccomp in miniature."""
    architecture = architecture or ARCHITECTURES[platform.machine()]
    number = filters.number(call) if isinstance(call, str) else call
    data = struct.pack("<iIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    place = value = 0
    while True:
        code, yes, no, k = struct.unpack_from("<HBBI", program, 8 * place)
        place += 1
        if code == 0x06:
            return k
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, k)
        elif code == 0x54:
            value &= k
        elif code == 0x05:
            place += k
        else:
            holds = {0x15: value == k, 0x25: value > k, 0x35: value >= k, 0x45: bool(value & k)}[code]
            place += yes if holds else no


NEW_USERS, PLAIN_FORK = 0x10000000, 17
SHARED, PRIVATE = 0x21, 0x22
DECISIONS = {
    "openat": ((), ALLOWED, ALLOWED),
    "ptrace": ((), refused(errno.EPERM), refused(errno.EPERM)),
    "unshare": ((), refused(errno.EPERM), refused(errno.EPERM)),
    "mount": ((), refused(errno.EPERM), refused(errno.EPERM)),
    "clone3": ((), refused(errno.ENOSYS), refused(errno.ENOSYS)),
    "landlock_create_ruleset": ((), refused(errno.ENOSYS), refused(errno.ENOSYS)),
    "connect": ((), ALLOWED, refused(errno.EACCES)),
    "inotify_add_watch": ((), refused(errno.EACCES), refused(errno.EACCES)),
    "kill": ((), ALLOWED, refused(errno.EPERM)),
    "fchmodat": ((), ALLOWED, refused(0)),
    "prlimit64": ((77,), refused(errno.EPERM), refused(errno.EPERM)),
}
"""By name of a call: its arguments, and what the widest and the narrowest filter answer."""


@pytest.mark.skipif(platform.machine() not in ARCHITECTURES, reason="the numbers of other architectures are not here")
class TestDecisions:
    widest = filters.program(sockets=True, signals=True, own_user=True)
    narrowest = filters.program(sockets=False, signals=False, own_user=False)

    @pytest.mark.parametrize("call", DECISIONS)
    def test_of_calls(self, call):
        arguments, wide, narrow = DECISIONS[call]
        assert decided(self.widest, call, *arguments) == wide
        assert decided(self.narrowest, call, *arguments) == narrow

    def test_by_their_arguments(self):
        for program in (self.widest, self.narrowest):
            assert decided(program, "clone", PLAIN_FORK) == ALLOWED
            assert decided(program, "clone", NEW_USERS | PLAIN_FORK) == refused(errno.EPERM)
            assert decided(program, "fcntl", 3, fcntl.F_SETLK) == ALLOWED
            assert decided(program, "fcntl", 3, fcntl.F_SETLEASE) == refused(errno.EACCES)
            assert decided(program, "fcntl", 3, fcntl.F_NOTIFY) == refused(errno.EACCES)
            assert decided(program, "mmap", 0, 4096, 3, PRIVATE) == ALLOWED
            assert decided(program, "mmap", 0, 4096, 3, SHARED) == refused(errno.EPERM)
            assert decided(program, "socket", 1, 1) == ALLOWED
            assert decided(program, "socket", 2, 1) == refused(errno.EACCES)
            assert decided(program, "setsockopt", 3, 1, 7) == refused(0)
            assert decided(program, "setsockopt", 3, 1, 8) == ALLOWED
        assert decided(self.widest, "fcntl", 3, fcntl.F_SETOWN) == ALLOWED
        assert decided(self.narrowest, "fcntl", 3, fcntl.F_SETOWN) == refused(errno.EPERM)
        assert decided(self.narrowest, "ioctl", 3, 0x8901) == refused(errno.EPERM)
        assert decided(self.widest, "socket", 1, 2) == ALLOWED
        assert decided(self.narrowest, "socket", 1, 2) == refused(errno.EACCES)

    def test_of_calls_and_architectures_that_nobody_considered(self):
        assert decided(self.widest, 450) == decided(self.widest, 511) == refused(errno.ENOSYS)
        (other,) = set(ARCHITECTURES.values()) - {ARCHITECTURES[platform.machine()]}
        assert decided(self.widest, "openat", architecture=other) == KILLED
