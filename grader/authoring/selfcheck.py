"""A homework, checked itself: its reference must earn everything, an empty notebook nothing.

Theory of operation. The reference is handed in like any submission and run in the sandbox, where `grader.expect` cannot
be read. A first cell puts a stand-in of a few lines in its place: there decorators leave functions as they are and
`Value(x)` is x, so that what the reference declares becomes what a student would have written. The files that it
imports from its own folder are modules there, defined by a cell each. Items are left out: people decide them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.bench import Bench
from grader.grade import grade_submission
from grader.records import Finding, Grade, Outcome, Submission, SubmittedFile
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
expect.Value = lambda value, *_, **__: value
expect.mistake = lambda *_, **__: lambda function: function
sys.modules["grader"] = types.ModuleType("grader")
sys.modules["grader"].expect = sys.modules["grader.expect"] = expect
del expect, Expect
"""


@dataclass(frozen=True)
class Checked:
    """What came of the reference and of an empty notebook."""

    claims: int
    """How many checks there are."""
    complaints: tuple[str, ...]
    """A sentence for each claim that disagrees; empty if the homework is sound."""


def selfcheck(bench: Bench, folder: Path) -> Checked:
    """Grade the reference and an empty notebook, made in `folder`, and return what disagrees."""
    path = bench.assignment.reference
    cells = [STAND_IN, *map(_module, siblings(path)), path.read_text(encoding="utf-8")]
    reference = grade_submission(_submission(folder, "reference", cells), bench)
    empty = grade_submission(_submission(folder, "empty", []), bench)
    complaints = (*_complaints(reference, "The reference", _earns_all), *_complaints(empty, "Nothing", _earns_nothing))
    return Checked(sum(finding.by == "check" for finding in reference.findings), complaints)


def _module(path: Path) -> str:
    """Return a cell after which the file can be imported by its name."""
    source = path.read_text(encoding="utf-8")
    name = repr(path.stem)
    return f"sys.modules[{name}] = types.ModuleType({name})\nexec({source!r}, vars(sys.modules[{name}]))"


def _complaints(grade: Grade, who: str, sound: Callable[[Finding], bool]) -> list[str]:
    if grade.record and grade.record.fault:
        return [f"{who} could not be graded: {grade.record.fault}"]
    return [
        f"{who} is {finding.verdict.outcome.value} on {finding.key} ({finding.claim}): {_all_found(finding)}"
        for finding in grade.findings
        if finding.by == "check" and not sound(finding)
    ]


def _earns_all(finding: Finding) -> bool:
    return finding.verdict.outcome is Outcome.PASSED


def _earns_nothing(finding: Finding) -> bool:
    return finding.verdict.outcome in (Outcome.FAILED, Outcome.MISSING, Outcome.BLOCKED)


def _all_found(finding: Finding) -> str:
    verdict = finding.verdict
    return " ".join(words for words in (verdict.found, verdict.hint, verdict.staff) if words)


def _submission(folder: Path, key: str, sources: list[str]) -> Submission:
    """Return a submission of one notebook with these code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path = folder / f"{key}.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return Submission(key, key, (SubmittedFile(path, path.name),))
