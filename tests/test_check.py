from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from fake_student import FakeStudent

from grader.assignment import Assignment, Claim, Limits, Problem
from grader.check import check, seed
from grader.errors import Absent, NotAsked, NotRecorded, Raised, StudentFailure, TooSlow, Unusable
from grader.execute.together import not_run
from grader.expect import Ask, Expectation, passed
from grader.expect.verdicts import partial, pending
from grader.notebook import Document
from grader.records import CellError, CellRun, FileRun, Finding, Outcome, Verdict
from grader.student import Student


class Canned(Expectation):
    """Says what it was told to say, or raises it."""

    names = ("softplus",)

    def __init__(self, answer: Verdict | BaseException) -> None:
        super().__init__()
        self.answer, self.asked = answer, []

    def judge(self, student: Student, ask: Ask) -> Verdict:
        self.asked.append(ask)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Sitting:
    def __init__(self, *cells: CellRun) -> None:
        self.files = (FileRun("hw.ipynb", cells, "finished"),)
        self.keys: list[str] = []

    @contextmanager
    def conversation(self, key: str) -> Iterator[Student]:
        self.keys.append(key)
        yield FakeStudent({}, files=self.files)


def homework(*claims: Claim) -> Assignment:
    problem = Problem("1", "One", claims)
    return Assignment("hw0", "Zero", 9, Limits(), (problem,), Path("r.toml"), Path("r.py"), "secret")


def claim(number: int, expects: str = "", *needs: str) -> Claim:
    return Claim(f"1.{number}", f"Sentence {number}", 2, "check" if expects else "item", expects, needs=needs)


def found(answer: Verdict | BaseException, *cells: CellRun) -> Verdict:
    (finding,) = check(homework(claim(1, "e")), {"e": Canned(answer)}, Sitting(*cells))
    return finding.verdict


def cell(number: int, source: str, kind: str = "", message: str = "", blame: str = "student") -> CellRun:
    return CellRun(number, "code", source, error=CellError(kind, message, blame=blame) if kind else None)


def test_every_claim_gets_a_finding_in_order_and_a_conversation_of_its_own() -> None:
    sitting = Sitting()
    expectations = {"e": Canned(passed("Yes.")), "f": Canned(partial(0.5, "Half."))}
    findings = check(homework(claim(1, "e"), claim(2, "f"), claim(3)), expectations, sitting)
    assert [each.key for each in findings] == ["1.1", "1.2", "1.3"]
    assert [each.earned for each in findings] == [2, 1, 0]
    assert findings[2].verdict.outcome is Outcome.PENDING
    assert sitting.keys == ["1.1", "1.2"]
    assert findings[0] == Finding("1", "Sentence 1", "1.1", "check", 2, passed("Yes."))


@pytest.mark.parametrize(
    ("failure", "outcome", "says"),
    [
        (
            Absent("a function `f`", ("text `g`",)),
            Outcome.MISSING,
            "Looked for a function `f`; found none. Near it: text `g`.",
        ),
        (Raised("KeyError", "'x'", 3), Outcome.FAILED, "Your code raised KeyError: 'x' (line 3)."),
        (TooSlow("No answer within 20 s."), Outcome.FAILED, "No answer within 20 s."),
        (TooSlow(), Outcome.FAILED, "There was no answer in time."),
        (Unusable("The answer is too large."), Outcome.FAILED, "The answer is too large."),
    ],
)
def test_what_the_student_did_becomes_a_finding(failure: StudentFailure, outcome: Outcome, says: str) -> None:
    verdict = found(failure)
    assert (verdict.outcome, verdict.found, verdict.fraction) == (outcome, says, 0)


def test_what_was_not_asked_is_left_to_a_person() -> None:
    verdict = found(NotAsked("The questions before it took all the time."))
    assert (verdict.outcome, verdict.fraction) == (Outcome.PENDING, 0)
    assert "took all the time" in verdict.found


@pytest.mark.parametrize("failure", [Absent("a function `f`", ()), Unusable("more.py was not run.")])
def test_what_may_be_in_a_file_that_was_not_run_is_left_to_a_person(failure: StudentFailure) -> None:
    sitting = Sitting()
    sitting.files += (not_run(Document("more.py", (), "python"), "only 16 files of a submission are run"),)
    (finding,) = check(homework(claim(1, "e")), {"e": Canned(failure)}, sitting)
    assert finding.verdict.outcome is Outcome.PENDING
    assert "more.py: It was not run: only 16 files of a submission are run." in finding.verdict.found


def test_what_we_did_becomes_a_fault() -> None:
    verdict = found(ZeroDivisionError("ours"))
    assert verdict.outcome is Outcome.FAULT
    assert "ours" not in verdict.found
    assert "ZeroDivisionError: ours" in verdict.staff


