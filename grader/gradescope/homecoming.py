"""Run records that come back with Gradescope's export: those submissions are graded here, and nothing is run."""

from __future__ import annotations

from grader.bench import Bench
from grader.grade import run_key
from grader.gradescope import carry
from grader.intake import Batch


def bring_home(batch: Batch, bench: Bench) -> int:
    """Keep each run record that came with a submission, unless one of this very run is here; return how many were."""
    brought = 0
    for submission in batch if not bench.fresh else ():
        extra_data = batch.extra_data.get(submission.student)
        if not extra_data:
            continue
        key = run_key(submission, bench)
        kept = bench.results.load(submission.student).record
        if kept and kept.digest == key:
            continue
        if record := carry.unload(extra_data, submission, key):
            bench.results.save(record)
            brought += 1
    return brought


def without_grade(batch: Batch) -> list[str]:
    """Return the names of those whose total on Gradescope is no grade."""
    return [submission.name for submission in batch if carry.no_grade(batch.extra_data.get(submission.student))]
