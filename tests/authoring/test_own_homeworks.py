"""The homeworks that come with the program agree with themselves: every known mistake is caught and named."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from grader import session

COURSE = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("homework", ["hw1", "hw3", "ams", "ex1"])
def test_a_homework_is_sound(homework, capsys):
    code = session.selfcheck(session.Order(homework, course=COURSE), Console(width=400))
    assert code == session.GRADED, capsys.readouterr().out
