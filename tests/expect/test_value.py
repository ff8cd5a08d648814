from __future__ import annotations

import pytest
from fake_student import FakeStudent

from grader.expect import Ask, Value, mistake
from grader.expect.numerals import numerals
from grader.records import CellError, CellRun, FileRun, Outcome, Verdict

ASK = Ask((1,))


def count() -> Value:
    value = Value(4353, names=("n_params", "num_parameters"), words=("param",))
    value.name = "parameter_count"

    @mistake(value, "Only the weights were counted.")
    def weights_only() -> int:
        return 4224

    return value


def quarter() -> Value:
    value = Value(1 / 4, names=("lipschitz",), words=("lipschitz",))
    value.name = "softplus_lipschitz"
    return value


def judge(*cells: str, ask: Ask = ASK) -> Verdict:
    return count().judge(FakeStudent.of(*cells), ask)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p = 4353.", [4353]),
        ("4,353 and 4353.0", [4353, 4353]),
        ("$4{,}353$ or $4\\,353$", [4353, 4353]),
        ("4'353 and 4_353 and 4\u202f353", [4353] * 3),
        ("4.353 Parameter", [4.353, 4353]),
        ("12 345 Parameter", [12, 345, 12345]),
        ("1,2,3", [1, 2, 3]),
        (r"\frac{1}{4}, \tfrac14 and 1/4", [0.25, 0.25, 0.25]),
        ("1/0", []),
        ("-3.5e-2", [-0.035]),
        ("v2 x4353 a4353b 4353px", []),
        ("(64+64)+(64*64+64)+65=4353", [64, 64, 64, 64, 64, 65, 4353]),
        ("9" * 400, []),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, expected: list[float]) -> None:
    assert list(numerals(text)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "cells",
    [
        ("parameter_count = 4353",),
        ("parameter_count = 4353.0",),
        ("parameter_count = '4,353'",),
        ("import numpy as np\nparameter_count = np.int64(4353)",),
        ("import numpy as np\nparameter_count = np.array([4353])",),
        ("import torch\nparameter_count = torch.tensor(4353)",),
        ("ParameterCount = 4353",),
        ("n_params = 4353",),
        ("total_trainable_params = 4353",),
        ("def parameter_count(): return 4353",),
        (
            "import torch\nnet = torch.nn.Linear(4352, 1)\n"
            "def num_parameters(model): return sum(p.numel() for p in model.parameters())",
        ),
        ("print('The network has', 4353, 'trainable parameters')",),
        ("print(f'params: {4353:,}')",),
        ("net = 'with parameters'\nprint(4353)",),
        ("# 4353 parameters",),
        ("print(4353)",),
        ("print('p =', 4353)",),
        ("# %% [markdown]\nThe answer is $p=4353 \\gg N$.",),
        ("for epoch in range(0, 5000, 100): print(epoch, 0.1)", "print('p', 4353)"),
        ("# %% [markdown]\nThe network has\n(64+64) + (64*64+64) + (64+1) = **4,353** parameters.",),
        ("# %% [markdown]\n64&middot;2 + 64&middot;65 + 65 = <b>4&thinsp;353</b> parameters.",),
        ("# %% [markdown]\n$p = 4{,}353$ is the number of parameters, and $N = 512$.",),
        ("n_params = 512", "print('4353 parameters')"),
        ("class Answers:\n    parameter_count = 4353",),
        ("class Answers:\n    def __init__(self): self.parameter_count = 4353\nanswers = Answers()",),
        ("print('[W1, b1, W2, b2] hold 4353 parameters')",),
        ("print('hw3.py:7: UserWarning: slow')\nprint('  net(x)')\nprint('4353 parameters')",),
        ("for n in (128, 4160, 65):\n    print(f'a layer of {n} parameters')\nprint('in all 4353 parameters')",),
    ],
)
def test_the_number_is_found_wherever_it_is_written(cells: tuple[str, ...]) -> None:
    verdict = judge(*cells)
    assert verdict.outcome is Outcome.PASSED, verdict


