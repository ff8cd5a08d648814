"""What of a cell can still run after one of its statements failed.

A constant defined below a failing line is a right answer all the same. The statement that failed is found by its
line; the text after it is the continuation. Where the cell cannot be parsed (a cell magic, a syntax error) there is
none.
"""

from __future__ import annotations

import ast

from grader.syntax import MAGIC, top_level


def rest_after(source: str, line: int) -> str:
    """Return the text of a cell after the top-level statement that holds this line (from 1), or nothing."""
    statements = top_level(source)
    for place, statement in enumerate(statements[:-1]):
        if _first_line(statement) <= line <= (statement.end_lineno or statement.lineno):
            return _text_from(source, statements[place + 1])
    return ""


def _first_line(statement: ast.stmt) -> int:
    """Return where a statement starts, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _text_from(source: str, statement: ast.stmt) -> str:
    """Return the cell's text from a statement on; it may start in the middle of a line, after a semicolon."""
    lines = source.split("\n")[_first_line(statement) - 1 :]
    if _first_line(statement) == statement.lineno and not MAGIC.match(lines[0]):
        lines[0] = lines[0].encode()[statement.col_offset :].decode(errors="replace")
    return "\n".join(lines)
