"""What the kernel of the machine says about a tree of processes: who is in it, what it used, how it is ended.

Theory of operation. Nothing here believes a student: all of it is read from `/proc`, seen from outside the box. A
tree is walked by `/proc/PID/task/TID/children`; a process may vanish at any moment, so every read may come back empty
and none may raise. CPU time is the greater of two sums that can both fall short: that of the living (which counts
children only once their parent has waited for them), and that of every process ever seen (which misses what came and
went between two looks). A pidfd, and never a bare number, says whether a process is still the one that was meant.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAUSE = 0.01
_BESIDE = ("VmPTE:", "HugetlbPages:")
"""In `/proc/PID/status`, and in no sum of small pages: the tables that say where memory is, and pages set aside."""
_IN_STATUS = ("RssAnon:", "RssShmem:", "VmSwap:", *_BESIDE)
"""In `/proc/PID/status`: memory that no file backs, swapped out or not."""
_SHARED_OUT = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
"""In `/proc/PID/smaps_rollup`: the same but for what is beside it, each page divided by how many processes have it."""
SOCKET = 256 << 10
"""Bytes that wait in a socket at most, a little over Linux's `wmem_default`; the filter lets no box have more."""


def _read(path: str) -> str:
    """Return a file of `/proc`, or nothing when the process is gone or not ours to see."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - thousands a minute, and a Path costs more than the read
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def _lines(path: str) -> list[str]:
    """Return a file's lines as Linux ends them. It writes a process's name as it was chosen, but for its line feeds.

    `str.splitlines` would end a line at a carriage return too, and what follows it in a name would be Linux's word.
    """
    return _read(path).split("\n")


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    return [root, *descendants(root)]


def descendants(pid: int) -> list[int]:
    """Return the processes below this one, without itself."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = _children(waiting.pop())
        found += children
        waiting += children
    return found


def _children(pid: int) -> list[int]:
    """Return the children of every thread of a process."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - as above
    except OSError:
        return []
    return [int(child) for thread in threads for child in _read(f"/proc/{pid}/task/{thread}/children").split()]


def pid_of(pidfd: int) -> int:
    """Return the process behind a pidfd as this side numbers it, or -1 when it is gone or not a pidfd at all."""
    for line in _lines(f"/proc/self/fdinfo/{pidfd}"):
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return -1


def number_inside(pid: int) -> int:
    """Return the number that a process has in its own process namespace, or -1 when it is gone."""
    return (_ids(pid, "NSpid:") or [-1])[-1]


def ended(pidfd: int, seconds: float = 0.0) -> bool:
    """Return whether the process behind a pidfd has ended, waiting up to so many seconds for it."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


@dataclass
class CpuMeter:
    """CPU seconds of a tree of processes; never runs backwards."""

    root: int
    total: float = 0.0
    _own: dict[tuple[int, str], float] = field(default_factory=dict)

    def read(self) -> float:
        """Look once, and return the seconds used so far."""
        return self.count(tree(self.root))

    def count(self, pids: Iterable[int]) -> float:
        """Return the seconds used so far by the tree, which has these processes now."""
        with_waited = 0.0
        for pid in pids:
            fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if len(fields) < 20:
                continue
            user, system, waited_user, waited_system = (int(ticks) / _TICK for ticks in fields[11:15])
            self._own[pid, fields[19]] = user + system
            with_waited += user + system + waited_user + waited_system
        self.total = max(self.total, with_waited, sum(self._own.values()))
        return self.total


def memory_at_most(pids: Sequence[int], *, own_network: bool) -> int:
    """Return an upper bound of a tree's memory in bytes: cheap, but counts a shared page once per process."""
    return sum(own_memory(pid) for pid in pids) + (_waiting_in_network(pids) if own_network else 0)


