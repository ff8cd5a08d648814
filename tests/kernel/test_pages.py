"""Memory is gathered in large pages where Linux does that, and stays what it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.kernel import pages

PROGRAM = """
import mmap, re, time
from pathlib import Path
from grader.kernel import pages
size = int(pages.SIZE.read_text())
ours = mmap.mmap(-1, 8 * size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for place in range(0, 8 * size, 4096):
    ours[place] = 7
def large():
    return sum(map(int, re.findall(r"AnonHugePages: *(\\d+)", Path("/proc/self/smaps").read_text())))
before = large()
for _ in range(50):  # Linux may lack a large page for a moment
    pages.gather()
    if large() - before >= 4 * (size >> 10):
        break
    time.sleep(0.1)
print(size >> 10, large() - before, all(ours[place] == 7 for place in range(0, 8 * size, 4096)))
"""


@pytest.mark.skipif(not pages.SIZE.exists(), reason="this Linux has no large pages")
def test_memory_is_gathered_and_holds_what_it_held() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    size, gained, same = done.stdout.split()
    assert same == "True"
    if int(gained) == 0:
        pytest.skip("this Linux gathers no pages when asked")  # before 6.1
    assert int(gained) >= 4 * int(size)


def test_neither_files_nor_the_stack_are_touched() -> None:
    ours = {f"{start:08x}-{end:08x}" for start, end in pages.private()}
    mapped = [line.split(None, 5) for line in Path("/proc/self/maps").read_text().splitlines()]
    touched = [line[5] for line in mapped if line[0] in ours and len(line) > 5]
    assert ours
    assert not [name for name in touched if name.startswith(("/", "[stack"))]
