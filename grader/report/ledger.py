"""`grades.json`: everything a grade rests on, for other programs. `docs/grades.schema.json` says what stands in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from grader.assignment import Assignment, Problem
from grader.records import CellRun, FileRun, Finding, Grade, Mark, Outcome, RunRecord, Usage, WrittenAnswer
from grader.report.standing import faulty, lacking, ordered, releasable, state

FORMAT = 1
"""Changes when a reader of an older file would be misled."""

Node = dict[str, Any]
"""A JSON object."""


def grades_json(grades: Sequence[Grade], assignment: Assignment, *, seconds: float, sandbox: str) -> str:
    """Return the document; there is no NaN and no null in it."""
    document = {
        "format": FORMAT,
        "released": releasable(grades),
        "assignment": _assignment(assignment),
        "totals": _totals(grades),
        "run": {"seconds": seconds, "sandbox": sandbox},
        "submissions": [_submission(grade, assignment) for grade in ordered(grades)],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _assignment(assignment: Assignment) -> Node:
    return {
        "id": assignment.id,
        "title": assignment.title,
        "total": assignment.total,
        "problems": [_problem(problem) for problem in assignment.problems],
    }


def _problem(problem: Problem) -> Node:
    claims = [
        {"key": claim.key, "claim": claim.sentence, "points": claim.points, "by": claim.by} for claim in problem.claims
    ]
    return {"id": problem.id, "title": problem.title, "claims": claims}


def _totals(grades: Sequence[Grade]) -> Node:
    return {
        "submissions": len(grades),
        "faults": sum(faulty(grade) for grade in grades),
        "unreadable": sum(bool(grade.submission.unreadable) for grade in grades),
        "lacking": sum(lacking(grade) > 0 for grade in grades),
        "outcomes": {one.value: sum(grade.count(one) for grade in grades) for one in Outcome},
        "cpu": sum(file.usage.cpu for grade in grades if grade.record for file in grade.record.files),
    }


def _submission(grade: Grade, assignment: Assignment) -> Node:
    submission = grade.submission
    return {
        "student": submission.student,
        "name": submission.name,
        "members": list(submission.members),
        "accounts": [asdict(account) for account in submission.accounts],
        "files": [file.name for file in submission.files],
        "beside": [file.name for file in submission.beside],
        "submitted_at": submission.submitted_at,
        "remarks": list(submission.remarks),
        "unreadable": submission.unreadable,
        "status": state(grade),
        "lacking": lacking(grade),
        "earned": _exact(grade.earned),
        "total": grade.total,
        "late": _late(grade),
        "replayed": grade.replayed,
        "problems": {problem.id: _standing(grade, problem) for problem in assignment.problems},
        "run": _record(grade.record) if grade.record else {"status": "not run"},
        "findings": [_finding(finding) for finding in grade.findings],
        "answers": [_answer(answer) for answer in grade.answers.values()],
        "marks": [_mark(mark) for mark in grade.marks],
    }


def _late(grade: Grade) -> Node:
    """Return what being late takes off; `earned` is what is left."""
    late = grade.late
    said = {"days": late.days, "share": late.share, "sentence": late.sentence} if late else {}
    return {"days": 0, "share": 0.0, "sentence": "", **said, "taken_off": _exact(grade.taken_off)}


def _standing(grade: Grade, problem: Problem) -> Node:
    findings = [finding for finding in grade.findings if finding.problem == problem.id]
    return {
        "earned": _exact(sum(finding.earned for finding in findings)),
        "pending": _exact(sum(one.points for one in findings if one.verdict.outcome is Outcome.PENDING)),
        "points": _exact(sum(claim.points for claim in problem.claims)),
    }


def _finding(finding: Finding) -> Node:
    verdict = finding.verdict
    return {
        "problem": finding.problem,
        "key": finding.key,
        "claim": finding.claim,
        "by": finding.by,
        "visibility": finding.visibility,
        "outcome": verdict.outcome.value,
        "earned": _exact(finding.earned),
        "points": finding.points,
        "found": verdict.found,
        "hint": verdict.hint,
        "remarks": list(verdict.remarks),
        "mistake": verdict.mistake,
        "staff": verdict.staff,
    }


def _answer(answer: WrittenAnswer) -> Node:
    return {"problem": answer.problem, "text": answer.text, "how": answer.how, "file": answer.file}


def _mark(mark: Mark) -> Node:
    return {"key": mark.key, "points": mark.points, "author": mark.author, "reason": mark.reason, "at": mark.at}


def _record(record: RunRecord) -> Node:
    statuses = [file.status for file in record.files]
    worst = next((one for one in ("unreadable", "died", "stopped") if one in statuses), "finished")
    return {
        "status": "fault" if record.fault else worst,
        "fault": record.fault,
        "sandbox": record.sandbox,
        "layers": list(record.layers),
        "digest": record.digest,
        "versions": dict(record.versions),
        "files": [_file(file) for file in record.files],
    }


def _file(file: FileRun) -> Node:
    return {
        "name": file.name,
        "status": file.status,
        "reason": file.reason,
        "usage": _usage(file.usage),
        "cells": len(file.cells),
        "trainings": len(file.trainings),
        "figures": len(file.figures),
        "events": list(file.events),
        "shims": list(file.shims),
        "errors": [_error(cell) for cell in file.cells if cell.error or cell.stopped],
    }


def _usage(usage: Usage) -> Node:
    return {"cpu": usage.cpu, "cpu_student": usage.cpu_student, "wall": usage.wall, "memory": usage.memory}


def _error(cell: CellRun) -> Node:
    error = cell.error
    return {
        "cell": cell.number,
        "stopped": cell.stopped,
        "kind": error.kind if error else "",
        "message": error.message if error else "",
        "blame": error.blame if error else "student",
    }


def _exact(value: float) -> float:
    """Return points without the dust of binary fractions."""
    return round(value, 6)
