"""What lies unpacked is cleared away, at the latest by the next grader."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.intake import unpacking

HOLDER = """
import sys, time
from grader.intake.unpacking import unpacking_folder
with unpacking_folder() as folder:
    (folder / "work.py").write_text("x")
    print(folder, flush=True)
    time.sleep(100)
"""


@pytest.fixture()
def place(tmp_path, monkeypatch):
    """A temporary folder of our own, in which no folder counts as just made."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(unpacking, "_JUST_MADE", 0.0)
    return tmp_path


def test_a_killed_graders_folder_goes_at_the_next_start_and_a_living_ones_stays(place):
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as holder:
        held = Path(holder.stdout.readline().strip())
        with unpacking.unpacking_folder() as own:
            assert held.exists() and own.is_dir()
        assert [path.name for path in place.iterdir()] == [held.name]
        holder.kill()
    assert held.exists()
    with unpacking.unpacking_folder() as own:
        assert list(place.iterdir()) == [own]
    assert not list(place.iterdir())


def test_a_folder_that_was_just_made_and_what_is_not_ours_stay(place, monkeypatch):
    monkeypatch.setattr(unpacking, "_JUST_MADE", 60.0)
    fresh, other = place / "grader-intake-fresh", place / "grader-intake-link"
    fresh.mkdir()
    other.symlink_to(fresh)
    with unpacking.unpacking_folder():
        assert fresh.is_dir() and other.is_symlink()
    monkeypatch.setattr(unpacking, "_JUST_MADE", -time.time())
    with unpacking.unpacking_folder():
        assert other.is_symlink(), "links are not followed"
