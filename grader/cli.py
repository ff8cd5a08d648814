"""The command `grade`.

Heavy imports stand in the commands that need them, so that `grade --help` answers at once. Exit codes: 0 graded;
1 graded with something pending, or a selfcheck that failed; 2 a fault of ours or a request that cannot be met;
130 stopped.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from grader import __version__
from grader.gradescope.command import app as gradescope

if TYPE_CHECKING:
    from rich.console import Console

STOPPED = 130


class Commands(TyperGroup):
    """The commands; what is none of them is what `run` is asked to grade."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put 'run' in front where no command is named."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help", "--version"):
            self._refuse_slip(args[0])
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a Ctrl-C that nobody heard is not to end without a word, as Typer would have it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            from grader.bench import Interrupted

            raise Interrupted("Stopped.") from None

    def _refuse_slip(self, word: str) -> None:
        """Raise UsageError for nothing at all, and for what is nearly a command and no place where submissions are."""
        from difflib import get_close_matches

        from grader.errors import UsageError

        if not word:
            raise UsageError("The folder's name is empty: is a variable of the shell not set?")
        near = get_close_matches(word, self.commands, n=1, cutoff=0.7)
        if near and not os.path.lexists(word):
            raise UsageError(f"There is no command {word!r}, and no folder or file. Did you mean {near[0]!r}?")


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Grade deep-learning homework:  grade SUBMISSIONS --hw 3  (for all its options: grade run --help)",
)

Homework = Annotated[str, typer.Option("--hw", metavar="N", help="Which homework: 3 means hw3, ex1 means ex1.")]
CourseFolder = Annotated[
    Path | None,
    typer.Option("--course", metavar="DIR", help="Folder with rubrics/ and reference/; else this one, else our own."),
]
SandboxMode = Annotated[
    str | None,
    typer.Option("--sandbox", metavar="MODE", help="priv, userns, setuid, plain or none; else the strongest there is."),
]
Interpreter = Annotated[
    Path | None, typer.Option("--python", metavar="PATH", help="Of the environment that students' code runs in.")
]


app.add_typer(gradescope, name="gradescope")


@app.callback(invoke_without_command=True)
def _grade(version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False) -> None:
    if version:
        typer.echo(f"grade {__version__}")
        raise typer.Exit


@app.command("run")
def _run(
    submissions: Annotated[Path, typer.Argument(help="A folder, a notebook, a script or a zip.")],
    homework: Homework,
    course: CourseFolder = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where results go; else results/<homework>.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, metavar="N", help="Submissions at once; else all cores.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run everything again, whatever is recorded.")] = False,
    sandbox: SandboxMode = None,
    python: Interpreter = None,
) -> None:
    """Grade submissions; `run` itself need not be written."""
    from grader import session

    order = session.Order(homework, submissions, course, out, jobs, fresh, sandbox, python)
    raise typer.Exit(session.grade_class(order, _console()))


@app.command("mark")
def _mark(
    results: Annotated[Path, typer.Argument(help="The results folder, such as results/hw3.")],
    decisions: Annotated[
        Path | None, typer.Argument(help="CSV or TOML: student, key, points, author, reason.", show_default=False)
    ] = None,
    blank: Annotated[
        Path | None, typer.Option("--blank", metavar="CSV", help="Write what waits for a person, to be filled in.")
    ] = None,
) -> None:
    """Record people's decisions; none is ever rewritten."""
    from grader import session
    from grader.errors import UsageError

    if blank is not None and decisions is None:
        raise typer.Exit(session.blank(results, blank, _console()))
    if decisions is not None and blank is None:
        raise typer.Exit(session.mark(results, decisions, _console()))
    raise UsageError("grade mark takes a table of decisions, or --blank and where to write one to be filled in.")


