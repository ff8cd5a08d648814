"""Drawings that libraries make are shown; those that would keep a browser busy are not."""

from __future__ import annotations

import base64
import io
import time

import matplotlib
import numpy as np
import pytest

from grader.records import CellRun, FileRun, Output
from grader.report.notebooks import Budget, ShownOutput, cells
from grader.report.vectors import MOST, is_tame

matplotlib.use("agg")
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def drawing(inner: str) -> str:
    return f"{HEAD}{inner}</svg>"


def copies(levels: int, times: int = 10) -> str:
    """A drawing of copies of copies."""
    groups = "".join(f'<g id="g{level + 1}">' + f'<use href="#g{level}"/>' * times + "</g>" for level in range(levels))
    return drawing(f'<defs><g id="g0"><path d="M0 0"/></g>{groups}</defs><use href="#g{levels}"/>')


def plotted() -> str:
    """What matplotlib draws of letters, markers, a hatch, a picture and something cut off."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot(np.arange(2000), "o-", label="$x^2$", clip_on=True)
    axes.bar([1, 2], [3, 4], hatch="/")
    axes.imshow(np.eye(8))
    axes.legend()
    page = io.StringIO()
    figure.savefig(page, format="svg")
    pyplot.close(figure)
    return page.getvalue()


def test_what_a_plotting_library_draws_is_shown() -> None:
    page = plotted()
    assert "<use" in page
    assert "pattern" in page
    assert is_tame(page)


@pytest.mark.parametrize(
    "inner",
    [
        '<path d="M0 0L1 1"/>',
        '<linearGradient id="a"/><linearGradient id="b" xlink:href="#a"/><rect fill="url(#b)"/>',
        '<!-- a remark --><use href="#nowhere"/>',
        "<style>* {stroke-linejoin: round}</style>",
        '<image href="data:image/png;base64,AAAA"/>',
        '<a href="https://example.org/#part"><text data-told="\\alpha, filter">a</text></a>',
    ],
)
def test_plain_drawings_are_shown(inner: str) -> None:
    assert is_tame(drawing(inner))


@pytest.mark.parametrize(
    "inner",
    [
        '<g id="a"><use href="#a"/></g>',
        '<pattern id="a"><rect fill="url(#b)"/></pattern><pattern id="b"><rect/></pattern><rect fill="url(#a)"/>',
        "<pattern id='a'><rect style='fill: url( \"#b\")'/></pattern><rect style='fill:url(#a)'/>",
        '<filter id="f"><feGaussianBlur stdDeviation="99"/></filter>',
        "<style>rect {fill: url(#a)}</style>",
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        '<g id="a">' + "<path/>" * 1000 + "</g>" + '<use href="#a"/>' * 1000,
        "<g>",
    ],
)
def test_what_may_take_any_time_is_not(inner: str) -> None:
    assert not is_tame(drawing(inner))


COPIED = '<g id="a"><path/></g><g id="b"><use href="#a"/></g>'
FILLED = '<pattern id="a"><path/></pattern><pattern id="b"><path fill="url(#a)"/></pattern>'


@pytest.mark.parametrize(
    "inner",
    [
        COPIED + '<use href=" #b"/>',
        COPIED + '<use href="#%62"/>',
        COPIED + '<use><set attributeName="href" to="#b"/></use>',
        FILLED + '<path fill="URL(#b)"/>',
        FILLED + '<path fill="ur\\6c(#b)"/>',
        FILLED + "<path fill=\"url(' #b')\"/>",
        FILLED + "<style>path {fill: URL(#b)}</style>",
        FILLED + "<style><g/>path {fill: url(#b)}</style>",
        FILLED + "<style>path {fill: ur\\6c(#b)}</style>",
        '<g style="FILTER: blur(99px)"/>',
        '<g filter="blur(99px)"/>',
        "<style>g {filter: blur(99px)}</style>",
        '<style>@import "data:text/css,"</style>',
        '<image href="data:image/SVG+xml;base64,AAAA"/>',
        f'<image href="{" " * 40}data:image/svg+xml;base64,AAAA"/>',
    ],
)
def test_nor_is_it_in_another_spelling(inner: str) -> None:
    assert not is_tame(drawing(inner))


def test_nor_with_a_style_from_elsewhere() -> None:
    assert not is_tame(f'<?xml-stylesheet type="text/css" href="data:text/css,"?>{drawing("<path/>")}')


def test_copies_of_copies_and_entities_are_not_shown() -> None:
    assert not is_tame(copies(9))
    assert not is_tame(f'<!DOCTYPE svg [<!ENTITY a "aaaa">]>{drawing("&a;")}')
    assert not is_tame("")


def test_saying_so_takes_no_longer_than_the_text_is_long() -> None:
    deep = 20_000
    nested = "".join(f'<g id="n{at}">' for at in range(deep)) + "</g>" * deep
    text = drawing(nested + "".join(f'<use href="#n{at}"/>' for at in range(deep)))
    begun = time.process_time()
    assert not is_tame(text)
    assert time.process_time() - begun < 15
    assert deep * deep > 100 * MOST


def shown(content: str) -> ShownOutput:
    """What a page shows of this drawing."""
    run = CellRun(1, "code", "draw()", outputs=(Output("svg", content),))
    ((output,),) = [cell.outputs for cell in cells(FileRun("hw.ipynb", (run,), "finished"), Budget())]
    return output


def test_a_page_says_what_was_left_out() -> None:
    tame, wild = drawing("<rect/>"), copies(9)
    for text in (tame, base64.b64encode(tame.encode()).decode()):
        start, _, encoded = shown(text).source.partition(",")
        assert start == "data:image/svg+xml;charset=utf-8;base64"
        assert base64.b64decode(encoded).decode() == tame
    for text in (wild, base64.b64encode(wild.encode()).decode(), base64.b64encode(wild.encode("utf-16")).decode(), "?"):
        assert shown(text).kind == "note"
