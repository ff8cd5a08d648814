"""One submission, start to finish: run once, judged again from its record, and never a silent zero."""

from __future__ import annotations

import dataclasses
import errno
from dataclasses import replace
from pathlib import Path

import pytest
from fake_runner import Broken, FakeRunner, Named, bench, handed_in
from made_up import assignment

from grader import store
from grader.bench import Interrupted
from grader.course import Homework
from grader.errors import GraderFault, UsageError
from grader.grade import grade_submission
from grader.packing import pack
from grader.records import Grade, Mark, Submission, SubmittedFile


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


def outcomes(grade: Grade) -> list[str]:
    return [finding.verdict.outcome.value for finding in grade.findings]


def expecting(folder: Path, **expectations) -> Homework:
    return Homework(assignment(folder), expectations)


def test_a_submission_is_run_judged_and_kept(tmp_path, runner):
    grade = grade_submission(handed_in(tmp_path, "ada", hw="first"), bench(tmp_path, runner))
    assert outcomes(grade) == ["passed", "failed", "pending"]
    assert (grade.earned, grade.total, grade.replayed) == (1.0, 6.0, False)
    assert grade.record.sandbox == "fake"
    assert grade.record.versions == {"python": "3"}
    assert set(grade.record.conversations) == {"1.1", "1.2"}
    assert pack(bench(tmp_path).results.load("ada").record) == pack(grade.record)
    assert runner.lines == []


