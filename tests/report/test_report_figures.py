import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
from report.samples import training

from grader.chance import Normal
from grader.report import drawing, figures

LAW = Normal(0, 1)


def test_figures_are_drawn_once(tmp_path, monkeypatch):
    first = figures.of_training(training(), tmp_path, LAW)
    assert len(first) == 3 == len(list(tmp_path.rglob("*.svg")))
    monkeypatch.setattr(drawing, "_svg", None)
    assert figures.of_training(training(), tmp_path, LAW) == first


def test_other_data_make_another_figure(tmp_path):
    one, other = figures.of_training(training(0), tmp_path, LAW), figures.of_training(training(1), tmp_path, LAW)
    assert len(list(tmp_path.rglob("*.svg"))) == 6
    assert all(a.svg != b.svg for a, b in zip(one, other, strict=True))
    figures.sweep(tmp_path, other)
    assert len(list(tmp_path.rglob("*.svg"))) == 3


def test_the_same_data_make_the_same_bytes(tmp_path):
    assert figures.of_training(training(), tmp_path / "a", LAW) == figures.of_training(training(), tmp_path / "b", LAW)


def test_figures_fit_into_a_page(tmp_path):
    for figure in figures.of_training(training(), tmp_path, LAW):
        tree = ElementTree.fromstring(figure.svg.replace("xlink:href", "href"))
        assert tree.get("role") == "img"
        assert [child.tag for child in tree][:2] == ["title", "desc"]
        assert not re.search(r"#0[1-5]0", figure.svg), "a stand-in colour was left"
        ids = re.findall(r' id="([^"]+)"', figure.svg)
        assert len(ids) == len(set(ids))
        assert all(f"#{one}" in figure.svg or one.endswith(("-t", "-d")) for one in ids)
        assert "\n" not in figure.svg.rstrip("\n")


def test_a_description_gives_the_numbers(tmp_path):
    _, loss, weights = figures.of_training(training(), tmp_path, LAW)
    assert re.search(r"<desc [^>]*>The loss starts at [\d.]+ and ends at [\d.]+, over 4,000 steps.</desc>", loss.svg)
    assert "4,160 weights with mean" in weights.svg


def test_first_weights_are_drawn_beside_their_law_and_not_where_nothing_is_asked_of_them(tmp_path):
    assert [each.caption for each in figures.of_training(training(), tmp_path)] == [
        each.caption for each in figures.of_training(training(), tmp_path, LAW)[:2]
    ]
    other = figures.of_training(training(), tmp_path, Normal(0.5, 2))[2]
    assert "beside N(0.5, 4)" in other.caption
    assert "mean 0.5 and standard deviation 2" in other.svg
    assert ">N(0.5, 4)<" in other.svg


def test_a_training_that_shows_nothing_has_no_figures(tmp_path):
    nothing = replace(training(), passes=(), losses=np.empty(0), loss_steps=np.empty(0, dtype=np.int64), initial=())
    assert figures.of_training(nothing, tmp_path, LAW) == ()


def test_a_training_that_went_wrong_is_still_drawn(tmp_path):
    seen = training()
    huge = np.geomspace(1e30, 1e99, 128)[:, None] * np.resize([-1, 1], (128, 1))
    wild = replace(
        seen,
        passes=tuple(replace(one, outputs=huge, output_gradient=huge, loss=1e99) for one in seen.passes),
        losses=np.array([1.0, 1e308, -1e308, np.inf, np.nan, -3.0, 0.0]),
        loss_steps=np.arange(7),
        initial=(np.resize([-1e308, 1e99, 1.0, np.inf], (64, 1)), np.full((3, 3), np.nan)),
    )
    assert len(figures.of_training(wild, tmp_path, LAW)) == 3


def test_a_regrade_imports_neither_matplotlib_nor_torch(tmp_path):
    figures.of_training(training(), tmp_path, LAW)
    program = (
        "import sys; from pathlib import Path; from report.samples import training; import grader.report;"
        "from grader.chance import Normal;"
        f"from grader.report import figures; all_ = figures.of_training(training(), Path({str(tmp_path)!r}), Normal());"
        "assert len(all_) == 3;"
        "heavy = {'matplotlib', 'torch', 'nbformat', 'jsonschema', 'scipy'} & set(sys.modules); assert not heavy, heavy"
    )
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", program], check=True, cwd=root, env={"PYTHONPATH": f"{root}:{root / 'tests'}"}
    )
