"""Records come back as they went in, and nothing else comes in."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_up import run_record

from grader.observed import Exchange
from grader.packing import Damaged, pack, unpack
from grader.records import FileRun, Finding, Outcome, RunRecord, Usage, Verdict


def same(one: object, other: object) -> bool:
    """Return whether two values are alike: NaN equals NaN, an array its copy."""
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one)
        )
    if isinstance(one, np.ndarray):
        alike = isinstance(other, np.ndarray) and one.dtype == other.dtype and one.shape == other.shape
        return alike and one.tobytes() == other.tobytes()
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    return type(one) is type(other) and (one == other or (one != one and other != other))


def there_and_back(value: object, kind: type) -> object:
    node, block = pack(value)
    return unpack(json.loads(json.dumps(node, allow_nan=False)), block, kind)


def test_a_record_comes_back_as_it_went_in():
    assert same(there_and_back(run_record(), RunRecord), run_record())


def test_a_finding_comes_back_as_it_went_in():
    finding = Finding("1", "C", "1.1", "check", 0.1, Verdict(Outcome.PARTIAL, 1 / 3, "f", remarks=("a", "b")))
    assert same(there_and_back(finding, Finding), finding)


@settings(max_examples=60)
@given(
    arrays.arrays(st.sampled_from([np.float64, np.int64, np.uint64]), arrays.array_shapes(min_dims=0, min_side=0)),
    st.binary(max_size=40),
    st.text(max_size=20),
)
def test_whatever_numbers_and_texts(array, data, text):
    record = run_record()
    training = dataclasses.replace(record.files[0].trainings[0], rows=array)
    file = dataclasses.replace(record.files[0], trainings=(training,), reason=text)
    record = dataclasses.replace(record, files=(file,), conversations={text: (Exchange(text, text, (data,)),)})
    assert same(there_and_back(record, RunRecord), record)


def test_arrays_that_are_not_contiguous_are_kept_by_value():
    array = np.arange(12.0).reshape(3, 4)[:, ::2].T
    training = dataclasses.replace(run_record().files[0].trainings[0], rows=array)
    back = there_and_back(training, type(training))
    assert np.array_equal(back.rows, array)


def test_what_was_read_cannot_be_written_to():
    back = there_and_back(run_record(), RunRecord)
    with pytest.raises(ValueError, match="read-only"):
        back.files[0].trainings[0].rows[0] = 0


def test_paths_and_objects_are_refused():
    with pytest.raises(TypeError):
        pack(dataclasses.replace(run_record(), student=Path("x")))
    with pytest.raises(TypeError):
        pack(dataclasses.replace(run_record(), versions={"a": object()}))


def test_a_field_that_is_not_there_has_its_default():
    node, block = pack(run_record().files[0])
    del node["usage"]
    assert unpack(node, block, FileRun).usage == Usage()


@pytest.mark.parametrize(
    "harm",
    [
        lambda node: node.pop("digest"),
        lambda node: node.update(extra=1),
        lambda node: node.update(student=3),
        lambda node: node.update(files={}),
        lambda node: node["files"][0].update(status=None),
        lambda node: node["files"][0]["cells"][0].update(cpu="fast"),
        lambda node: node["files"][0]["cells"][0].update(number=True),
        lambda node: node["files"][0]["trainings"][0]["settings"][0].append(1),
        lambda node: node["files"][0]["trainings"][0].update(rows=["<f8", [10**9], 0]),
        lambda node: node["files"][0]["trainings"][0].update(rows=["<f8", [-1], 0]),
        lambda node: node["files"][0]["trainings"][0].update(rows=["|O", [1], 0]),
        lambda node: node["files"][0]["trainings"][0].update(rows=["nonsense", [1], 0]),
        lambda node: node["files"][0]["trainings"][0].update(rows=["<f8", [1], -8]),
        lambda node: node["conversations"]["1.1"][0].update(answer_buffers=[[0, 10**9]]),
    ],
)
def test_a_damaged_node_is_refused(harm):
    node, block = pack(run_record())
    harm(node)
    with pytest.raises(Damaged):
        unpack(node, block, RunRecord)


def test_an_unknown_outcome_is_refused():
    node, block = pack(Verdict(Outcome.PASSED, 1.0, ""))
    with pytest.raises(ValueError, match="excellent"):
        unpack({**node, "outcome": "excellent"}, block, Verdict)
