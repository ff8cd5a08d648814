"""What is displayed comes through however large it is, cut to what is kept; it does not end the kernel."""

from __future__ import annotations

import pytest
from execute.offering import desk, errors

from grader.execute.outputs import CUT, _richest
from grader.kernel.displays import KEPT

CHART = "application/vnd.plotly.v1+json"
CHARTS = f"""
from IPython.display import display
points = [[0, 0]] * 700_000
def bundle(**forms):
    return {{"{CHART}": {{"data": points}}, "text/plain": "a chart", **forms}}
class Chart:
    def _repr_mimebundle_(self, **_):
        return bundle()
"""
LARGE = {
    "displayed": ("display(bundle(), raw=True)", ("a chart",)),
    "the value of a cell": ("Chart()", ("a chart",)),
    "renewed": (
        "_ = display({'text/plain': 'nothing yet'}, raw=True, display_id='one')\n"
        "_ = display(bundle(), raw=True, display_id='one', update=True)",
        ("a chart",),
    ),
    "metadata": (f"display({{'text/plain': 'a chart'}}, raw=True, metadata={{'{CHART}': points}})", ("a chart",)),
    "a page": ("display(bundle(**{'text/html': '<p>' + 'x' * (30 << 20)}), raw=True)", (CUT,)),
    "a page in lines": ("display({'text/html': ['x' * (1 << 20)] * 30}, raw=True)", (CUT,)),
    "a picture": (
        "import base64\n"
        "picture = base64.b64encode(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(24 << 20)).decode()\n"
        "display(bundle(**{'image/png': picture}), raw=True)",
        (CUT,),
    ),
    "a picture as bytes": (
        "display(bundle(**{'image/png': b'\\x89PNG\\r\\n\\x1a\\n' + bytes(24 << 20)}), raw=True)",
        (CUT,),
    ),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with desk(tmp_path_factory.mktemp("course")) as record:
        yield record


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_is_shown_as_far_as_it_is_kept(run, name):
    cell, shown = LARGE[name]
    record = run(CHARTS, cell, "print('still here')")
    assert record.status == "finished" and not errors(record)
    assert [tuple(output.content for output in cell.outputs) for cell in record.cells[1:]] == [
        shown,
        ("still here\n",),
    ]


def test_a_display_that_is_none_is_refused_as_ever(run):
    record = run("from IPython import get_ipython\nget_ipython().display_pub.publish('x')")
    assert errors(record) in ([("ValueError", "student")], [("TypeError", "student")])  # by version


def test_what_is_kept_is_what_a_report_can_show():
    for media in KEPT:
        text = "iVBORw0KGgo=" if media == "image/png" else "x"
        assert _richest({media: text})
    assert _richest({CHART: "x", "image/jpeg": "x"}) is None
