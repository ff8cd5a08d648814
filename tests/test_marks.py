"""People's decisions are checked line by line, kept for ever, and survive a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import assignment

from grader import marks
from grader.errors import GraderError
from grader.records import Mark

STUDENTS = {"ada": "Ada", "bob": "Bob"}
HEAD = "student,key,points,author,reason\n"


def mark(student: str = "ada", key: str = "1.3", points: float = 1.0, reason: str = "ok") -> Mark:
    return Mark(student, key, points, "kim", reason, "2026-01-01T00:00:00+00:00")


def decided(folder: Path, text: str, name: str = "d.csv") -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    path = folder / name
    path.write_bytes(text.encode())
    return marks.check(marks.decisions(path), assignment(), STUDENTS)


# ---------------------------------------------------------------------------------------------- kept


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


# ---------------------------------------------------------------------------------------------- new ones


def test_decisions_in_csv(tmp_path):
    made, complaints = decided(tmp_path, HEAD + 'ada,1.3,2.5,kim,"Fine, mostly"\nbob,1.1,0,lee,No\n')
    assert complaints == ()
    assert [(one.student, one.key, one.points, one.author, one.reason) for one in made] == [
        ("ada", "1.3", 2.5, "kim", "Fine, mostly"),
        ("bob", "1.1", 0.0, "lee", "No"),
    ]
    assert made[0].at.endswith("+00:00")


def test_a_spreadsheets_csv(tmp_path):
    text = "\ufeffReason;Student;Key;Points;Author;Note\r\nok;ada;1.3;2,5;kim;x\r\n"
    assert decided(tmp_path, text)[0][0].points == 2.5


def test_decisions_in_toml(tmp_path):
    text = """
        author = "kim"
        [[mark]]
        student = "ada"
        key = "1.3"
        points = 3
        reason = "All of it"
        [[mark]]
        student = "bob"
        key = "1.2"
        points = 0.5
        author = "lee"
        reason = "A dispute"
    """
    made, complaints = decided(tmp_path, text, "d.toml")
    assert complaints == ()
    assert [(one.student, one.points, one.author) for one in made] == [("ada", 3.0, "kim"), ("bob", 0.5, "lee")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("adda,1.3,1,kim,ok", "line 2: there is no student 'adda'. Did you mean 'ada'?"),
        ("ada,1.9,1,kim,ok", "line 2: there is no claim '1.9'. Did you mean '1.3'?"),
        ("ada,1.3,4,kim,ok", "line 2: 4 points for 1.3, which is worth 0 to 3."),
        ("ada,1.3,-1,kim,ok", "line 2: -1 points for 1.3, which is worth 0 to 3."),
        ("ada,1.3,1,,ok", "line 2: the author is missing."),
        ("ada,1.3,1,kim, ", "line 2: the reason is missing."),
        ("ada,1.3,1", "line 2: the author is missing."),
    ],
)
def test_each_line_is_checked(tmp_path, line, said):
    _, complaints = decided(tmp_path, HEAD + line + "\nbob,1.3,1,kim,ok\n")
    assert complaints[0].startswith(said[:-2])
    assert len([one for one in complaints if one.startswith("line 3")]) == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("d.csv", HEAD + "ada,1.3,one,kim,ok\n", "line 2: points: 'one' is no number."),
        ("d.csv", HEAD + "ada,1.3,nan,kim,ok\n", "line 2: points: 'nan' is no number."),
        ("d.csv", "student,points\nada,1\n", "line 1: no column key, author, reason"),
        ("d.csv", "", "line 1: no column student"),
        ("d.csv", HEAD + "a" * 200_000 + ",1,1,1,1\n", ": field larger"),
        ("d.txt", "", "are read from a .toml or a .csv file"),
        ("d.toml", "[[mark]]\nstuden = 1\n", "mark 1: unknown key 'studen'. Did you mean 'student'?"),
        ("d.toml", "", "the key 'mark' is missing"),
        ("d.toml", "[[mark]]\nstudent='a'\nkey='1.1'\npoints=inf\n", "mark 1: points"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, text, said):
    with pytest.raises(GraderError) as caught:
        decided(tmp_path, text, name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_such_file(tmp_path):
    for name in ("none.csv", "none.toml"):
        with pytest.raises(GraderError, match="cannot be read"):
            marks.decisions(tmp_path / name)
