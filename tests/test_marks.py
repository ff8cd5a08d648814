"""People's decisions are kept for ever, and survive a crash."""

from __future__ import annotations

import pytest

from grader import marks
from grader.records import Mark


def mark(student: str = "ada", key: str = "1.3", points: float = 1.0, reason: str = "ok") -> Mark:
    return Mark(student, key, points, "kim", reason, "2026-01-01T00:00:00+00:00")


def test_marks_are_appended_and_the_latest_is_in_force(tmp_path):
    path = tmp_path / "r" / "marks.jsonl"
    marks.append(path, [mark(points=1.0), mark("bob")])
    first = path.read_bytes()
    marks.append(path, [mark(points=2.0, reason="ä\nb")])
    assert path.read_bytes().startswith(first)
    kept = marks.read(path)
    assert kept.marks == (mark(points=1.0), mark("bob"), mark(points=2.0, reason="ä\nb"))
    assert marks.in_force(kept.marks)["ada", "1.3"].points == 2.0


def test_no_marks_yet(tmp_path):
    assert marks.read(tmp_path / "marks.jsonl") == marks.Kept(())


def test_a_crash_in_the_middle_of_a_line_loses_that_line_only(tmp_path):
    path = tmp_path / "marks.jsonl"
    marks.append(path, [mark(), mark("bob")])
    path.write_bytes(path.read_bytes()[:-20])
    marks.append(path, [mark(points=3.0)])
    kept = marks.read(path)
    assert kept.marks == (mark(), mark(points=3.0))
    assert kept.complaints == (f"{path}, line 2: not a whole mark; it is skipped.",)


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{}",
        "3",
        '{"student": "ada"}',
        "\xff",
        '{"student":1,"key":"","points":1,"author":"","reason":"","at":""}',
        '{"student":"a","key":"k","points":NaN,"author":"","reason":"","at":""}',
        '{"student":"a","key":"k","points":-1,"author":"","reason":"","at":""}',
    ],
)
def test_what_is_no_mark_is_skipped(tmp_path, line):
    path = tmp_path / "marks.jsonl"
    path.write_bytes(line.encode("latin-1") + b"\n\n")
    marks.append(path, [mark()])
    kept = marks.read(path)
    assert kept.marks == (mark(),)
    assert len(kept.complaints) == 1


def test_the_same_decision_again_is_not_new():
    kept = (mark(points=1.0), mark(points=2.0))
    assert marks.new([mark(points=2.0), mark("bob")], kept) == (mark("bob"),)
    assert marks.new([mark(points=1.0)], kept) == (mark(points=1.0),)
