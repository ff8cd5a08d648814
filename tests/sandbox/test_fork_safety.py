"""Sixty notebooks forked from one process: none fails, and none computes anything else than a fresh process would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission

WORK = """
import hashlib, json
import numpy as np, torch
torch.manual_seed(3)
rng = np.random.default_rng(3)
model = torch.nn.Sequential(torch.nn.Linear(1, 64), torch.nn.Sigmoid(), torch.nn.Linear(64, 64), torch.nn.Sigmoid(),
                            torch.nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(128, 1)
for _ in range(20):
    optimizer.zero_grad()
    ((model(x) - torch.cos(4 * x)) ** 2).mean().backward()
    optimizer.step()
A = rng.normal(size=(150, 150))
parts = [p.detach().numpy() for p in model.parameters()]
parts += [A @ A, np.linalg.inv(A), np.linalg.eigvals(A), np.linalg.svd(A)[1], np.linalg.solve(A, A[0]), np.fft.fft(A)]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""
DRAWN = "import random; print(random.random(), np.random.rand(), torch.rand(1).item(), torch.randn(2).tolist())"
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def fresh():
    """What a process prints that was started for this alone."""
    done = subprocess.run(
        [sys.executable, "-c", f"import torch; torch.set_num_threads(1)\n{WORK}"],
        env={**os.environ, **SINGLE}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def printed(record):
    return ["".join(output.content for output in cell.outputs) for cell in record.cells]


@pytest.mark.slow
def test_sixty_forked_notebooks_compute_what_a_fresh_process_does():
    cells = (Cell(1, "code", WORK), Cell(2, "code", DRAWN))
    documents, worked, drawn = [Document("n.ipynb", cells, "python")], set(), []
    with Sandbox(Settings()) as sandbox:
        for number in range(60):
            handed_in = Submission(f"s{number}", "S", ())
            with sandbox.run(handed_in, documents, Limits(), seed=number % 59) as finished:
                record = finished.files[0]
            assert (record.status, record.events) == ("finished", ())
            assert not [cell.error for cell in record.cells if cell.error]
            worked.add(printed(record)[0])
            drawn.append(printed(record)[1])
        threads = len(list(Path(f"/proc/{sandbox._zygote.pid}/task").iterdir()))
    assert worked == {fresh()}
    assert drawn[59] == drawn[0], "the same seed"
    assert len(set(drawn[:59])) == 59, "different seeds"
    assert threads == 1
