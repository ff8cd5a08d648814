"""Tables of people's decisions are checked line by line, and taken whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_up import assignment

from grader import decisions
from grader.errors import GraderError
from grader.records import Mark

STUDENTS = {"ada": "Ada", "bob": "Bob", "an-1": "An Li", "an-2": "An Li"}
HEAD = "student,key,points,author,reason\n"


def decided(folder: Path, text: str, name: str = "d.csv") -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    checked = table(folder, text, name)
    return checked.marks, checked.complaints


def table(folder: Path, text: str, name: str = "d.csv") -> decisions.Checked:
    path = folder / name
    path.write_bytes(text.encode())
    return decisions.check(decisions.read(path), assignment(), STUDENTS)


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
        ("ada,1.3,one,kim,ok", "line 2: points: 'one' is no number."),
        ("ada,1.3,nan,kim,ok", "line 2: points: 'nan' is no number."),
        ("ada,1.3,,kim,ok", "line 2: the points are missing."),
        ("An Li,1.3,1,kim,ok", "line 2: there is no student 'An Li'."),
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
        ("d.csv", "student,points\nada,1\n", "line 1: no column key, author, reason"),
        ("d.csv", "", "line 1: no column student"),
        ("d.csv", HEAD + "a" * 200_000 + ",1,1,1,1\n", ": field larger"),
        ("d.xlsx", "", "are read from a .toml or a .csv file"),
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
            decisions.read(tmp_path / name)


def test_lines_that_nobody_has_decided_are_counted_and_make_no_mark(tmp_path):
    checked = table(tmp_path, HEAD + "ada,1.3,,kim,\nbob,1.3,1,kim,ok\n\n,,,,\n")
    assert [mark.student for mark in checked.marks] == ["bob"]
    assert (checked.complaints, checked.open) == ((), 1)


def test_all_points_need_no_reason(tmp_path):
    made, complaints = decided(tmp_path, HEAD + "ada,1.3,3,kim,\nbob,1.3,3,kim,Very good\n")
    assert complaints == ()
    assert [mark.reason for mark in made] == ["Full points.", "Very good"]


def test_a_number_that_a_spreadsheet_changed_is_told_by_its_claim(tmp_path):
    head = HEAD.strip() + ",claim\n"  # 3.10 is saved as 3.1
    made, complaints = decided(tmp_path, head + "ada,1.3,1,kim,a,First\nbob,1.3,1,kim,a,Third\nbob,1.1,1,kim,a,Old\n")
    assert made == ()
    assert complaints == ("line 2: the claim written there is 1.1, not 1.3: did a spreadsheet program change it?",)


def test_a_student_may_be_told_by_name(tmp_path):
    assert [mark.student for mark in decided(tmp_path, HEAD + "Ada,1.3,3,kim,\n")[0]] == ["ada"]


def test_a_table_that_contradicts_itself_is_refused(tmp_path):
    made, complaints = decided(tmp_path, HEAD + "ada,1.3,1,kim,a\nAda,1.3,2,kim,b\nada,1.3,1,kim,a\n")
    assert made == ()
    assert complaints[0] == "line 3: line 2 decides 1.3 of ada otherwise."
