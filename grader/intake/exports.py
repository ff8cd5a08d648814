"""What a platform exported: recognised by the names in it, and read by the one file that knows that platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.intake import gradescope, lms
from grader.intake.folder import listing
from grader.intake.hand import Hand
from grader.intake.kinds import kind_of
from grader.intake.loose import is_handed_in

_WRAPPERS = 4


def exported(folder: Path, scratch: Path, remarks: list[str]) -> list[Hand] | None:
    """Return the hands in a platform's export, be it alone in other folders; None if this is none."""
    found = listing(folder)
    for _ in range(_WRAPPERS):
        for platform in (gradescope, lms):
            if platform.is_export(found):
                return _told_apart(platform.hands(found, scratch, remarks))
        if len(found.folders) != 1 or any(
            is_handed_in(path.name) or kind_of(path.name) == "zip" for path in found.files
        ):
            break
        found = listing(found.folders[0])
    return None


def _told_apart(hands: Sequence[Hand]) -> list[Hand]:
    """Return the hands, those of people with the same name told apart by what stays theirs from export to export."""
    crowd = Counter(hand.name.casefold() for hand in hands)
    return [
        replace(hand, name=f"{hand.name} {_own(hand)}".strip()) if crowd[hand.name.casefold()] > 1 else hand
        for hand in hands
    ]


def _own(hand: Hand) -> str:
    first = next(iter(hand.accounts), None)
    return first.sid or first.email or first.number if first else ""