@pytest.mark.parametrize("signal", [NotRecorded("gap"), KeyboardInterrupt()])
def test_a_gap_in_a_recording_and_control_c_pass_through(signal: BaseException) -> None:
    with pytest.raises(type(signal)):
        found(signal)


@pytest.mark.parametrize(
    ("first", "outcome"),
    [
        (passed("Yes."), Outcome.PASSED),
        (partial(0.5, "Half."), Outcome.PASSED),
        (Absent("x"), Outcome.BLOCKED),
        (Raised("E", ""), Outcome.BLOCKED),
        (pending("Look."), Outcome.PENDING),
        (ValueError("ours"), Outcome.BLOCKED),
    ],
)
def test_a_claim_waits_for_those_it_needs(first: Verdict | BaseException, outcome: Outcome) -> None:
    expectations = {"e": Canned(first), "f": Canned(passed("Yes."))}
    sitting = Sitting()
    findings = check(homework(claim(1, "e"), claim(2, "f", "1.1")), expectations, sitting)
    assert findings[1].verdict.outcome is outcome
    assert sitting.keys == (["1.1", "1.2"] if outcome is Outcome.PASSED else ["1.1"])


LACKING = cell(1, "import torchvision\ndef softplus(z): 0", "ModuleNotFoundError", "No module named 'x'", "environment")


def test_what_the_machine_lacks_is_left_to_a_person() -> None:
    verdict = found(Absent("a function `softplus`"), LACKING)
    assert verdict.outcome is Outcome.PENDING
    assert (
        "cell 1 of hw.ipynb needs what is not available here (ModuleNotFoundError: No module named 'x')"
        in verdict.found
    )


def test_a_name_error_that_follows_from_it_is_the_machines_too() -> None:
    lacking = cell(1, "import torchvision", "ModuleNotFoundError", "No module", "environment")
    follows = cell(2, "softplus = torchvision.softplus", "NameError", "name 'torchvision' is not defined")
    assert found(Absent("it"), lacking, follows).outcome is Outcome.PENDING


def test_another_cells_lack_is_no_excuse() -> None:
    other = replace(LACKING, source="import torchvision\ny = softplus(3, softplus=True)\nassert softplus == y")
    assert found(Absent("it"), other).outcome is Outcome.MISSING


ARGUMENTS = (
    "f(\n    softplus=True,\n)",
    "f(1,\n  softplus=3)",
    "%matplotlib inline\n!pip install softplus==2\nDataLoader(x, softplus=True)",
    "!python train.py --softplus=2",
    "%%time\ny = f(x, softplus=True)",
    "y = f(x, softplus=True)  # :(",
    "def f(z, softplus=None):\n    return z",
    "f = lambda z, softplus=2: z",
    "y = [softplus(3) for softplus in all_of_them]",
    "self.softplus = f()",
    "y = 'softplus = f()'",
    "# softplus = f()",
)


@pytest.mark.parametrize("call", ARGUMENTS)
def test_a_name_of_an_argument_is_not_bound(call: str) -> None:
    lacking = replace(LACKING, source=f"{call}\nimport torchvision")
    assert found(Absent("it"), lacking).outcome is Outcome.MISSING


BINDINGS = (
    "softplus = t.f",
    "softplus = t.f(1,\n2)",
    "softplus, relu = t.f, t.g",
    "(relu, softplus) = t.f()",
    "[relu, *softplus] = t.f()",
    "softplus: Any = t.f",
    "softplus: Callable[[int], int] = t.f()",
    "model = softplus = t.f()",
    "if True: softplus = t.f()",
    "with x as f: softplus = t.f()",
    "with t.f() as softplus: pass",
    "try: softplus = t.f()\nexcept Exception: pass",
    "for i in range(3): softplus = t.f()",
    "for softplus in t.f(): pass",
    "softplus = [t.f(),\n  t.g()]",
    "softplus = {'a': t.f(),\n  'b': t.g()}",
    "softplus = t.f()  # 1) the first",
    "softplus = t.f()  # :)",
    "(softplus := t.f())",
    "y = [softplus := t.f() for i in x]",
    "softplus = t.f(),",
    "x = 1; softplus = t.f()",
    "softplus \\\n = t.f()",
    "import t\r\nsoftplus = t.f()\r\n",
    "from t.ops import (\n  relu,\n  softplus,\n)",
    "import t.softplus as softplus",
    "def begin():\n    global softplus\n    softplus = t.f()",
    "class Activations:\n    @staticmethod\n    def softplus(z): return t.f(z)",
    "@t.jit\nasync def softplus(z): return z",
    "class softplus(t.Module): pass",
    "match x:\n    case [softplus]: pass",
    "match x:\n    case {'a': 1, **softplus}: pass",
    "softplus = await t.f()",
)


