"""One submission, from the files that were handed in to its grade. Read this first.

    files -> documents -> (sandbox) -> run record -> (conversation) -> findings -> grade

Theory of operation. Running a submission is dear and its code is hostile; judging it is cheap and pure. So everything
that running produced, the conversation included, is kept as a run record, and a grade is made from the record whenever
it still holds: the files and all that decides how they run are unchanged, and the checks ask nothing new. Otherwise the
submission runs in the sandbox, once, and the record is written when it is whole. An error of ours is never a student's:
it makes every claim a `fault`, is not kept, and the next run tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader import defect, digest, notebook, score
from grader.assignment import Claim
from grader.bench import Bench, Interrupted
from grader.check import check
from grader.conversation import Connection, Live, Recorded
from grader.errors import GraderFault, NotRecorded, Unusable, UsageError
from grader.expect.verdicts import fault, missing, pending
from grader.intake import Unreadable
from grader.notebook import Document
from grader.records import FileRun, Finding, Grade, RunRecord, Submission, Verdict

if TYPE_CHECKING:
    from grader.execute import Finished


def grade_submission(submission: Submission, bench: Bench) -> Grade:
    """Return the grade of one submission; raise Interrupted, or UsageError if nothing can run here at all."""
    try:
        return _graded(submission, bench)
    except (Interrupted, UsageError):
        raise
    except GraderFault as error:
        return _faulty(submission, bench, str(error))
    # One of the two walls of blame: whatever else is raised here is a defect of ours and must not stop the others.
    except Exception as error:  # noqa: BLE001
        return _faulty(submission, bench, defect.note(error, bench.results.folder))


def _graded(submission: Submission, bench: Bench) -> Grade:
    if submission.fault:
        raise GraderFault(submission.fault)
    if submission.unreadable:
        return _unreadable(submission, None, submission.unreadable, bench)
    key = run_key(submission, bench)
    record = None if bench.fresh else _kept(submission.student, key, bench)
    return (_from_record(submission, record, bench) if record else None) or _from_run(submission, key, bench)


def run_key(submission: Submission, bench: Bench) -> str:
    """Return the digest under which a record of this run counts."""
    return digest.digest(submission, bench.assignment.limits, bench.seed, bench.python, bench.assignment.surroundings)


def _kept(student: str, key: str, bench: Bench) -> RunRecord | None:
    """Return the student's record if it is whole and of these very files."""
    loaded = bench.results.load(student)
    if loaded.complaint:
        bench.say(loaded.complaint)
    return loaded.record if loaded.record and loaded.record.digest == key else None


def _from_record(submission: Submission, record: RunRecord, bench: Bench) -> Grade | None:
    """Return the grade that the record gives, or None if the checks ask what it does not answer."""
    if reason := _why_nothing_ran(record.files):
        return _unreadable(submission, record, reason, bench)
    try:
        sitting = Recorded(record.files, record.conversations)
        findings = check(bench.assignment, bench.homework.expectations, sitting, beside=_beside(submission))
    except NotRecorded:
        return None
    return _grade(submission, record, findings, bench, replayed=True)


def _from_run(submission: Submission, key: str, bench: Bench) -> Grade:
    """Run the submission, keep its record, and return its grade."""
    documents, unread = _read(submission)
    if not documents:
        record = RunRecord(submission.student, key, unread, sandbox="")
        _keep(record, bench)
        return _unreadable(submission, record, _why_nothing_ran(unread), bench)
    runner = bench.runner()
    limits, seed = bench.assignment.limits, digest.own_seed(bench.seed, submission)
    with runner.run(submission, documents, limits, seed=seed, progress=bench.progress) as finished:
        ran = [replace(run, remarks=document.remarks) for run, document in zip(finished.files, documents, strict=True)]
        files = (*ran, *unread)
        live = Live(files, _connect(finished, files), limits.question)
        expectations, beside = bench.homework.expectations, _beside(submission)
        findings = check(bench.assignment, expectations, live, bench.judged, beside=beside)
    record = RunRecord(
        student=submission.student,
        digest=key,
        files=files,
        sandbox=runner.mode,
        layers=runner.layers,
        conversations=live.recorded,
        versions=bench.versions(),
    )
    _keep(record, bench)
    return _grade(submission, record, findings, bench, replayed=False)


def _beside(submission: Submission) -> tuple[str, ...]:
    """Return the names of the files beside code and text."""
    return tuple(file.name for file in submission.beside)


def _keep(record: RunRecord, bench: Bench) -> None:
    """Write the record, unless everything is being ended: then what it holds may only look like the student's doing."""
    if bench.stopping():
        raise Interrupted("Stopped.")
    bench.results.save(record)


def _read(submission: Submission) -> tuple[list[Document], tuple[FileRun, ...]]:
    """Return the documents that can be run, and a record of each file that cannot."""
    documents: list[Document] = []
    unread: list[FileRun] = []
    for file in submission.files:
        try:
            documents.append(notebook.read(file.path, file.name))
        except Unreadable as error:
            unread.append(FileRun(file.name, (), "unreadable", error.sentence))
    return documents, tuple(unread)


def _connect(finished: Finished, files: Sequence[FileRun]) -> Callable[[int], Connection]:
    """Return what forks a file's finished kernel; a file that was never run has none."""

    def connect(file: int) -> Connection:
        if file >= len(finished.files):
            raise Unusable(files[file].reason)
        return finished.connect(file)

    return connect


def _why_nothing_ran(files: Iterable[FileRun]) -> str:
    """Return why no file could be read, or '' if one could."""
    reasons = [file.reason if file.status == "unreadable" else "" for file in files]
    return " ".join(reasons) if all(reasons) else ""


def _grade(
    submission: Submission, record: RunRecord, findings: Sequence[Finding], bench: Bench, *, replayed: bool
) -> Grade:
    remarks = tuple(remark for file in record.files for remark in file.remarks)
    submission = replace(submission, remarks=(*submission.remarks, *remarks))
    documents = [notebook.as_run(file) for file in record.files]
    answers = notebook.written_answers(documents, bench.assignment.problems)
    return score.grade(bench.assignment, submission, record, findings, answers, bench.marks, replayed=replayed)


def _unreadable(submission: Submission, record: RunRecord | None, reason: str, bench: Bench) -> Grade:
    """Return the grade of a submission of which nothing could be run: no check is met, a person looks at the items."""
    hint = "Hand in the notebook or script itself, and open it once more before you do."

    def verdict(claim: Claim) -> Verdict:
        return missing(reason, hint) if claim.by == "check" else pending(reason)

    findings = _everywhere(verdict, bench)
    submission = replace(submission, unreadable=reason)
    return score.grade(bench.assignment, submission, record, findings, {}, bench.marks)


def _faulty(submission: Submission, bench: Bench, reason: str) -> Grade:
    """Return a grade that says nothing about the student, since the grader failed."""
    record = RunRecord(submission.student, "", (), sandbox="", fault=reason)
    findings = _everywhere(lambda _: fault("The grader failed on this submission.", staff=reason), bench)
    return score.grade(bench.assignment, submission, record, findings, {}, bench.marks)


def _everywhere(verdict: Callable[[Claim], Verdict], bench: Bench) -> list[Finding]:
    return [score.finding(problem, claim, verdict(claim)) for problem, claim in bench.assignment.claims]
