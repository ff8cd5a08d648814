"""Text parsed in several threads at once."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.syntax import parsed


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
    gc.collect()


class Restless:
    """What takes some Python code to collect, so that another thread may come in between while a tree is built."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        sum(range(100))


@pytest.mark.slow
def test_trees_are_whole_in_whatever_order_threads_come(restless):
    text, raised = Path(__file__).with_name("test_cli.py").read_text(), []

    def parse() -> None:
        for _ in range(200):
            try:
                parsed(text)
            except SystemError as error:
                raised.append(error)

    threads = [threading.Thread(target=parse) for _ in range(3)]
    threads.append(threading.Thread(target=lambda: [Restless() for _ in range(100_000)]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not raised


def test_what_python_would_warn_of_is_no_error_here():
    assert ast.unparse(parsed("x = '\\d'")) == r"x = '\\d'"


def test_top_level_await_is_parsed_where_it_is_asked_for():
    assert isinstance(parsed("await f()", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).body[0], ast.Expr)


@pytest.mark.parametrize("text", ["def", "x = \x00"])
def test_what_is_no_python_raises(text):
    with pytest.raises((SyntaxError, ValueError)):
        parsed(text)
