"""Errors that only follow from what this machine lacks.

A cell that cannot import a package, or finds no data set, leaves names undefined; the cells that use them fail with a
NameError that reads like the student's. It is not: the blame goes on to them, and with it what they would have bound.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.records import CellError, CellRun
from grader.syntax import top_level

_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


def traced(cells: Sequence[CellRun]) -> tuple[CellRun, ...]:
    """Return the cells, in order, with the environment blamed for what follows from its lacks."""
    lost: set[str] = set()
    found = []
    for cell in cells:
        error = cell.error
        if error and error.blame != "environment" and _undefined(error) in lost:
            cell = replace(cell, error=replace(error, blame="environment"))
        if cell.error and cell.error.blame == "environment":
            lost |= set(bound(cell.source))
        found.append(cell)
    return tuple(found)


def _undefined(error: CellError) -> str:
    """Return the name that an error says is not defined, or ''."""
    said = _UNDEFINED.search(error.message) if error.kind == "NameError" else None
    return said[1] if said else ""


def bound(source: str) -> Iterator[str]:
    """Yield the names that the top level of a cell would bind."""
    for statement in top_level(source):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.alias):
                yield (node.asname or node.name).partition(".")[0]
