"""The page a student reads: what counted, what was found, what to try, and how the code ran.

The reference's values, the staff's detail and this machine's paths have no way in: the template is given findings
without `Verdict.staff` being read anywhere in it, and files by the names they were handed in under.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from grader.assignment import Assignment, Problem
from grader.chance import Normal
from grader.observed import Training
from grader.records import CellRun, FileRun, Finding, Grade, Outcome, WrittenAnswer
from grader.report import figures, notebooks, prose
from grader.report.discretion import discreet
from grader.report.files import write
from grader.report.pages import rendered
from grader.report.repeats import said_once

MOST_TRAININGS = 4
_SHOWN = frozenset({"visible", "after_due_date", "after_published"})
"""A report is handed out when it is due to be read; only what is hidden for good is kept back."""


@dataclass(frozen=True)
class ProblemSection:
    """One problem on the page."""

    problem: Problem
    findings: tuple[Finding, ...]
    """Those that the student may see."""
    answer: WrittenAnswer | None
    written: Markup
    """The written answer, safe to show."""

    @property
    def earned(self) -> float:
        """Points earned so far."""
        return sum(finding.earned for finding in self.findings)

    @property
    def points(self) -> float:
        """Points that can be earned."""
        return sum(finding.points for finding in self.findings)


@dataclass(frozen=True)
class TrainingSection:
    """One recorded training on the page."""

    training: Training
    file: str
    figures: tuple[figures.Drawn, ...]


@dataclass(frozen=True)
class FileSection:
    """One executed file on the page."""

    run: FileRun
    cells: tuple[notebooks.ShownCell, ...]

    @property
    def troubled(self) -> tuple[CellRun, ...]:
        """Cells that ended in an error or were stopped."""
        return tuple(cell for cell in self.run.cells if cell.error or cell.stopped)


@dataclass(frozen=True)
class Standing:
    """Points of the findings a student may see, by what is decided; what lateness takes off is taken off."""

    earned: float
    pending: float
    ours: float
    """Undecided through a fault of ours."""
    points: float
    unshown: float
    """Points of hidden claims."""

    @property
    def lost(self) -> float:
        """Points that were not earned, though decided."""
        return max(0.0, self.points - self.earned - self.pending - self.ours)


def write_student(grade: Grade, assignment: Assignment, folder: Path, law: Normal | None = None) -> Path:
    """Write `report.html` and its figures into `folder`; return the page. First weights are drawn beside a `law`."""
    trainings = _trainings(grade, folder, law)
    figures.sweep(folder, (figure for section in trainings for figure in section.figures))
    return write(folder / "report.html", discreet(page(grade, assignment, trainings)))


def page(grade: Grade, assignment: Assignment, trainings: tuple[TrainingSection, ...]) -> str:
    """Return the page."""
    budget = notebooks.Budget()
    files = grade.record.files if grade.record else ()
    return rendered(
        "student.html",
        grade=grade,
        submission=grade.submission,
        assignment=assignment,
        record=grade.record,
        standing=standing(grade),
        problems=[_problem(problem, grade) for problem in assignment.problems],
        trainings=trainings,
        more_trainings=max(0, sum(len(file.trainings) for file in files) - len(trainings)),
        files=[FileSection(file, notebooks.cells(file, budget)) for file in files],
        most_cells=notebooks.MOST_CELLS,
    )


def standing(grade: Grade) -> Standing:
    """Return where the student stands."""
    shown = [finding for finding in grade.findings if finding.visibility in _SHOWN]

    def worth(outcome: Outcome) -> float:
        return sum(finding.points for finding in shown if finding.verdict.outcome is outcome)

    return Standing(
        earned=(1 - (grade.late.share if grade.late else 0.0)) * sum(finding.earned for finding in shown),
        pending=worth(Outcome.PENDING),
        ours=worth(Outcome.FAULT),
        points=sum(finding.points for finding in shown),
        unshown=sum(finding.points for finding in grade.findings if finding.visibility not in _SHOWN),
    )


def _problem(problem: Problem, grade: Grade) -> ProblemSection:
    answer = grade.answers.get(problem.id)
    return ProblemSection(
        problem,
        tuple(said_once(one for one in grade.findings if one.problem == problem.id and one.visibility in _SHOWN)),
        answer,
        _shown(answer) if answer else Markup(),
    )


def _shown(answer: WrittenAnswer) -> Markup:
    """Return the answer, safe to show: a person marks what is read here, so that no sign of it may be lost."""
    return prose.from_markdown(answer.text) if answer.markdown else prose.from_plain(answer.text)


def _trainings(grade: Grade, folder: Path, law: Normal | None) -> tuple[TrainingSection, ...]:
    """Return the longest trainings in the order they ran, with their figures."""
    everything = [(one, file.name) for file in (grade.record.files if grade.record else ()) for one in file.trainings]
    longest = sorted(range(len(everything)), key=lambda place: -everything[place][0].steps)[:MOST_TRAININGS]
    chosen = [everything[place] for place in sorted(longest)]
    return tuple(TrainingSection(one, name, figures.of_training(one, folder, law)) for one, name in chosen)
