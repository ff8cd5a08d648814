"""Made-up records for tests of what keeps, adds up and passes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from grader.assignment import Assignment, Claim, Limits, Problem
from grader.observed import Axes, Curve, Exchange, Figure, Pass, Training
from grader.records import CellError, CellRun, FileRun, Output, RunRecord, Usage


def training() -> Training:
    numbers = np.array([[1.5, np.nan], [np.inf, -0.0]])
    step = Pass(0, numbers, None, numbers.T, float("nan"), clean=True, rate=None)
    return Training(
        key="t0",
        model="m0",
        kind="Net",
        names=("w", "b"),
        initial=(numbers, np.zeros((0, 3))),
        final=(numbers, np.array(2.5)),
        rule="SGD",
        settings=((0, {"lr": 0.1, "momentum": float("inf")}), (7, {})),
        steps=8,
        batch_sizes=np.array([128, 0], np.int64),
        losses=np.array([2.0, np.nan]),
        loss_steps=np.array([0, 7], np.int64),
        passes=(step,),
        row_ids=(np.array([1, 0], np.int64),),
        rows=numbers,
        fingerprints=np.array([2**64 - 1], np.uint64),
    )


def run_record(student: str = "ada", digest: str = "d") -> RunRecord:
    """Return a record in which every field of every class is used."""
    error = CellError("ValueError", "lone \ud800 surrogate and \x00", "line 1", "environment")
    outputs = (Output("text", "ä\n"), Output("png", "aGk="))
    cell = CellRun(3, "code", "x = 1", outputs, error, "stopped after 1 s", 0.25, ("q1",))
    axes = Axes((Curve("line", np.arange(3.0), np.arange(3.0), "f"),), "t", x_log=True, legend=("f",))
    file = FileRun(
        "hw.ipynb",
        (cell,),
        "stopped",
        "because",
        Usage(1.0, 0.5, 2.0, 1 << 30),
        ("cut",),
        ("cuda",),
        (training(),),
        (Figure((axes,), "F"),),
        ("was nbformat 3",),
    )
    said = (Exchange('{"op":"get"}', '{"ok":true}', (b"", b"\x00\xff"), (b"abc",)),)
    return RunRecord(student, digest, (file,), "priv", ("seccomp",), {"1.1": said, "1.2": ()}, "", {"python": "3.11"})


def assignment(folder: Path = Path("course"), *, points: tuple[float, ...] = (1.0, 2.0, 3.0)) -> Assignment:
    """Return a homework of two checks, 'first' and 'second', and one item."""
    claims = (
        Claim("1.1", "First", points[0], "check", "first"),
        Claim("1.2", "Second", points[1], "check", "second"),
        Claim("1.3", "Third", points[2], "item"),
    )
    problems = (Problem("1", "P", claims, "q1"),)
    rubric, reference = folder / "rubrics" / "hw1.toml", folder / "reference" / "hw1.py"
    return Assignment("hw1", "Homework 1", sum(points), Limits(question=60.0), problems, rubric, reference)
