import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report import samples
from report.golden import assert_golden, skeleton
from rich.console import Console

from grader.records import Lateness, Outcome
from grader.report import files, summary, write_class
from grader.report.classroom import page
from grader.report.gradebook import cell, grades_csv
from grader.report.ledger import grades_json
from grader.report.standing import note, releasable, state
from grader.report.tallies import claims, distribution, replacements, run_problems, time_taken

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "grades.schema.json").read_text(encoding="utf-8"))
TAME = [samples.faulty, samples.ada, samples.died, samples.marked, samples.unreadable]


def tame():
    return [make() for make in TAME]


def ledger(grades):
    return json.loads(grades_json(grades, samples.ASSIGNMENT, seconds=83.2, sandbox="userns"))


def rows(grades):
    return list(csv.reader(io.StringIO(grades_csv(grades, samples.ASSIGNMENT), newline=""), strict=True))


def test_reports_are_as_they_were(tmp_path):
    page = write_class(tame(), samples.ASSIGNMENT, tmp_path, seconds=83.2, sandbox="userns")
    assert page == tmp_path / "index.html"
    assert_golden("class.html", skeleton(page.read_text(encoding="utf-8")))
    assert_golden("grades.csv", (tmp_path / "grades.csv").read_bytes().decode())
    assert_golden("grades.json", (tmp_path / "grades.json").read_bytes().decode())


def test_order_of_finishing_changes_nothing(tmp_path):
    for grades, out in ((tame(), tmp_path / "a"), (tame()[::-1], tmp_path / "b")):
        write_class(grades, samples.ASSIGNMENT, out, seconds=1.0, sandbox="userns")
    for name in ("index.html", "grades.csv", "grades.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_empty_class_is_a_class(tmp_path):
    write_class([], samples.ASSIGNMENT, tmp_path, seconds=0.0, sandbox="none")
    assert len(rows([])) == 1
    jsonschema.Draft202012Validator(SCHEMA).validate(ledger([]))


# ------------------------------------------------------------------------------------------- grades.json


def test_the_schema_is_a_schema_and_strict():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = ledger(tame())
    for spoil in (
        lambda d: d.update(more=1),
        lambda d: d["submissions"][0].update(more=1),
        lambda d: d["submissions"][0]["findings"][0].update(outcome="fine"),
        lambda d: d["submissions"][0]["findings"][0].pop("staff"),
        lambda d: d["submissions"][0].update(earned=None),
        lambda d: d["submissions"][0]["run"]["files"][0].update(status=""),
    ):
        spoilt = json.loads(json.dumps(document))
        spoil(spoilt)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(spoilt)


@pytest.mark.parametrize("grades", [tame(), samples.everybody()], ids=["tame", "hostile"])
def test_what_is_written_fits_the_schema(grades):
    text = grades_json(grades, samples.ASSIGNMENT, seconds=1.0, sandbox="userns")
    files.encodable(text).encode()
    assert "NaN" not in text and "null" not in text
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))


def test_a_fault_blocks_release():
    assert ledger([samples.ada(), samples.marked()])["released"] is True
    assert ledger([samples.ada(), samples.faulty()])["released"] is False
    recorded = replace(samples.ada(), record=replace(samples.ada().record, fault="The machine was full."))
    assert not releasable([recorded]) and state(recorded) == "fault"


def test_the_ledger_holds_staff_detail_and_no_path():
    text = grades_json(tame(), samples.ASSIGNMENT, seconds=1.0, sandbox="userns")
    assert samples.STAFF in text
    assert str(samples.MACHINE_PATH) not in text


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        grades_json([], samples.ASSIGNMENT, seconds=float("nan"), sandbox="")


# -------------------------------------------------------------------------------------------- grades.csv


def test_columns_depend_on_the_rubric_alone():
    expected = ["student", "name", "total", "out of", "1", "3a", "5b", "pending", "status"]
    expected += ["not available here", "submitted at", "late days", "taken off"]
    for grades in ([], tame(), samples.everybody(), [replace(samples.ada(), findings=())]):
        table = rows(grades)
        assert table[0] == expected
        assert all(len(row) == len(expected) for row in table)
        assert len(table) == 1 + len(grades)


