"""Names and times come from Gradescope's metadata, and a file that says less, or nonsense, does no harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradescope import metadata

DUE = "2026-07-31T23:00:00-07:00"
WHOLE = {
    "id": 123456,
    "users": [{"email": "a@x.edu", "id": 1, "name": "Ada", "sid": "100"}, {"email": "b@x.edu", "name": None}],
    "created_at": "2026-07-01T14:22:32.365935-07:00",
    "assignment": {"due_date": DUE, "late_due_date": None, "title": "HW1", "total_points": "20.0"},
}


def read(tmp_path, said) -> metadata.Metadata:
    path = tmp_path / "submission_metadata.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said))
    return metadata.read(path)


def test_a_group_and_its_times(tmp_path):
    who = read(tmp_path, WHOLE)
    assert who.key == "submission_123456"
    assert who.members == ("Ada", "b@x.edu")
    assert who.name == "Ada, b@x.edu"
    assert who.submitted_at == "2026-07-01T14:22:32.365935-07:00"
    assert who.due == DUE


def test_an_extension_of_a_member_is_the_groups(tmp_path):
    later, earlier = "2026-08-02T00:00:00-07:00", "2026-08-01T23:00:00+00:00"
    users = [{"name": "Ada", "assignment": {"due_date": later}}, {"name": "Bo", "assignment": {"due_date": earlier}}]
    assert read(tmp_path, {**WHOLE, "users": users}).due == later


@pytest.mark.parametrize("said", ["", "{", "[]", "3", "null", {}, {"users": 3, "assignment": [], "created_at": 5}])
def test_what_is_not_said_is_empty(tmp_path, said):
    assert read(tmp_path, said) == metadata.Metadata()


def test_no_file_says_nothing(tmp_path):
    assert metadata.read(tmp_path / "absent.json") == metadata.Metadata()


@pytest.mark.parametrize("time", ["2026-07-01", "2026-07-01T14:22:32", "yesterday", None, 5])
def test_a_time_without_a_zone_is_none(tmp_path, time):
    assert read(tmp_path, {**WHOLE, "created_at": time}).submitted_at == ""


def test_universal_time_may_be_written_z(tmp_path):
    assert read(tmp_path, {**WHOLE, "created_at": "2026-07-01T14:22:32Z"}).submitted_at == "2026-07-01T14:22:32+00:00"


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just(DUE))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "users", "name", "assignment", "due_date", "created_at"]), inner),
    ),
)


@given(TREES)
def test_anything_can_stand_in_it(tmp_path_factory, said):
    who = read(tmp_path_factory.mktemp("m"), said)
    assert who.key.startswith("submission")
    assert all(isinstance(name, str) for name in who.members)
