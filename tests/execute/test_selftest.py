"""The doctor's own submission is held in the best mode, and what does not hold is said."""

import pytest

from grader.execute import Settings
from grader.execute.selftest import self_test


@pytest.mark.slow
def test_every_attempt_is_held_here():
    lines = self_test(Settings())
    assert [line for line in lines if not line.held] == []
    assert len(lines) == 9


@pytest.mark.slow
def test_without_a_sandbox_most_attempts_succeed():
    held = {line.what: line.held for line in self_test(Settings(mode="none"))}
    assert not held["read a reference"] and not held["open a connection"]
    assert held["outlive the sandbox"]
