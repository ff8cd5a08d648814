"""A reference file, loaded: the expectations it declares, by name, and their fit to a rubric.

Theory of operation. A reference is plain Python that the course's author wrote and that is trusted; it is imported here
and never sent anywhere. What counts are its globals that are expectations: each learns its own name. `join` then holds
the rubric and the reference against each other, so that a name that fits nothing is refused before anything runs.
What several homeworks share stands in files beside them (`grader.siblings`); an expectation that is imported from there
counts as if it stood in the reference itself.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from grader import expect
from grader.assignment import Assignment, Claim
from grader.errors import RubricError
from grader.expect.expectation import Expectation
from grader.siblings import importable
from grader.strict import nearest
from grader.syntax import parsed

_CLASS = re.compile(r"\b(\w+)\.__init__(?=\(\))")
"""How Python calls a class in what it says of its arguments."""


def load(path: Path) -> Mapping[str, Expectation]:
    """Import the reference at `path` and return its expectations by name; raise RubricError."""
    tree = _parsed(path)
    module = _imported(path)
    expectations = {name: value for name, value in vars(module).items() if isinstance(value, Expectation)}
    _refuse_repeated(path, tree, expectations)
    for name, expectation in expectations.items():
        expectation.name, expectation.folder = name, path.parent
        for wrong in (known.meets for known in expectation.mistakes if known.meets):
            wrong.name, wrong.folder = wrong.name or name, path.parent
    return expectations


def join(assignment: Assignment, expectations: Mapping[str, Expectation]) -> None:
    """Refuse a claim whose expectation, part or credit is unknown, and a public expectation that nothing claims."""
    for _, claim in assignment.claims:
        if claim.by == "check":
            _refuse_unfit(assignment, claim, expectations)
    claimed = {claim.expects for _, claim in assignment.claims}
    for name in expectations:
        if name not in claimed and not name.startswith("_"):
            advice = (
                f"no claim in {assignment.rubric} expects {name!r}; claim it, or begin its name with an underscore."
            )
            raise RubricError(assignment.reference, "", advice)


def _refuse_unfit(assignment: Assignment, claim: Claim, expectations: Mapping[str, Expectation]) -> None:
    def refuse(problem: str, word: str, known: Iterable[str]) -> RubricError:
        return RubricError(assignment.rubric, f"claim {claim.key}", problem, nearest(word, known))

    expectation = expectations.get(claim.expects)
    if expectation is None:
        said = f"expects {claim.expects!r}, which {assignment.reference} does not declare."
        raise refuse(said, claim.expects, expectations)
    parts = ", ".join(f"{claim.expects}.{part}" for part in expectation.parts)
    if claim.part and claim.part not in expectation.parts:
        said = f"{claim.expects!r} has no part {claim.part!r}{f'; it has {parts}' if parts else ''}."
        raise refuse(said, claim.part, expectation.parts)
    if expectation.parts and not claim.part:
        raise refuse(f"{claim.expects!r} is judged in parts, each by a claim of its own: {parts}.", "", ())
    if claim.reveal and not expectation.reveals:
        said = "reveals nothing: only the right number or formula is ever named, or what a law that takes `ask` says."
        raise refuse(said, "", ())
    mistakes = [mistake.name for mistake in expectation.mistakes]
    for name in claim.credit:
        if name not in mistakes:
            raise refuse(f"gives credit for {name!r}, which is no known mistake of {claim.expects!r}.", name, mistakes)


def _imported(path: Path) -> ModuleType:
    """Return the module at `path`, under a name of its own."""
    own = f"grader_reference_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    specification = importlib.util.spec_from_file_location(own, path)
    if specification is None or specification.loader is None:
        raise RubricError(path, "", "is not a Python file.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[own] = module
    try:
        with importable(path.parent):
            specification.loader.exec_module(module)
    # The author's code may raise anything at all, and whatever it is, the author is who has to act.
    except (Exception, SystemExit) as error:
        del sys.modules[own]
        raise _refused(path, error) from error
    return module


def _refused(path: Path, error: BaseException) -> RubricError:
    """Return what an import failed with, and where: in the reference, or in a file beside it."""
    beside = {str(path), *(str(file) for file in path.parent.resolve().glob("*.py"))}
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    file, number = next((frame for frame in reversed(frames) if frame[0] in beside), ("", None))
    own = Path(file).name in ("", path.name)
    said = error.msg if isinstance(error, SyntaxError) else _first_line(error)
    where = f"line {number}" if number else ""
    said = _CLASS.sub(r"\1", said)
    meant = _keyword_meant(said)
    problem = f"{type(error).__name__}: {said}{'.' if meant else ''}"
    return RubricError(path if own else path.with_name(Path(file).name), where, problem, meant)


def _keyword_meant(said: str) -> str | None:
    """Return the keyword that was probably meant where a declaration takes none of that name."""
    unknown = re.match(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'", said)
    declares = getattr(expect, unknown[1], None) if unknown else None
    return nearest(unknown[2], inspect.signature(declares).parameters) if unknown and declares else None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


def _refuse_repeated(path: Path, tree: ast.Module, expectations: Mapping[str, Expectation]) -> None:
    """Refuse one name for two expectations (the first is lost), two for one, and two mistakes of one name."""
    lines: dict[str, int] = {}
    names: dict[int, str] = {}
    for name, line in _declared(tree):
        if name in expectations:
            if name in lines:
                raise RubricError(path, f"line {line}", f"{name!r} is already declared in line {lines[name]}.")
            lines[name] = line
    for name, expectation in expectations.items():
        other = names.setdefault(id(expectation), name)
        if other != name:
            where = f"line {lines[name]}" if name in lines else ""
            raise RubricError(path, where, f"{other!r} and {name!r} are the same expectation; declare each of them.")
        _refuse_unfit_mistakes(path, expectation, name)


def _refuse_unfit_mistakes(path: Path, expectation: Expectation, name: str) -> None:
    mistakes = [mistake.name for mistake in expectation.mistakes]
    for mistake in mistakes:
        if mistakes.count(mistake) > 1:
            raise RubricError(path, "", f"{name!r} has two known mistakes called {mistake!r}.")
    for known in expectation.mistakes:
        if known.part and known.part not in expectation.parts:
            there = f"; its parts are {', '.join(expectation.parts)}" if expectation.parts else ""
            said = f"the mistake {known.name!r} is of {known.part!r}, which is no part of {name!r}{there}."
            raise RubricError(path, "", said, nearest(known.part, expectation.parts))


def _parsed(path: Path) -> ast.Module:
    try:
        return parsed(path.read_bytes(), path)
    except OSError as error:
        pair = f" A homework is a rubric and a reference of one name: {path.stem}.toml and {path.name}."
        said = f"cannot be read: {error.strerror or error}.{'' if path.exists() else pair}"
        raise RubricError(path, "", said) from None
    except SyntaxError as error:
        raise RubricError(path, f"line {error.lineno or 1}", f"{error.msg}.") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise RubricError(path, "", f"cannot be parsed: {_first_line(error)}.") from None


def _declared(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each name that is bound at top level by `def`, `class` or a plain assignment, and its line."""
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            yield statement.name, statement.lineno
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from ((target.id, statement.lineno) for target in targets if isinstance(target, ast.Name))