def test_a_fault_leaves_a_gap_and_not_a_zero():
    row = dict(zip(*rows([samples.faulty()]), strict=True))
    assert (row["total"], row["1"], row["3a"], row["status"]) == ("", "", "2", "fault")


def test_points_of_a_row():
    row = dict(zip(*rows([samples.ada()]), strict=True))
    assert (row["total"], row["out of"], row["1"], row["3a"], row["5b"]) == ("7.5", "16", "6", "1", "0.5")
    assert (row["pending"], row["status"]) == ("4", "pending")


@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_no_cell_is_a_formula(text):
    written = cell(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([written, "after"])
    assert list(csv.reader(io.StringIO(buffer.getvalue(), newline=""), strict=True)) == [[written, "after"]]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "\u200b=1", " =1", "\ufeff=1"]
)
def test_formulas_are_disarmed(text):
    assert cell(text)[0] in "'\ufffd"


def test_names_stay_as_they_are():
    assert [cell(name) for name in ("'t Hooft", "Ada Löwe", "O'Neil, Jr.")] == ["'t Hooft", "Ada Löwe", "O'Neil, Jr."]


# --------------------------------------------------------------------------------------------- statistics


def test_findings_that_differ_in_numbers_are_counted_together():
    result = next(one for one in claims(tame(), samples.ASSIGNMENT) if one.claim.key == "1.3")
    assert [(group.count, group.mistake) for group in result.groups] == [(2, "small_step"), (1, "")]
    assert result.decided == 5 and result.pass_rate == 2 / 5
    assert [grade.submission.student for grade, _ in result.noted] == ["ada", "ed"]


def test_what_waits_or_failed_here_does_not_lower_a_pass_rate():
    result = next(one for one in claims([samples.faulty()], samples.ASSIGNMENT) if one.claim.key == "1.4")
    assert (result.decided, result.pass_rate, result.counts[Outcome.FAULT]) == (0, 0.0, 1)


@pytest.mark.parametrize(
    ("total", "count"), [(16, 8), (40, 10), (15, 8), (7, 7), (100, 10), (0.5, 5), (1000, 10), (3000, 10)]
)
def test_the_distribution_has_few_bars_of_round_width(total, count):
    chart = distribution([], replace(samples.ASSIGNMENT, total=total))
    assert len(chart.bars) == count
    assert chart.bars[-1].high >= total


def test_every_total_is_in_one_bar():
    chart = distribution(tame(), samples.ASSIGNMENT)
    assert chart.counted == sum(bar.count for bar in chart.bars) == 4, "the faulty one has no total"
    full = samples.grade("x", "X", dict.fromkeys(samples.verdicts(), samples.PASSED))
    assert distribution([full], samples.ASSIGNMENT).bars[-1].count == 1


def test_run_problems_keep_the_environment_apart():
    kinds = {kind.title: kind for kind in run_problems(tame())}
    assert not kinds["Not available in this environment"].theirs
    assert [len(kind.cases) for kind in kinds.values()] == [1, 1, 1, 2, 2, 1, 1]
    assert run_problems([samples.grade("x", "X", samples.verdicts())]) == ()


def test_submissions_that_lacked_something_here_are_counted_apart():
    document = ledger(tame())
    assert document["totals"]["lacking"] == 2
    assert [one["lacking"] for one in document["submissions"]] == [1, 1, 0, 0, 0]
    assert [dict(zip(rows(tame())[0], row, strict=True))["not available here"] for row in rows(tame())[1:]] == [
        "1", "1", "", "", "",
    ]  # fmt: skip
    assert "2 submissions needed something that is not available here" in drawn(tame())
    assert "not available here" not in drawn([samples.unreadable()])


def test_replacements_are_counted_once_a_submission():
    twice = samples.grade("x", "X", samples.verdicts())
    file = replace(samples.file_run(), shims=("B.",))
    record = replace(twice.record, files=(replace(file, shims=("A.", "B.")), file))
    once = replace(twice, record=replace(twice.record, files=(file,)))
    found = replacements([replace(twice, record=record), once])
    assert [(one.sentence, len(one.grades)) for one in found] == [("B.", 2), ("A.", 1)]


