"""The command line, as a person uses it: what is printed, what is left behind, and the exit code."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_runner import FakeRunner

from grader import cli, session
from grader.course import locate, open_homework
from grader.errors import UsageError

RUBRIC = """
title = "Homework 1"
total = 4
[[problem]]
id = "1"
title = "First"
  [[problem.check]]
  claim = "There is a first"
  points = 1
  expects = "first"
"""
ITEM = """
  [[problem.item]]
  claim = "It is argued"
  points = 3
"""
REFERENCE = """
from fake_runner import Named
first = Named("first")
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in the current folder with two submissions, and a runner in place of the sandbox."""
    write(tmp_path / "rubrics" / "hw1.toml", RUBRIC + ITEM)
    write(tmp_path / "reference" / "hw1.py", REFERENCE)
    write(tmp_path / "submissions" / "ada.py", "first")
    write(tmp_path / "submissions" / "bob.py", "nothing")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = FakeRunner()
    monkeypatch.setattr(session, "sandboxed", lambda *_, **__: fake)
    return fake


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def grade(*words: str) -> int:
    """Run the command in this process and return its exit code."""
    interrupts = signal.getsignal(signal.SIGINT)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", ["grade", *words])
        cli.main()
    signal.signal(signal.SIGINT, interrupts)  # what ends no longer hears them; this process goes on
    return int(ended.value.code or 0)


def test_the_bare_form(course, runner, capsys):
    assert grade("submissions/", "--hw", "1") == 1
    said = capsys.readouterr().out
    assert "ada" in said
    assert "1 / 4" in said
    assert "2 claims to be decided by a person: grade mark results/hw1 --blank decisions.csv makes" in said
    assert said.rstrip().endswith(f"Look at {course}/results/hw1/index.html")
    for name in ("index.html", "grades.csv", "grades.json", "ada/report.html", "ada/run.zip", "bob/report.html"):
        assert (course / "results" / "hw1" / name).is_file()


@pytest.mark.parametrize("words", [("run", "submissions", "--hw", "1"), ("--hw", "HW1", "-j", "1", "submissions")])
def test_other_orders_of_words(course, runner, words):
    assert grade(*words) == 1
    assert sorted(runner.ran) == ["ada", "bob"]


def test_everything_decided(course, runner):
    write(course / "rubrics" / "hw1.toml", RUBRIC.replace("total = 4", "total = 1"))
    assert grade("submissions", "--hw", "1") == 0


def test_again_nothing_runs_unless_fresh(course, runner, capsys):
    grade("submissions", "--hw", "1")
    grade("submissions", "--hw", "1")
    assert len(runner.ran) == 2
    assert "(as recorded)" in capsys.readouterr().out
    grade("submissions", "--hw", "1", "--fresh")
    assert len(runner.ran) == 4


def test_a_page_is_written_again_only_if_it_changed(course, runner):
    def written() -> list[int]:
        return [(course / "results/hw1" / name / "report.html").stat().st_mtime_ns for name in ("ada", "bob")]

    grade("submissions", "--hw", "1")
    first = written()
    grade("submissions", "--hw", "1")
    assert written() == first
    write(course / "d.csv", "student,key,points,author,reason\nada,1.2,2,kim,Good\n")
    grade("mark", "results/hw1", "d.csv")
    grade("submissions", "--hw", "1")
    assert [now == before for now, before in zip(written(), first, strict=True)] == [False, True]
    second = written()
    write(course / "rubrics" / "hw1.toml", (RUBRIC + ITEM).replace("Homework 1", "Another title"))
    grade("submissions", "--hw", "1")
    assert all(now != before for now, before in zip(written(), second, strict=True))


def test_another_place_for_the_results(course, runner):
    grade("submissions", "--hw", "1", "--out", "elsewhere")
    assert (course / "elsewhere" / "index.html").is_file()
    assert not (course / "results").exists()


def test_the_page_names_the_modes_in_which_code_was_run_and_nothing_for_a_file_that_cannot_be_run(course, runner):
    write(course / "submissions" / "cem.ipynb", "%PDF-1.4")
    grade("submissions", "--hw", "1")
    page = (course / "results" / "hw1" / "index.html").read_text()
    assert "sandbox mode ‘fake’" in page
    assert "Run in sandbox" not in (course / "results" / "hw1" / "cem" / "report.html").read_text()


def test_a_course_that_is_named(course, runner, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("away"))
    assert grade(str(course / "submissions"), "--hw", "1", "--course", str(course)) == 1


def test_a_fault_is_exit_status_2(course, runner, capsys):
    def broken(_: object) -> None:
        raise ZeroDivisionError

    runner.before = broken
    assert grade("submissions", "--hw", "1") == 2
    said = capsys.readouterr().out
    assert "The grader failed on 2 submissions" in said
    assert "Traceback" not in said


def test_a_page_that_cannot_be_made_stops_no_other(course, runner, capsys, monkeypatch):
    student_page = session.student_page

    def fails_for_ada(grade, *rest):
        if grade.submission.student == "ada":
            raise KeyError("x")
        return student_page(grade, *rest)

    monkeypatch.setattr(session, "student_page", fails_for_ada)
    assert grade("submissions", "--hw", "1") == 2
    assert (course / "results" / "hw1" / "bob" / "report.html").is_file()
    assert "KeyError" in (course / "results" / "hw1" / "defects.log").read_text()
    assert "This is a defect of the grader (KeyError)" in capsys.readouterr().out


# ---------------------------------------------------------------------------------------------- bad use


def test_ctrl_c_before_anything_was_graded_is_answered_too(course, monkeypatch, capsys):
    def asked(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "submissions", asked)
    assert grade("submissions", "--hw", "1") == 130
    assert capsys.readouterr().err == "grade: Stopped.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("submissions", "--hw", "7"), "There is no homework '7'"),
        (("nowhere", "--hw", "1"), "There is no folder or file nowhere."),
        (("rubrics", "--hw", "1"), "holds no submissions"),
        (("submissions", "--hw", "1", "--course", "submissions"), "submissions is not a course"),
        (("submissions", "--hw", "1", "--python", "nopython"), "There is no Python at"),
        (("mark", "results/hw1", "d.toml"), "is not a results folder"),
        (("submissions",), "--hw"),
        (("submissions", "--hw", "1", "--nonsense"), "--nonsense"),
        (("submissions", "--hw", "1", "-j", "0"), "-j"),
        (("submissions", "--hw", "1", "--out", "submissions/ada.py"), "grade: Results cannot be written to "),
        (("submissions", "--hw", "1", "--out", "/proc/nowhere"), "grade: Results cannot be written to /proc/nowhere: "),
    ],
)
def test_bad_use_is_a_sentence_and_exit_status_2(course, runner, capsys, words, said):
    assert grade(*words) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert runner.ran == []


def test_a_rubric_that_is_wrong_is_one_line(course, runner, capsys):
    write(course / "rubrics" / "hw1.toml", (RUBRIC + ITEM).replace("points = 1", "pionts = 1"))
    assert grade("submissions", "--hw", "1") == 2
    line = f"grade: {course}/rubrics/hw1.toml, problem 1, check 1: unknown key 'pionts'. Did you mean 'points'?\n"
    assert capsys.readouterr().err == line


def test_a_sandbox_that_cannot_be_had_is_one_line(course, monkeypatch, capsys):
    def none(*_: object, **__: object) -> FakeRunner:
        raise UsageError("Sandbox 'priv' cannot be had here.")

    monkeypatch.setattr(session, "sandboxed", none)
    assert grade("submissions", "--hw", "1", "--sandbox", "priv") == 2
    assert capsys.readouterr().err == "grade: Sandbox 'priv' cannot be had here.\n"


def test_what_cannot_be_read_says_why_on_the_terminal(course, runner, capsys):
    write(course / "submissions" / "zoe.py", "")
    assert grade("submissions", "--hw", "1") == 1
    assert "zoe.py is empty." in capsys.readouterr().out


def test_extensions_of_a_homework_that_is_not_there_are_mentioned(course, runner, capsys):
    write(course / "rubrics" / "hw1.toml", RUBRIC + ITEM + "[late]\ndue = 2025-02-20T23:59:00Z\nper_day = 0.1\n")
    write(course / "extensions.toml", '[hw9]\n"ada" = 2\n')
    assert grade("submissions", "--hw", "1") == 1
    assert "extensions.toml: 'hw9' is no homework of this course, so what stands there" in capsys.readouterr().out


def test_the_current_folder_is_called_by_its_name(course, runner, capsys, monkeypatch):
    (course / "nothing").mkdir()
    monkeypatch.chdir(course / "nothing")
    assert grade(".", "--hw", "1", "--course", "..") == 2
    assert "grade: nothing holds no submissions." in capsys.readouterr().err


def test_a_sandbox_of_no_name_is_refused_even_if_nothing_runs(course, runner, capsys):
    assert grade("submissions", "--hw", "1") == 1
    assert grade("submissions", "--hw", "1", "--sandbox", "nonsense") == 2
    assert capsys.readouterr().err.startswith("grade: There is no sandbox 'nonsense'; choose one of priv, ")


def test_what_nobody_foresaw_is_a_line_with_a_log(course, runner, capsys, monkeypatch):
    def breaks(*_: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(session, "summary", breaks)
    assert grade("submissions", "--hw", "1") == 2
    err = capsys.readouterr().err
    assert err.startswith("grade: This is a defect of the grader (RuntimeError); what to report is in /")
    assert "inside" in Path(err.split(" is in ")[1].strip().rstrip(".")).read_text()


@pytest.mark.parametrize("name", ["student_page", "write_class"])
def test_a_full_disk_is_said_and_is_no_defect(course, runner, capsys, name):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, name, full)
        assert grade("submissions", "--hw", "1") == 2
    said = capsys.readouterr().err
    assert said.startswith("grade: Results cannot be written to")
    assert "No space left on device. What is whole is kept; the same command goes on" in said
    assert grade("submissions", "--hw", "1") == 1


def test_marks_that_may_not_be_written_are_said(course, runner, capsys, monkeypatch):
    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    grade("submissions", "--hw", "1")
    write(course / "d.csv", "student,key,points,author,reason\nada,1.2,2,kim,Good\n")
    monkeypatch.setattr(session.marks, "append", closed)
    assert grade("mark", "results/hw1", "d.csv") == 2
    assert "Results cannot be written to" in capsys.readouterr().err


def test_a_place_that_is_closed_to_us_is_no_defect(course, runner, capsys, monkeypatch):
    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/far/away")

    monkeypatch.setattr(session, "submissions", closed)
    assert grade("submissions", "--hw", "1") == 2
    assert capsys.readouterr().err == "grade: /far/away is closed to us: Permission denied.\n"


def test_two_at_once_on_one_folder(course, runner, capsys):
    def again(_: object) -> None:
        runner.before = lambda _: None
        with pytest.raises(UsageError, match="Another grade"), session.Results(course / "results" / "hw1").locked():
            pass

    runner.before = again
    assert grade("submissions", "--hw", "1", "-j", "1") == 1


def test_ctrl_c_says_how_to_go_on(course, runner, capsys):
    def graded(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "student_page", graded)
        assert grade("submissions", "--hw", "1") == 130
    assert "the same command goes on" in capsys.readouterr().err
    assert grade("submissions", "--hw", "1") == 1
    assert len(runner.ran) >= 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mrak", "results/hw1", "d.csv"), "There is no command 'mrak', and no folder or file. Did you mean 'mark'?"),
        (("", "--hw", "1"), "The folder's name is empty: is a variable of the shell not set?"),
        ((".", "--hw", "1"), "is a course, and holds no submissions: name their folder."),
    ],
)
def test_slips_of_the_keyboard_run_nothing(course, runner, capsys, words, said):
    assert grade(*words) == 2
    assert said in capsys.readouterr().err
    assert runner.ran == []


def test_a_folder_that_is_called_nearly_like_a_command_is_graded(course, runner):
    (course / "submissions").rename(course / "marks")
    assert grade("marks", "--hw", "1") == 1


@pytest.mark.parametrize("words", [("-h",), ("mark", "-h")])
def test_help_has_a_short_name(capsys, words):
    assert grade(*words) == 0
    assert "Usage" in capsys.readouterr().out


# ---------------------------------------------------------------------------------------------- marks


def test_marks_finish_a_grade(course, runner, capsys):
    grade("submissions", "--hw", "1")
    write(course / "d.csv", "student,key,points,author,reason\nada,1.2,2.5,kim,Good\nbob,1.2,0,kim,Nothing\n")
    capsys.readouterr()
    assert grade("mark", "results/hw1", "d.csv") == 0
    said = capsys.readouterr().out
    assert said.startswith("2 marks recorded.\nTo see them in the reports: grade submissions --hw hw1")
    assert grade("submissions", "--hw", "1") == 0
    assert "3.5 / 4" in capsys.readouterr().out
    assert len(runner.ran) == 2
    assert grade("mark", "results/hw1", "d.csv") == 0
    assert capsys.readouterr().out.startswith("0 marks recorded, 2 were there already.")


def test_wrong_marks_are_all_named_and_none_is_recorded(course, runner, capsys):
    grade("submissions", "--hw", "1")
    write(course / "d.csv", "student,key,points,author,reason\nada,1.2,1,kim,Good\nbob,1.2,9,kim,x\neve,1.2,0,kim,x\n")
    capsys.readouterr()
    assert grade("mark", "results/hw1", "d.csv") == 2
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "d.csv, line 3: 9 points for 1.2, which is worth 0 to 3."
    assert said[1].startswith("d.csv, line 4: there is no student 'eve'.")
    assert not (course / "results" / "hw1" / "marks.jsonl").exists()


def test_a_table_to_be_filled_in_is_filled_in_and_taken(course, runner, capsys):
    grade("submissions", "--hw", "1")
    assert grade("mark", "results/hw1", "--blank", "my marks.csv") == 0
    assert "grade mark results/hw1 'my marks.csv'" in capsys.readouterr().out
    table = course / "my marks.csv"
    head, ada, bob = table.read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("student,key,points,author,reason,worth,claim,")
    assert ada.startswith("ada,1.2,,,,3,")
    assert ada.endswith(",ada/report.html#problem-1")
    assert grade("mark", "results/hw1", "my marks.csv") == 0
    assert capsys.readouterr().out == "0 marks recorded, 2 lines not decided yet.\n"
    table.write_text("\n".join([head, ada.replace(",,,,", ",2.5,kim,Good,"), bob]), encoding="utf-8")
    assert grade("mark", "results/hw1", "my marks.csv") == 0
    assert "1 mark recorded, 1 line not decided yet." in capsys.readouterr().out
    assert grade("mark", "results/hw1", "--blank", "my marks.csv") == 2
    assert "may hold decisions" in capsys.readouterr().err
    assert "2.5,kim" in table.read_text(encoding="utf-8")


def test_what_was_decided_waits_no_longer(course, runner, capsys):
    grade("submissions", "--hw", "1")
    write(course / "d.csv", "student,key,points,author,reason\nada,1.2,2,kim,Good\n")
    grade("mark", "results/hw1", "d.csv")
    grade("mark", "results/hw1", "--blank", "rest.csv")
    grade("submissions", "--hw", "1")
    grade("mark", "results/hw1", "--blank", "again.csv")
    for name in ("rest.csv", "again.csv"):
        lines = (course / name).read_text(encoding="utf-8-sig").splitlines()
        assert [line[:4] for line in lines] == ["stud", "bob,"]


@pytest.mark.parametrize("words", [("results/hw1",), ("results/hw1", "d.csv", "--blank", "e.csv")])
def test_marking_takes_a_table_or_makes_one(course, runner, capsys, words):
    grade("submissions", "--hw", "1")
    assert grade("mark", *words) == 2
    assert "grade mark takes a table of decisions, or --blank" in capsys.readouterr().err


def test_a_table_that_is_not_there_can_be_made(course, runner, capsys):
    grade("submissions", "--hw", "1")
    assert grade("mark", "results/hw1", "d.csv") == 2
    assert "grade mark results/hw1 --blank d.csv makes one" in capsys.readouterr().err


def test_a_mark_on_a_claim_that_is_gone_is_mentioned(course, runner, capsys):
    grade("submissions", "--hw", "1")
    write(course / "d.csv", "student,key,points,author,reason\nada,1.2,2,kim,Good\n")
    grade("mark", "results/hw1", "d.csv")
    write(course / "rubrics" / "hw1.toml", RUBRIC.replace("total = 4", "total = 1"))
    capsys.readouterr()
    grade("submissions", "--hw", "1")
    assert "A mark for ada on 1.2 has no effect" in capsys.readouterr().out


# ---------------------------------------------------------------------------------------------- start


def run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parent.parent), "COLUMNS": "80"}
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, env=environment, check=False)


def test_version_and_help():
    assert run("-m", "grader.cli", "--version").stdout.startswith("grade 0.")
    said = run("-m", "grader.cli", "--help").stdout
    assert all(word in said for word in ("grade SUBMISSIONS --hw 3", "mark", "doctor", "selfcheck"))
    assert "..." not in said.partition("Commands:")[2]  # each command's line is whole


def test_help_imports_nothing_heavy():
    heavy = ("numpy", "pydantic", "rich", "jinja2", "matplotlib", "nbformat", "nbclient", "torch", "zmq")
    program = f"import sys, grader.cli; print([name for name in {heavy!r} if name in sys.modules])"
    assert run("-c", program).stdout.strip() == "[]"


def test_a_regrade_imports_nothing_that_runs_code():
    heavy = ("torch", "nbformat", "nbclient", "zmq", "ipykernel", "jupyter_client", "matplotlib", "scipy")
    program = f"import sys, grader.session; print([name for name in {heavy!r} if name in sys.modules])"
    assert run("-c", program).stdout.strip() == "[]"


def test_grades_are_exported_once_nothing_waits(course, runner, capsys):
    assert grade("submissions/", "--hw", "1") == 1
    assert grade("export", "results/hw1", "--to", "gradescope") == 2
    assert "2 submissions wait for a person's decision" in capsys.readouterr().err
    assert grade("export", "results/hw1", "--to", "gradescope", "--pending", "earned") == 0
    assert capsys.readouterr().out == "2 rows written to results/hw1/gradescope.csv\n"
    table = (course / "results" / "hw1" / "gradescope.csv").read_text().splitlines()
    assert table[1] == "ada,,,,,1,4,Ungraded,,,,,,1"


def test_where_the_folder_is_no_course_it_is_said_whose_homework_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = locate()
    homework = open_homework(home, "ex1")
    (said,) = session._elsewhere(home, homework, session.Order("ex1"))
    title = "Exercise 1: basic components of neural networks"
    assert said == f"This folder is no course; ex1 is “{title}”, in {home.folder}."
    assert not [*session._elsewhere(home, homework, session.Order("ex1", course=home.folder))]
    monkeypatch.chdir(home.folder)
    assert not [*session._elsewhere(home, homework, session.Order("ex1"))]


def test_whoever_asks_twice_meets_us_on_the_way_out_and_changes_nothing():
    program = (
        "import atexit, os, signal\nfrom grader import cli, engine\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
        "try:\n    with engine.interruptible():\n        signal.raise_signal(signal.SIGINT)\n"
        "except KeyboardInterrupt:\n    cli._stop('Stopped.', cli.STOPPED)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "grade: Stopped.\n")
