"""What references share: a reference may import files that lie beside it.

Theory of operation. While a reference is imported its folder is searched first, as Python does for a script that is
run. Afterwards the folder's modules are taken out of `sys.modules` again, and whatever went by their names before is
put back: so two courses in one process can each have an `activations.py`, and a reference that is loaded again reads
its siblings again. Which files those are is read from the import statements; nothing has to run for it.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.syntax import parsed


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Let the files of `folder` be imported by their plain names; afterwards everything is as it was before."""
    entry, names = str(folder.resolve()), {file.stem for file in folder.glob("*.py")}
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    importlib.invalidate_caches()  # a file that was written this very moment is found too
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        sys.path.remove(entry)
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def siblings(path: Path) -> tuple[Path, ...]:
    """Return the files beside `path` that it imports, and those that they import, each after what it needs itself.

    A file that cannot be read or parsed imports nothing; loading it says what is wrong with it.
    """
    found: dict[Path, None] = {}
    _collect(path, found, {path})
    return tuple(found)


def _collect(path: Path, found: dict[Path, None], begun: set[Path]) -> None:
    for name in _imported(path):
        sibling = path.with_name(f"{name}.py")
        if sibling not in begun and sibling.is_file():
            begun.add(sibling)
            _collect(sibling, found, begun)
            found[sibling] = None


def _imported(path: Path) -> Iterator[str]:
    """Yield the names of the top-level modules that a file imports, in the order of its lines."""
    try:
        statements = list(ast.walk(parsed(path.read_bytes(), path)))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module.partition(".")[0]
