"""What `grade selfcheck` says: which mistake was handed in, which claim caught it, and what its student reads.

Each mistake is shown as soon as it was tried, in the order of the reference, under the claims that are to catch it.
Complaints come last, so that they are what is seen, and then one line that says whether the homework is sound.
"""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from grader.assignment import Assignment
from grader.authoring.mistakes import Attempt, Tried, is_named
from grader.authoring.selfcheck import Checked
from grader.records import Finding
from grader.report.text import counted, duration, line, listed, number

DEAR, SHOWN = 1.0, 3
"""CPU seconds from which on a hand-in is called dear, and how many of those are named."""


class Rehearsal:
    """One selfcheck, as it is told at a terminal."""

    def __init__(self, console: Console, assignment: Assignment) -> None:
        """Start with nothing said."""
        self._console = console
        self._assignment = assignment
        self._claims: tuple[str, ...] = ()

    def tell(self, tried: Tried) -> None:
        """Show a mistake that was tried."""
        claims = tuple(finding.key for finding in tried.findings)
        if claims != self._claims:
            self._claims = claims
            self._console.print()
            for finding in tried.findings:
                self._say(Text(f"{finding.key}  {line(finding.claim)}", style="bold"))
        self._say(_outcome(tried), 2)
        if tried.findings:
            self._say(Text(line(tried.findings[0].verdict.found, 1000), style="dim"), 6)

    def end(self, checked: Checked) -> None:
        """Show what disagrees, what no mistake is known of, and whether the homework is sound."""
        self._console.print()
        for complaint in checked.complaints:
            self._console.print(Text(complaint), style="red", soft_wrap=True)
        for claim in checked.unknown:
            self._console.print(Text(f"No mistake is known of {claim.key} ({claim.sentence})."), soft_wrap=True)
        for attempt in checked.idle:
            self._console.print(Text(_idle(attempt)), soft_wrap=True)
        self._console.print(Text(_time(checked)), soft_wrap=True)
        verdict = counted(len(checked.complaints), "complaint") if checked.complaints else "sound"
        checks, mistakes = counted(checked.claims, "check"), counted(len(checked.mistakes), "known mistake")
        samples = f"{counted(checked.samples, 'sample')}, " if checked.samples else ""
        self._console.print(f"{self._assignment.id}: {checks}, {mistakes}, {samples}{verdict}.")

    def _say(self, text: Text, indent: int = 0) -> None:
        self._console.print(Padding(text, (0, 0, 0, indent), expand=False))


def _outcome(tried: Tried) -> Text:
    """Return 'adam: named, 0 of 2 points'."""
    known, several = tried.attempt.known, len(tried.findings) > 1
    bad = [finding.key for finding in tried.findings if not is_named(finding, known)]
    fate = f"NOT named{f' on {listed(bad)}' if several else ''}" if bad else "named"
    earned = [f"{_earned(finding)}{f' on {finding.key}' if several else ''}" for finding in tried.findings]
    return Text(", ".join((f"{known.name}: {fate}", *earned)), style="red" if bad else "")


def _idle(attempt: Attempt) -> str:
    known, about = attempt.known, attempt.expectation.name
    part = f"{about}.{known.part}" if known.part else about
    return f"The mistake {known.name!r} was not tried: no claim expects {part!r}, which it is of."


def _earned(finding: Finding) -> str:
    return f"{number(finding.earned)} of {counted(finding.points, 'point')}"


def _time(checked: Checked) -> str:
    """Return what all hand-ins took, and which took most."""
    dear = sorted((each for each in checked.mistakes if each.cpu >= DEAR), key=lambda each: -each.cpu)[:SHOWN]
    named = listed([f"{each.attempt.known.name} ({duration(each.cpu)})" for each in dear])
    most = f"; of the mistakes most by {named}" if dear else ""
    return f"The hand-ins took {duration(checked.cpu)} of computing{most}."