def memory(pids: Sequence[int], shared: Shared, *, own_network: bool) -> int:
    """Return a tree's memory in bytes, each page counted once.

    Where the machine does not let us see shares (a container's root without CAP_SYS_PTRACE), what each process has from
    the zygote is taken off. Where it does, only the first process, which is ours, may keep its own from sight.
    What may wait in sockets belongs to it: all those of the box's network, if it has its own, else those that are open.
    """
    total, sockets = 0, set[str]()
    for pid in pids:
        if exact := _lines(f"/proc/{pid}/smaps_rollup")[:-1]:
            total += _bytes(exact, _SHARED_OUT) + _bytes(_lines(f"/proc/{pid}/status"), _BESIDE)
            sockets |= set() if own_network else _sockets(pid)
        else:
            total += max(0, own_memory(pid) - (0 if shared.seen and pid != pids[0] else shared.bytes))
    return total + (_waiting_in_network(pids) if own_network else len(sockets) * SOCKET)


@dataclass(frozen=True)
class Shared:
    """What each process of a box has in common with the zygote."""

    bytes: int = 0
    seen: bool = False
    """Whether Linux tells us which pages are shared."""


def shared_with_zygote(kernel: int) -> Shared:
    """Return what a kernel that has not run anything yet shares: all that it has."""
    return Shared(own_memory(kernel), bool(_read(f"/proc/{kernel}/smaps_rollup")))


def _waiting_in_network(pids: Sequence[int]) -> int:
    """Return the bytes that may wait in a network's sockets, also those that nobody has accepted or taken yet."""
    return max(0, _read(f"/proc/{pids[0]}/net/unix").count("\n") - 1) * SOCKET


def _bytes(lines: Iterable[str], fields: tuple[str, ...]) -> int:
    """Return the sum of those lines of `status` or `smaps_rollup`, which are in KiB."""
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(fields))


def own_memory(pid: int) -> int:
    """Return the bytes of memory that one process has at most: its own, and what may wait in its descriptors."""
    status = _lines(f"/proc/{pid}/status")
    places = next((int(line.split()[1]) for line in status if line.startswith("FDSize:")), 0)
    return _bytes(status, _IN_STATUS) + places * SOCKET


def _sockets(pid: int) -> set[str]:
    """Return the sockets that a process has open, by their inodes; those of a fork are its parent's."""
    found = set()
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - as above
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/fd/{name}"))  # noqa: PTH115 - as above
    return {target for target in found if target.startswith("socket:")}


def end_tree(root: int) -> None:
    """Kill a process and all below it; they are stopped first, so that none can fork away."""
    stopped: set[int] = set()
    for _ in range(100):
        fresh = [pid for pid in tree(root) if pid not in stopped]
        if not fresh:
            break
        for pid in fresh:
            stopped.add(pid)
            _signal(pid, signal.SIGSTOP)
    for pid in stopped:
        _signal(pid, signal.SIGKILL)


def would_compute(pid: int) -> bool:
    """Tell whether a process computes, or waits for nothing but a processor."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1] == ["R"]


def living(pids: Iterable[int]) -> list[int]:
    """Return those that have not ended; one that waits to be reaped has."""
    return [pid for pid in pids if not _is_over(pid)]


def await_end(pids: Collection[int], seconds: float) -> None:
    """Wait until these processes have ended, up to so many seconds."""
    deadline = time.monotonic() + seconds
    while living(pids) and time.monotonic() < deadline:
        time.sleep(_PAUSE)


def _is_over(pid: int) -> bool:
    """Tell whether a process is gone; one whose first thread has ended looks so, but for its number of threads."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return len(fields) < 18 or (fields[0] in "ZX" and int(fields[17]) < 2)


def end_all_of(uid: int) -> None:
    """Kill every process of a user id that we own for the moment; the last sweep where there is no pid namespace."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _ids(int(entry.name), "Uid:")[:1] == [uid]:
            _signal(int(entry.name), signal.SIGKILL)


def users(but: int = -1) -> set[int]:
    """Return every user id that a living process has, in whatever role, and every group it is in besides its own."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and entry.name != str(but)]
    return {number for pid in living(pids) for number in _ids(pid, "Uid:", "Groups:")}


def _ids(pid: int, *fields: str) -> list[int]:
    """Return the numbers in these lines of a process's status; none when it is gone."""
    lines = [line.split() for line in _lines(f"/proc/{pid}/status") if line.startswith(fields)]
    return [int(number) for line in lines for number in line[1:]]


def _signal(pid: int, number: int) -> None:
    """Signal a process that may be gone already."""
    with contextlib.suppress(OSError):
        os.kill(pid, number)
