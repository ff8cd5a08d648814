"""What a regrade costs: recorded submissions after a tolerance was changed, and the start of the command itself.

    python benchmarks/regrade.py [--number 18] [--jobs 2]

Sample hand-ins of hw3 are graded once (this takes minutes, and is not what is measured). Then a copy of the course gets
another tolerance, and the same command runs again; no student code may run. CPU seconds are those of the whole command,
Python's start included.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GRADE = [sys.executable, "-m", "grader.cli"]


def main() -> None:
    """Grade, change a tolerance, grade again."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--number", type=int, default=18)
    parser.add_argument("--jobs", type=int, default=2)
    order = parser.parse_args()
    for arguments in (["--help"], ["--version"]):
        measured(f"grade {' '.join(arguments)}", arguments)
    with tempfile.TemporaryDirectory() as scratch:
        regraded(Path(scratch), order.number, str(order.jobs))


def regraded(scratch: Path, number: int, jobs: str) -> None:
    """Grade some hand-ins with a copy of the course, then with its tolerances doubled."""
    course, hand_ins = scratch / "course", scratch / "submissions"
    hand_ins.mkdir()
    for folder in ("rubrics", "reference"):
        shutil.copytree(ROOT / folder, course / folder)
    samples = sorted((ROOT / "sample_submissions/hw3").iterdir())[:number]
    for sample in samples:
        (shutil.copytree if sample.is_dir() else shutil.copy)(sample, hand_ins / sample.name)
    command = [str(hand_ins), "--hw", "3", "--course", str(course), "--out", str(scratch / "out"), "-j", jobs]
    measured(f"first grading of {len(samples)}", command)
    measured("regrade, nothing changed", command)
    reference = course / "reference/hw3.py"
    text = reference.read_text()
    doubled = re.sub(r"([ra]tol=)(\d+(?:\.\d+)?e-?\d+)", lambda found: f"{found[1]}{2 * float(found[2])!r}", text)
    assert doubled != text, "no tolerance was found in the reference"
    reference.write_text(doubled)
    measured("regrade, tolerances doubled", command)


def measured(what: str, arguments: list[str]) -> None:
    """Run a command and print its CPU and wall seconds."""
    before, start = _children(), time.monotonic()
    done = subprocess.run(
        [*GRADE, *arguments], capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    cpu, wall = _children() - before, time.monotonic() - start
    assert done.returncode in (0, 1), done.stdout + done.stderr
    again = done.stdout.count("as recorded")
    replayed = f", {again} as recorded" if again else ""
    print(f"{what:<30}{cpu:>8.2f} s CPU{wall:>8.2f} s{replayed}", flush=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
