"""A matplotlib figure as data: what was drawn, not how it looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .failures import kind_of
from .sealed import seal

seal(globals())

AXES, CURVES, POINTS, TEXTS = 12, 20, 10_000, 50
"""Of a figure, of a set of axes, of a curve; texts and legend entries of a set of axes."""


def told(figure: Any) -> dict[str, Any]:
    """Return a figure as it is told to the grader."""
    title = getattr(figure, "_suptitle", None)
    return {"axes": [_axes(axes) for axes in figure.axes[:AXES]], "title": _text(title)}


def _axes(axes: Any) -> dict[str, Any]:
    """Return one set of axes."""
    legend = axes.get_legend()
    titles = [axes.get_title(loc=place) for place in ("center", "left", "right")]
    return {
        "curves": list(_curves(axes)),
        "title": " ".join(title[:300] for title in titles if title),
        "x_label": axes.get_xlabel()[:300],
        "y_label": axes.get_ylabel()[:300],
        "x_log": axes.get_xscale() in ("log", "symlog"),
        "y_log": axes.get_yscale() in ("log", "symlog"),
        "images": len(axes.images) + sum(kind_of(part) == "QuadMesh" for part in axes.collections),
        "legend": [_text(text) for text in (legend.get_texts() if legend else ())][:TEXTS],
        "texts": [_text(text) for text in axes.texts][:TEXTS],
    }


def _text(text: Any) -> str:
    """Return what a text says."""
    return "" if text is None else str.__str__(text.get_text())[:300]


def _curves(axes: Any) -> Iterator[dict[str, Any]]:
    """Yield what can be told of lines, clouds of points and bars; what has no numbers is passed over."""
    parts: list[tuple[Callable[[Any], dict[str, Any] | None], Iterable[Any]]] = [
        (_line, axes.get_lines()),
        (_scatter, [part for part in axes.collections if kind_of(part) == "PathCollection"]),
        (_segment, [part for part in axes.collections if kind_of(part) == "LineCollection"]),
        (_bars, [part for part in axes.containers if kind_of(part) == "BarContainer"]),
        (_steps, [part for part in axes.patches if kind_of(part) in ("Polygon", "StepPatch")]),
    ]
    for place, (read, part) in enumerate([(read, part) for read, several in parts for part in several]):
        try:
            curve = read(part) if place < CURVES else None
        except (TypeError, ValueError, AttributeError, IndexError, ArithmeticError):
            curve = None
        if curve is not None:
            yield curve


def _curve(kind: str, x: Any, y: Any, label: Any) -> dict[str, Any]:
    """Return one curve, thinned evenly if it has too many points."""
    x, y = _numbers(x), _numbers(y)
    stride = max(1, -(-len(x) // POINTS))
    shown = label if type(label) is str and not label.startswith("_") else ""
    return {"kind": kind, "x": x[::stride], "y": y[::stride], "label": shown[:300]}


def _numbers(values: Any) -> NDArray[np.float64]:
    """Return numbers as a vector; masked ones are not numbers."""
    return np.ravel(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))


def _line(line: Any) -> dict[str, Any] | None:
    """Return a line; one of single markers is a cloud of points."""
    x, y = _endless(line) if kind_of(line) in ("AxLine", "_AxLine") else _data(line)
    kind = "scatter" if line.get_linestyle() in ("None", " ", "", "none") else "line"
    return _curve(kind, x, y, line.get_label()) if len(x) == len(y) > 0 else None


def _data(line: Any) -> tuple[Any, Any]:
    """Return a line's points; of one that spans the axes (axhline) in the units of the others."""
    x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
    if line.axes is None or line.get_transform() is not line.axes.get_yaxis_transform(which="grid"):
        return x, y
    low, high = line.axes.get_xlim()
    return low + (high - low) * np.asarray(x), y


def _endless(line: Any) -> tuple[Any, Any]:
    """Return where a line without ends (axline) crosses the sides of its axes."""
    (x1, y1), slope = line._xy1, line._slope
    if slope is None:
        slope = (line._xy2[1] - y1) / (line._xy2[0] - x1)
    x = np.array(line.axes.get_xlim())
    return x, y1 + slope * (x - x1)


def _segment(part: Any) -> dict[str, Any] | None:
    """Return lines that were drawn together (hlines, vlines) as one, with gaps between them."""
    segments = [np.vstack([points, np.full(2, np.nan)]) for points in part.get_segments()[:POINTS]]
    points = np.concatenate(segments) if segments else np.empty((0, 2))
    return _curve("line", points[:, 0], points[:, 1], part.get_label()) if len(points) else None


def _scatter(cloud: Any) -> dict[str, Any] | None:
    """Return a cloud of points."""
    offsets = np.ma.asarray(cloud.get_offsets())
    return _curve("scatter", offsets[:, 0], offsets[:, 1], cloud.get_label()) if len(offsets) else None


def _bars(bars: Any) -> dict[str, Any] | None:
    """Return bars by their middles and heights; those that touch all along are a histogram."""
    boxes = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in list(bars)[:POINTS]]
    if not boxes:
        return None
    left, width, height = np.array(boxes, dtype=np.float64).T
    touching = len(boxes) > 2 and np.allclose(left[1:], (left + width)[:-1], atol=1e-6 * float(np.ptp(left) or 1))
    return _curve("hist" if touching else "bar", left + width / 2, height, bars.get_label())


def _steps(outline: Any) -> dict[str, Any] | None:
    """Return the outline of a histogram that is drawn as steps."""
    points = np.asarray(outline.get_path().vertices, dtype=np.float64)
    return _curve("hist", points[:, 0], points[:, 1], outline.get_label()) if len(points) > 4 else None