@app.command("export")
def _export(
    results: Annotated[Path, typer.Argument(help="The results folder, such as results/hw3.")],
    to: Annotated[str, typer.Option("--to", metavar="PLATFORM", help="gradescope, canvas or moodle.")],
    gradebook: Annotated[
        Path | None,
        typer.Option("--gradebook", metavar="CSV", help="What Canvas (gradebook) or Moodle (worksheet) exports."),
    ] = None,
    column: Annotated[
        str | None, typer.Option("--column", metavar="TITLE", help="Canvas's assignment, by title or number.")
    ] = None,
    pending: Annotated[
        str,
        typer.Option("--pending", metavar="MODE", help="If some wait for a person: refuse, empty or earned."),
    ] = "refuse",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="CSV", help="Else PLATFORM.csv in the results folder.")
    ] = None,
) -> None:
    """Write scores in the form a platform imports."""
    from grader.export import export

    whole = export(results, to, _console(), gradebook=gradebook, column=column, pending=pending, out=out)
    raise typer.Exit(0 if whole else 1)


@app.command("new", short_help="Make a course, or another homework in one, to start from.")
def _new(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Empty, or a course; else the current folder.", show_default=False)
    ] = Path(),
    homework: Annotated[
        str, typer.Option("--hw", metavar="N", help="The homework's name, 2 means hw2; else hw1.", show_default=False)
    ] = "",
) -> None:
    """Make a course with a small homework to start from; in a course, another homework."""
    from grader.authoring import new

    raise typer.Exit(new.show(folder, homework, _console()))


@app.command("data", short_help="Show the data that stand in for the network, or fetch them.")
def _data(
    action: Annotated[str, typer.Argument(metavar="[fetch|import]", help="Without one: say what there is.")] = "list",
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Where to import from.")] = None,
    homework: Annotated[str, typer.Option("--hw", metavar="N", help="Fetch only what this homework needs.")] = "",
    course: CourseFolder = None,
) -> None:
    """Show the data that stand in for the network; fetch or import the published ones."""
    from grader.authoring import data
    from grader.course import locate

    raise typer.Exit(data.show(action, folder, homework, locate(course), _console()))


@app.command("doctor")
def _doctor(course: CourseFolder = None, python: Interpreter = None) -> None:
    """Say how students' code can be confined here."""
    from grader import doctor

    raise typer.Exit(doctor.examine(course, python, _console()))


@app.command("selfcheck", short_help="Check that a homework agrees with itself.")
def _selfcheck(
    homework: Homework,
    course: CourseFolder = None,
    samples: Annotated[
        bool, typer.Option("--samples", help="Grade sample_submissions/ too, and compare with expected.toml there.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("-j", "--jobs", min=1, metavar="N", help="Hand-ins at once; else all cores.")
    ] = None,
    sandbox: SandboxMode = None,
    python: Interpreter = None,
) -> None:
    """Check that the reference earns everything, nothing nothing, and that known mistakes are caught and named."""
    from grader import session

    order = session.Order(homework, course=course, jobs=jobs, sandbox=sandbox, python=python, samples=samples)
    raise typer.Exit(session.selfcheck(order, _console()))


def main() -> None:
    """Run the command line; whatever goes wrong ends in a sentence and an exit code."""
    from grader import defect
    from grader.errors import GraderError

    try:
        app()
    except KeyboardInterrupt:
        _stop("Stopped.", STOPPED)
    except GraderError as error:
        _stop(str(error), _code(error))
    except PermissionError as error:
        _stop(f"{error.filename or 'What was asked for'} is closed to us: {error.strerror}.", 2)
    # One of the two walls of blame: whatever else is raised is a defect of ours, and nobody wants to read a traceback.
    except Exception as error:  # noqa: BLE001
        _stop(defect.note(error), 2)


def _code(error: Exception) -> int:
    return STOPPED if type(error).__name__ == "Interrupted" else 2


def _stop(sentence: str, code: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody reads it any more
        print(f"grade: {sentence}", file=sys.stderr, flush=True)
    sys.exit(code)


def _console() -> Console:
    from grader.terminal import Terminal

    return Terminal(highlight=False)


if __name__ == "__main__":
    main()
