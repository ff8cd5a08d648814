"""Which network it is, whatever it is called and however its parameters lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_student import FakeStudent
from trained import Plan, Recorded, file_of, train

from grader.expect.expectation import Ask
from grader.expect.network import Network
from grader.expect.perceptron import chain_of, readings
from grader.records import CellError, CellRun, FileRun, Outcome, Verdict

NET = Network((1, 64, 64, 1), "sigmoid", names=("model",))
ASK = Ask((3, 1))

PLAIN = """
import torch
from torch import nn
torch.manual_seed(0)
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(1, 64)
        self.l2 = nn.Linear(64, 64)
        self.l3 = nn.Linear(64, 1)
    def forward(self, x):
        return self.l3(torch.sigmoid(self.l2(torch.sigmoid(self.l1(x)))))
model = MLP()
for p in model.parameters():
    p.data.normal_()
"""

RIGHT = {
    "plain": "",
    "other name": "thing = model; del model",
    "double": "model = model.double()",
    "transposed, out of order": """
class Odd(nn.Module):
    def __init__(self):
        super().__init__()
        self.c3 = nn.Parameter(torch.randn(1))
        self.c2 = nn.Parameter(torch.randn(64))
        self.w2 = nn.Parameter(torch.randn(64, 64))
        self.w3 = nn.Parameter(torch.randn(64, 1))
        self.w1 = nn.Parameter(torch.randn(1, 64))
        self.c1 = nn.Parameter(torch.randn(64))
    def forward(self, x):
        return torch.sigmoid(torch.sigmoid(x @ self.w1 + self.c1) @ self.w2 + self.c2) @ self.w3 + self.c3
model = Odd()
""",
    "rows of numbers": "MLP.forward = lambda self, x: self.l3(torch.sigmoid(self.l2(torch.sigmoid(self.l1("
    "x.view(len(x), 1) if x.dim() == 1 else 1 / 0))))).squeeze(1)",
    "one number at a time": "MLP.forward = lambda self, x: self.l3(torch.sigmoid(self.l2(torch.sigmoid(self.l1("
    "x.reshape(1) if x.numel() == 1 else 1 / 0)))))",
    "answers and more": "old = MLP.forward; MLP.forward = lambda self, x: (old(self, x), self.l1(x))",
    "sigmoid by hand": "torch.sigmoid = lambda z: 1 / (1 + torch.exp(-z))",
    "sequential": "S = nn.Sigmoid; L = nn.Linear; model = nn.Sequential(L(1, 64), S(), L(64, 64), S(), L(64, 1))",
    "registered twice": """
old = MLP.__init__
def twice(self):
    old(self)
    self.layers = nn.ModuleList([self.l1, self.l2, self.l3])
