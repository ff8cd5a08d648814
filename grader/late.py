"""The late rule: how late a submission is, from when it was handed in, and what that takes off. No clock is read here.

A submission that was handed in after the due time and the grace is late by a day for each day begun; the free days of
the rule are given away first. A student with an extension has a due time of their own. Where it is not known when
something was handed in, nothing is taken off, and the report says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from grader.assignment import LateRule
from grader.errors import RubricError
from grader.records import Lateness, Submission
from grader.strict import document

EXTENSIONS = "extensions.toml"
"""Where a course keeps them, beside `rubrics/`."""
DAY = 86_400.0
LONGEST = 1000
"""Days of an extension."""


def extensions(path: Path, homework: str) -> Mapping[str, datetime | float]:
    """Return a homework's extensions from the course's file: `[hw1]` with `"name" = 2` (days) or a time, by student.

    A course need not have the file. Raises `RubricError`.
    """
    table = document(path).get(homework, {}) if path.exists() else {}
    if not isinstance(table, dict):
        raise RubricError(path, homework, "is not a table of students.")
    for student, until in table.items():
        days = isinstance(until, (int, float)) and not isinstance(until, bool) and 0 <= until <= LONGEST
        if not days and not (isinstance(until, datetime) and until.tzinfo):
            raise RubricError(path, f"{homework}.{student}", "is neither a number of days nor a time with its zone.")
    return table


def lateness(rule: LateRule | None, submission: Submission) -> Lateness | None:
    """Return how late a submission is; None where the homework has no late rule."""
    if rule is None:
        return None
    due, extended = _due(rule, submission)
    said = f"Due {_shown(due)}{' (extended)' if extended else ''}"
    handed_in = _time(submission.submitted_at)
    if handed_in is None:
        return Lateness(0, 0.0, f"{said}. When it was handed in is not known here, so nothing is taken off.")
    seconds = (handed_in - due).total_seconds()
    if seconds <= rule.grace:
        return Lateness(0, 0.0, f"{said}; handed in on time.")
    days = math.ceil(seconds / DAY)
    charged = max(0, days - rule.free_days)
    share = min(rule.per_day * charged, rule.most)
    free = f", {min(days, rule.free_days)} of them free" if rule.free_days else ""
    taken = f"{100 * share:.4g} % of the points earned are taken off" if share else "nothing is taken off"
    return Lateness(days, share, f"{said}; handed in {_days(days)} late{free}: {taken}.")


def idle(rule: LateRule | None, submissions: Iterable[Submission]) -> Iterator[str]:
    """Yield a sentence for each extension of somebody who is not among those who handed in: it may be misspelt."""
    called = {_folded(name): name for submission in submissions for name in _called(submission)}
    for name in rule.extensions if rule else ():
        if _folded(name) not in called:
            near = get_close_matches(_folded(name), called, n=1)
            meant = f" Did you mean {called[near[0]]!r}?" if near else ""
            yield f"The extension for {name!r} is nobody's who handed in.{meant}"


def astray(rule: LateRule | None, path: Path, homeworks: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each table of the course's extensions that is no homework's: it may be misspelt."""
    if rule is None or not path.exists():
        return
    for name in document(path):
        if name not in homeworks:
            meant = [f"hw{name}"] if f"hw{name}" in homeworks else get_close_matches(name, homeworks, n=1)
            asked = f" Did you mean [{meant[0]}]?" if meant else f" Its homeworks are {', '.join(homeworks)}."
            yield f"{path.name}: {name!r} is no homework of this course, so what stands there extends nothing.{asked}"


def _called(submission: Submission) -> set[str]:
    """Return all that a submission's people are called."""
    accounts = (one.email for one in submission.accounts)
    return {name for name in (submission.student, submission.name, *submission.members, *accounts) if name.strip()}


def _folded(name: str) -> str:
    return name.strip().casefold()


def _due(rule: LateRule, submission: Submission) -> tuple[datetime, bool]:
    """Return when it was due, and whether an extension says so; of a group's extensions the latest counts."""
    folded = {_folded(name) for name in _called(submission)}
    own = [_extended(rule, until) for name, until in rule.extensions.items() if _folded(name) in folded]
    due = max((rule.due, *own))
    return due, due > rule.due


def _extended(rule: LateRule, until: datetime | float) -> datetime:
    return until if isinstance(until, datetime) else rule.due + timedelta(days=until)


def _time(text: str) -> datetime | None:
    """Return a time with its zone; None if the text is not one."""
    try:
        time = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else None


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _shown(due: datetime) -> str:
    return due.strftime("%Y-%m-%d %H:%M ") + due.strftime("%z")[:3] + ":" + due.strftime("%z")[3:5]
