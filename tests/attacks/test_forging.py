"""Wrong answers stay wrong, whatever is done to have them scored as right."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from grader import course, reference
from grader.check import check
from grader.conversation import Live
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Outcome, Submission

COURSE = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("forging", Path(__file__).with_name("forging.py"))
forging = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(forging)

PROBLEMS = ("3a", "5a", "5b", "6", "7")
DRAWN = {"3a.1", "5a.1", "5b.1", "5b.2", "6.1", "7.1"}
"""Claims that are judged at drawn inputs alone."""


class Examination:
    """Runs one cell and judges it as `grade` would, but for the problems that no forgery here is about."""

    def __init__(self, sandbox):
        whole = course.find(course.read(COURSE), "3")
        self.expectations = reference.load(COURSE / "reference/hw3.py")
        self.assignment = replace(whole, problems=tuple(p for p in whole.problems if p.id in PROBLEMS))
        self.sandbox = sandbox

    def __call__(self, *sources):
        cells = tuple(Cell(place, "code", source) for place, source in enumerate(sources, 1))
        handed_in, document = Submission("f", "F", ()), Document("work.py", cells, "python")
        limits = replace(self.assignment.limits, wall=15.0, question=5.0)
        with self.sandbox.run(handed_in, [document], limits, seed=1) as finished:
            findings = check(self.assignment, self.expectations, Live(finished.files, finished.connect, 5.0))
        return {finding.key: finding.verdict for finding in findings if finding.by == "check"}, finished.files[0]


@pytest.fixture(scope="session")
def examined():
    with Sandbox(Settings(hidden=(COURSE,))) as sandbox:
        yield Examination(sandbox)


def test_right_answers_earn_what_there_is_to_forge(examined):
    verdicts, _ = examined(forging.RIGHT)
    assert {key: verdict.outcome for key, verdict in verdicts.items() if key in DRAWN} == dict.fromkeys(
        DRAWN, Outcome.PASSED
    )


def test_wrong_answers_earn_nothing(examined):
    earns_nothing(examined, "")


QUICK = ("an object that equals all", "an agent that hands back what it is asked", "frames on the conversation")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in forging.FORGERIES]
)
def test_a_forgery_earns_nothing(examined, name):
    earns_nothing(examined, forging.FORGERIES[name])


def earns_nothing(examined, forgery):
    verdicts, record = examined(forging.WRONG, forgery)
    earned = {key: verdict.found for key, verdict in verdicts.items() if verdict.fraction and key in DRAWN}
    assert not earned
    assert not [verdict.staff for verdict in verdicts.values() if verdict.outcome is Outcome.FAULT]
    return record
