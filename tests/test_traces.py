"""What a kernel notes is believed only where it is well-formed; the rest is left out with a sentence."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import traces

PASS = {
    "step": 0,
    "inputs": np.zeros((2, 1), "f4"),
    "outputs": np.zeros((2, 1), "f4"),
    "output_gradient": np.full((2, 1), np.nan),
    "loss": 1.0,
    "clean": True,
    "rate": None,
}
TRAINING = {
    "key": "t0",
    "model": "m#0",
    "kind": "MLP",
    "names": ["w"],
    "initial": [np.zeros((2, 3), "f4")],
    "final": [np.zeros((2, 3), "f4")],
    "rule": "SGD",
    "settings": [[0, {"lr": 0.1}]],
    "steps": 1,
    "batch_sizes": np.array([2]),
    "losses": np.array([1.0]),
    "loss_steps": np.array([0]),
    "passes": [PASS],
    "row_ids": [np.array([0, 1])],
    "rows": np.zeros((2, 1)),
    "fingerprints": np.array([5], dtype=np.uint64),
}
CURVE = {"kind": "line", "x": np.arange(3.0), "y": np.arange(3.0), "label": "a"}
AXES = {"curves": [CURVE], "title": "", "x_label": "x", "y_label": "y", "x_log": False, "y_log": True}
AXES |= {"images": 0, "legend": ["a"], "texts": []}
FIGURE = {"axes": [AXES], "title": "T"}
NOTED = {"trainings": [TRAINING], "figures": [FIGURE], "shims": ["x"]}


def changed(path, value):
    """NOTED with one part replaced."""
    noted = copy.deepcopy(NOTED)
    at = noted
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return noted


def test_what_is_well_formed_is_read():
    observed = traces.read(NOTED)
    assert observed.remarks == () and observed.shims == ("x",)
    (training,), (figure,) = observed.trainings, observed.figures
    assert training.initial[0].dtype == np.float64 and training.batch_sizes.dtype == np.int64
    assert training.passes[0].inputs.dtype == np.float64 and np.isnan(training.passes[0].output_gradient).all()
    assert training.settings == ((0, {"lr": 0.1}),)
    assert figure.axes[0].curves[0].label == "a" and figure.axes[0].y_log


MALFORMED = [
    (("key",), 3),
    (("names",), ["a", "b"]),
    (("initial",), [np.array(["a"])]),
    (("settings",), [[0, {"lr": "0.1"}]]),
    (("settings",), [[-1, {"lr": 0.1}]]),
    (("steps",), -1),
    (("steps",), True),
    (("steps",), 1.5),
    (("batch_sizes",), np.array([-2])),
    (("batch_sizes",), np.array([2.0])),
    (("losses",), np.array([1.0, 2.0])),
    (("loss_steps",), None),
    (("row_ids",), [np.array([0, 2])]),
    (("row_ids",), [np.array([-1])]),
    (("rows",), np.zeros(3)),
    (("fingerprints",), np.array([1, 2], dtype=np.uint64)),
    (("fingerprints",), np.array([1])),
    (("passes",), [3]),
    (("passes", 0, "outputs"), np.zeros((3, 1))),
    (("passes", 0, "inputs"), np.zeros(2)),
    (("passes", 0, "loss"), 1),
    (("passes", 0, "clean"), 1),
    (("passes", 0, "rate"), "0.1"),
]


@pytest.mark.parametrize(("path", "value"), MALFORMED)
def test_a_malformed_training_is_left_out_with_a_sentence(path, value):
    observed = traces.read(changed(("trainings", 0, *path), value))
    assert observed.trainings == () and len(observed.figures) == 1
    assert observed.remarks and observed.remarks[0].startswith("A training was left out")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("curves", 0, "y"), np.arange(4.0)),
        (("curves", 0, "x"), None),
        (("curves", 0, "kind"), "pie"),
        (("curves", 0, "kind"), np.zeros(0)),
        (("title",), None),
        (("images",), -1),
        (("legend",), [1]),
    ],
)
def test_a_malformed_figure_is_left_out_with_a_sentence(path, value):
    observed = traces.read(changed(("figures", 0, "axes", 0, *path), value))
    assert observed.figures == () and len(observed.trainings) == 1
    assert observed.remarks[0].startswith("A figure was left out")


def paths(tree, at=()):
    yield at
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, item in entries:
        yield from paths(item, (*at, key))


ODD = st.sampled_from(
    [None, True, -1, 2**70, 1.5, float("nan"), "x", [], {}, [[]], {"t": 1}, (1,), 1j]
) | st.sampled_from([np.zeros(0), np.zeros((2, 2, 2)), np.array(["a"]), np.array([1j]), np.array(5), np.zeros((0, 4))])


@settings(max_examples=300)
@given(st.sampled_from([path for path in paths(NOTED) if path]), ODD)
def test_nothing_that_is_noted_raises(path, value):
    observed = traces.read(changed(path, value))
    for training in observed.trainings:
        assert len(training.losses) == len(training.loss_steps)
        assert all(ids.max(initial=0) < max(1, len(training.rows)) for ids in training.row_ids)


def test_numbers_of_things_are_bounded():
    observed = traces.read({"trainings": [TRAINING] * 100, "figures": [FIGURE] * 100, "shims": ["x"] * 1000})
    assert len(observed.trainings) == traces.TRAININGS and len(observed.figures) == traces.FIGURES
    assert len(observed.shims) == 100
