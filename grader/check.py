"""The wall between a student's failure and ours: every claim gets a finding, whatever happens.

A check's expectation is judged in a conversation of its own. What the submission did wrong (`StudentFailure`) becomes a
finding that says so. What was missing because this machine lacks a module, a data set or a device is left to a person.
Anything else that is raised while judging is our fault, and says so: it is never a student's zero.
"""

from __future__ import annotations

import ast
import hashlib
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import numpy as np

from grader.assignment import Assignment, Claim, Problem
from grader.errors import Absent, NotAsked, NotRecorded, Raised, StudentFailure, TooSlow, Unusable
from grader.expect.expectation import Ask, Expectation
from grader.expect.mistakes import worded
from grader.expect.verdicts import blocked, failed, fault, missing, pending
from grader.notebook import as_run, written_answers
from grader.records import CellRun, FileRun, Finding, Outcome, Verdict
from grader.student import Student
from grader.syntax import top_level

MACHINE = re.compile(r"not compiled with CUDA|NVIDIA driver|No CUDA GPUs")
"""What is raised where code insists on a device that is not here."""
MAGIC_LINE = re.compile(r"^[ \t]*%.*", re.MULTILINE)
"""A line of IPython's, which may bind a name ('%time x = f()') and is no Python; one for the shell binds none."""


class Sitting(Protocol):
    """All conversations with one submission, live or recorded."""

    @property
    def files(self) -> tuple[FileRun, ...]:
        """What running each file produced."""

    def conversation(self, key: str) -> AbstractContextManager[Student]:
        """Return one claim's conversation."""


