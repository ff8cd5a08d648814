"""Python text, parsed, by one thread at a time.

Until 3.11.8 and 3.12.2, CPython counted the depth of the tree it builds for all threads together: where another thread
came in between, and parsed too, `ast.parse` raised SystemError (python/cpython#106905). Submissions are graded in
threads, so it would have been a fault now and then.
"""

from __future__ import annotations

import ast
import threading
import warnings
from os import PathLike

_TURN = threading.RLock()


def parsed(source: str | bytes, name: str | PathLike[str] = "<text>", flags: int = 0) -> ast.Module:
    """Return the tree of a text, whatever Python would warn of in it; `flags` as of `compile`, which may raise."""
    with _TURN, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(source, name, "exec", ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree
