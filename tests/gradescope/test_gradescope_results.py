"""A grade becomes entries that Gradescope takes, whatever students wrote, and nothing undecided carries a score."""

from dataclasses import replace
from pathlib import Path

import pytest
from gradescope_schema import valid, withholds_the_total
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import run_record

from grader.assignment import Ranking
from grader.gradescope import publish, results
from grader.records import Finding, Grade, Lateness, Outcome, Submission, SubmittedFile, Verdict

OUTCOMES = {Outcome.PASSED: 1.0, Outcome.PARTIAL: 0.25}
HARD = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)


def finding(outcome=Outcome.PASSED, key="3a.1", by="check", visibility="visible", **verdict) -> Finding:
    said = Verdict(outcome, OUTCOMES.get(outcome, 0.0), **{"found": "It is so.", "staff": "the truth is 42", **verdict})
    return Finding(key.partition(".")[0], "A claim", key, by, 2.0, said, visibility)


def grade(*findings: Finding, record=None, **submission) -> Grade:
    who = Submission("submission_1", "Ada", (SubmittedFile(Path("hw.py"), "hw.py"),), **submission)
    return Grade(who, record, findings, {}, (), sum(each.points for each in findings))


def finished(*findings: Finding, rankings=(), **more) -> dict:
    return valid(publish.text(results.finished(grade(*findings, **more), rankings)))


@pytest.mark.parametrize(
    ("outcome", "score", "status"),
    [
        (Outcome.PASSED, 2.0, "passed"),
        (Outcome.PARTIAL, 0.5, None),
        (Outcome.FAILED, 0.0, "failed"),
        (Outcome.MISSING, 0.0, "failed"),
        (Outcome.BLOCKED, 0.0, "failed"),
        (Outcome.PENDING, None, None),
        (Outcome.FAULT, None, None),
    ],
)
def test_each_outcome_has_its_entry(outcome, score, status):
    entry = finished(finding(), finding(outcome, "1.2"))["tests"][-1]
    assert (entry.get("score"), entry.get("status")) == (score, status)
    assert ("max_score" in entry) is (score is not None)
    assert entry["name"] == "1.2) A claim"
    assert entry["output_format"] == "md"


def test_what_was_found_and_what_to_try_are_told():
    (entry,) = finished(finding(Outcome.FAILED, hint="Try *this*.", remarks=("By the way.",)))["tests"]
    assert entry["output"] == "**Not right yet.** It is so.\n\n*Try:* Try \\*this\\*.\n\n*Remark:* By the way."


def test_written_answers_wait_for_a_person():
    entry = finished(finding(), finding(Outcome.PENDING, "3a.2", by="item"))["tests"][1]
    assert entry["output"] == "**A person will mark this**, for up to 2 points."


def test_points_are_told_as_far_as_they_are_decided():
    said = finished(finding(), finding(Outcome.FAILED, "1.2"), finding(Outcome.PENDING, "1.3", by="item"))["output"]
    assert "2 of 4 points" in said
    assert "A person decides on 2 more points." in said


@pytest.mark.parametrize("visibility", ["hidden", "after_due_date", "after_published"])
def test_visibility_is_the_rubrics_and_the_summary_tells_nothing_of_it(visibility):
    said = finished(finding(), finding(Outcome.FAILED, "1.2", visibility=visibility))
    assert [test["visibility"] for test in said["tests"]] == ["visible", visibility]
    assert "2 of 2 points" in said["output"]


def test_nothing_for_staff_reaches_a_student():
    assert "42" not in publish.text(results.finished(grade(*(finding(outcome) for outcome in Outcome))))


@pytest.mark.parametrize("by", ["check", "item"])
def test_a_fault_never_looks_like_a_zero(by):
    said = finished(finding(), finding(Outcome.FAULT, "1.2", by=by))
    assert withholds_the_total(said)
    assert said["output"].startswith("**This is not a grade yet.**")
    warning, judged, faulty = said["tests"]
    assert (warning["name"], warning["max_score"], warning["status"]) == (publish.NOT_GRADED, 0, "failed")
    assert judged["score"] == 2
    assert "score" not in faulty


def test_a_failed_run_never_looks_like_a_zero():
    said = finished(finding(Outcome.FAULT), record=replace(run_record(), fault="broken"))
    assert withholds_the_total(said)
    assert not any(test.get("score") for test in said["tests"])


def test_only_written_items_is_no_total():
    assert withholds_the_total(finished(finding(Outcome.PENDING, by="item")))


def test_the_judged_part_of_an_unfinished_run_is_shown():
    said = valid(publish.text(results.unfinished("At problem 2.", [finding(), finding(Outcome.FAULT, "1.2")])))
    assert withholds_the_total(said)
    assert said["tests"][1]["score"] == 2.0


def test_how_the_run_went_is_told():
    said = finished(finding(), record=run_record(), remarks=("notes.pdf is not a notebook.",))["output"]
    assert "- notes.pdf is not a notebook." in said
    assert "- hw.ipynb, cell 3: stopped after 1 s" in said


def test_an_unreadable_hand_in_says_why_once():
    said = finished(finding(Outcome.MISSING), unreadable="It is a PDF.", record=run_record())["output"]
    assert said.count("It is a PDF.") == 1
    assert "cell 3" not in said


def test_many_broken_cells_are_summed_up():
    record = run_record()
    (file,) = record.files
    many = replace(file, cells=tuple(replace(file.cells[0], number=n) for n in range(1, 100)))
    said = finished(finding(), record=replace(record, files=(many,)))["output"]
    assert "87 more cells went wrong" in said


def test_a_leaderboard_ranks_by_what_was_measured():
    rankings = (Ranking("Error", "1.6", "asc"), Ranking("Accuracy", "1.7"), Ranking("Not a number", "1.8"))
    measured = [finding(key="1.6", measured=0.123456), finding(key="1.7"), finding(key="1.8", measured=float("nan"))]
    said = finished(*measured, rankings=rankings)
    assert said["leaderboard"] == [{"name": "Error", "value": 0.1235, "order": "asc"}]
    assert "leaderboard" not in finished(finding(), rankings=rankings)


@settings(max_examples=60)
@given(HARD, HARD, HARD, HARD, st.sampled_from(list(Outcome)))
def test_any_text_of_students_gives_a_valid_result(found, hint, name, message, outcome):
    record = run_record()
    (file,) = record.files
    error = replace(file.cells[0].error, kind=name, message=message)
    cells = (replace(file.cells[0], stopped="", error=error), replace(file.cells[0], stopped=message))
    record = replace(record, files=(replace(file, name=name, reason=message, cells=cells),))
    told = finding(outcome, found=found, hint=hint, remarks=(message,))
    finished(told, record=record, remarks=(name,))
    finished(told, unreadable=message or "x")


@pytest.mark.parametrize(("share", "score"), [(0.0, None), (0.25, 1.5)])
def test_what_lateness_takes_off_is_taken_from_the_total(share, score):
    late = replace(grade(finding()), late=Lateness(1, share, "Due *then*; handed in late."))
    said = valid(publish.text(results.finished(late)))
    assert said.get("score") == score
    assert said["tests"][0]["score"] == 2.0
    assert "Due \\*then\\*; handed in late." in said["output"]


def test_texts_are_cut_to_what_gradescope_keeps():
    assert len(finished(finding(found="é*" * 80_000))["tests"][0]["output"]) == publish.MOST


def test_a_number_that_is_none_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        publish.text({"score": float("nan")})