@pytest.mark.parametrize(
    ("cells", "outcome", "says"),
    [
        (("parameter_count = 4417", "# 4353 parameters"), Outcome.FAILED, "4417, in `parameter_count`"),
        (("n_params = 4417",), Outcome.FAILED, "4417, in `n_params`"),
        (("print('4417 parameters')",), Outcome.FAILED, "4417, in cell 1 of hw.ipynb"),
        (("# %% [markdown]\nIt has 4417 parameters.",), Outcome.FAILED, "4417, in cell 1"),
        (("x = 3",), Outcome.MISSING, "found none"),
        (("parameters_counted = None",), Outcome.MISSING, "Near it: `parameters_counted`"),
        (("print(4417)",), Outcome.MISSING, "found none"),
        (("print('/tmp/k/4353.py:4353: UserWarning: 4353 parameters')",), Outcome.MISSING, "found none"),
        (("print('a.py:1: FutureWarning: odd\\n  params = 4353')",), Outcome.MISSING, "found none"),
        (("print('[W1122 13:00:00.1 engine.cpp:4353] Warning: parameters')",), Outcome.MISSING, "found none"),
        (("class Answers:\n    parameter_count = 4417",), Outcome.FAILED, "4417, in `Answers.parameter_count`"),
        (("for n in range(10000): print(n)",), Outcome.PENDING, "a person has to look"),
        (("for n in range(10000): print(n, 'parameters')",), Outcome.PENDING, "a person has to look"),
        (("# parameters\nfor n in range(10000): print(n)",), Outcome.PENDING, "a person has to look"),
        (("# %% [markdown]\nparameters: 4350, 4351, 4352, 4353, 4354",), Outcome.PENDING, "a person has to look"),
        (("parameter_count = True",), Outcome.MISSING, "is there, but it is not a number"),
        (("parameter_count = ...",), Outcome.MISSING, "is there, but it is not a number"),
    ],
)
def test_guesses_and_wrong_numbers_do_not_pass(cells: tuple[str, ...], outcome: Outcome, says: str) -> None:
    verdict = judge(*cells)
    assert verdict.outcome is outcome
    assert says in verdict.found


LACK = CellError("ModuleNotFoundError", "No module named 'tensorflow'", blame="environment")


@pytest.mark.parametrize(
    ("source", "error", "outcome"),
    [
        ("n_params = keras_model.count_params()", LACK, Outcome.PENDING),
        ("print(keras_model.count_params())", LACK, Outcome.PENDING),
        ("import tensorflow", LACK, Outcome.MISSING),
        ("n_params = keras_model.count_params()", CellError("NameError", "x"), Outcome.MISSING),
    ],
)
def test_a_number_that_was_lost_for_want_of_something_here_waits_for_a_person(
    source: str, error: CellError, outcome: Outcome
) -> None:
    file = FileRun("w.py", (CellRun(1, "code", source, error=error),), "finished")
    assert count().judge(FakeStudent({}, files=(file,)), ASK).outcome is outcome


def test_a_known_mistake_is_named() -> None:
    verdict = judge("parameter_count = 4224", ask=Ask((1,), credit={"weights_only": 0.25}))
    assert (verdict.mistake, verdict.fraction) == ("weights_only", 0.25)


def test_the_right_number_is_told_only_where_the_rubric_reveals_it() -> None:
    assert "4353" not in judge("parameter_count = 4000").found
    for wrong in (4000, 4224):
        assert "It should be 4353." in judge(f"parameter_count = {wrong}", ask=Ask((1,), reveal=True)).found


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        (("softplus_lipschitz = 1/4",), Outcome.PASSED),
        (("softplus_lipschitz = '1/4'",), Outcome.PASSED),
        (("from fractions import Fraction\nsoftplus_lipschitz = float(Fraction(1, 4))",), Outcome.PASSED),
        (("# %% [markdown]\nSo the derivative is Lipschitz with constant $\\frac{1}{4}$.",), Outcome.PASSED),
        (("softplus_lipschitz = 0.5",), Outcome.FAILED),
        (("# %% [markdown]\nLipschitz: 1, 1/2, 1/3, 1/4, 1/5, 1/6",), Outcome.PENDING),
    ],
)
def test_a_small_fraction(cells: tuple[str, ...], outcome: Outcome) -> None:
    assert quarter().judge(FakeStudent.of(*cells), ASK).outcome is outcome


@pytest.mark.parametrize("answer", [1, -0.5, 100, 1e-9])
def test_where_zero_is_right_another_number_is_wrong(answer):
    value = Value(0, names=("argmin",))
    value.name = "minimum"

    @mistake(value, "That is where the slope is 1.")
    def slope_of_one() -> float:
        return -0.5

    verdict = value.judge(FakeStudent({"minimum": answer}), ASK)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "slope_of_one" if answer == -0.5 else "")
    assert value.judge(FakeStudent({"minimum": 0.0, "x": 3}), ASK).outcome is Outcome.PASSED
