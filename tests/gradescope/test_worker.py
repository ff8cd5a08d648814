"""The worker: one submission in a container becomes a result, whatever is wrong with it or with us."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from fake_runner import FakeRunner
from gradescope_course import REFERENCE, RUBRIC, write_course
from gradescope_schema import valid, withholds_the_total

from grader.gradescope import carry, publish, work
from grader.intake.single import single

METADATA = {"id": 7, "created_at": "2026-07-01T14:22:32-07:00", "users": [{"name": "Ada"}, {"name": "Bo"}]}


class Container:
    """A home such as /autograder in which a worker can be run without a sandbox."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = work.Place(home)
        self.runner = FakeRunner()
        self.journal: list[str] = []
        write_course(home / "source" / "course")
        for name in ("results", "submission"):
            (home / name).mkdir()
        (home / "submission_metadata.json").write_text(json.dumps(METADATA))
        monkeypatch.setattr(work, "sandboxed", lambda *_: self.runner)
        write = publish.write
        monkeypatch.setattr(publish, "write", lambda *given: (write(*given), self.journal.append(given[1]))[0])

    def hand_in(self, **files: str) -> None:
        for name, text in files.items():
            (self.place.home / "submission" / f"{name}.py").write_text(text)

    def result(self, seconds: float = 60) -> dict:
        work.main([str(self.place.home), str(seconds)])
        assert all(valid(publish.text(document)) for document in self.journal)
        return valid(self.place.last.read_text())


@pytest.fixture
def container(tmp_path, monkeypatch):
    return Container(tmp_path / "autograder", monkeypatch)


def scores(result: dict) -> list[float | None]:
    return [test.get("score") for test in result["tests"]]


def test_a_submission_is_judged(container):
    container.hand_in(hw="first third")
    result = container.result()
    assert scores(result) == [1.0, 0.0, 1.0, None]
    assert result["leaderboard"] == [{"name": "Size", "value": 3.5, "order": "desc"}]
    assert "2 of 4 points" in result["output"]


def test_after_each_problem_there_is_a_result_without_a_total(container):
    container.hand_in(hw="first third")
    container.result()
    interim = container.journal[0]
    assert "problem 2, which is 2 of 2" in interim["output"]
    assert [test["name"][:3] for test in interim["tests"][1:]] == ["1.1", "1.2"]
    assert withholds_the_total(interim)


def test_who_handed_in_and_when_is_what_gradescope_says(container, capsys):
    container.hand_in(hw="first")
    container.result()
    assert container.runner.ran == ["submission_7"]
    assert "Ada, Bo" in capsys.readouterr().out


def test_the_record_travels_along_and_answers_at_home(container):
    container.hand_in(hw="first third")
    extra = container.result()["extra_data"]
    with single(container.place.home / "submission", "ada", "Ada") as submission:
        record = carry.unload(extra, submission, "digest")
    assert record is not None
    assert (record.student, record.digest, set(record.conversations)) == ("ada", "digest", {"1.1", "1.2", "2.1"})


def test_several_files_in_folders_are_one_submission(container):
    inside = container.place.home / "submission" / "my work"
    inside.mkdir()
    (inside / "p1.py").write_text("first")
    (inside / "p2.py").write_text("second")
    assert scores(container.result())[:2] == [1.0, 2.0]


def test_nothing_that_can_be_read_is_said(container):
    (container.place.home / "submission" / "hw.pdf").write_bytes(b"%PDF-1.4")
    result = container.result()
    assert scores(result) == [0.0, 0.0, 0.0, None]
    assert "There is no notebook or Python script" in result["output"]


def test_a_defect_in_a_check_is_no_zero(container):
    container.hand_in(hw="first broken")
    result = container.result()
    assert scores(result) == [0, None, None, None, None]
    assert withholds_the_total(result)
    assert "record" in result["extra_data"]["deepgrader"]


