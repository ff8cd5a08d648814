"""The stand-in for Gradescope's harness has the manners that are known of the real one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gradescope import harness

from grader.sandbox import processes

TEST = {"name": "a", "score": 1, "max_score": 2}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An autograder's folder, its program still to be written."""
    (tmp_path / "results").mkdir()
    return tmp_path


def program(home: Path, code: str) -> None:
    (home / "run_autograder").write_text(f"#!{sys.executable}\nimport json, os, subprocess, sys, time\n{code}\n")
    (home / "run_autograder").chmod(0o755)


@pytest.fixture
def once_there(home: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what has the harness's clock start when the program has written a file: starting may take long."""

    def have(name: str) -> None:
        wait = subprocess.Popen.wait

        def patient(child: subprocess.Popen, timeout: float | None = None) -> int:
            while timeout and child.poll() is None and not ((home / name).exists() and (home / name).stat().st_size):
                time.sleep(0.01)
            return wait(child, timeout)

        monkeypatch.setattr(subprocess.Popen, "wait", patient)

    return have


def payload(**changes: object) -> bytes:
    return json.dumps({"tests": [TEST], **changes}).encode()


def test_it_is_started_where_autograders_expect_it(home, monkeypatch):
    monkeypatch.setenv("UPLOAD_TOKEN", "x")
    told = "{'output': f'{os.getcwd()} {sys.argv[1:]} {os.environ[\"TIMEOUT_SECONDS\"]}', 'score': 3}"
    program(home, f"print('hello')\njson.dump({told}, open('results/results.json', 'w'))")
    stored = harness.graded(home, 60)
    assert stored["results"] == {"output": f"{home} [] 60", "score": 3, "tests": []}
    assert (stored["autograder_error"], stored["stdout"]) == (False, "hello\n")


def test_at_the_time_out_the_child_dies_and_nothing_else(home, once_there):
    program(home, "p = subprocess.Popen(['sleep', '300']); open('grandchild', 'w').write(str(p.pid)); time.sleep(300)")
    once_there("grandchild")
    started = time.monotonic()
    stored = harness.graded(home, 1)
    assert time.monotonic() - started < 200
    assert (harness.total(stored["results"]), stored["autograder_error"]) == (0, True)
    grandchild = int((home / "grandchild").read_text())
    watched = os.pidfd_open(grandchild)
    assert not processes.ended(watched, 0.5)
    os.kill(grandchild, 9)
    os.close(watched)


def test_the_memory_of_the_autograder_is_measured(tmp_path, monkeypatch):
    module = tmp_path / "grader.gradescope.big"
    assert harness.AUTOGRADERS in bytes(module)
    monkeypatch.setattr(harness, "AUTOGRADERS", bytes(module))  # and not those that other tests start meanwhile
    module.write_text("import sys; kept = b'x' * 2**26; print('there', flush=True); sys.stdin.read()")
    with harness.Memory() as memory:
        big = subprocess.Popen([sys.executable, module], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert big.stdout.readline()
        deadline = time.monotonic() + 200
        while memory.most < 2**26 and time.monotonic() < deadline:
            time.sleep(0.05)
        big.communicate()
    assert 2**26 <= memory.most < 2**27


def test_a_late_result_does_not_count(home, once_there):
    program(home, "json.dump({'score': 3}, open('results/results.json', 'w')); time.sleep(300)")
    once_there("results/results.json")
    assert harness.total(harness.graded(home, 1)["results"]) == 0


@pytest.mark.parametrize("code", ["pass", "open('results/results.json', 'w').write('[1]')"])
def test_no_result_or_a_bad_one_is_a_zero_with_an_error(home, code):
    program(home, code)
    stored = harness.graded(home, 60)
    assert (harness.total(stored["results"]), stored["autograder_error"]) == (0, True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"3",
        b"{}",
        b'{"tests": []}',
        b'{"tests": [{"name": "a"}]}',
        b'{"score": NaN}',
        b'{"score": Infinity}',
        payload(score=None),
        payload(score=True),
        payload(score="3"),
        payload(output=3),
        payload(output=None),
        payload(visibility="secret"),
        payload(output_format="markdown"),
        payload(tests=3),
        payload(tests=[3]),
        payload(tests=[{**TEST, "output": ["a"]}]),
        payload(tests=[{**TEST, "status": None}]),
        payload(tests=[{**TEST, "status": "ok"}]),
        payload(tests=[{**TEST, "score": float("nan")}]),
    ],
)
def test_a_bad_payload_is_refused(data):
    with pytest.raises(harness.Refused):
        harness.accepted(data)


def test_a_long_output_loses_its_middle():
    results = harness.accepted(payload(output="a" * 60_000 + "b" * 60_000, tests=[{**TEST, "output": "x\0y"}]))
    assert len(results["output"]) == 2 * ((100_000 - 19) // 2) + 19
    assert results["output"].startswith("a") and results["output"].endswith("b")
    assert harness.CUT in results["output"]
    assert results["tests"][0]["output"] == "x\ufffdy"


def test_one_hidden_test_hides_the_total():
    hidden = {**TEST, "visibility": "hidden"}
    assert harness.seen_by_student(harness.accepted(payload()))["total"] == 1
    seen = harness.seen_by_student(harness.accepted(payload(tests=[TEST, hidden])))
    assert (seen["total"], seen["tests"]) == (None, [TEST])
    assert harness.seen_by_student(harness.accepted(payload(visibility="after_due_date")))["tests"] == []
    assert harness.total(harness.accepted(payload(score=7.5, tests=[TEST, hidden]))) == 7.5


def test_it_runs_on_a_bare_python():
    command = [sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({harness.__file__!r})"]
    assert subprocess.run(command, timeout=60).returncode == 0
