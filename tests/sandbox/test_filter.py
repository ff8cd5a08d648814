"""The system-call filter, as a program; what it does to a program is seen in `tests/attacks`."""

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
