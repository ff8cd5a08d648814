"""The doctor tries the sandbox before it is trusted, and says what got through."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grader import doctor
from grader.execute import selftest

COURSE = Path(__file__).resolve().parents[1]


def examined():
    """The exit code and what was said."""
    said = io.StringIO()
    code = doctor.examine(COURSE, Path(sys.executable), Console(file=said, width=200))
    return code, said.getvalue()


@pytest.mark.parametrize("held", [True, False])
def test_what_was_tried_is_said_and_decides(monkeypatch, held):
    lines = (selftest.Line("read a reference", held, "it could"), selftest.Line("fill the disk", True, "OSError: full"))
    given = []
    monkeypatch.setattr(selftest, "self_test", lambda settings: given.append(settings) or lines)
    code, said = examined()
    assert code == (0 if held else 2)
    assert f"read a reference: {'held' if held else 'GOT THROUGH: it could'}" in said
    assert "fill the disk: held" in said
    assert ("1 of 2 got through" in said) is not held
    assert COURSE in given[0].hidden


@pytest.mark.slow
def test_this_machine_passes():
    code, said = examined()
    assert code == 0
    assert said.count(": held") == 9
