"""Runs forgeries and judges them as `grade` would: `examination.py MODE` prints what became of each, as JSON.

`test_forging.py` uses it in its own process, and starts it in the circumstances of the other modes.
"""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grader import course, reference
from grader.check import check
from grader.conversation import Live
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Outcome, Submission

COURSE = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("forging", Path(__file__).with_name("forging.py"))
forging = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(forging)

PROBLEMS = ("3a", "5a", "5b", "6", "7")
DRAWN = {"3a.1", "5a.1", "5b.1", "5b.2", "6.1", "7.1"}
"""Claims that are judged at drawn inputs alone."""


class Examination:
    """Runs cells and judges them, but for the problems that no forgery here is about."""

    def __init__(self, sandbox):
        whole = course.find(course.read(COURSE), "3")
        self.expectations = reference.load(COURSE / "reference/hw3.py")
        self.assignment = replace(whole, problems=tuple(p for p in whole.problems if p.id in PROBLEMS))
        self.sandbox = sandbox

    def __call__(self, *sources):
        """What became of the cells and of the claims: earned, faults, and what kept a cell from running to its end."""
        cells = tuple(Cell(place, "code", source) for place, source in enumerate(sources, 1))
        handed_in, document = Submission("f", "F", ()), Document("work.py", cells, "python")
        limits = replace(self.assignment.limits, wall=600.0, question=20.0)
        with self.sandbox.run(handed_in, [document], limits, seed=1) as finished:
            findings = check(self.assignment, self.expectations, Live(finished.files, finished.connect, 20.0))
        verdicts = {finding.key: finding.verdict for finding in findings if finding.by == "check"}
        ran = finished.files[0].cells
        ended_early = [cell.stopped or str(cell.error) for cell in ran if cell.stopped or cell.error]
        return {
            "earned": {key: verdict.found for key, verdict in verdicts.items() if verdict.fraction and key in DRAWN},
            "faults": [verdict.staff for verdict in verdicts.values() if verdict.outcome is Outcome.FAULT],
            "stopped": ended_early,
        }


def main(mode):
    with Sandbox(Settings(mode=mode, hidden=(COURSE,))) as sandbox:
        examined = Examination(sandbox)
        told = {"right": examined(forging.RIGHT)}
        told |= {name: examined(forging.WRONG, forgery) for name, forgery in forging.FORGERIES.items()}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
