"""`results.json`: always whole, always valid, and without a total where there is no grade.

The keeper imports this, so it needs the standard library only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Node = dict[str, Any]
"""A JSON object."""

OURS = "deepgrader"
"""The key in `extra_data` under which everything of ours stands."""
NO_GRADE = "no_grade"
"""There: whether whatever Gradescope shows as the total is no grade."""
MOST = 100_000
"""Characters of one text that Gradescope keeps."""
_CUT = "\n… (the rest is left out)"

STARTING = (
    "Your submission is being graded. If you still read this in an hour, the grader could not do its work: "
    "that says nothing about your work, and your instructor has to mend it."
)
NOT_GRADED = "NOT GRADED: the total is not a grade"
WITHHELD = (
    "The submission is not graded to the end, and Gradescope has no other way to say so than a total of what was "
    "judged, or of 0. This entry is hidden, so that the student sees no total. What happened is in the output of the "
    "autograder; run it again, or export the submissions and grade them at home."
)


def write(place: Path, document: Node) -> None:
    """Replace the file at `place` in one step; a reader finds the old document or the new one."""
    unfinished = place.with_name(f".{place.name}.{os.getpid()}")
    unfinished.write_text(text(document), encoding="ascii")
    unfinished.replace(place)


def text(document: Node) -> str:
    """Return a document as it is sent; raise ValueError if a number in it is not finite."""
    return json.dumps(document, indent=1, allow_nan=False)


def withheld(words: str, tests: Sequence[Node] = (), *, words_format: str = "text") -> Node:
    """Return a result that is no grade: a sentence for the student, what was judged all the same, and no total."""
    hidden = {
        **{"name": NOT_GRADED, "output": WITHHELD, "visibility": "hidden"},
        **{"score": 0, "max_score": 0, "status": "failed"},
    }
    return {
        "output": cut(words),
        "output_format": words_format,
        "stdout_visibility": "hidden",
        "tests": [hidden, *tests],
        "extra_data": {OURS: {NO_GRADE: True}},
    }


def with_extra(document: Node, extra_data: Node) -> Node:
    """Return a result that carries this besides what it carries already."""
    both = {**document.get("extra_data", {}).get(OURS, {}), **extra_data[OURS]}
    return {**document, "extra_data": {OURS: both}}


def cut(words: str) -> str:
    """Return a text of at most as many characters as Gradescope keeps."""
    return words if len(words) <= MOST else words[: MOST - len(_CUT)] + _CUT