def test_an_unchanged_submission_is_judged_from_its_record(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first")
    before = grade_submission(ada, bench(tmp_path, runner))

    def unavailable() -> FakeRunner:
        raise AssertionError("nothing should run")

    again = grade_submission(ada, dataclasses.replace(bench(tmp_path), runner=unavailable))
    assert again.findings == before.findings
    assert again.replayed
    assert runner.ran == ["ada"]


def test_points_and_words_change_without_a_run(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first")
    grade_submission(ada, bench(tmp_path, runner))
    richer = Homework(assignment(tmp_path, points=(5.0, 2.0, 3.0)), bench(tmp_path).homework.expectations)
    assert grade_submission(ada, bench(tmp_path, runner, homework=richer)).earned == 5.0
    assert runner.ran == ["ada"]


def test_a_changed_submission_is_run_again(tmp_path, runner):
    grade_submission(handed_in(tmp_path, "ada", hw="first"), bench(tmp_path, runner))
    grade = grade_submission(handed_in(tmp_path, "ada", hw="first second"), bench(tmp_path, runner))
    assert outcomes(grade) == ["passed", "passed", "pending"]
    assert runner.ran == ["ada", "ada"]


def test_fresh_runs_again(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first")
    grade_submission(ada, bench(tmp_path, runner))
    grade_submission(ada, bench(tmp_path, runner, fresh=True))
    assert runner.ran == ["ada", "ada"]


def test_a_new_question_runs_again_and_is_then_known(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first")
    grade_submission(ada, bench(tmp_path, runner))
    asking = expecting(tmp_path, first=Named("first", also="x"), second=Named("second"))
    for _ in range(2):
        assert outcomes(grade_submission(ada, bench(tmp_path, runner, homework=asking)))[0] == "passed"
    assert runner.ran == ["ada", "ada"]


def test_a_damaged_record_is_made_anew_with_a_line(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first")
    grade_submission(ada, bench(tmp_path, runner))
    (tmp_path / "results" / "ada" / "run.zip").write_bytes(b"PK")
    said: list[str] = []
    grade_submission(ada, bench(tmp_path, runner, say=said.append))
    assert runner.ran == ["ada", "ada"]
    assert ["is made anew" in line for line in said] == [True]


# ---------------------------------------------------------------------------------------------- what cannot be read


def test_what_intake_could_not_read(tmp_path, runner):
    grade = grade_submission(Submission("ada", "Ada", (), unreadable="It was a picture."), bench(tmp_path, runner))
    assert outcomes(grade) == ["missing", "missing", "pending"]
    assert {finding.verdict.found for finding in grade.findings} == {"It was a picture."}
    assert grade.record is None
    assert runner.ran == []


def test_what_no_notebook_can_be_read_from(tmp_path, runner):
    (tmp_path / "hw.ipynb").write_text("{")
    ada = Submission("ada", "Ada", (SubmittedFile(tmp_path / "hw.ipynb", "hw.ipynb"),))
    grades = [grade_submission(ada, bench(tmp_path, runner)) for _ in range(2)]
    for grade in grades:
        assert outcomes(grade) == ["missing", "missing", "pending"]
        assert "hw.ipynb" in grade.submission.unreadable
    assert grades[0].findings == grades[1].findings
    assert runner.ran == []


def test_one_unreadable_file_does_not_take_the_other_along(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", p1="first")
    (tmp_path / "p2.ipynb").write_text("{")
    ada = dataclasses.replace(ada, files=(SubmittedFile(tmp_path / "p2.ipynb", "p2.ipynb"), *ada.files))
    for _ in range(2):
        grade = grade_submission(ada, bench(tmp_path, runner))
        assert outcomes(grade) == ["passed", "failed", "pending"]
        assert [(file.name, file.status) for file in grade.record.files] == [
            ("p1.py", "finished"),
            ("p2.ipynb", "unreadable"),
        ]
    assert runner.ran == ["ada"]


def test_what_was_odd_about_a_file_is_told_from_the_record_too(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first")
    ada.files[0].path.write_bytes(b"first\x00")
    ada = dataclasses.replace(ada, remarks=("One file.",))
    told = [grade_submission(ada, bench(tmp_path, runner)).submission.remarks for _ in range(2)]
    assert told[0] == told[1]
    assert told[0][0] == "One file."
    assert "null characters" in told[0][1]


# ---------------------------------------------------------------------------------------------- whose fault


def test_a_fault_of_the_sandbox_is_no_grade_and_is_tried_again(tmp_path):
    def broken(_: Submission) -> None:
        raise GraderFault("No memory for the zygote.")

    ada = handed_in(tmp_path, "ada", hw="first")
    grade = grade_submission(ada, bench(tmp_path, FakeRunner(broken)))
    assert outcomes(grade) == ["fault", "fault", "fault"]
    assert grade.record.fault == "No memory for the zygote."
    assert "zygote" not in grade.findings[0].verdict.found
    assert outcomes(grade_submission(ada, bench(tmp_path))) == ["passed", "failed", "pending"]


def test_what_could_not_be_taken_in_is_a_fault(tmp_path, runner):
    ada = replace(handed_in(tmp_path, "ada", hw="first"), fault="The folder ada cannot be opened.")
    grade = grade_submission(ada, bench(tmp_path, runner))
    assert outcomes(grade) == ["fault", "fault", "fault"]
    assert grade.record.fault == "The folder ada cannot be opened."
    assert runner.ran == []


def test_a_record_that_finds_no_room_ends_the_run(tmp_path, runner, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_whole", full)
    with pytest.raises(UsageError, match=r"Results cannot be written to .*: No space left on device"):
        grade_submission(handed_in(tmp_path, "ada", hw="first"), bench(tmp_path, runner))


def test_a_defect_is_a_fault_with_a_log(tmp_path):
    def broken(_: Submission) -> None:
        raise ZeroDivisionError

    grade = grade_submission(handed_in(tmp_path, "ada", hw="first"), bench(tmp_path, FakeRunner(broken)))
    assert outcomes(grade) == ["fault", "fault", "fault"]
    log = tmp_path / "results" / "defects.log"
    assert str(log) in grade.record.fault
    assert "ZeroDivisionError" in log.read_text()


def test_a_broken_expectation_is_a_fault_of_its_claim_alone(tmp_path, runner):
    ada = handed_in(tmp_path, "ada", hw="first second")
    homework = expecting(tmp_path, first=Broken(), second=Named("second"))
    assert outcomes(grade_submission(ada, bench(tmp_path, runner, homework=homework))) == ["fault", "passed", "pending"]


def test_a_machine_that_cannot_confine_is_said_once_to_the_person(tmp_path):
    def refuse() -> FakeRunner:
        raise UsageError("No sandbox here.")

    with pytest.raises(UsageError, match="No sandbox here"):
        grade_submission(handed_in(tmp_path, "ada", hw="x"), dataclasses.replace(bench(tmp_path), runner=refuse))


def test_what_is_under_way_when_all_is_stopped_is_not_kept(tmp_path, runner):
    with pytest.raises(Interrupted):
        grade_submission(handed_in(tmp_path, "ada", hw="first"), bench(tmp_path, runner, stopping=lambda: True))
    assert bench(tmp_path).results.load("ada").record is None


# ---------------------------------------------------------------------------------------------- marks


def test_marks_settle_claims(tmp_path, runner):
    mark = Mark("ada", "1.3", 3.0, "kim", "Good", "2026-01-01T00:00:00+00:00")
    ada = handed_in(tmp_path, "ada", hw="first")
    assert outcomes(grade_submission(ada, bench(tmp_path, runner, marks=(mark,)))) == ["passed", "failed", "passed"]
    gone = Submission("ada", "Ada", (), unreadable="Nothing.")
    assert outcomes(grade_submission(gone, bench(tmp_path, runner, marks=(mark,)))) == ["missing", "missing", "passed"]


def test_written_answers_are_found_in_the_record(tmp_path, runner):
    text = "# %% [markdown]\n# ## Problem 1\n# Because it is so.\n# %%\nfirst = 1\n"
    ada = handed_in(tmp_path, "ada", hw=text)
    for _ in range(2):
        assert "Because it is so." in grade_submission(ada, bench(tmp_path, runner)).answers["1"].text
    assert runner.ran == ["ada"]
