"""One `grade` command, from what was asked on the command line to pages, tables and an exit code.

Everything that can be wrong with the request (the course, the rubric, the reference, the place) is said before anything
runs. Pages are written as grades come in, so that a run that is broken off leaves whole pages behind.
"""

from __future__ import annotations

import os
import shlex
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader import course, decisions, defect, environment, late, marks
from grader.assignment import Assignment
from grader.authoring import samples
from grader.authoring import selfcheck as authoring
from grader.bench import Bench, Deferred, Interrupted, sandboxed
from grader.chance import Normal
from grader.course import Course, Homework
from grader.engine import grade_all, interruptible
from grader.engine.display import Display
from grader.errors import UsageError
from grader.gradescope.homecoming import bring_home, without_grade
from grader.intake import Batch, submissions
from grader.records import Grade, Mark, Outcome
from grader.rehearsal import Rehearsal
from grader.rendering import student_page
from grader.report import summary, waiting, write_class
from grader.report.text import counted, line, listed, number
from grader.store import Results, Session

GRADED, WAITING, FAULT = 0, 1, 2


@dataclass(frozen=True)
class Order:
    """What was asked for."""

    homework: str
    submissions: Path = Path()
    course: Path | None = None
    out: Path | None = None
    jobs: int | None = None
    fresh: bool = False
    sandbox: str | None = None
    python: Path | None = None
    samples: bool = False
    """Whether a selfcheck grades the sample submissions as well."""


@dataclass
class Desk:
    """Where the grades of one run come together."""

    assignment: Assignment
    results: Results
    display: Display
    law: Normal | None
    """Of first weights, where a claim is about them."""
    defects: list[str] = field(default_factory=list)

    def take(self, grade: Grade) -> None:
        """Write the student's page and say what became of the submission."""
        try:
            with self.results.writing():
                student_page(grade, self.assignment, self.results, self.law)
        except UsageError:
            raise
        # A page that cannot be made is our error; it must not keep the others from being made.
        except Exception as error:  # noqa: BLE001
            self.defects.append(defect.note(error, self.results.folder))
            self.display.say(self.defects[-1])
        self.display.done(grade.submission.student, _in_words(grade))


def grade_class(order: Order, console: Console) -> int:
    """Grade all submissions that were named; return the exit code. Raises GraderError."""
    started = time.monotonic()
    _known_mode(order.sandbox)
    if course.is_course(order.submissions):
        raise UsageError(
            f"{_shown(order.submissions.resolve())} is a course, and holds no submissions: name their folder."
        )
    home = course.locate(order.course)
    homework = course.open_homework(home, order.homework)
    home = home.serving(homework.assignment.id)
    results = Results((order.out or Path("results") / homework.assignment.id).resolve())
    with submissions(order.submissions) as batch, results.locked(), interruptible():
        if not batch:
            raise UsageError(" ".join(batch.remarks) or f"{order.submissions} holds no submissions.")
        _note(results, homework, home, order, batch)
        with Display(console, len(batch)) as display:
            desk = Desk(homework.assignment, results, display, homework.law)
            grades, sandbox = _grades(order, home, homework, batch, desk)
        return _finish(grades, sandbox, desk, console, seconds=time.monotonic() - started)


def _grades(order: Order, home: Course, homework: Homework, batch: Batch, desk: Desk) -> tuple[tuple[Grade, ...], str]:
    """Return the grades and the modes of the sandbox in which their code was run."""
    kept = marks.read(desk.results.marks)
    for sentence in (
        *_elsewhere(home, homework, order),
        *batch.remarks,
        *kept.complaints,
        *_idle(kept.marks, homework.assignment),
        *late.astray(homework.assignment.late, home.folder / late.EXTENSIONS, home.homeworks),
        *late.idle(homework.assignment.late, batch),
    ):
        desk.display.say(sentence)
    python = environment.interpreter(order.python, home.python)
    jobs = min(order.jobs or cores(), len(batch))
    sandbox = Deferred(lambda: sandboxed(order.sandbox, python, home, at_once=jobs))
    bench = Bench(
        homework=homework,
        results=desk.results,
        runner=sandbox,
        marks=kept.marks,
        python=python,
        versions=lambda: environment.versions(python),
        fresh=order.fresh,
        progress=desk.display.progress,
        say=desk.display.say,
    )
    if brought := bring_home(batch, bench):
        desk.display.say(f"{counted(brought, 'submission')} ran on Gradescope; --fresh runs them here.")
    if without := without_grade(batch):
        desk.display.say(f"What Gradescope shows as a total is no grade for {listed(without)}.")
    grades = grade_all(batch, bench, sandbox, jobs=jobs, graded=desk.take)
    return grades, _modes(grades)


