"""A reference, handed in like any submission: what it declares becomes what a student would have written.

Theory of operation. In the sandbox `grader.expect` cannot be read. A first cell puts a stand-in of a few lines in its
place: there decorators leave functions as they are and `Value(x)` is x. The files that a reference imports from its own
folder are modules there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from grader.records import Submission, SubmittedFile
from grader.siblings import siblings

STAND_IN = """
import sys
import types


class Declared:
    def __init__(self, *_, **__):
        pass

    def __call__(self, *given, **_):
        return given[0] if given and isinstance(given[0], types.FunctionType) else self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __iter__(self):
        return iter(())


class Expect(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Declared()


expect = Expect("grader.expect")
expect.Value = expect.Formula = lambda value, *_, **__: value
expect.mistake = lambda *_, **__: lambda function: function
sys.modules["grader"] = types.ModuleType("grader")
sys.modules["grader"].expect = sys.modules["grader.expect"] = expect
del expect, Expect
"""


def prelude(reference: Path) -> str:
    """Return a cell after which a reference can run: what it imports is there."""
    return "\n".join((STAND_IN, *map(module, siblings(reference))))


def module(path: Path) -> str:
    """Return a cell after which the file can be imported by its name."""
    source = path.read_text(encoding="utf-8")
    name = repr(path.stem)
    return f"sys.modules[{name}] = types.ModuleType({name})\nexec({source!r}, vars(sys.modules[{name}]))"


def submission(folder: Path, key: str, sources: Sequence[str]) -> Submission:
    """Return a submission of one notebook with these code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path = folder / f"{key}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return Submission(key, key, (SubmittedFile(path, path.name),))
