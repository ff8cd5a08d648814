"""The table of what waits for a person, to be filled in and given to `grade mark`: a line for a claim of a student."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.report.gradebook import cell
from grader.report.text import number

HEADER = ("student", "key", "points", "author", "reason", "worth", "claim", "name", "report")


@dataclass(frozen=True)
class Blank:
    """A table to be filled in."""

    text: str
    lines: int


def blank(results: Path, decided: Collection[tuple[str, str]] = ()) -> Blank:
    """Return the table, claim by claim, from the `grades.json` of a results folder. Raises OSError or ValueError.

    Args:
        results: the folder.
        decided: student and claim of marks, which may have been made since the grades were.
    """
    document = json.loads((results / "grades.json").read_text(encoding="utf-8"))
    lines = [line for line in _lines(document) if (line[0], line[1]) not in decided]
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(HEADER)
    table.writerows(lines)
    return Blank(written.getvalue(), len(lines))


def _lines(document: dict[str, Any]) -> Iterator[list[str]]:
    for problem in document["assignment"]["problems"]:
        for claim in problem["claims"]:
            for one in document["submissions"]:
                if _waits(one, claim["key"]):
                    yield _line(one, claim, problem["id"])


def _waits(submission: dict[str, Any], key: str) -> bool:
    """Tell whether a person has to decide this claim; what is worth nothing waits for nobody."""
    found = (finding for finding in submission["findings"] if finding["key"] == key)
    return any(finding["outcome"] == "pending" and finding["points"] for finding in found)


def _line(submission: dict[str, Any], claim: dict[str, Any], problem: str) -> list[str]:
    page = f"{quote(submission['student'], safe='')}/report.html#problem-{quote(problem, safe='')}"
    told = (number(claim["points"]), cell(claim["claim"]), cell(submission["name"]), page)
    return [cell(submission["student"]), claim["key"], "", "", "", *told]
