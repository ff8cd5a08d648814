"""Rules of Landlock: which paths they name, and that they hold."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.kernel import landlock

COURSE = Path(__file__).resolve().parents[2]


def test_neighbours_of_what_is_hidden_are_allowed_one_by_one(tmp_path):
    for name in ("numpy", "grader", "deep/secret", "deep/open"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "grader")
    rules = landlock.around([str(tmp_path)], [str(tmp_path / "grader"), str(tmp_path / "deep/secret")])
    assert set(rules.readable) == {str(tmp_path / "numpy"), str(tmp_path / "deep/open")}
    assert set(rules.listable) == {str(tmp_path), str(tmp_path / "deep")}


def test_what_is_hidden_altogether_is_not_allowed_at_all(tmp_path):
    assert landlock.around([str(tmp_path)], [str(tmp_path)]) == landlock.Rules()


@pytest.mark.skipif(not landlock.version(), reason="no Landlock on this machine")
@pytest.mark.parametrize(
    ("attempt", "allowed"),
    [
        ("open('{home}/mine', 'w').write('x')", True),
        ("open('{readable}/data').read()", True),
        ("open('{readable}/new', 'w')", False),
        ("open('{readable}/data', 'r+')", False),
        ("os.truncate('{readable}/data', 0)", False),
        ("os.listdir('{listed}')", True),
        ("open('{listed}/data').read()", False),
        ("open('{elsewhere}/data').read()", False),
        ("os.listdir('{elsewhere}')", False),
        ("os.link('{elsewhere}/data', '{home}/stolen')", False),
        ("os.rename('{readable}/data', '{home}/stolen')", False),
        ("socket.socket(socket.AF_INET).connect(('127.0.0.1', 9))", False),
    ],
)
def test_rules_hold(tmp_path, attempt, allowed):
    folders = {name: tmp_path / name for name in ("home", "readable", "listed", "elsewhere")}
    for folder in folders.values():
        folder.mkdir()
        (folder / "data").write_text("data")
    rules = {"readable": ["readable"], "writable": ["home"], "listable": ["listed"]}
    named = {kind: tuple(str(folders[name]) for name in names) for kind, names in rules.items()}
    program = f"""
import os, socket, sys
sys.path.insert(0, {str(COURSE)!r})
from grader.kernel import landlock
landlock.install(landlock.Rules(**{named!r}))
try:
    {attempt.format(**folders)}
except PermissionError:
    print("denied")
except OSError as error:
    print("denied" if error.errno == 18 else error)  # EXDEV: what Landlock says of a move between trees
else:
    print("allowed")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == ("allowed" if allowed else "denied"), done.stderr
