"""Several submissions at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace

from grader.bench import Bench, Deferred, Interrupted
from grader.grade import grade_submission
from grader.records import Grade, Submission


def grade_all(
    submissions: Sequence[Submission],
    bench: Bench,
    sandbox: Deferred,
    *,
    jobs: int,
    graded: Callable[[Grade], None] = lambda _: None,
) -> tuple[Grade, ...]:
    """Return the grades of `submissions`, in their order, `jobs` of them made at once.

    Args:
        submissions: what was handed in.
        bench: what to grade with.
        sandbox: what `bench` runs code in; closed at the end, whatever happens.
        jobs: how many submissions at once, at least 1.
        graded: told of each grade as it is made, in this thread.

    Raises:
        Interrupted: Ctrl-C; whatever was finished is kept.
    """
    stop = threading.Event()
    bench = replace(bench, stopping=stop.is_set)
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="grade")
    futures: list[Future[Grade]] = []
    try:
        for submission in submissions:  # one by one, so that whoever interrupts this is told of those that are done
            futures.append(pool.submit(grade_submission, submission, bench))
        for future in as_completed(futures):
            graded(future.result())
        return tuple(future.result() for future in futures)
    except KeyboardInterrupt:
        kept = sum(future.done() and not future.cancelled() for future in futures)
        done = f"{kept} of {len(submissions)} submissions are graded and kept"
        raise Interrupted(f"Stopped; {done}; the same command goes on from there.") from None
    finally:
        stop.set()  # before anything is killed, so that no record is written of what the killing did
        pool.shutdown(wait=False, cancel_futures=True)
        sandbox.close()
        pool.shutdown(wait=True)