@pytest.mark.parametrize("bound", BINDINGS)
def test_a_name_that_would_have_been_bound_is_excused(bound: str) -> None:
    would = replace(LACKING, source=f"import torchvision\n{bound}")
    assert found(Absent("it"), would).outcome is Outcome.PENDING


@pytest.mark.parametrize(
    "bound",
    [
        "%time softplus = t.f()",
        "%%time\nmodel = softplus = t.f()",
        "files = !ls\nsoftplus = t.f()",
        "files = !ls\nsoftplus, relu = t.f()",
        "files = !ls\n(relu, softplus) = t.f()",
        "files = !ls\nfrom t import relu, softplus",
        "files = !ls\nfor softplus in t.f(): pass",
        "softplus = [t.f(), ",
        "    relu, softplus = t.f, t.g",
        "a\fsoftplus = t",
        "softplus = t.f('\x00\ud800')",
        "softplus = " + "(" * 500 + ")" * 500,
        "softplus = t.f()\n" + "x = 1\n" * 5000,
    ],
)
def test_where_a_cell_cannot_be_read_what_looks_bound_is_excused(bound: str) -> None:
    would = replace(LACKING, source=bound)
    assert found(Absent("it"), would).outcome is Outcome.PENDING


@pytest.mark.parametrize(("names", "outcome"), [(("softplus",), Outcome.PENDING), (("relu", "ReLU"), Outcome.MISSING)])
def test_what_a_law_looks_for_goes_by_names_of_its_own(names: tuple[str, ...], outcome: Outcome) -> None:
    law = Canned(Absent(f"a function `{names[0]}`", names=names))
    law.names = ()
    (finding,) = check(homework(claim(1, "e")), {"e": law}, Sitting(LACKING))
    assert finding.verdict.outcome is outcome, finding.verdict


def test_a_cell_of_the_students_that_stopped_is_pointed_at() -> None:
    verdict = found(Absent("it"), cell(4, "softplus = lambda z: z\n1/0", "ZeroDivisionError", "division by zero"))
    assert verdict.outcome is Outcome.MISSING
    assert verdict.found.endswith(
        "Cell 4 of hw.ipynb, which mentions it, stopped with ZeroDivisionError: division by zero."
    )


def test_the_ask_carries_the_rubric_and_a_seed_of_secret_homework_and_claim() -> None:
    expectation = Canned(passed("Yes."))
    wanted = replace(claim(1, "e"), part="rule", credit={"m": 0.5}, reveal=True)
    assignment = homework(wanted)
    check(assignment, {"e": expectation}, Sitting())
    (ask,) = expectation.asked
    assert (ask.part, ask.credit, ask.reveal) == ("rule", {"m": 0.5}, True)
    seeds = {
        seed(assignment, wanted),
        seed(replace(assignment, secret="other"), wanted),
        seed(replace(assignment, id="hw1"), wanted),
        seed(assignment, replace(wanted, key="1.2")),
    }
    assert ask.seed in seeds
    assert len(seeds) == 4
    assert seed(assignment, wanted) == seed(assignment, wanted)


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (Raised("NameError", "name 'torchvision' is not defined"), Outcome.PENDING),
        (Raised("NameError", "name 'vision' is not defined"), Outcome.FAILED),
        (Raised("ModuleNotFoundError", "No module named 'torchaudio.x'"), Outcome.PENDING),
        (Raised("ModuleNotFoundError", "No module named 'hw'"), Outcome.FAILED),  # a file of the student's own
        (Raised("AssertionError", "Torch not compiled with CUDA enabled"), Outcome.PENDING),
        (Raised("AssertionError", "no"), Outcome.FAILED),
    ],
)
def test_a_function_that_needs_what_the_machine_lacks_is_left_to_a_person(raised: Raised, outcome: Outcome) -> None:
    assert found(raised, LACKING).outcome is outcome


@pytest.mark.parametrize("source", ["from torchvision.ops import (\n    box_iou,\n    nms,\n)", "box, nms = t.ops()"])
def test_a_function_that_needs_what_a_cell_could_not_bind_is_left_to_a_person(source: str) -> None:
    lacking = replace(LACKING, source=source)
    assert found(Raised("NameError", "name 'nms' is not defined"), lacking).outcome is Outcome.PENDING
    assert found(Raised("NameError", "name 'nmz' is not defined"), lacking).outcome is Outcome.FAILED