MLP.__init__ = twice
model = MLP()
""",
}


def judged(more: str = "") -> Verdict:
    import torch

    sigmoid = torch.sigmoid
    try:
        return NET.judge(FakeStudent.of(PLAIN, more), ASK)
    finally:
        torch.sigmoid = sigmoid


@pytest.mark.parametrize("name", RIGHT)
def test_right_networks(name: str) -> None:
    verdict = judged(RIGHT[name])
    assert verdict.outcome is Outcome.PASSED, verdict.found
    assert not verdict.remarks


def sequential(*layers: str) -> str:
    return f"model = nn.Sequential({', '.join(layers)})\nfor p in model.parameters():\n    p.data.normal_()"


L1, L2, L3, S = "nn.Linear(1, 64)", "nn.Linear(64, 64)", "nn.Linear(64, 1)", "nn.Sigmoid()"
WRONG = {
    "ReLU": (sequential(L1, "nn.ReLU()", L2, "nn.ReLU()", L3), "other_activation", "a ReLU after its hidden layers"),
    "tanh": (sequential(L1, "nn.Tanh()", L2, "nn.Tanh()", L3), "other_activation", "a tanh after its hidden"),
    "one ReLU": (sequential(L1, S, L2, "nn.ReLU()", L3), "other_activation", "a ReLU after hidden layer 2"),
    "none inside": (sequential(L1, S, L2, L3), "other_activation", "no activation after hidden layer 2"),
    "at the end": (sequential(L1, S, L2, S, L3, S), "activation_at_output", "a sigmoid after the last"),
    "ReLU, at the end": (sequential(L1, "nn.ReLU()", L2, "nn.ReLU()", L3, S), "other_activation", "after the last"),
    "missing layer": (sequential(L1, S, L3), "missing_layer", "1-64-1"),
    "extra layer": (sequential(L1, S, L2, S, L2, S, L3), "extra_layer", "1-64-64-64-1"),
    "widths": (
        sequential("nn.Linear(1, 32)", S, "nn.Linear(32, 32)", S, "nn.Linear(32, 1)"),
        "other_widths",
        "1-32-32-1",
    ),
    "no bias": (sequential("nn.Linear(1, 64, bias=False)", S, L2, S, L3), "no_bias", "1 of its layers have no bias"),
    "no biases": (
        sequential(
            "nn.Linear(1, 64, bias=False)", S, "nn.Linear(64, 64, bias=False)", S, "nn.Linear(64, 1, bias=False)"
        ),
        "no_bias",
        "3 of its",
    ),
    "dropout": (sequential(L1, S, L2, S, "nn.Dropout(0.5)", L3), "", "does not answer"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_networks_are_named(name: str) -> None:
    more, mistake, said = WRONG[name]
    verdict = judged(more)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake), verdict.found
    assert said in verdict.found
    assert "`model` (Sequential)" in verdict.found


def test_parameters_that_are_never_used_are_a_remark() -> None:
    verdict = judged("model.more = nn.Linear(64, 64)")
    assert verdict.outcome is Outcome.PASSED
    assert "2 further" in verdict.remarks[0]


def test_the_network_of_these_shapes_is_taken_among_others() -> None:
    verdict = judged("small = nn.Linear(1, 1)\nother = model\nmodel = nn.Sequential(nn.Linear(1, 8), nn.Linear(8, 1))")
    assert verdict.outcome is Outcome.PASSED
    assert "`other` (MLP)" in verdict.found


def seen(plan: Plan, **change: Any) -> Verdict:
    return NET.judge(Recorded(file_of(train(plan), **change)), ASK)


def test_a_network_only_seen_in_training() -> None:
    assert seen(Plan()).outcome is Outcome.PASSED
    assert seen(Plan(hidden=("ReLU", "ReLU"), made=1)).mistake == "other_activation"
    assert seen(Plan(hidden=("sigmoid", "none"))).found.endswith(
        "no activation after hidden layer 2, where a sigmoid is asked for."
    )
    assert seen(Plan(last="sigmoid")).mistake == "activation_at_output"
    assert seen(Plan(widths=(1, 64, 1), hidden=("sigmoid",))).mistake == "missing_layer"


def test_bare_tensors_in_any_layout() -> None:
    training = train(Plan(kind="tensors"))
    w1, b1, w2, b2, w3, b3 = training.initial
    layouts = [
        (w1.T, b1[None, :], w2.T, b2[None, :], w3.T, b3[None, :]),
        (w1, w2, w3, b1, b2, b3),
        (b3, w3[0], b2, w2, b1, w1[:, 0]),
        (w1.ravel(), b1[:, None], w2, b2[:, None], w3.ravel(), b3[0]),
    ]
    for arrays in layouts:
        record = Recorded(file_of(_with(training, arrays)))
        assert NET.judge(record, ASK).outcome is Outcome.PASSED, [array.shape for array in arrays]


def _with(training: Any, arrays: Any) -> Any:
    from dataclasses import replace

    return replace(training, initial=arrays, final=arrays)


def test_bare_tensors_whose_passes_were_not_seen_are_known_by_a_function() -> None:
    source = """
import torch
torch.manual_seed(0)
W1, b1, W2, b2, W3, b3 = [torch.randn(s) for s in ((1, 64), (64,), (64, 64), (64,), (64, 1), (1,))]
other = lambda x: 2 * x
act = torch.sigmoid
def forward(x):
    return act(act(x @ W1 + b1) @ W2 + b2) @ W3 + b3
"""
    from dataclasses import replace

    with_arguments = """
del forward
W, b = [W1, W2, W3], [b1, b2, b3]
def predict(x, W, b, scale=1.0):
    return torch.sigmoid(torch.sigmoid(x @ W[0] + b[0]) @ W[1] + b[1]) @ W[2] + b[2]