def _modes(grades: Sequence[Grade]) -> str:
    """Return the modes in which the code of these submissions was run, now or in an earlier session."""
    found = {grade.record.sandbox for grade in grades if grade.record} - {""}
    return ", ".join(sorted(found)) or "nothing was run"


def _finish(grades: Sequence[Grade], sandbox: str, desk: Desk, console: Console, *, seconds: float) -> int:
    """Write the class's page, show the table, say where to look; return the exit code."""
    with desk.results.writing():
        page = write_class(grades, desk.assignment, desk.results.folder, seconds=seconds, sandbox=sandbox)
    console.print(summary(grades, desk.assignment))
    open_ = sum(grade.count(Outcome.PENDING) for grade in grades)
    faults = sum(grade.count(Outcome.FAULT) > 0 for grade in grades)
    if open_:
        decide = _asks_for_table(desk.results.folder, Path("decisions.csv"))
        console.print(Text(f"{counted(open_, 'claim')} to be decided by a person: {decide}"), soft_wrap=True)
    if faults:
        words = f"The grader failed on {counted(faults, 'submission')}; nothing can be released until that is mended."
        console.print(Text(words, style="bold red"), soft_wrap=True)
    console.print(Text(f"Look at {page.resolve()}"), soft_wrap=True)
    if faults or desk.defects:
        return FAULT
    return WAITING if open_ else GRADED


def mark(folder: Path, file: Path, console: Console) -> int:
    """Record the decisions in `file` in a results folder; return the exit code. Raises GraderError."""
    results, session = _graded(folder)
    if not file.exists():
        raise UsageError(f"There is no file {file}; {_asks_for_table(folder, file)}.")
    assignment = course.find(course.locate(Path(session.course)), session.homework)
    checked = decisions.check(decisions.read(file), assignment, session.students)
    for complaint in checked.complaints:
        console.print(Text(f"{file}, {complaint}"), soft_wrap=True)
    if checked.complaints:
        console.print("Nothing was recorded; mend this first.")
        return FAULT
    new = marks.new(checked.marks, marks.read(results.marks).marks)
    if new:
        with results.writing():
            marks.append(results.marks, new)
    console.print(_recorded(len(new), len(checked.marks) - len(new), checked.open))
    if checked.marks:
        console.print(Text(f"To see them in the reports: {_again(session, results.folder)}"), soft_wrap=True)
    return GRADED


def _recorded(new: int, known: int, left: int) -> str:
    said = [f"{counted(new, 'mark')} recorded", *([f"{known} were there already"] if known else [])]
    return ", ".join([*said, *([f"{counted(left, 'line')} not decided yet"] if left else [])]) + "."


def blank(folder: Path, file: Path, console: Console) -> int:
    """Write the table of what waits for a person, to be filled in; return the exit code. Raises UsageError."""
    results, _ = _graded(folder)
    if os.path.lexists(file):
        raise UsageError(f"{file} is there already and may hold decisions; say another name.")
    try:
        table = waiting.blank(results.folder, marks.in_force(marks.read(results.marks).marks))
        file.write_text(table.text, encoding="utf-8-sig", newline="")  # the mark, so that Excel reads names right
    except ValueError:
        raise UsageError(f"{folder} holds no grades: grade the submissions first.") from None
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read or written ({error.strerror}).") from None
    console.print(
        Text(f"{counted(table.lines, 'line')} written to {file}; fill in points, author and reason, then:"),
        soft_wrap=True,
    )
    console.print(Text(f"grade mark {_shown(folder)} {_shown(file)}"), soft_wrap=True)
    return GRADED


