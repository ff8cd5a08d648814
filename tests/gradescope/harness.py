"""A stand-in for the program with which Gradescope runs an autograder, written from what is known of it.

Inside a container, as root, with the system's Python alone: `harness.py SECONDS` takes what was handed in from
`/harness/in`, puts it where autograders look, starts `run_autograder` without arguments, and leaves in `/harness/out`
what Gradescope would store (`upload.json`). It has the manners of the real one: at the time-out it kills its own child
and nothing below it, and the result is a zero; a long output loses its middle; a result that is not what it should be
is refused whole.
"""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

AUTOGRADERS = b"grader.gradescope."
"""In the command line of every process that is the autograder's own, and of no student's."""
LONGEST = 100_000
CUT = "[...(truncated)...]"
SEEN = {"visible", "after_due_date", "after_published", "hidden"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
FAILED = "The autograder failed to execute correctly. Please ensure that your submission is valid."
LATE = "Your submission timed out. It took longer than {} seconds to run."


class Refused(Exception):
    """A result that Gradescope does not take."""


def main(seconds):
    home, inbox, outbox = Path("/autograder"), Path("/harness/in"), Path("/harness/out")
    prepare(home, inbox)
    with Memory() as memory:
        stored = {**graded(home, seconds), "memory": memory.most}
    (outbox / "upload.json").write_text(json.dumps(stored, allow_nan=False))


class Memory:
    """Looks, as long as it is entered, at how much the autograder's own processes keep in memory; `most` in bytes."""

    def __init__(self):
        self.most, self._over = 0, threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self):
        self._looking.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._looking.join()

    def _look(self):
        while not self._over.wait(0.2):
            self.most = max(self.most, sum(map(resident, Path("/proc").glob("[0-9]*"))))


def resident(process):
    """Return the bytes of a process that are in memory, if it is the autograder's; its share of what others have too.

    Between fork and exec a process looks like its parent, and has the parent's memory: that counts once.
    """
    try:
        if AUTOGRADERS in (process / "cmdline").read_bytes():
            share = re.search(r"^Pss: +(\d+) kB", (process / "smaps_rollup").read_text(), re.MULTILINE)
            return int(share[1]) << 10 if share else 0
    except OSError:
        pass  # it has ended
    return 0


def prepare(home, inbox):
    """Put the submission and its metadata where autograders look."""
    for name in ("submission", "results"):
        shutil.rmtree(home / name, ignore_errors=True)
        (home / name).mkdir(parents=True)
    shutil.copy(home / "source" / "run_autograder", home / "run_autograder")
    (home / "run_autograder").chmod(0o755)
    shutil.copytree(inbox / "submission", home / "submission", symlinks=True, dirs_exist_ok=True)
    shutil.copy(inbox / "submission_metadata.json", home / "submission_metadata.json")


def graded(home, seconds):
    """Run the autograder and return what Gradescope stores of it."""
    with (home / "stdout").open("wb") as log:
        # A session of its own, as a shell would give it, so that killing the child is killing the child only.
        child = subprocess.Popen(
            [str(home / "run_autograder")],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TIMEOUT_SECONDS": str(seconds)},
            start_new_session=True,
        )
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            return stored({"score": 0.0, "output": LATE.format(seconds)}, home, error=True)
    try:
        return stored(accepted((home / "results" / "results.json").read_bytes()), home, error=False)
    except OSError:
        return stored({"score": 0.0, "output": FAILED}, home, error=True, why="there is no results.json")
    except Refused as reason:
        return stored({"score": 0.0, "output": FAILED}, home, error=True, why=str(reason))


def stored(results, home, *, error, why=""):
    said = (home / "stdout").read_bytes().decode("utf-8", "replace")
    return {"results": results, "autograder_error": error, "why": why, "stdout": shortened(said)}


def accepted(data):
    """Return a result as it is stored; raise Refused if it is not taken."""
    try:
        results = json.loads(data.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused(f"results.json is not JSON ({error})") from None
    if not isinstance(results, dict):
        raise Refused("results.json is not an object")
    _check(results, "the result")
    tests = results.get("tests", [])
    if not isinstance(tests, list) or not all(isinstance(test, dict) for test in tests):
        raise Refused("tests is not a list of objects")
    for place, test in enumerate(tests):
        _check(test, f"test {place}")
    if "score" not in results and not any("score" in test for test in tests):
        raise Refused("there is no score, neither of the whole nor of a test")
    return {**_shortened(results), "tests": [_shortened(test) for test in tests]}


def _no_number(name):
    raise ValueError(f"{name} is not a number")


def _check(node, where):
    """Refuse what Gradescope cannot store: nulls, wrong types, unknown words."""
    for key, value in node.items():
        if value is None:
            raise Refused(f"{key} of {where} is null")
        if key in ("score", "max_score", "execution_time") and not _is_number(value):
            raise Refused(f"{key} of {where} is not a number")
        if key in ("output", "name", "number") and not isinstance(value, str):
            raise Refused(f"{key} of {where} is not text")
        if key.endswith("visibility") and value not in SEEN:
            raise Refused(f"{key} of {where} is {value!r}")
        if key.endswith("_format") and value not in FORMATS:
            raise Refused(f"{key} of {where} is {value!r}")
        if key == "status" and value not in ("passed", "failed"):
            raise Refused(f"status of {where} is {value!r}")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shortened(node):
    return {**node, "output": shortened(node["output"])} if "output" in node else dict(node)


def shortened(text):
    """Return a text without NUL, and without its middle where it is too long."""
    clean = text.replace("\0", "\ufffd")
    if len(clean) <= LONGEST:
        return clean
    half = (LONGEST - len(CUT)) // 2
    return clean[:half] + CUT + clean[-half:]


def total(results):
    """Return the total that staff see."""
    if "score" in results:
        return float(results["score"])
    return float(sum(test.get("score", 0) for test in results.get("tests", [])))


def seen_by_student(results):
    """Return what a student sees before the due date: the tests that are visible, and the total if all of them are."""
    usual = results.get("visibility", "visible")
    tests = results.get("tests", [])
    visible = [test for test in tests if test.get("visibility", usual) == "visible"]
    return {
        "output": results.get("output", "") if usual == "visible" else "",
        "tests": visible,
        "total": total(results) if usual == "visible" and len(visible) == len(tests) else None,
    }


if __name__ == "__main__":
    main(float(sys.argv[1]) if "." in sys.argv[1] else int(sys.argv[1]))
