"""A rubric file, read: TOML in, `Assignment` out, or one line that says what is wrong with it.

The file says what is claimed and what it is worth; `grader.reference` says what is true. Nothing here looks into the
reference: `grader.reference.join` does, once both are loaded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field

from grader.assignment import Assignment, Claim, LateRule, Limits, Problem, Ranking
from grader.errors import RubricError
from grader.late import EXTENSIONS, extensions
from grader.strict import Table, nearest
from grader.strict import read as read_table

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
BYTES = {"B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}


def quantity(units: Mapping[str, float], example: str) -> Callable[[object], float]:
    """Return what reads '10 min' or '3 GiB' with these units into a positive number of the smallest one."""

    def number(text: object) -> float:
        match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,9})?) ?([a-zA-Z]+)", text) if isinstance(text, str) else None
        if match is None or match[2] not in units or float(match[1]) == 0:
            raise ValueError(f"write a positive number with a unit ({', '.join(units)}), such as {example!r}")
        return float(match[1]) * units[match[2]]

    return number


Seconds = Annotated[float, BeforeValidator(quantity(SECONDS, "10 min"))]
Bytes = Annotated[float, BeforeValidator(quantity(BYTES, "3 GiB"))]
Words = Annotated[str, Field(min_length=1, pattern=r"\S")]
Points = Annotated[float, Field(ge=0, le=1e6)]
Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]


class _Limits(Table):
    cpu: Seconds = Limits.cpu
    wall: Seconds = Limits.wall
    rest: Seconds = Limits.rest
    memory: Bytes = float(Limits.memory)
    output: Bytes = float(Limits.output)
    question: Seconds = Limits.question
    processes: Annotated[int, Field(ge=1, le=100_000)] = Limits.processes
    disk: Bytes = float(Limits.disk)
    files: Annotated[int, Field(ge=1, le=2000)] = Limits.files


class _Item(Table):
    claim: Words
    points: Points
    visibility: Visibility = "visible"


class _Check(_Item):
    expects: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$")]
    credit: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    needs: list[str] = []
    reveal: bool = False


class _Problem(Table):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
    title: Words
    answer: Annotated[str, Field(pattern=r"^\S*$")] = ""
    check: list[_Check] = []
    item: list[_Item] = []


class _Ranking(Table):
    name: Words
    claim: str
    order: Literal["asc", "desc"] = "desc"


class _Late(Table):
    due: AwareDatetime
    grace: Seconds | None = None
    per_day: Annotated[float, Field(ge=0, le=1)] = 0.0
    free_days: Annotated[int, Field(ge=0, le=365)] = 0
    most: Annotated[float, Field(ge=0, le=1)] = 1.0


class _Rubric(Table):
    title: Words
    total: Annotated[float, Field(gt=0, le=1e6)]
    limits: _Limits = _Limits()
    leaderboard: list[_Ranking] = []
    late: _Late | None = None
    problem: Annotated[list[_Problem], Field(min_length=1)]


def read(path: Path, *, secret: str = "") -> Assignment:
    """Return the rubric at `path`, `<course>/rubrics/<id>.toml`; raise RubricError with the first thing wrong in it."""
    rubric = read_table(path, _Rubric)
    problems = tuple(_problem(problem) for problem in rubric.problem)
    _refuse_repeated(path, problems)
    _refuse_bad_needs(path, problems)
    _refuse_bad_rankings(path, rubric.leaderboard, problems)
    _refuse_wrong_total(path, rubric.total, problems)
    return Assignment(
        id=path.stem,
        title=rubric.title,
        total=rubric.total,
        limits=_limits(rubric.limits),
        problems=problems,
        rubric=path,
        reference=path.parent.parent / "reference" / f"{path.stem}.py",
        secret=secret,
        leaderboard=tuple(Ranking(one.name, one.claim, one.order) for one in rubric.leaderboard),
        late=_late(rubric.late, path) if rubric.late else None,
    )


def _late(late: _Late, path: Path) -> LateRule:
    extended = extensions(path.parent.parent / EXTENSIONS, path.stem)
    return LateRule(late.due, late.grace or 0.0, late.per_day, late.free_days, late.most, extended)


def _problem(problem: _Problem) -> Problem:
    entries = (*problem.check, *problem.item)
    claims = tuple(_claim(f"{problem.id}.{place}", entry) for place, entry in enumerate(entries, start=1))
    return Problem(problem.id, problem.title, claims, problem.answer)


def _claim(key: str, entry: _Item) -> Claim:
    if not isinstance(entry, _Check):
        return Claim(key, entry.claim, entry.points, "item", visibility=entry.visibility)
    expects, _, part = entry.expects.partition(".")
    return Claim(
        key=key,
        sentence=entry.claim,
        points=entry.points,
        by="check",
        expects=expects,
        part=part,
        credit=dict(entry.credit),
        needs=tuple(entry.needs),
        reveal=entry.reveal,
        visibility=entry.visibility,
    )


def _limits(limits: _Limits) -> Limits:
    return Limits(
        cpu=limits.cpu,
        wall=limits.wall,
        rest=limits.rest,
        memory=math.ceil(limits.memory),
        output=math.ceil(limits.output),
        question=limits.question,
        processes=limits.processes,
        disk=math.ceil(limits.disk),
        files=limits.files,
    )


def _refuse_repeated(path: Path, problems: tuple[Problem, ...]) -> None:
    """Refuse a second problem of the same id or the same answer tag, and a problem without claims."""
    ids: set[str] = set()
    tags: dict[str, str] = {}
    for problem in problems:
        if problem.id.lower() in ids:
            raise RubricError(path, f"problem {problem.id}", "there is already a problem with this id.")
        if problem.answer and problem.answer in tags:
            also = f"the answer {problem.answer!r} already belongs to problem {tags[problem.answer]}."
            raise RubricError(path, f"problem {problem.id}", also)
        if not problem.claims:
            raise RubricError(path, f"problem {problem.id}", "it has no [[problem.check]] and no [[problem.item]].")
        ids.add(problem.id.lower())
        tags[problem.answer] = problem.id


def _refuse_bad_needs(path: Path, problems: tuple[Problem, ...]) -> None:
    """Refuse a `needs` that does not name an earlier check."""
    claims = [claim for problem in problems for claim in problem.claims]
    by = {claim.key: claim.by for claim in claims}
    earlier: list[str] = []
    for claim, need in _needs(claims, earlier):
        where = f"claim {claim.key}"
        if need not in by:
            raise RubricError(path, where, f"needs names no claim: {need!r}.", nearest(need, earlier))
        if by[need] == "item":
            raise RubricError(path, where, f"needs {need!r}, which a person decides; only a check can be needed.")
        if need not in earlier:
            raise RubricError(path, where, f"needs {need!r}, which does not come before it.")


def _needs(claims: list[Claim], earlier: list[str]) -> Iterator[tuple[Claim, str]]:
    """Yield each claim with each of its needs; `earlier` grows by the claims already passed."""
    for claim in claims:
        for need in claim.needs:
            yield claim, need
        earlier.append(claim.key)


def _refuse_bad_rankings(path: Path, rankings: list[_Ranking], problems: tuple[Problem, ...]) -> None:
    """Refuse a column of the leaderboard that is no check's."""
    checks = [claim.key for problem in problems for claim in problem.claims if claim.by == "check"]
    for ranking in rankings:
        if ranking.claim not in checks:
            said = f"ranks by {ranking.claim!r}, which is no check."
            raise RubricError(path, f"leaderboard {ranking.name}", said, nearest(ranking.claim, checks))


def _refuse_wrong_total(path: Path, total: float, problems: tuple[Problem, ...]) -> None:
    worth = math.fsum(claim.points for problem in problems for claim in problem.claims)
    if abs(worth - total) > 1e-9:
        raise RubricError(path, "total", f"says {total:.10g} points, but the claims add up to {worth:.10g}.")
