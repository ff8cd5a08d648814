"""The arrays a student keeps: found wherever they stand, changed in place, remembered as they first were."""

from __future__ import annotations

import numpy as np
import pytest
from standin import kernel

from grader.conversation import Live
from grader.errors import Unusable
from grader.records import FileRun
from grader.scatter import scattered
from grader.student import Handle

START = """
import numpy as np, torch
class Layer:
    def __init__(self): self.W = np.ones((2, 3))
    def __call__(self): return self.W
weights = [np.zeros((3, 2)), np.arange(3.0)]
alias = weights[0]
params = {"W1": torch.zeros(2, 2), ("a", 1): np.ones(2), 3: np.ones(4)}
net, table, narrow = Layer(), [[1.0, 2.0], [3.0, 4.0]], np.zeros(2, dtype=np.float32)
frozen = np.ones(3); frozen.flags.writeable = False
whole, scalar, words = np.arange(3), np.float64(1), np.array(["a"])
endless = []; endless.append(endless)
class Nasty:
    def __getattr__(self, name): raise RuntimeError(name)
class Sly(list):
    def __getitem__(self, place): raise RuntimeError("asked")
    def __iter__(self): raise RuntimeError("asked")
    def __len__(self): return 10**9
class Kept:
    W = np.ones((6, 2))
def around():
    inner, later = np.ones((6, 3)), np.ones((6, 4))
    def function(): return inner
    def never(): return unset
    if later is None: unset = 1
    class Hidden:
        def __init__(self): self.W = later
        def method(self): return self.W
    return function, never, Hidden().method
function, never, method = around()
nasty, sly = Nasty(), Sly([np.ones((5, 5))])
ragged = np.empty(3, dtype=object)
ragged[:] = [np.ones((7, 2)), np.ones(7), None]
"""
LATER = "weights[0] += 1.0\nnet.W = net.W * 2\ndef total(): return float(weights[0].sum())"


@pytest.fixture(scope="module")
def live():
    with kernel(START, LATER, "weights[0] += 1.0") as finished:
        yield Live([FileRun("hw.py", (), "finished")], lambda _: finished.connect(), 120.0)


@pytest.fixture
def student(live):
    with live.conversation("1") as conversation:
        yield conversation


def test_arrays_are_found_wherever_they_stand_each_once(student):
    found = {each.handle.name: (each.kind, each.shape) for each in student.arrays()}
    assert found == {
        "weights[0]": ("array", (3, 2)),
        "weights[1]": ("array", (3,)),
        "params['W1']": ("tensor", (2, 2)),
        "params[3]": ("array", (4,)),
        "net.W": ("array", (2, 3)),
        "table": ("sequence", (2, 2)),
        "narrow": ("array", (2,)),
        "frozen": ("array", (3,)),
        "Kept.W": ("array", (6, 2)),
        "function.__closure__[0].cell_contents": ("array", (6, 3)),
        "method.__self__.W": ("array", (6, 4)),
        "whole": ("array", (3,)),
        "sly[0]": ("array", (5, 5)),
        "ragged[0]": ("array", (7, 2)),
        "ragged[1]": ("array", (7,)),
    }


@pytest.mark.parametrize(("name", "shape"), [("weights[0]", (3, 2)), ("net.W", (2, 3)), ("table", (2, 2))])
def test_an_array_is_filled_and_moved_in_place(student, name, shape):
    assert student.fill(Handle(name), 5, 0.5)
    wanted = scattered(5, 0.5, shape)
    assert not student.changes(Handle(name)).places.size
    along = [np.arange(1.0, 1 + length) for length in shape]
    student.move(Handle(name), along, 0.25)
    changes = student.changes(Handle(name))
    assert (changes.shape, changes.places.tolist()) == (shape, list(range(wanted.size)))
    assert np.allclose(changes.now, (wanted + 0.25 * np.outer(*along)).ravel(), atol=1e-15)


def test_every_name_sees_the_change(student):
    student.fill(Handle("weights[0]"), 5, 0.5)
    assert np.array_equal(student.get("alias"), scattered(5, 0.5, (3, 2)))
    assert student.call("total") == pytest.approx(scattered(5, 0.5, (3, 2)).sum())


@pytest.mark.parametrize("name", ["narrow", "params['W1']"])
def test_single_precision_is_told(student, name):
    assert not student.fill(Handle(name), 5, 0.5)
    changes = student.changes(Handle(name))
    wanted = scattered(5, 0.5, changes.shape).astype(np.float32)
    assert np.array_equal(changes.now.reshape(changes.shape), wanted)


@pytest.mark.parametrize("name", ["frozen", "whole", "net", "scalar", "total"])
def test_what_cannot_be_changed_says_so(student, name):
    with pytest.raises(Unusable):
        student.fill(Handle(name), 5, 0.5)


def test_a_direction_of_another_shape_is_refused(student):
    with pytest.raises(Unusable):
        student.move(Handle("weights[0]"), [np.ones(2), np.ones(3)], 0.1)


def test_first_states_are_remembered(student):
    states = [student.earlier(Handle("weights[0]"), place)[0] for place in range(3)]
    assert [float(state[0, 0]) for state in states] == [0.0, 1.0, 2.0]
    assert student.earlier(Handle("weights[0]"), 0)[1] == 3
    assert student.earlier(Handle("weights[1]"), 1) == (None, 1)
    assert student.earlier(Handle("nothing"), 0) == (None, 0)
