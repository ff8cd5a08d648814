"""The figures themselves, as SVG that takes its colours and its type from the page.

Theory of operation. A figure is a frame of fixed size, two scales that turn numbers into places in it, and marks:
lines, dots or bars. Three plain figures are all there is, of every student's training, and so they are written here: a
plotting library takes a third of a second to import and a hundred times as long for each. Colours are the page's CSS
variables, so that one drawing serves light, dark and print. Marks are named above the frame, where no curve can be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

import numpy as np

from grader.observed import FloatArray

_WIDTH, _HEIGHT = 345.6, 216.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 339.0, 8.0, 184.0
"""Of the frame: room for tick labels of up to six characters, and for the names of the axes."""
_NAMES, _APART = 18.0, 130.0
"""What the names of the marks take above the frame, and how far they stand apart."""
_MARGIN = 0.045
"""Of a scale beyond the numbers shown, at either end."""
_LEAST_SPAN, _LEAST = 5e-3, 1e-200
"""Of a scale, relative to the largest number, and in any case; finer labels would not fit, and tell nothing."""
_PLAIN = (1e-3, 1e6)
"""Numbers between these are written without a power of ten."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
Number = TypeVar("Number", float, FloatArray)
Ticks = tuple[tuple[float, str], ...]
"""Numbers and their labels."""


