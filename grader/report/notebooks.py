"""An executed notebook, cut to a size that a page can carry."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from markupsafe import Markup

from grader.records import CellRun, FileRun, Output
from grader.report import prose
from grader.report.text import clipped
from grader.report.vectors import is_tame

MOST_CELLS = 300
LONGEST_SOURCE = 20_000
LONGEST_OUTPUT = 6_000
"""Characters of one text output."""
LARGEST_PICTURE = 1_500_000
"""Characters of base64."""
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Budget:
    """What is left of a page's size."""

    characters: int = 6_000_000

    def takes(self, count: int) -> bool:
        """Tell whether `count` characters still fit, and take them if so."""
        fits = count <= self.characters
        self.characters -= count if fits else 0
        return fits


@dataclass(frozen=True)
class ShownOutput:
    """One output as the page shows it."""

    kind: str
    """'text', 'error', 'note', 'html' or 'picture'."""
    text: str = ""
    html: Markup = field(default_factory=Markup)
    source: str = ""
    """A data URI."""


@dataclass(frozen=True)
class ShownCell:
    """One cell as the page shows it."""

    run: CellRun
    source: str
    """Of a code cell."""
    html: Markup
    """Of a text cell."""
    outputs: tuple[ShownOutput, ...]


def cells(file: FileRun, budget: Budget) -> tuple[ShownCell, ...]:
    """Return the cells of a file, with outputs as long as they fit."""
    return tuple(_cell(run, budget) for run in file.cells[:MOST_CELLS])


def _cell(run: CellRun, budget: Budget) -> ShownCell:
    source, html = ("", prose.from_markdown(run.source)) if run.kind == "text" else (_source(run), Markup())
    if not budget.takes(len(source) + len(html)):
        source, html = _LEFT_OUT, Markup(f"<p>{_LEFT_OUT}</p>")
    return ShownCell(run, source, html, tuple(_output(output, budget) for output in run.outputs))


def _source(run: CellRun) -> str:
    return clipped(run.source, LONGEST_SOURCE)


_LEFT_OUT = "Left out: this page would become too large."


def _output(output: Output, budget: Budget) -> ShownOutput:
    shown = {"png": _png, "svg": _svg, "html": _html}.get(output.kind, _text)(output)
    if not budget.takes(len(shown.text) + len(shown.html) + len(shown.source)):
        return ShownOutput("note", _LEFT_OUT)
    return shown


def _text(output: Output) -> ShownOutput:
    kind = output.kind if output.kind in ("error", "note") else "text"
    return ShownOutput(kind, clipped(output.content, LONGEST_OUTPUT))


def _html(output: Output) -> ShownOutput:
    return ShownOutput("html", html=prose.from_html(output.content))


def _png(output: Output) -> ShownOutput:
    encoded = "".join(output.content.split())
    if len(encoded) > LARGEST_PICTURE:
        return ShownOutput("note", "A picture was left out: it is too large for this page.")
    data = _decoded(encoded)
    if not data.startswith(_PNG):
        return ShownOutput("note", "A picture was left out: it is not a PNG.")
    return ShownOutput("picture", source=f"data:image/png;base64,{encoded}")


def _decoded(encoded: str) -> bytes:
    """Return the bytes that base64 spells; none if it does not."""
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _svg(output: Output) -> ShownOutput:
    """Show a drawing as a picture, in which no script runs and nothing is fetched."""
    content = output.content.strip()
    if len(content) > LARGEST_PICTURE:
        return ShownOutput("note", "A drawing was left out: it is too large for this page.")
    drawing = content if content.startswith("<") else _decoded(content).decode("utf-8", "replace")
    if not is_tame(drawing):
        return ShownOutput("note", "A drawing was left out: it is damaged, or would take a browser too long.")
    encoded = base64.b64encode(drawing.encode("utf-8", "replace")).decode()
    return ShownOutput("picture", source=f"data:image/svg+xml;charset=utf-8;base64,{encoded}")
