"""Figures arrive as data, however they were shown."""

from __future__ import annotations

import numpy as np
import pytest
from standin import kernel

BEFORE = "import numpy as np, matplotlib.pyplot as plt\nx = np.linspace(-2, 2, 50); f = (x - 2) * np.cos(4 * x)\n"


def figures(*cells, warm=True):
    with kernel(BEFORE, *cells, warm=warm) as process:
        observed = process.observed()
    assert observed.remarks == ()
    return observed.figures


ENDS = {
    "left open": "",
    "shown": "plt.show(); plt.close('all')",
    "saved": "plt.savefig('/dev/null', format='png'); plt.close()",
    "saved and shown": "plt.savefig('/dev/null', format='png'); plt.show(); plt.close()",
    "displayed": "import io; plt.gcf().canvas.print_figure(io.BytesIO(), format='png'); plt.close()",
    "blocking": "plt.show(block=True); plt.close()",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_line_with_its_words(end):
    drawn = "plt.plot(x, f, label='learned'); plt.legend(); plt.title('T'); plt.xlabel('x'); plt.ylabel('y')\n"
    (figure,) = figures(drawn + ENDS[end])
    (axes,) = figure.axes
    (curve,) = axes.curves
    assert (curve.kind, curve.label, axes.title, axes.x_label, axes.y_label) == ("line", "learned", "T", "x", "y")
    assert axes.legend == ("learned",)
    assert np.allclose(curve.y, (curve.x - 2) * np.cos(4 * curve.x))


def test_a_figure_closed_without_being_shown_is_not_there():
    assert figures("plt.plot(x, f); plt.close()") == ()


def test_clouds_bars_histograms_images_and_logarithms():
    (figure,) = figures("""
fig, ((a, b), (c, d)) = plt.subplots(2, 2); fig.suptitle('all')
a.scatter(x, f); a.plot(x, f, '.'); a.text(0, 0, 'here')
b.bar([1, 2, 4], [3, 4, 5]); b.set_yscale('log')
c.hist(np.r_[0, 1, 1, 2, 2, 2], bins=3); c.hist(x, histtype='step')
d.imshow(np.eye(3)); d.semilogx(x + 3, f)
""")
    a, b, c, d = figure.axes
    assert figure.title == "all"
    assert [curve.kind for curve in a.curves] == ["scatter", "scatter"] and a.texts == ("here",)
    assert a.curves[1].y == pytest.approx(a.curves[0].y)
    assert b.curves[0].kind == "bar" and list(b.curves[0].y) == [3, 4, 5] and b.y_log
    assert c.curves[0].kind == "hist" and list(c.curves[0].y) == [1, 2, 3]
    assert d.images == 1 and d.x_log


STRAIGHT = {
    "plt.axhline(1)": ([-3, 5], [1, 1]),
    "plt.axhline(1, 0.25, 0.75)": ([-1, 3], [1, 1]),
    "plt.axline((0, 1), slope=2)": ([-3, 5], [-5, 11]),
    "plt.axline((0, 1), (1, 3))": ([-3, 5], [-5, 11]),
    "plt.hlines(1, -2, 2)": ([-2, 2, np.nan], [1, 1, np.nan]),
    "plt.hlines([1, 0], [-2, 0], [2, 3])": ([-2, 2, np.nan, 0, 3, np.nan], [1, 1, np.nan, 0, 0, np.nan]),
}


@pytest.mark.parametrize("drawn", STRAIGHT)
def test_straight_lines_are_where_they_are_seen(drawn):
    (figure,) = figures(f"plt.xlim(-3, 5); {drawn}")
    (curve,) = figure.axes[0].curves
    assert curve.kind == "line"
    assert np.allclose([curve.x, curve.y], STRAIGHT[drawn], equal_nan=True)


def test_a_line_straight_up_has_no_slope():
    assert figures("plt.axline((0, 1), (0, 3)); plt.plot(x, f)")[0].axes[0].curves[0].x.size == 50


def test_a_figure_that_grows_is_noted_once_in_its_last_state():
    (figure,) = figures("plt.plot(x, f); plt.savefig('/dev/null', format='png'); plt.plot(x, x); plt.show()")
    assert len(figure.axes[0].curves) == 2


def test_many_points_curves_and_figures_are_thinned_and_cut():
    found = figures("""
plt.plot(np.arange(100_001)); plt.show(); plt.close()
for i in range(30): plt.plot(x, f * i)
plt.show(); plt.close()
for i in range(70): plt.figure(); plt.plot([1, 2]); plt.show(); plt.close()
""")
    assert len(found) == 60
    (curve,) = found[0].axes[0].curves
    assert 5_000 < len(curve.x) <= 10_000 and np.array_equal(curve.x, curve.y)
    assert len(found[1].axes[0].curves) == 20


def test_tensors_dates_gaps_and_poison_do_no_harm():
    found = figures("""
import torch, datetime
plt.plot(torch.tensor(x), torch.tensor(f)); plt.show(); plt.close()
plt.plot([datetime.date(2024, 1, d) for d in (1, 2, 3)], [1, None, 3]); plt.show(); plt.close()
class Poison(plt.Line2D):
    def get_xdata(self, orig=True): raise RuntimeError
plt.gca().add_line(Poison([0, 1], [0, 1])); plt.show(); plt.close()
""")
    assert len(found) == 2
    assert np.isnan(found[1].axes[0].curves[0].y[1])


def test_matplotlib_imported_by_the_student_is_seen_too():
    (figure,) = figures("plt.plot(x, f); plt.show()", warm=False)
    assert len(figure.axes[0].curves[0].x) == 50


def test_what_is_drawn_after_a_figure_was_shown_is_there_and_what_is_wiped_off_stays():
    (figure, wiped) = figures(
        "fig, ax = plt.subplots(); fig.savefig('/dev/null', format='png'); plt.close(fig)",
        "ax.barh(range(3), [0.2, 0.3, 0.5])",
        "other, b = plt.subplots(); b.plot(x, f); other.savefig('/dev/null', format='png'); b.cla(); plt.close(other)",
    )
    assert [curve.kind for curve in figure.axes[0].curves] == ["bar"]
    assert len(wiped.axes[0].curves) == 1
