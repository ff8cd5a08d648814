"""The mode is chosen, recorded, and asserted, so that no machine degrades in silence."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.sandbox import modes, probe

ABLE = probe.Machine(
    root=True, namespaces="", users="", identity="", reach="", exposed="/course", landlock=7, seccomp="",
    prefixes=(sys.prefix,), version=(3, 11, 7),
)  # fmt: skip


def but(**changes):
    return dataclasses.replace(ABLE, **changes)


@pytest.mark.parametrize(
    ("machine", "mode"),
    [
        (ABLE, "priv"),
        (but(root=False, namespaces="no", identity="no"), "userns"),
        (but(namespaces="no", users="no"), "setuid"),
        (but(root=False, namespaces="no", users="no", identity="no"), "plain"),
        (but(namespaces="no", landlock=0, exposed=""), "setuid"),
    ],
)
def test_the_strongest_mode_is_chosen(machine, mode):
    assert modes.choose(machine) == mode


@pytest.mark.parametrize(
    "machine",
    [
        but(root=False, namespaces="no", users="no", identity="no", landlock=0),
        but(namespaces="no", landlock=0),
        but(namespaces="no", reach="/opt cannot be read"),
        but(seccomp="refused"),
    ],
)
def test_too_little_is_refused_unless_asked_for_in_so_many_words(machine):
    with pytest.raises(UsageError, match="--sandbox none"):
        modes.choose(machine)
    assert modes.choose(machine, "none") == "none"


def test_a_mode_that_cannot_be_had_says_why_and_what_can():
    with pytest.raises(
        UsageError, match=r"'userns' cannot be had here: user namespaces are refused \(no\)\. Possible here: plain"
    ):
        modes.choose(but(root=False, users="no", namespaces="no", identity="no"), "userns")
    with pytest.raises(UsageError, match="choose one of priv, userns"):
        modes.choose(ABLE, "vm")


def test_signals_are_filtered_where_nothing_else_holds_them_in():
    plain = but(root=False, namespaces="no", users="no", identity="no")
    scoped, unscoped = modes.setup(plain, "plain"), modes.setup(dataclasses.replace(plain, landlock=5), "plain")
    assert len(unscoped.filter) > len(scoped.filter)
    assert modes.setup(ABLE, "none").filter == ""


def test_a_python_that_is_none_is_refused():
    with pytest.raises(UsageError, match="not a Python that can be run"):
        probe.probe(Path("/bin/true"))
    with pytest.raises(UsageError, match="not a Python that can be run"):
        probe.probe(Path("/nonexistent/python"))


def test_a_python_without_a_kernel_is_refused(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    with pytest.raises(UsageError, match="no ipykernel"):
        probe.probe(tmp_path / "bare/bin/python")


def test_this_machine_reaches_the_mode_it_should(station):
    with station.box() as box:
        layers = box.facts["ready"]["layers"]
    expected = {
        "priv": ["namespaces", "own root", "own user"],
        "userns": ["user namespace", "namespaces", "own root"],
        "setuid": ["own user"],
        "plain": [],
    }[station.mode]
    assert [layer for layer in layers if not layer.startswith("Landlock")] == [
        *expected, "seccomp", "limits", "clean environment",
    ]  # fmt: skip
    assert any(layer.startswith("Landlock") for layer in layers)
