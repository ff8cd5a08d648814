"""Figures: what their scales say, and that everything drawn lies inside them."""

import math
import re
import subprocess
import sys

import numpy as np
import pytest

from grader.report import drawing

TOLD = {"title": "A title", "description": "What is seen.", "name": "loss-0"}


def labels(scale):
    return [label for _, label in scale.ticks]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 4000, "0 1,000 2,000 3,000 4,000"),
        (-1, 1, "−1.0 −0.5 0.0 0.5 1.0"),
        (0, 0.03, "0.000 0.005 0.010 0.015 0.020 0.025 0.030"),
        (0, 3e7, "0.0 0.5·10⁷ 1.0·10⁷ 1.5·10⁷ 2.0·10⁷ 2.5·10⁷ 3.0·10⁷"),
        (0, 4e-5, "0 10⁻⁵ 2·10⁻⁵ 3·10⁻⁵ 4·10⁻⁵"),
    ],
)
def test_an_even_scale_has_round_numbers(low, high, expected):
    assert " ".join(labels(drawing.linear(np.array([low, high])))) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1e-17, 3, "10⁻¹⁷ 10⁻¹⁴ 10⁻¹¹ 10⁻⁸ 10⁻⁵ 0.01 10"),
        (0.005, 2, "0.01 0.1 1"),
        (0.03, 1, "0.05 0.1 0.2 0.5 1"),
        (1.2, 1.29, "1.20 1.22 1.24 1.26 1.28"),
        (3e20, 6e21, "5·10²⁰ 10²¹ 2·10²¹ 5·10²¹"),
    ],
)
def test_a_logarithmic_scale_has_powers_of_ten_or_what_lies_between(low, high, expected):
    assert " ".join(labels(drawing.logarithmic(np.log10([low, high])))) == expected


def test_labels_stand_where_their_numbers_are():
    even, powers = drawing.linear(np.array([0.0, 40.0])), drawing.logarithmic(np.log10([0.02, 40.0]))
    assert [value for value, _ in even.ticks] == pytest.approx([float(label) for label in labels(even)])
    assert [value for value, _ in powers.ticks] == pytest.approx([math.log10(float(label)) for label in labels(powers)])


@pytest.mark.parametrize(
    "values",
    [
        [3.0, 3.0],
        [0.0, 0.0],
        [1.0, 1 + 1e-15],
        [5e-324, 5e-324],
        [1e-300, 1e99],
        [-1e99, 1e99],
        [1e99, 1e99],
        [0.1, 0.2],
    ],
)
def test_every_loss_has_its_place(values):
    figure = drawing.loss(np.arange(2.0), np.array(values), **TOLD)
    path = re.findall(r'd="M([\d.,L-]+)h0"', figure)[0]
    for place in path.split("L"):
        x, y = map(float, place.split(","))
        assert 40 <= x <= 345.6
        assert 0 <= y <= 190
    assert figure.count("<text") >= 6, figure


def test_a_figure_says_what_its_marks_are():
    x = np.linspace(-1, 1, 5)
    figure = drawing.fit(x, x, x, x**2, **TOLD)
    assert "your network" in figure
    assert "points trained on" in figure
    assert figure.count("h0M") == 4
    assert "points" not in drawing.fit(x[:0], x[:0], x, x, **TOLD)


def test_a_name_cannot_leave_its_element():
    figure = drawing.loss(np.arange(2.0), np.arange(2.0), **{**TOLD, "title": "</title><script>"})
    assert "<script" not in figure


def test_no_plotting_library_is_imported():
    program = "import sys, grader.report.drawing; assert not {'matplotlib', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
