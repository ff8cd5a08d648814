"""What a notebook or script is to the rest of the grader: numbered cells of code and text."""

from __future__ import annotations

from dataclasses import dataclass

from grader.records import FileRun


@dataclass(frozen=True)
class Cell:
    """One cell; scripts are cut into cells too."""

    number: int
    """Counts all cells of the file from 1."""
    kind: str
    """'code' or 'text'."""
    source: str
    tags: tuple[str, ...] = ()
    line: int = 1
    """In a script, the line of the file that the cell starts at."""


@dataclass(frozen=True)
class Document:
    """One file, read."""

    name: str
    cells: tuple[Cell, ...]
    language: str
    """'python', or 'text' for a file of written answers alone."""
    remarks: tuple[str, ...] = ()
    """What was odd about it ('was nbformat 3'), a sentence each."""


def as_run(file: FileRun) -> Document:
    """Return a file's cells as they were read, from the record of its run."""
    cells = tuple(Cell(cell.number, cell.kind, cell.source, cell.tags) for cell in file.cells)
    return Document(file.name, cells, "python")
