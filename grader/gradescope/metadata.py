"""What Gradescope says of a submission: who handed it in, and when.

The file is read with tolerance: every key may be missing, and other programs that run autograders give hardly any.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_MOST_NAMED = 50


@dataclass(frozen=True)
class Metadata:
    """A submission as Gradescope knows it. Times are ISO 8601 with a zone, or '' where it does not say."""

    key: str = "submission"
    """'submission_86175589', as in an export."""
    members: tuple[str, ...] = ()
    submitted_at: str = ""
    due: str = ""
    """The latest that holds for one of its members: an extension for one is one for the group."""

    @property
    def name(self) -> str:
        """Return the members as a person would write them."""
        return ", ".join(self.members) or self.key


def read(path: Path) -> Metadata:
    """Return what the file at `path` says; whatever it does not say is empty."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        said = {}
    whole = said if isinstance(said, Mapping) else {}
    number = whole.get("id")
    return Metadata(
        key=f"submission_{number}" if isinstance(number, int) else "submission",
        members=tuple(_names(whole)),
        submitted_at=_time(whole.get("created_at")),
        due=max(_dues(whole), key=datetime.fromisoformat, default=""),
    )


def _users(whole: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    users = whole.get("users")
    return [user for user in users if isinstance(user, Mapping)][:_MOST_NAMED] if isinstance(users, list) else []


def _names(whole: Mapping[str, Any]) -> Iterator[str]:
    """Yield each member's name, or what else is known of them."""
    for user in _users(whole):
        known = (user.get(key) for key in ("name", "email", "sid"))
        yield next((word for word in known if isinstance(word, str) and word.strip()), "?")


def _dues(whole: Mapping[str, Any]) -> Iterator[str]:
    """Yield the dates by which it is due: the members' own, else everybody's."""
    own = [time for user in _users(whole) if (time := _due(user))]
    yield from own or ([everybodys] if (everybodys := _due(whole)) else [])


def _due(whole: Mapping[str, Any]) -> str:
    assignment = whole.get("assignment")
    return _time(assignment.get("due_date")) if isinstance(assignment, Mapping) else ""


def _time(said: object) -> str:
    """Return an ISO 8601 time with a zone, or ''."""
    if not isinstance(said, str):
        return ""
    try:
        time = datetime.fromisoformat(said.strip().replace("Z", "+00:00"))
    except ValueError:
        return ""
    return time.isoformat() if time.tzinfo else ""
