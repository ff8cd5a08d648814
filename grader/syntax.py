"""Python text, parsed, by one thread at a time.

Until 3.11.8 and 3.12.2, CPython counted the depth of the tree it builds for all threads together: where another thread
came in between, and parsed too, `ast.parse` raised SystemError (python/cpython#106905). Submissions are graded in
threads, so it would have been a fault now and then.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings
from os import PathLike

LONGEST = 20_000
"""Characters of a cell; beyond it a hostile source could exhaust the parser's stack, which is ours."""
MAGIC = re.compile(r"^(\s*)[%!?].*$")
_TURN = threading.RLock()


def parsed(source: str | bytes, name: str | PathLike[str] = "<text>", flags: int = 0) -> ast.Module:
    """Return the tree of a text, whatever Python would warn of in it; `flags` as of `compile`, which may raise."""
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(source, name, "exec", ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def top_level(source: str) -> list[ast.stmt]:
    """Return a cell's top-level statements, none if it does not parse; a line magic counts as a statement."""
    if len(source) > LONGEST or source.lstrip().startswith("%%"):
        return []
    try:
        return parsed(_without_magics(source), flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _without_magics(source: str) -> str:
    """Return the cell with 'pass' in place of every line magic and shell line, line for line."""
    return "\n".join(MAGIC.sub(r"\1pass", line) for line in source.split("\n"))
