"""What is said in the terminal, and what becomes of a run when nobody reads it any more."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import pathlib, sys
from grader.terminal import Terminal
terminal = Terminal()
for number in range(20_000):
    terminal.print(f"line {number}")
pathlib.Path(sys.argv[1]).write_text("all pages are written")
"""


def test_a_reader_who_leaves_ends_nothing(tmp_path):
    page = tmp_path / "page"
    writer = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, page], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None and writer.stderr is not None
    assert writer.stdout.readline() == "line 0\n"
    writer.stdout.close()
    said = writer.stderr.read()
    assert (writer.wait(120), said) == (0, "")
    assert page.read_text() == "all pages are written"
    writer.stderr.close()
