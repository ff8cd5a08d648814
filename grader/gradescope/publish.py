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

MOST = 100_000
"""Characters of one text that Gradescope keeps."""
_CUT = "\n… (the rest is left out)"

STARTING = (
    "Your submission is being graded. If you still read this in an hour, the grader could not do its work: "
    "that says nothing about your work, and your instructor has to mend it."
)
WITHHELD = (
    "This entry is hidden so that Gradescope shows the student no total: the submission is not graded, "
    "and a total would look like a grade. What happened is in the output of the autograder."
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
    hidden = {"name": "No total is shown", "score": 0, "max_score": 0, "output": WITHHELD, "visibility": "hidden"}
    return {
        "output": cut(words),
        "output_format": words_format,
        "stdout_visibility": "hidden",
        "tests": [*tests, hidden],
    }


def cut(words: str) -> str:
    """Return a text of at most as many characters as Gradescope keeps."""
    return words if len(words) <= MOST else words[: MOST - len(_CUT)] + _CUT
