"""The figures themselves, in matplotlib, as SVG that takes its colours from the page.

Colours are written as stand-ins and replaced by the page's CSS variables, so that one drawing serves light, dark and
print. Ids carry the figure's name, since several figures share one page.
"""

from __future__ import annotations

import io
import math
import re
import threading
from collections.abc import Callable
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from grader.records import FloatArray

INK, FAINT, LINE, DOTS, FILL = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {INK: "--ink", FAINT: "--faint", LINE: "--curve", DOTS: "--dots", FILL: "--bars"}
_MARGINS = (0.13, 0.15, 0.98, 0.97)
"""Left, bottom, right, top: room for tick labels of up to five characters, and for the names of the axes."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DRAWING_LOCK = threading.Lock()  # matplotlib's settings are global
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "axes.unicode_minus": True,
}


def fit(
    x: FloatArray,
    y: FloatArray,
    x_learned: FloatArray,
    y_learned: FloatArray,
    *,
    title: str,
    description: str,
    name: str,
) -> str:
    """Return the learned curve over the training points; all (points,)."""

    def draw(axes: Axes) -> None:
        if x.size:
            axes.plot(x, y, "o", color=DOTS, markersize=2.4, markeredgewidth=0, zorder=3, label="points trained on")
        axes.plot(x_learned, y_learned, color=LINE, linewidth=2.6, label="your network")
        axes.set_xlabel("x")
        axes.legend(loc="best", fontsize=9)

    return _svg(draw, title, description, name)


def loss(steps: FloatArray, values: FloatArray, *, title: str, description: str, name: str) -> str:
    """Return the loss over the steps, on a logarithmic scale where every loss is positive."""

    def draw(axes: Axes) -> None:
        axes.plot(steps, values, color=LINE, linewidth=1.2)
        if bool((values > 0).all()):
            _logarithmic(axes, values)
        axes.set_xlabel("step")
        axes.set_ylabel("loss")

    return _svg(draw, title, description, name)


def _logarithmic(axes: Axes, values: FloatArray) -> None:
    """Make the scale of `values` logarithmic, its labels plain text: formulas take longer than all else."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_power)
    few = float(values.max() / values.min()) < 30
    axes.yaxis.set_minor_formatter(FuncFormatter(_short) if few else NullFormatter())


def _power(value: float, _: float = 0.0) -> str:
    """Return a power of ten as it is written: 0.01, 0.1, 1, 10, 100, else 10⁻³."""
    if 0.01 <= value <= 100:
        return f"{value:g}"
    return "10" + str(round(math.log10(value))).translate(_RAISED)


def _short(value: float, _: float = 0.0) -> str:
    """Return a value between two powers of ten, where there are few enough of them to be read."""
    return f"{value:g}" if f"{value:e}"[0] in "25" else ""


def weights(density: FloatArray, edges: FloatArray, *, title: str, description: str, name: str) -> str:
    """Return the histogram of the first weights with the standard normal density."""

    def draw(axes: Axes) -> None:
        axes.stairs(density, edges, fill=True, color=FILL, label="your weights")
        grid = np.linspace(-4, 4, 161)
        axes.plot(grid, np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi), color=LINE, linewidth=2.0, label="N(0, 1)")
        axes.set_xlabel("weight")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.legend(loc="best", fontsize=9)

    return _svg(draw, title, description, name)


def _svg(draw: Callable[[Axes], None], title: str, description: str, name: str) -> str:
    with _DRAWING_LOCK, mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=(4.8, 3.0))
        figure.subplots_adjust(*_MARGINS)  # to have them worked out would take most of the time of a drawing
        figure.patch.set_visible(False)
        axes = figure.add_subplot()
        axes.patch.set_visible(False)
        draw(axes)
        written = io.BytesIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return _for_page(written.getvalue().decode(), title, description, name)


def _for_page(svg: str, title: str, description: str, name: str) -> str:
    """Return the drawing as an element of a page: named, described, with ids and colours that fit in."""
    box = re.search(r'viewBox="([^"]+)"', svg)
    inner = svg[svg.index('<g id="figure_1">') : svg.rindex("</svg>")]
    for colour, variable in _VARIABLES.items():
        inner = inner.replace(colour, f"var({variable})")
    inner = re.sub(r" font-family: [^;\"]+;?", "", inner)
    inner = re.sub(r"\s*\n\s*", " ", _own_ids(inner, name))
    return (
        f'<svg class="figure" viewBox="{box.group(1) if box else "0 0 345.6 216"}" role="img" '
        f'aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(description)}</desc>{inner}</svg>\n'
    )


def _own_ids(svg: str, name: str) -> str:
    """Keep only ids that something refers to, and make them this figure's own."""
    used = set(re.findall(r"#([A-Za-z_][\w.-]*)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m.group(1)}"' if m.group(1) in used else "", svg)
    return re.sub(r"#([A-Za-z_][\w.-]*)", lambda m: f"#{name}-{m.group(1)}", svg)
