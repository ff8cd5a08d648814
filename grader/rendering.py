"""A student's page, written only if something on it changed: in a regrade most pages stay as they are.

Beside the page lies the digest of all that it was made from: findings, marks, answers, the record, the rubric's words
and our own templates.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from grader import digest
from grader.assignment import Assignment
from grader.chance import Normal
from grader.packing import pack
from grader.records import Grade
from grader.report import write_student
from grader.store import Results


def student_page(grade: Grade, assignment: Assignment, results: Results, law: Normal | None = None) -> None:
    """Write the student's page unless the one that is there says the same; `law` of first weights is drawn."""
    folder = results.student(grade.submission.student)
    made_from = _digest(grade, assignment, folder / "run.zip", law)
    note = folder / ".report"
    if (folder / "report.html").is_file() and note.is_file() and note.read_text() == made_from:
        return
    note.unlink(missing_ok=True)
    write_student(grade, assignment, folder, law)
    note.write_text(made_from)


def _digest(grade: Grade, assignment: Assignment, record: Path, law: Normal | None) -> str:
    """Return the digest of what a page is made from."""
    submission = replace(grade.submission, files=(), beside=())
    names = tuple(file.name for file in (*grade.submission.files, *grade.submission.beside))
    node, _ = pack({"findings": grade.findings, "marks": grade.marks, "answers": grade.answers, "who": submission})
    status = record.stat() if record.is_file() else None
    kept = [status.st_mtime_ns, status.st_size] if status else []
    fault = grade.record.fault if grade.record else None
    words = assignment.rubric.read_text(encoding="utf-8-sig")
    said = [node, names, kept, fault, words, repr(law), digest.code("report")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