"""
    for more, outcome in (
        ("", Outcome.PASSED),
        (with_arguments, Outcome.PASSED),
        ("act = torch.tanh", Outcome.FAILED),
        ("del forward", Outcome.PENDING),
    ):
        student = FakeStudent.of(source, more)
        arrays = [student.namespace[name].double().numpy() for name in ("W1", "b1", "W2", "b2", "W3", "b3")]
        student.files = (file_of(replace(_with(train(Plan(kind="tensors")), tuple(arrays)), passes=())),)
        assert NET.judge(student, ASK).outcome is outcome


def test_behaviour_that_was_not_seen_is_for_a_person() -> None:
    from dataclasses import replace

    training = train(Plan())
    assert NET.judge(Recorded(file_of(replace(training, passes=()))), ASK).outcome is Outcome.PENDING


ALONE = """
import numpy as np
W = [np.ones((1, 64)), np.ones((64, 64)), np.ones((64, 1))]
X = np.ones((512, 1))
"""


def test_what_stopped_before_bare_tensors_were_trained_is_said() -> None:
    whole = FakeStudent.of("import torch" + ALONE + "b = [torch.ones(64), torch.ones(64), torch.ones(1)]")
    failed = CellRun(2, "code", "fit(W)", error=CellError("NameError", "name 'fit' is not defined"))
    whole.files = (FileRun("hw.ipynb", (*whole.files[0].cells, failed), "finished"),)
    verdict = NET.judge(whole, ASK)
    assert verdict.outcome is Outcome.PENDING
    assert "NameError" in verdict.found
    assert "Without torch a" not in verdict.hint


def test_a_network_without_torch_is_for_a_person() -> None:
    whole = FakeStudent.of(ALONE + "b = [np.ones(64), np.ones(64), np.ones(1)]")
    sought = NET.judge(whole, ASK), NET.unseen(whole, "No training was seen.")
    assert all(verdict.outcome is Outcome.PENDING and "in `W`, `b`." in verdict.found for verdict in sought)
    for source in ALONE, ALONE + "import torch\nb = torch.nn.Linear(1, 64)":
        assert NET.unseen(FakeStudent.of(source), "No training was seen.").outcome is Outcome.MISSING


def test_nothing_there() -> None:
    assert NET.judge(Recorded(file_of()), ASK).outcome is Outcome.MISSING
    error = CellError("ModuleNotFoundError", "No module named 'tensorflow'", blame="environment")
    file = FileRun("a.py", (CellRun(1, "code", "import tensorflow", error=error),), "finished")
    assert NET.judge(Recorded(file), ASK).outcome is Outcome.PENDING


def test_widths_are_told_from_shapes() -> None:
    assert chain_of([(32, 1), (32,), (1, 32), (1,)], 1) == (1, 32, 1)
    assert chain_of([(1, 32), (1, 32), (32, 1), (1, 1)], 1) == (1, 32, 1)
    assert chain_of([(1, 32), (32,), (32, 1), (1,)], 1) == (1, 32, 1)
    assert chain_of([(3, 2), (3,)], 1) == (2, 3)
    assert chain_of([(3, 3, 2)], 1) is None
    assert chain_of([], 1) is None
    assert readings([(64, 1), (64,)], (1, 64, 64, 1), "sigmoid") == ()
    hundred = [(64, 64)] * 100
    assert len(readings(hundred, (64, 64, 64, 64), "sigmoid")) <= 400
    assert np.all([reading.weights[0] >= 0 for reading in readings(hundred, (64, 64), "sigmoid")])


CLASSIFIER = """
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3))
"""
CLASSES = Network((16, 8, 8, 3), "relu", ends=("none", "softmax", "log softmax"), forms=((1, 4, 4),), dropout=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("", "none at the end"),
        ("model.append(nn.Softmax(dim=1))", "a softmax at the end"),
        ("model.append(nn.LogSoftmax(dim=1))", "a log softmax at the end"),
        ("model.insert(2, nn.Dropout(0.5)); model.train()", "none at the end"),
        ("model.insert(0, nn.Identity()); model[0].forward = lambda x: x if x.dim() == 4 else 1 / 0", "a ReLU inside"),
    ],
)
def test_a_classifier_may_end_in_a_softmax_and_want_pictures(change, said):
    verdict = CLASSES.judge(FakeStudent.of(CLASSIFIER, change), ASK)
    assert verdict.outcome is Outcome.PASSED, verdict
    assert said in verdict.found


@pytest.mark.parametrize(
    ("change", "outcome", "mistake"),
    [
        ("model.append(nn.Sigmoid())", Outcome.FAILED, "activation_at_output"),
        ("model[2] = nn.Tanh(); model[4] = nn.Tanh()", Outcome.FAILED, "other_activation"),
        ("model.insert(2, nn.BatchNorm1d(8)); model[2].bias.data.add_(1)", Outcome.PENDING, ""),
    ],
)
def test_a_classifier_that_is_another(change, outcome, mistake):
    verdict = CLASSES.judge(FakeStudent.of(CLASSIFIER, change), ASK)
    assert (verdict.outcome, verdict.mistake) == (outcome, mistake), verdict


@pytest.mark.parametrize(
    ("how", "outcome", "remark"),
    [
        ("(x - 0.2860) / 0.3530", Outcome.PASSED, "times 2.83, plus -0.81"),
        ("(x - 72.9) / 90.02", Outcome.PASSED, "times 0.0111, plus -0.81"),
        ("x / 255", Outcome.PASSED, "times 0.00392, plus 0"),
        ("x * 2 - 1.05", Outcome.PASSED, "times 2, plus -1.05"),
        ("x ** 2", Outcome.PENDING, ""),
        ("torch.sin(x)", Outcome.PENDING, ""),
        ("x - x.mean(1, keepdim=True)", Outcome.PENDING, ""),
        ("(x - torch.arange(16)) / (1 + torch.arange(16))", Outcome.PENDING, ""),
    ],
)
def test_a_classifier_may_scale_its_inputs_itself(how, outcome, remark):
    source = CLASSIFIER, f"model.insert(0, nn.Identity()); model[0].forward = lambda x: {how}"
    scaled = Network((16, 8, 8, 3), "relu", scaled=True)
    verdict = scaled.judge(FakeStudent.of(*source), ASK)
    assert verdict.outcome is outcome, verdict
    assert remark in " ".join(verdict.remarks)
    assert Network((16, 8, 8, 3), "relu").judge(FakeStudent.of(*source), ASK).outcome is Outcome.FAILED


def test_a_classifier_with_another_activation_fails_also_where_it_may_scale_its_inputs() -> None:
    student = FakeStudent.of(CLASSIFIER, "model[2] = nn.GELU(); model[4] = nn.GELU()")
    verdict = Network((16, 8, 8, 3), "relu", scaled=True).judge(student, ASK)
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "other_activation"), verdict
