"""A record of a training that was made up earns nothing by itself: what speaks against it is told to a person."""

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
_spec = importlib.util.spec_from_file_location("fabricating", Path(__file__).with_name("fabricating.py"))
fabricating = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fabricating)

BY_THE_RECORD = ("1.2", "1.3", "1.4", "1.5", "1.6")
"""Claims that rest on what was recorded of a training: start, rule, schedule, data, fit."""


@pytest.fixture(scope="module")
def judged():
    """Gives the verdicts on a program that trains, by claim."""
    whole = course.find(course.read(COURSE), "3")
    assignment = replace(whole, problems=tuple(problem for problem in whole.problems if problem.id == "1"))
    expectations = reference.load(COURSE / "reference/hw3.py")
    with Sandbox(Settings(hidden=(COURSE,))) as sandbox:

        def judge(source):
            cells = Cell(1, "code", fabricating.HONESTLY), Cell(2, "code", source)
            document = Document("work.py", cells, "python")
            with sandbox.run(Submission("f", "F", ()), [document], assignment.limits, seed=1) as finished:
                assert not [cell.error for cell in finished.files[0].cells if cell.error], "it must have run"
                findings = check(assignment, expectations, Live(finished.files, finished.connect, 20.0))
            return {finding.key: finding.verdict for finding in findings if finding.key in BY_THE_RECORD}

        yield judge


@pytest.mark.slow
def test_an_honest_training_earns_what_there_is_to_fabricate(judged):
    verdicts = judged(fabricating.RIGHT)
    assert {verdict.outcome for verdict in verdicts.values()} == {Outcome.PASSED}


@pytest.mark.slow
@pytest.mark.parametrize("name", fabricating.FABRICATIONS)
def test_a_fabrication_earns_nothing_by_itself(judged, name):
    verdicts = judged(fabricating.FABRICATIONS[name])
    assert {key: verdict.found for key, verdict in verdicts.items() if verdict.fraction} == {}
    doubted = [verdict for verdict in verdicts.values() if "does not fit together" in verdict.found]
    assert doubted and all(verdict.outcome is Outcome.PENDING and verdict.staff for verdict in doubted)
