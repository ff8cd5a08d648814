"""A run record comes back from Gradescope as it went, for the files it was made from, and for no others."""

import json
import lzma
from base64 import b64decode, b64encode
from dataclasses import replace
from random import Random

import pytest
from fake_runner import handed_in
from hypothesis import given
from hypothesis import strategies as st
from made_up import run_record

from grader.gradescope import carry
from grader.packing import pack
from grader.records import Output


def same(one, other) -> bool:
    return pack(one) == pack(other)


@pytest.fixture
def submission(tmp_path):
    return handed_in(tmp_path, "ada", hw="first second")


def test_a_record_comes_back_under_the_key_it_is_asked_for(submission):
    extra = json.loads(json.dumps(carry.load(submission, run_record("submission_1", "there")), allow_nan=False))
    back = carry.unload(extra, submission, "here")
    assert back is not None
    assert same(back, run_record("ada", "here"))


def test_an_export_in_which_everything_is_text_will_do(submission):
    extra = carry.load(submission, run_record())
    assert carry.unload({carry.OURS: {**extra[carry.OURS], "format": "1"}}, submission, "d") is not None


def test_another_file_has_no_record(submission, tmp_path):
    extra = carry.load(submission, run_record())
    assert carry.unload(extra, handed_in(tmp_path, "ada", hw="first second third"), "d") is None
    assert carry.unload(extra, handed_in(tmp_path, "ada", other="first second"), "d") is None


def test_a_large_record_goes_without_pictures_and_a_larger_one_stays(submission, monkeypatch):
    record = run_record()
    (file,) = record.files
    outputs = (*file.cells[0].outputs, Output("png", b64encode(Random(0).randbytes(20_000)).decode()))
    large = replace(record, files=(replace(file, cells=(replace(file.cells[0], outputs=outputs),)),))
    monkeypatch.setattr(carry, "MOST", 3000)
    back = carry.unload(carry.load(submission, large), submission, "d")
    assert back is not None
    assert [output.kind for output in back.files[0].cells[0].outputs] == ["text"]
    assert back.conversations == record.conversations
    monkeypatch.setattr(carry, "MOST", 10)
    assert "larger" in carry.load(submission, large)[carry.OURS]["left_out"]
    assert carry.unload(carry.load(submission, large), submission, "d") is None


@pytest.mark.parametrize(
    "extra",
    [
        None,
        [],
        {},
        {"deepgrader": None},
        {"deepgrader": {"format": 1}},
        {"deepgrader": {"format": 2, "record": ""}},
        {"deepgrader": {"format": 1, "record": 3}},
    ],
)
def test_what_holds_no_record_gives_none(submission, extra):
    assert carry.unload(extra, submission, "d") is None


@given(st.binary(max_size=200), st.integers(0, 400))
def test_a_damaged_record_gives_none(tmp_path_factory, rubbish, at):
    submission = handed_in(tmp_path_factory.mktemp("s"), "ada", hw="x")
    extra = carry.load(submission, run_record())
    whole = b64decode(extra[carry.OURS]["record"])
    for data in (rubbish, whole[:at] + rubbish, lzma.compress(rubbish), lzma.compress(rubbish + b"\0" * 8)):
        extra[carry.OURS]["record"] = b64encode(data).decode()
        assert carry.unload(extra, submission, "d") is None
    extra[carry.OURS]["record"] = "no base64 é"
    assert carry.unload(extra, submission, "d") is None


def test_a_bomb_is_not_unpacked(submission, monkeypatch):
    extra = carry.load(submission, run_record())
    extra[carry.OURS]["record"] = b64encode(lzma.compress(bytes(50_000_000))).decode()
    monkeypatch.setattr(carry, "LARGEST", 40_000_000)
    assert carry.unload(extra, submission, "d") is None
