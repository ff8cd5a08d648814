"""One submission whose owner is known: everything under one folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grader.intake.content import without_repeats
from grader.intake.hand import from_folder
from grader.intake.unpacking import unpacking_folder
from grader.records import Submission


@contextmanager
def single(folder: Path, key: str, name: str) -> Iterator[Submission]:
    """Yield what lies under `folder` as one submission; zips lie unpacked in a temporary folder until the end."""
    with unpacking_folder() as scratch:
        hand = replace(from_folder(folder, scratch), name=name)
        yield without_repeats(hand.submission(key))