def test_time_taken():
    time = time_taken(tame())
    assert time.cpu == pytest.approx(11.4 * 6)
    assert time.longest is not None and time.longest_cpu == pytest.approx(22.8)
    assert (time.memory, time.replayed) == (312_000_000, 1)
    assert time_taken([]).longest is None


# ------------------------------------------------------------------------------------------------ terminal


def drawn(grades, width=100) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(summary(grades, samples.ASSIGNMENT))
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())


def test_the_table_is_as_it_was():
    assert_golden("summary.txt", drawn(tame()))


def test_hostile_text_does_nothing_to_a_terminal():
    grade = samples.hostile()
    hostile = replace(grade, submission=replace(grade.submission, student="\x1b]0;x\x07[red]a\u202eb", unreadable=""))
    text = drawn([hostile])
    assert not any(character in text for character in "\x1b\x07\u202e\x00\ud800")
    assert "[red]" in text


def test_notes():
    assert [note(grade) for grade in tame()] == [
        "fault",
        "crashed in cell 4",
        "its process died: hw3.ipynb",
        "crashed in cell 4 of P1.py",
        "could not be read",
    ]
    lacking = samples.file_run(cells=samples.cells()[4:])
    assert note(samples.grade("x", "X", samples.verdicts(), lacking)) == "not available here, cell 5"
    assert note(samples.grade("x", "X", samples.verdicts())) == ""


def with_remarks(grade, *remarks):
    return replace(grade, submission=replace(grade.submission, remarks=remarks))


def test_a_note_tells_of_remarks_and_of_hand_ins_without_an_answer():
    nothing = {finding.key: samples.MISSING for finding in samples.grade("x", "X", samples.verdicts()).findings}
    nothing |= {"1.5": samples.BLOCKED, "3a.3": samples.PENDING}
    late = Lateness(2, 0.2, "Two days late.")
    sound, empty = samples.grade("x", "X", samples.verdicts()), samples.grade("x", "X", nothing, late=late)
    assert note(with_remarks(sound, "a.ipynb is encoded as UTF-16-LE.")) == "1 remark"
    assert note(with_remarks(replace(sound, late=late), "a.ipynb is odd.")) == "2 days late, 20 % off"
    assert note(empty) == "no answer found"
    assert note(with_remarks(empty, "Cell 1 is odd.", "a.ipynb holds no code.")) == "no answer found, 2 remarks"
    assert note(samples.grade("x", "X", nothing | {"1.1": samples.FAILED})) == ""


def test_remarks_stand_on_the_page_of_the_class():
    grade = with_remarks(samples.grade("x", "X", samples.verdicts()), "Cell 1 of <b> is odd.")
    shown = page([grade], samples.ASSIGNMENT, seconds=1.0, sandbox="userns")
    assert "Odd in what was handed in: 1" in shown
    assert "Cell 1 of &lt;b&gt; is odd." in shown
    assert "ran without trouble" not in shown


@pytest.mark.parametrize("name", ["default_initialisation", "x"])
def test_the_table_does_not_break_names_where_there_is_room(name):
    late = samples.grade(name, name, samples.verdicts(), late=Lateness(2, 0.2, "Two days late."))
    text = drawn([late], width=80)
    assert f" {name} " in text
    assert "  2 days" in text


def test_a_name_that_its_key_has_lost_is_shown_beside_it():
    assert "student-53d5cfd2 李 雷" in drawn([samples.grade("student-53d5cfd2", "李 雷", samples.verdicts())])
    assert "Jörg" not in drawn([samples.grade("Angstrom-Jorg", "Ängström, Jörg", samples.verdicts())])


# ------------------------------------------------------------------------------------------------- writing


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = files.write(tmp_path / "deep" / "a.txt", "old")

    def fails(self, target):
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="no"):
        files.write(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in path.parent.iterdir()] == ["a.txt"]
