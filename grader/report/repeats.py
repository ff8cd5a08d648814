"""Remarks that several claims of one problem share, said once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from grader.records import Finding


def said_once(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without the remarks that an earlier one of the same problem makes, to the same readers."""
    said: set[tuple[str, str, str]] = set()
    found = []
    for one in findings:
        fresh = [
            remark for remark in dict.fromkeys(one.verdict.remarks)
            if (one.problem, one.visibility, remark) not in said
        ]  # fmt: skip
        said.update((one.problem, one.visibility, remark) for remark in fresh)
        found.append(replace(one, verdict=replace(one.verdict, remarks=tuple(fresh))))
    return found
