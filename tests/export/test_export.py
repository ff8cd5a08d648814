"""Grades for gradebooks: what is written, what is refused, and whose row is whose."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import UsageError
from grader.export import export

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework 2 (11),Homework 3 (12),Final Grade\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,10,4,(read only)\n"
    '"Lovelace, Ada",1234,s100,ada@example.edu,A,9,,88\n'
    '"Bo, Ben",77,s101,ben,A,8,,70\n'
    '"Bo, Ben",78,s102,ben2,B,8,,70\n'
    '"Noether, Emmy",79,s103,emmy,B,8,3,70\n'
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)\n"
    "Participant 4711,Ada Lovelace,ada@example.edu,Submitted,,4.00,Yes,-\n"
    'Participant 12,"Ben ""B"" Bo",ben@example.edu,Submitted,,4.00,Yes,-\n'
    "Participant 13,Emmy Noether,emmy@example.edu,Submitted,2.00,4.00,No,-\n"
)


def account(name: str = "", sid: str = "", email: str = "", number: str = "", platform: str = "") -> dict[str, str]:
    return {"name": name, "sid": sid, "email": email, "number": number, "platform": platform}


def submission(student: str, *accounts: dict[str, str], earned=(1.5, 1), pending=(0, 0), status="graded", name=""):
    problems = [
        {"earned": points, "pending": waiting, "points": 2} for points, waiting in zip(earned, pending, strict=True)
    ]
    return {
        "student": student,
        "name": name or student,
        "accounts": list(accounts),
        "submitted_at": "2023-09-20T17:04:11+00:00",
        "status": status,
        "earned": sum(earned),
        "problems": dict(zip(("1", "2a"), problems, strict=True)),
    }


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "hw3"


def keep(results: Path, *submissions: dict[str, object], released: bool = True) -> None:
    claims = [{"points": 1.5}, {"points": 0.5}]
    document = {
        "format": 1,
        "released": released,
        "assignment": {
            "id": "hw3",
            "title": "Homework 3: a network",
            "total": 4,
            "problems": [
                {"id": "1", "title": "Fit", "claims": claims},
                {"id": "2a", "title": "=Why", "claims": claims},
            ],
        },
        "submissions": submissions,
    }
    results.mkdir(exist_ok=True)
    (results / "grades.json").write_text(json.dumps(document))


def exported(results: Path, to: str, **options) -> tuple[list[list[str]], Sequence[str]]:
    """Return the rows that were written and the lines that were said before the last."""
    console = Console(record=True, width=500, file=io.StringIO())
    whole = export(results, to, console, **options)
    said = console.export_text().splitlines()
    assert whole == (len(said) == 1)
    with (results / f"{to}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file)), said[:-1]


def book(results: Path, text: str) -> Path:
    path = results / "book.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_gradescope_has_a_row_a_person_and_a_column_a_problem(results):
    ada = account("Ada Lovelace", "100", "ada@example.edu", "861", "gradescope")
    group = [
        account("Ben Bo", "101", "", "862", "gradescope"),
        account("Zoë", "", "z@example.edu", "862", "gradescope"),
    ]
    keep(results, submission("ada", ada, earned=(1.5, 2)), submission("group", *group))
    rows, said = exported(results, "gradescope")
    assert ",".join(rows[0]) == (
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,"
        "Lateness (H:M:S),View Count,Submission Count,1: Fit (2.0 pts),2a: =Why (2.0 pts)"
    )
    when = "2023-09-20 17:04:11 +0000"
    assert rows[1:] == [
        ["Ada", "Lovelace", "100", "ada@example.edu", "", "3.5", "4", "Graded", "861", when, "", "", "", "1.5", "2"],
        ["Ben", "Bo", "101", "", "", "2.5", "4", "Graded", "862", when, "", "", "", "1.5", "1"],
        ["Zoë", "", "", "z@example.edu", "", "2.5", "4", "Graded", "862", when, "", "", "", "1.5", "1"],
    ]
    assert said == []


@pytest.mark.parametrize(
    ("name", "told"),
    [("Ängström, Jörg", ["Jörg", "Ängström"]), ("Ada,", ["Ada,", ""]), ("Juan de la Cruz", ["Juan de la", "Cruz"])],
)
def test_first_and_last_names_are_told_apart(results, name, told):
    keep(results, submission("ada", account(name)))
    assert exported(results, "gradescope")[0][1][:2] == told


def test_a_gradebook_that_excel_has_saved_is_read(results):
    keep(results, submission("ada", account("Ada Lovelace")))
    text = "Identifier;Full name;Grade\r\nParticipant 7;Ada Lovelace;\r\n"
    (results / "book.csv").write_bytes(text.encode("utf-16"))
    rows, said = exported(results, "moodle", gradebook=results / "book.csv")
    assert rows == [["Identifier", "Full name", "Grade"], ["Participant 7", "Ada Lovelace", "2.5"]]
    assert said == []


def test_a_name_is_never_a_formula(results):
    keep(results, submission("eve", account("=HYPERLINK(1) Eve", "+1", "@x")))
    rows, _ = exported(results, "gradescope")
    assert rows[1][:4] == ["'=HYPERLINK(1)", "Eve", "'+1", "'@x"]


def test_a_fault_is_never_released(results):
    keep(results, submission("ada"), submission("ben", status="fault", name="Ben Bo"), released=False)
    for pending in ("refuse", "empty", "earned"):
        with pytest.raises(UsageError, match=r"A report that holds a fault cannot be released \(Ben Bo\)"):
            exported(results, "gradescope", pending=pending)
    assert not (results / "gradescope.csv").exists()


def test_what_waits_for_a_person_is_refused_unless_told(results):
    keep(results, submission("ada", pending=(0, 0.5)), submission("ben"))
    with pytest.raises(UsageError, match=r"1 submission waits for a person.*--pending empty.*--pending earned"):
        exported(results, "gradescope")
    rows, _ = exported(results, "gradescope", pending="empty")
    assert [(row[5], row[7], *row[13:]) for row in rows[1:]] == [
        ("", "Ungraded", "1.5", ""),
        ("2.5", "Graded", "1.5", "1"),
    ]
    rows, _ = exported(results, "gradescope", pending="earned")
    assert [(row[5], row[7], *row[13:]) for row in rows[1:]] == [
        ("2.5", "Ungraded", "1.5", "1"),
        ("2.5", "Graded", "1.5", "1"),
    ]


def test_an_empty_total_fills_no_row_of_another_gradebook(results):
    keep(results, submission("Ada Lovelace", pending=(0, 0.5)), submission("Emmy Noether"))
    rows, said = exported(results, "canvas", gradebook=book(results, CANVAS), pending="empty")
    assert ([row[1] for row in rows[2:]], said) == (["79"], [])
    rows, _ = exported(results, "moodle", gradebook=book(results, MOODLE), pending="empty")
    assert rows[1:] == []


def test_grades_older_than_a_mark_are_refused(results):
    keep(results, submission("ada"))
    (results / "marks.jsonl").write_text("")
    os.utime(results / "grades.json", ns=(1, 1))
    with pytest.raises(UsageError, match="Marks were recorded since"):
        exported(results, "gradescope")


@pytest.mark.parametrize("content", [None, "", "[]", '{"format": 2}'])
def test_no_grades_are_said_in_a_sentence(results, content):
    results.mkdir()
    if content is not None:
        (results / "grades.json").write_text(content)
    with pytest.raises(UsageError):
        exported(results, "gradescope")


def test_canvas_gets_its_own_rows_back_with_one_column(results):
    keep(
        results,
        submission("lovelaceada", account("lovelaceada", number="1234", platform="canvas"), earned=(1.25, 0.0625)),
        submission("boben-78", account("boben", number="78", platform="canvas")),
    )
    rows, said = exported(results, "canvas", gradebook=book(results, CANVAS))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 3 (12)"],
        ["    Points Possible", "", "", "", "", "4"],
        ["Lovelace, Ada", "1234", "s100", "ada@example.edu", "A", "1.3125"],
        ["Bo, Ben", "78", "s102", "ben2", "B", "2.5"],
    ]
    assert said == []


@pytest.mark.parametrize(
    ("who", "row"),
    [
        (account("Ada Lovelace", number="77", platform="gradescope"), "1234"),
        (account("Somebody Else", sid="S103"), "79"),
        (account("", email="ADA@example.edu"), "1234"),
        (account("Ben Bo", sid="s101"), "77"),
        (account("noether_emmy"), "79"),
        (account("emmy"), "79"),
    ],
)
def test_a_row_is_found_by_number_address_login_or_name(results, who, row):
    keep(results, submission("x", who))
    rows, said = exported(results, "canvas", gradebook=book(results, CANVAS))
    assert ([one[1] for one in rows[2:]], said) == ([row], [])


def test_where_there_is_doubt_no_row_is_filled(results):
    keep(
        results,
        submission("Ben Bo"),
        submission("Nobody Known"),
        submission("first", account("Ada Lovelace")),
        submission("second", account("x", sid="s100")),
    )
    rows, said = exported(results, "canvas", gradebook=book(results, CANVAS))
    assert rows[2:] == []
    assert said == [
        "Ben Bo (Ben Bo) fits 2 rows of the gradebook; none is filled.",
        "Nobody Known (Nobody Known) fits no row of the gradebook.",
        "Lovelace, Ada handed in as first and second; the row is not filled.",
    ]


def test_canvas_column_is_named_where_it_cannot_be_told(results):
    keep(results, submission("Ada Lovelace"))
    other = book(results, CANVAS.replace("Homework 3", "Third sheet"))
    with pytest.raises(UsageError, match=r"0 columns for .* --column with one of: 'Homework 2 \(11\)', 'Third"):
        exported(results, "canvas", gradebook=other)
    for column in ("third sheet", "12", "Third sheet (12)"):
        assert exported(results, "canvas", gradebook=other, column=column)[0][0][-1] == "Third sheet (12)"
    _, said = exported(results, "canvas", gradebook=other, column="11")
    assert said == ["Canvas gives this assignment 10 points, the rubric 4."]


def test_moodle_gets_its_worksheet_back_filled_in(results):
    keep(
        results,
        submission("Ada-Lovelace", account("Ada Lovelace", number="4711", platform="moodle")),
        submission("ben", account("Ben", email="ben@example.edu"), earned=(2, 2)),
        submission("emmy", account("Emmy Noether")),
    )
    rows, said = exported(results, "moodle", gradebook=book(results, MOODLE))
    assert rows[0] == MOODLE.splitlines()[0].split(",")
    assert [(row[0], row[1], row[4]) for row in rows[1:]] == [
        ("Participant 4711", "Ada Lovelace", "2.5"),
        ("Participant 12", 'Ben "B" Bo', "4"),
    ]
    assert said == ["Moodle does not let the grade of Participant 13 (emmy) be changed."]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\x00\n", '"'])
@pytest.mark.parametrize("to", ["canvas", "moodle"])
def test_a_file_that_is_no_gradebook_is_refused(results, to, text):
    keep(results, submission("ada"))
    with pytest.raises(UsageError):
        exported(results, to, gradebook=book(results, text))


def test_bad_use_is_said_in_a_sentence(results):
    keep(results, submission("ada"))
    for to, options, words in [
        ("blackboard", {}, "gradescope, canvas or moodle"),
        ("canvas", {}, "--gradebook"),
        ("moodle", {"gradebook": results / "none.csv"}, "cannot be read"),
        ("gradescope", {"pending": "zero"}, "refuse, empty or earned"),
        ("gradescope", {"out": results / "grades.json" / "x.csv"}, "cannot be written"),
    ]:
        with pytest.raises(UsageError, match=words):
            exported(results, to, **options)
