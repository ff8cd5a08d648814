"""Scripts (.py) as cells, so that an error late in one does not take the answers before it along.

With `# %%` marks the cells are the student's own. Without, each compound statement (a function, a class, a loop) is a
cell and so are the simple statements between two of them; statements that draw stay together with their neighbours
that draw too, since a figure is shown when its cell ends. The body of `if __name__ == "__main__":` is cut up like the
rest. A script that does not parse is first cut at the lines that start in the first column: what is broken stays one
cell, in which Python will report its error, and the rest is kept.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from grader.notebook.content import Text, printable
from grader.notebook.document import Cell, Document
from grader.notebook.percent import MOST_CELLS, is_percent, percent_cells
from grader.syntax import parsed

_DRAWS = re.compile(r"\b(plt|pylab|pyplot|sns|fig\w*|axe?s?\d*)\.\w")
_GOES_ON = re.compile(r"\s|$|[)\]}#]|(else|elif|except|finally)\b")
"""How a line starts that belongs to what stands above it."""
_FURTHER = 40
"""Chunks that are tried together with one that does not parse alone."""
_PATIENCE = 1000
"""Such trials in one script."""
_SIMPLE_TOGETHER = 40
_COMPOUND = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.With, ast.Try)


@dataclass(frozen=True)
class _Piece:
    """Whole lines of a script, from `start` (counted from 0) up to but not including `stop`."""

    start: int
    stop: int
    alone: bool
    """Whether it is a compound or a broken statement, which is not joined to others without a reason."""
    lead: str = ""
    """Text to put above, for statements out of the body of an `if`."""
    statements: int = 1


def script(text: Text, name: str) -> Document:
    """Return a script cut into cells. Raises `Unreadable`."""
    source = printable(text.text)
    if "\t" in source and not _body(source) and _body(source.expandtabs()):
        source = source.expandtabs()
    cells = percent_cells(source, name) if is_percent(source) else _plain_cells(source)
    return Document(name, cells, "python", (*_without_code(cells, name), *text.remarks))


def _without_code(cells: Sequence[Cell], name: str) -> tuple[str, ...]:
    """Return a remark if there is nothing to run but perhaps comments."""
    lines = (line.strip() for cell in cells if cell.kind == "code" for line in cell.source.split("\n"))
    return (f"{name} holds no code.",) if all(not line or line.startswith("#") for line in lines) else ()


def _plain_cells(source: str) -> tuple[Cell, ...]:
    lines = source.split("\n")
    pieces = _joined(_pieces(lines), lines)
    if len(pieces) > MOST_CELLS:
        last = pieces[MOST_CELLS - 1]
        pieces = [*pieces[: MOST_CELLS - 1], _Piece(last.start, len(lines), alone=True, lead=last.lead)]
    return tuple(
        Cell(number, "code", _source(piece, lines), line=_line(piece)) for number, piece in enumerate(pieces, 1)
    )


def _source(piece: _Piece, lines: Sequence[str]) -> str:
    """Return a piece's text, without empty lines around it."""
    text = "\n".join(lines[piece.start : piece.stop])
    return (f"{piece.lead}\n{text}" if piece.lead else text).strip("\n")


def _line(piece: _Piece) -> int:
    """Return the line of the file, from 1, that a piece's text starts at."""
    return piece.start + 1 - (piece.lead.count("\n") + 1 if piece.lead else 0)


def _body(source: str) -> list[ast.stmt]:
    """Return the top-level statements, none if the text does not parse."""
    try:
        return parsed(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _pieces(lines: Sequence[str]) -> list[_Piece]:
    """Return one piece for each statement, all lines of the script among them."""
    whole = _body("\n".join(lines))
    found = _statements(whole, 0, lines) if whole else list(_rescued(lines))
    if not found:
        return [_Piece(0, len(lines), alone=True)]
    return [*found[:-1], replace(found[-1], stop=len(lines))]


def _statements(body: Sequence[ast.stmt], start: int, lines: Sequence[str], offset: int = 0) -> list[_Piece]:
    """Return the pieces of some statements; comments above a statement belong to it."""
    pieces: list[_Piece] = []
    for node in body:
        stop = (node.end_lineno or node.lineno) + offset
        if pieces and node.lineno - 1 + offset < start:
            pieces[-1] = replace(pieces[-1], stop=stop)  # after a semicolon
        elif _is_main(node):
            pieces += _main_body(node, start, lines, offset)
        else:
            pieces.append(_Piece(start, stop, alone=isinstance(node, _COMPOUND)))
        start = stop
    return pieces


def _is_main(node: ast.stmt) -> TypeGuard[ast.If]:
    """Return whether this is `if __name__ == "__main__":` with its body on lines of its own."""
    if not isinstance(node, ast.If) or node.orelse or node.body[0].lineno == (node.test.end_lineno or node.lineno):
        return False
    return ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__")


def _main_body(node: ast.If, start: int, lines: Sequence[str], offset: int) -> Iterator[_Piece]:
    """Yield the statements of the body, each under an `if` of its own."""
    header = (node.test.end_lineno or node.lineno) + offset
    lead = "\n".join(lines[start:header])
    for piece in _statements(node.body, header, lines, offset):
        yield replace(piece, alone=True, lead=lead)
        lead = "\n".join(lines[node.lineno - 1 + offset : header])


def _rescued(lines: Sequence[str]) -> Iterator[_Piece]:
    """Yield what parses of a script that does not, and what is broken, piece by piece."""
    cuts = [*_cuts(lines), len(lines)]
    patience = _PATIENCE
    place = start = 0
    while place < len(cuts) - 1:
        until = place + 1
        body = _body("\n".join(lines[cuts[place] : cuts[until]]))
        while not body and patience and until - place < _FURTHER and until < len(cuts) - 1:
            until, patience = until + 1, patience - 1
            body = _body("\n".join(lines[cuts[place] : cuts[until]]))
        if body:
            pieces = _statements(body, start, lines, offset=cuts[place])
        else:
            until = place + 1
            pieces = [_Piece(start, cuts[until], alone=True)]
        yield from pieces
        place, start = until, pieces[-1].stop


def _cuts(lines: Sequence[str]) -> list[int]:
    """Return the lines that a top-level statement may start at."""
    return [0, *(number for number, line in enumerate(lines) if number and not _GOES_ON.match(line))]


def _joined(pieces: Sequence[_Piece], lines: Sequence[str]) -> list[_Piece]:
    """Return the pieces of the cells: neighbours that belong together are one."""
    cells: list[_Piece] = []
    for piece in pieces:
        if cells and _together(cells[-1], piece, lines):
            cells[-1] = replace(cells[-1], stop=piece.stop, statements=cells[-1].statements + 1)
        else:
            cells.append(piece)
    return cells


def _together(above: _Piece, below: _Piece, lines: Sequence[str]) -> bool:
    """Return whether two neighbours are one cell."""
    if above.stop != below.start or bool(above.lead) != bool(below.lead) or above.statements >= _SIMPLE_TOGETHER:
        return False
    both_draw = all(_DRAWS.search("\n".join(lines[piece.start : piece.stop])) for piece in (above, below))
    return both_draw or not (above.alone or below.alone)