def _graded(folder: Path) -> tuple[Results, Session]:
    """Return a results folder and what was graded there. Raises UsageError."""
    results = Results(folder.resolve())
    session = results.session()
    if session is None:
        raise UsageError(f"{folder} is not a results folder: grade the submissions first.")
    return results, session


def _asks_for_table(folder: Path, file: Path) -> str:
    return f"grade mark {_shown(folder)} --blank {_shown(file)} makes one to fill in"


def selfcheck(order: Order, console: Console) -> int:
    """Check a homework itself; return the exit code. Raises GraderError."""
    home = course.locate(order.course)
    homework = course.open_homework(home, order.homework)
    home = home.serving(homework.assignment.id)
    for sentence in _elsewhere(home, homework, order):
        console.print(Text(sentence), soft_wrap=True)
    python = environment.interpreter(order.python, home.python)
    sandbox = Deferred(lambda: sandboxed(order.sandbox, python, home))
    rehearsal = Rehearsal(console, homework.assignment)
    asked = samples.opened(homework.assignment, home.folder) if order.samples else nullcontext(authoring.NO_SAMPLES)
    with asked as given, interruptible(), tempfile.TemporaryDirectory(prefix="grader-selfcheck-") as scratch:
        bench = Bench(homework, Results(Path(scratch) / "results"), sandbox, python=python)
        try:
            checked = authoring.selfcheck(
                bench, sandbox, Path(scratch), samples=given, jobs=order.jobs or cores(), told=rehearsal.tell
            )
        except KeyboardInterrupt:
            raise Interrupted("Stopped.") from None
    rehearsal.end(checked)
    return WAITING if checked.complaints else GRADED


def _elsewhere(home: Course, homework: Homework, order: Order) -> Iterator[str]:
    """Yield which homework is meant, where neither this folder nor the command line says so."""
    if order.course is None and home.folder != Path.cwd().resolve():
        yield f"This folder is no course; {homework.assignment.id} is “{homework.assignment.title}”, in {home.folder}."


def _known_mode(asked: str | None) -> None:
    """Refuse a sandbox that does not exist, also where nothing will be run."""
    if asked is not None:
        from grader.sandbox import modes

        modes.known(asked)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _note(results: Results, homework: Homework, home: Course, order: Order, batch: Batch) -> None:
    students = {submission.student: submission.name for submission in batch}
    where = str(order.submissions.resolve())
    results.note(Session(homework.assignment.id, str(home.folder), where, students))


def _idle(kept: Sequence[Mark], assignment: Assignment) -> Iterator[str]:
    """Yield a sentence for each mark in force on a claim that the rubric no longer has."""
    keys = {claim.key for _, claim in assignment.claims}
    for (student, key), _ in marks.in_force(kept).items():
        if key not in keys:
            yield f"A mark for {student} on {key} has no effect: the rubric has no such claim."


def _in_words(grade: Grade) -> str:
    """Return in one line what became of a submission."""
    if grade.count(Outcome.FAULT):
        reason = line(grade.record.fault if grade.record else "", 160)
        return f"fault: {reason or 'see the page of the class'}"
    points = f"{number(grade.earned)} / {number(grade.total)}"
    pending = grade.count(Outcome.PENDING)
    waiting = f", {pending} pending" if pending else ""
    unread = f": {line(grade.submission.unreadable, 160)}" if grade.submission.unreadable else ""
    return f"{points}{waiting}" + (" (as recorded)" if grade.replayed else "") + unread


def _again(session: Session, folder: Path) -> str:
    words = f"grade {_shown(Path(session.submissions))} --hw {session.homework}"
    return f"{words} --course {_shown(Path(session.course))} --out {_shown(folder)}"


def _shown(path: Path) -> str:
    """Return a path as short as it can be typed here, quoted where a shell asks for it."""
    return shlex.quote(str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path))
