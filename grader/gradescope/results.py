"""A grade as Gradescope's `results.json`: one entry for each claim, and above them how the run went.

What a person decides, and what failed through our own fault, carries no score. `Verdict.staff` is never read here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from grader.assignment import Ranking
from grader.gradescope.markdown import literal
from grader.gradescope.publish import Node, cut, withheld
from grader.records import CellRun, FileRun, Finding, Grade, Outcome
from grader.report.outcomes import word
from grader.report.repeats import said_once
from grader.report.standing import faulty
from grader.report.text import counted, line, number

MOST_TROUBLES = 12
"""Cells that went wrong, of one file, that are named."""
_UNSCORED = (Outcome.PENDING, Outcome.FAULT)
OURS = (
    "**This is not a grade yet.** The grader failed on a part of your submission; what it could not judge carries no "
    "score, and no total is shown. It is not your doing, and handing in again may help. Your instructor is told."
)


def finished(grade: Grade, rankings: Sequence[Ranking] = ()) -> Node:
    """Return the result of a whole run; a fault of ours in it withholds the total."""
    tests = [entry(finding) for finding in said_once(grade.findings)]
    summary = "\n\n".join(_summary(grade))
    if faulty(grade) or not any("score" in test for test in tests):
        return withheld(summary, tests, words_format="md")
    shown: Node = {"output": cut(summary), "output_format": "md", "stdout_visibility": "hidden", "tests": tests}
    if grade.taken_off:
        shown["score"] = round(grade.earned, 6)
    columns = [column for ranking in rankings if (column := _column(ranking, grade.findings))]
    return {**shown, "leaderboard": columns} if columns else shown


def _column(ranking: Ranking, findings: Sequence[Finding]) -> Node | None:
    """Return one column of the leaderboard, if anything was measured."""
    measured = next((finding.verdict.measured for finding in findings if finding.key == ranking.claim), None)
    if measured is None or not math.isfinite(measured):
        return None
    return {"name": ranking.name, "value": round(measured, 4), "order": ranking.order}


def unfinished(words: str, findings: Sequence[Finding]) -> Node:
    """Return what is known before the end: the claims judged so far, and no total."""
    return withheld(words, [entry(finding) for finding in said_once(findings)])


def entry(finding: Finding) -> Node:
    """Return one claim's entry."""
    verdict = finding.verdict
    shown: Node = {
        "name": f"{finding.key}) {line(finding.claim, 500)}",
        "output": cut("\n\n".join(_words(finding))),
        "output_format": "md",
        "visibility": finding.visibility,
    }
    if verdict.outcome in _UNSCORED:
        return shown
    shown |= {"score": finding.earned, "max_score": finding.points}
    if verdict.outcome is not Outcome.PARTIAL:
        shown["status"] = "passed" if verdict.outcome is Outcome.PASSED else "failed"
    return shown


def _words(finding: Finding) -> Iterator[str]:
    """Yield the paragraphs under one claim."""
    verdict = finding.verdict
    if finding.by == "item" and verdict.outcome is Outcome.PENDING:
        yield f"**A person will mark this**, for up to {counted(finding.points, 'point')}."
        return
    waits = verdict.outcome is Outcome.PENDING
    worth = f", for up to {counted(finding.points, 'point')}" if waits and finding.points else ""
    yield f"**{word(finding)}{worth}.** {literal(verdict.found)}"
    if verdict.hint:
        yield f"*Try:* {literal(verdict.hint)}"
    yield from (f"*Remark:* {literal(remark)}" for remark in verdict.remarks)


def _summary(grade: Grade) -> Iterator[str]:
    """Yield the paragraphs above the claims."""
    if faulty(grade):
        yield OURS
    yield _standing(grade.findings)
    if grade.late:
        yield literal(grade.late.sentence)
    if grade.submission.unreadable:
        yield f"**Nothing could be run.** {literal(grade.submission.unreadable)}"
    remarks = [literal(remark) for remark in grade.submission.remarks]
    files = grade.record.files if grade.record and not grade.submission.unreadable else ()
    troubles = [words for file in files for words in _troubles(file)]
    if remarks or troubles:
        yield "\n".join(f"- {words}" for words in (*remarks, *troubles))


def _standing(findings: Sequence[Finding]) -> str:
    """Return how many points the machine gave, of how many, and what is left to a person; hidden claims aside."""
    shown = [finding for finding in findings if finding.visibility == "visible"]
    judged = [finding for finding in shown if finding.verdict.outcome not in _UNSCORED]
    waiting = sum(finding.points for finding in shown if finding.verdict.outcome is Outcome.PENDING)
    earned, points = sum(finding.earned for finding in judged), sum(finding.points for finding in judged)
    score = f"{number(earned)} of {counted(points, 'point')}" if judged else "No point is decided"
    words = f"**{score}** by the automatic checks shown below."
    return words + (f" A person decides on {counted(waiting, 'more point', 'more points')}." if waiting else "")


def _troubles(file: FileRun) -> Iterator[str]:
    """Yield a sentence for each thing that went wrong while a file ran."""
    name = literal(line(file.name, 100))
    if file.reason and not any(cell.stopped for cell in file.cells):
        yield f"{name}: {literal(line(file.reason, 500))}"
    found = [words for cell in file.cells if (words := _trouble(cell))]
    yield from (f"{name}, {literal(words)}" for words in found[:MOST_TROUBLES])
    if len(found) > MOST_TROUBLES:
        yield f"{name}: {counted(len(found) - MOST_TROUBLES, 'more cell')} went wrong."


def _trouble(cell: CellRun) -> str:
    if cell.stopped:
        return f"cell {cell.number}: {line(cell.stopped, 500)}"
    if cell.error:
        return f"cell {cell.number}: {line(cell.error.kind, 60)}: {line(cell.error.message, 300)}"
    return ""
