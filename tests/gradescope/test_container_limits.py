"""What a submission may take fits into the container."""

from pathlib import Path

from grader.assignment import Limits
from grader.gradescope import machine

GIB = 1 << 30


def test_the_smallest_limit_counts(tmp_path):
    group, unlimited = tmp_path / "memory.max", tmp_path / "other"
    group.write_text("805306368\n")
    unlimited.write_text("max\n")
    assert machine.memory((group, unlimited, tmp_path / "absent")) == 768 << 20


def test_without_a_limit_it_is_the_machines():
    told = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    assert machine.memory(()) == int(told.split()[1]) << 10


def test_a_small_container_lowers_the_limits():
    fitted = machine.fitted(Limits(), seconds=500, files=2, memory=768 << 20)
    assert fitted.memory == 512 << 20
    assert fitted.wall == 150
    assert (fitted.cpu, fitted.question) == (Limits.cpu, Limits.question)


def test_a_large_one_leaves_them():
    assert machine.fitted(Limits(), seconds=1e5, files=1, memory=16 * GIB) == Limits()


def test_there_is_always_something_left():
    fitted = machine.fitted(Limits(), seconds=-5, files=0, memory=100 << 20)
    assert fitted.memory == machine.LEAST
    assert fitted.wall == 1