def check(
    assignment: Assignment,
    expectations: Mapping[str, Expectation],
    sitting: Sitting,
    judged: Callable[[Finding], None] = lambda _: None,
    *,
    beside: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Return a finding for every claim, in the order of the rubric. Raises `NotRecorded` if a recording has gaps.

    `judged` is told of each finding as it is made. `beside` names the files that were handed in beside code and text.
    """
    findings: dict[str, Finding] = {}
    answers = written_answers([as_run(file) for file in sitting.files], assignment.problems)
    for problem, claim in assignment.claims:
        ask = Ask(seed(assignment, claim), claim.part, claim.credit, claim.reveal, problem=problem.id)
        ask = replace(ask, answers=answers, beside=tuple(beside))
        verdict = _verdict(claim, expectations, sitting, findings, ask)
        findings[claim.key] = _finding(problem, claim, verdict)
        judged(findings[claim.key])
    return tuple(findings.values())


def seed(assignment: Assignment, claim: Claim) -> tuple[int, ...]:
    """Return what the inputs of a claim are drawn from: the same for everybody, unknown to students."""
    text = "\0".join((assignment.secret, assignment.id, claim.key))
    return tuple(int(word) for word in np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype="<u4"))


def _finding(problem: Problem, claim: Claim, verdict: Verdict) -> Finding:
    return Finding(problem.id, claim.sentence, claim.key, claim.by, claim.points, verdict, claim.visibility)


def _verdict(
    claim: Claim,
    expectations: Mapping[str, Expectation],
    sitting: Sitting,
    earlier: Mapping[str, Finding],
    ask: Ask,
) -> Verdict:
    if claim.by == "item":
        return pending("A person decides this.")
    waiting = _blocked([earlier[key] for key in claim.needs])
    if waiting:
        return waiting
    others = frozenset(expectations) - {claim.expects}
    return judged(claim, expectations[claim.expects], sitting, replace(ask, others=others))


def _blocked(needed: Sequence[Finding]) -> Verdict | None:
    """Return why a claim cannot be judged yet, if something it needs is not there."""
    for finding in needed:
        if finding.verdict.outcome is Outcome.PENDING:
            return pending(f"It rests on {finding.key}, which a person has to look at first.")
        if finding.verdict.outcome not in (Outcome.PASSED, Outcome.PARTIAL):
            return blocked(f"It rests on {finding.key}: “{finding.claim}”.", "Get that one right first.")
    return None


def judged(claim: Claim, expectation: Expectation, sitting: Sitting, ask: Ask) -> Verdict:
    """Return what an expectation says of a submission; a failure of the student's is a verdict, one of ours a fault."""
    try:
        with sitting.conversation(claim.key) as student:
            return worded(expectation.judge(student, ask), expectation, student, ask)
    except NotRecorded:
        raise
    except NotAsked as refusal:
        return pending(f"This could not be asked. {refusal} A person has to look.")
    except StudentFailure as failure:
        return _failure(failure, expectation, sitting.files)
    except Exception:  # noqa: BLE001 - one of the two walls: whatever else is raised here is ours
        return fault(
            "The grader failed here; this says nothing about the answer.", staff=traceback.format_exc()[-4000:]
        )


def _failure(failure: StudentFailure, expectation: Expectation, files: Sequence[FileRun]) -> Verdict:
    """Return the verdict on what the submission did instead of answering."""
    left_out = next((file for file in files if file.left_out), None)
    if left_out is not None and isinstance(failure, (Absent, Unusable)):
        return pending(f"{left_out.name}: {left_out.reason} A person has to look.")
    if isinstance(failure, Absent):
        return _absent(failure, expectation, files)
    if isinstance(failure, TooSlow):
        return failed(str(failure) or "There was no answer in time.", "Does it wait for input, or loop for ever?")
    if isinstance(failure, Raised):
        lacking = _lacking(failure, files)
        if lacking:
            return pending(f"Your code could not be asked: {lacking}. A person has to look.")
        line = f" (line {failure.line})" if failure.line else ""
        return failed(f"Your code raised {failure.kind[:60]}: {failure.message[:300]}{line}.")
    return failed(str(failure), failure.hint if isinstance(failure, Unusable) else "")


def _lacking(raised: Raised, files: Sequence[FileRun]) -> str:
    """Return what of this machine's an exception in a student's function is owed to, or ''."""
    told = f"{raised.kind[:60]}: {raised.message[:200]}"
    own = {file.name.rpartition("/")[2].partition(".")[0] for file in files}
    module = re.search(r"No module named '(\w+)", raised.message)
    if (raised.kind == "ModuleNotFoundError" and module and module[1] not in own) or MACHINE.search(raised.message):
        return f"it needs what is not available here ({told})"
    name = re.search(r"name '(\w+)' is not defined", raised.message)
    return _not_bound(name[1], files) if raised.kind == "NameError" and name else ""


def _not_bound(name: str, files: Sequence[FileRun]) -> str:
    """Return which cell was to bind this name and could not, for want of something this machine does not have."""
    for file in files:
        for cell in file.cells:
            if cell.error and cell.error.blame == "environment" and _defines(cell, (name,)):
                return f"cell {cell.number} of {file.name} needs what is not available here ({_told(cell)})"
    return ""


def _absent(failure: Absent, expectation: Expectation, files: Sequence[FileRun]) -> Verdict:
    own = getattr(expectation, "names", None)
    names = failure.names or (() if own is None else (expectation.name, *own))
    where = _stopped_by_environment(files, names)
    if where:
        return pending(f"Looked for {failure.looked_for}; it is not there because {where}. A person has to look.")
    near = f" Near it: {', '.join(failure.seen)}." if failure.seen else ""
    return missing(
        f"Looked for {failure.looked_for}; found none.{near}{_stopped_by_student(files, names)}",
        "Define it at the top level of your notebook or script, under the name that the sheet gives.",
    )


def _stopped_by_environment(files: Sequence[FileRun], names: Sequence[str]) -> str:
    """Return why a definition failed for want of something this machine does not have, or ''."""
    for file in files:
        cause: CellRun | None = None
        for cell in file.cells:
            if cell.error is None:
                continue
            lacking = cell.error.blame == "environment"
            cause = cell if lacking else cause
            follows = cause is not None and cell.error.kind == "NameError"
            if cause is not None and cause.error and (lacking or follows) and _defines(cell, names):
                return f"cell {cause.number} of {file.name} needs what is not available here ({_told(cause)})"
    return ""


def _stopped_by_student(files: Sequence[FileRun], names: Sequence[str]) -> str:
    """Return a sentence on a cell that would have defined what is missing, had it not failed."""
    for file in files:
        for cell in file.cells:
            if names and cell.error and _defines(cell, names):
                return f" Cell {cell.number} of {file.name}, which mentions it, stopped with {_told(cell)}."
    return ""


def _told(cell: CellRun) -> str:
    return f"{cell.error.kind[:60]}: {cell.error.message[:200]}" if cell.error else ""


def _defines(cell: CellRun, names: Sequence[str]) -> bool:
    """Return whether a cell would define one of these names, or might; without names, whether it is code at all."""
    wanted = [name for name in names if name]
    if not wanted:
        return cell.kind == "code"
    statements = top_level(f"pass\n{cell.source}")  # not its first line: what stands under a cell magic counts too
    if not set(wanted).isdisjoint(_bound(statements)):
        return True
    unread = "\n".join(MAGIC_LINE.findall(cell.source)) if statements else cell.source
    return _may_bind(unread, wanted)


def _bound(statements: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names that statements would bind, at any depth; arguments and what a comprehension counts with not."""
    left = list(statements)
    while left:
        node = left.pop()
        left += [node.iter, *node.ifs] if isinstance(node, ast.comprehension) else ast.iter_child_nodes(node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.MatchAs, ast.MatchStar)):
            yield node.name or ""
        elif isinstance(node, ast.MatchMapping):
            yield node.rest or ""


def _may_bind(text: str, names: Sequence[str]) -> bool:
    """Return whether text that is not Python, or is too long to be parsed, looks as if it bound one of these names.

    It is generous (an argument passes for a definition), and takes time in proportion to the text.
    """
    wanted = f"(?:{'|'.join(map(re.escape, names))})"
    said = rf"\b(?:def|class|for|as)\s+{wanted}\b|^[ \t]*(?:from|import)\b.*\b{wanted}\b"
    assigned = rf"\b{wanted}\s*(?:[:,)\]][^=\n]{{0,200}})?=(?!=)"
    return re.search(f"{said}|{assigned}", text, re.MULTILINE) is not None