@dataclass(frozen=True)
class Scale:
    """The numbers at the two ends of an axis, and the labels on it."""

    low: float
    high: float
    ticks: Ticks

    def part(self, values: Number) -> Number:
        """Return where numbers lie on the axis: 0 at its low end, 1 at its high end."""
        return (values - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Mark:
    """Points (points,) of the plane and how they are drawn."""

    x: FloatArray
    y: FloatArray
    style: str
    between: str
    """What an SVG path says between two points."""
    sample: str
    """The path beside the name."""
    label: str = ""


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
    """Return the learned curve and over it the training points; all (points,)."""
    marks = [_line(x_learned, y_learned, 2.6, "your network")]
    if x.size:
        marks.append(Mark(x, y, _stroke("dots", 2.4), "h0M", "m9,0h0", "points trained on"))
    across, upwards = linear(np.concatenate([x, x_learned])), linear(np.concatenate([y, y_learned]))
    return _svg(marks, across, upwards, ("x", ""), (title, description, name))


def loss(steps: FloatArray, values: FloatArray, *, title: str, description: str, name: str) -> str:
    """Return the loss over the steps, on a logarithmic scale where every loss is positive."""
    upwards = linear(values)
    if bool((values > _LEAST).all()):
        values = np.log10(values)
        upwards = logarithmic(values)
    return _svg([_line(steps, values, 1.2)], linear(steps), upwards, ("step", "loss"), (title, description, name))


def weights(density: FloatArray, edges: FloatArray, law: FloatArray, *, title: str, description: str, name: str) -> str:
    """Return the histogram of the first weights with the normal density of their law, (mean, standard deviation)."""
    mean, std = float(law[0]), float(law[1])
    outline = np.concatenate([[0.0], np.repeat(density, 2), [0.0]])
    bars = Mark(np.repeat(edges, 2), outline, "fill:var(--bars)", "L", "m0,-3h18v6h-18z", "your weights")
    grid = mean + std * np.linspace(-4, 4, 161)
    normal = np.exp(-(((grid - mean) / std) ** 2) / 2) / np.sqrt(2 * np.pi) / std
    upwards = Scale(0.0, 1.03 * max(float(density.max()), float(normal.max())), ())
    marks = [bars, _line(grid, normal, 2.0, f"N({mean:g}, {std**2:g})")]
    return _svg(marks, linear(grid), upwards, ("weight", ""), (title, description, name))


def linear(values: FloatArray) -> Scale:
    """Return a scale on which all of some numbers have their place."""
    low, high = _ends(values, max(_LEAST, _LEAST_SPAN * float(np.abs(values).max())))
    return Scale(low, high, _even(low, high))


def _ends(values: FloatArray, least: float) -> tuple[float, float]:
    """Return the ends of a scale of at least such a span."""
    low, high = float(values.min()), float(values.max())
    margin = max(0.0, least - (high - low)) / 2 + _MARGIN * (high - low)
    return low - margin, high + margin


def logarithmic(logarithms: FloatArray) -> Scale:
    """Return a scale of decimal logarithms: powers of ten are labelled, or what lies between where they are few."""
    low, high = _ends(logarithms, math.log10(1 + _LEAST_SPAN))
    powers = range(math.ceil(low), math.floor(high) + 1)
    if len(powers) > 2:
        return Scale(low, high, tuple((power, _power(power)) for power in powers[:: math.ceil(len(powers) / 7)]))
    ticks = [
        (math.log10(first) + power, _numeral(first * 10.0**power, power))
        for power in range(math.floor(low), math.ceil(high))
        for first in (1, 2, 5)
    ]
    inside = tuple(tick for tick in ticks if low <= tick[0] <= high)
    return Scale(low, high, inside if len(inside) > 1 else _between(low, high))


def _between(low: float, high: float) -> Ticks:
    """Return ticks on so short a piece of a logarithmic scale that it is nearly even."""
    even = _even(10.0**low, 10.0**high)
    return tuple((math.log10(value), label) for value, label in even if value > 0)


def _even(low: float, high: float) -> Ticks:
    """Return ticks at even and round distances, up to seven or so."""
    rough = (high - low) / 7
    power = math.floor(math.log10(rough))
    step = next(first * 10.0**power for first in (1, 2, 5, 10) if first * 10.0**power >= rough * 0.999)
    unit = math.floor(math.log10(step * 1.001))
    largest = max(abs(low), abs(high))
    shared = 0 if _PLAIN[0] <= largest < _PLAIN[1] else math.floor(math.log10(largest))
    numbers = range(math.ceil(low / step), math.floor(high / step) + 1)
    return tuple((number * step, _numeral(number * step, unit, shared)) for number in numbers)


def _numeral(value: float, unit: int, shared: int = 0) -> str:
    """Return a number as it is written, to the decimal place of `unit`, with a power of ten that others share."""
    if not shared and value and not _PLAIN[0] <= abs(value) < _PLAIN[1]:
        shared = unit
    written = f"{value / 10.0**shared:,.{max(0, shared - unit)}f}".replace("-", "−")
    if not shared or not value:
        return written
    return _power(shared) if written == "1" else f"{written}·{_power(shared)}"


def _power(exponent: int) -> str:
    """Return a power of ten as it is written: 0.01, 0.1, 1, 10, 100, else 10⁻³."""
    if -2 <= exponent <= 2:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(_RAISED)


def _line(x: FloatArray, y: FloatArray, width: float, label: str = "") -> Mark:
    return Mark(x, y, "fill:none;" + _stroke("curve", width), "L", "h18", label)


def _stroke(colour: str, width: float) -> str:
    return f"stroke:var(--{colour});stroke-width:{width};stroke-linecap:round;stroke-linejoin:round"


def _svg(
    marks: Sequence[Mark], across: Scale, upwards: Scale, names: tuple[str, str], told: tuple[str, str, str]
) -> str:
    """Return the element of a page: axes with their names, then marks; `told` is title, description and name."""
    top = _TOP + _NAMES * any(mark.label for mark in marks)
    title, description, name = told
    parts = [_axes(across, upwards, names, top), *(_drawn(mark, across, upwards, top) for mark in marks)]
    parts += [_named(mark, _LEFT + 4 + _APART * at, top - 11) for at, mark in enumerate(marks) if mark.label]
    return (
        f'<svg class="figure" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(description)}</desc>'
        f'<g style="font-size:10px">{"".join(parts)}</g></svg>\n'
    )


def _axes(across: Scale, upwards: Scale, names: tuple[str, str], top: float) -> str:
    """Return the axes, their labels and names; without ticks upwards there is no such axis."""
    path = f"M{_LEFT},{_BOTTOM}H{_RIGHT}" + (f"M{_LEFT},{_BOTTOM}V{top}" if upwards.ticks else "")
    texts = [_text((_LEFT + _RIGHT) / 2, _BOTTOM + 29, names[0])]
    for value, label in across.ticks:
        place = _x(across.part(value))
        path += f"M{place:.1f},{_BOTTOM}v3.5"
        texts.append(_text(place, _BOTTOM + 14, label))
    for value, label in upwards.ticks:
        place = _y(upwards.part(value), top)
        path += f"M{_LEFT},{place:.1f}h-3.5"
        texts.append(_text(_LEFT - 6, place + 3.5, label, "end"))
    if names[1]:
        turned = f"translate(9,{(top + _BOTTOM) / 2:.1f}) rotate(-90)"
        texts.append(f'<g transform="{turned}">{_text(0, 0, names[1])}</g>')
    return f'<path style="fill:none;stroke:var(--faint);stroke-width:.8" d="{path}"/>' + "".join(texts)


def _drawn(mark: Mark, across: Scale, upwards: Scale, top: float) -> str:
    places = zip(_x(across.part(mark.x)).tolist(), _y(upwards.part(mark.y), top).tolist(), strict=True)
    path = mark.between.join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<path style="{mark.style}" d="M{path}h0"/>'


def _named(mark: Mark, x: float, y: float) -> str:
    sample = f'<path style="{mark.style}" d="M{x:.1f},{y:.1f}{mark.sample}"/>'
    return sample + _text(x + 24, y + 3.2, mark.label, "start")


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _x(part: Number) -> Number:
    return _LEFT + part * (_RIGHT - _LEFT)


def _y(part: Number, top: float) -> Number:
    return _BOTTOM - part * (_BOTTOM - top)