@pytest.mark.parametrize("error", [KeyError("x"), OSError("disk")])
def test_a_defect_of_the_sandbox_is_no_zero(container, capsys, error):
    def fail(_: object) -> None:
        raise error

    container.hand_in(hw="first")
    container.runner.before = fail
    result = container.result()
    assert withholds_the_total(result)
    assert "record" not in result["extra_data"]["deepgrader"]
    assert type(error).__name__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"rubric": RUBRIC.replace("total = 6", "total = 7")}, "add up"),
        ({"rubric": "title ="}, "not valid TOML"),
        ({"reference": REFERENCE + "\n1 / 0\n"}, "ZeroDivisionError"),
    ],
)
def test_a_broken_homework_is_told_to_the_instructor_only(container, capsys, broken, words):
    container.hand_in(hw="first")
    write_course(container.place.home / "source" / "course", **broken)
    result = container.result()
    assert withholds_the_total(result)
    assert "not your doing" in result["output"]
    assert words in capsys.readouterr().out
    assert words not in result["output"]


def test_a_defect_of_ours_is_told_to_the_instructor_only(container, capsys, monkeypatch):
    monkeypatch.setattr(work, "_fitting", lambda *_: 1 / 0)
    container.hand_in(hw="first")
    result = container.result()
    assert withholds_the_total(result)
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert "ZeroDivisionError" not in result["output"]


def test_when_time_is_over_a_person_decides_the_rest(container, monkeypatch):
    container.hand_in(hw="first second third")
    note = work.Journal.note

    def slow(journal: work.Journal, finding: object) -> None:
        note(journal, finding)
        if finding.key == "1.1":
            os.kill(os.getpid(), signal.SIGTERM)
            while not journal._closed:
                pass

    monkeypatch.setattr(work.Journal, "note", slow)
    result = container.result()
    assert scores(result) == [1.0, None, None, None]
    assert "no time left" in result["tests"][1]["output"]
    assert "no time left" not in result["tests"][3]["output"]
    assert "The time that Gradescope gives was over" in result["output"]
    assert "1 of 1 point" in result["output"]


def test_when_time_is_over_before_anything_is_judged_it_is_said(container, monkeypatch):
    closed, close = threading.Event(), work.Journal.close

    def asked(_: object) -> None:
        time.sleep(0.1)  # by then the other thread waits for this one
        os.kill(os.getpid(), signal.SIGTERM)
        assert closed.wait(60)

    monkeypatch.setattr(work.Journal, "close", lambda journal: (close(journal), closed.set()))
    container.hand_in(hw="first")
    container.runner.before = asked
    result = container.result()
    assert withholds_the_total(result)
    assert "The time that Gradescope gives was over" in result["output"]
    assert "No point is decided" in result["output"]


@pytest.mark.parametrize(("due", "score"), [("2026-06-30T00:00:00Z", 1.0), ("2026-07-02T00:00:00Z", None)])
def test_it_is_due_when_gradescope_says_if_that_is_later(container, due, score):
    late = 'leaderboard = []\n[late]\ndue = 2026-06-29T00:00:00Z\nper_day = 0.5\nmost = 0.5\n[[problem]]\nid = "1"'
    rubric = RUBRIC.replace(RUBRIC[RUBRIC.index("leaderboard") : RUBRIC.index('title = "One"')], late + "\n")
    write_course(container.place.home / "source" / "course", rubric=rubric)
    (container.place.home / "submission_metadata.json").write_text(
        json.dumps({**METADATA, "assignment": {"due_date": due}})
    )
    container.hand_in(hw="second")
    assert container.result().get("score") == score


def test_limits_fit_the_container(container, monkeypatch):
    seen = []
    run = container.runner.run
    monkeypatch.setattr(container.runner, "run", lambda *given, **more: (seen.append(given[2]), run(*given, **more))[1])
    monkeypatch.setattr(work.machine, "memory", lambda: 768 << 20)
    container.hand_in(hw="first")
    container.result(seconds=100)
    assert seen[0].memory == 512 << 20
    assert 30 < seen[0].wall < 60
