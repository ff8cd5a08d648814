"""How often a network is right, by our own count, and whether the accuracy that is reported is its own."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from fake_student import FakeStudent
from trained import Plan, file_of

from grader.errors import RubricError, Unusable
from grader.expect import Accuracy, Network
from grader.expect.expectation import Ask
from grader.expect.reported import accuracies, reports
from grader.expect.runs import runs_of
from grader.expect.shown import preparations
from grader.observed import Axes, Curve, Figure, Pass, Training
from grader.records import CellRun, FileRun, Outcome, Output, Verdict

NET = Network((64, 16, 4), "relu", ends=("none", "softmax"), forms=((1, 8, 8), (8, 8)))

MODEL = """
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(64, 16)
        self.l2 = nn.Linear(16, 4)
        with torch.no_grad():
            self.l1.weight.zero_(); self.l1.bias.zero_(); self.l2.weight.zero_(); self.l2.bias.zero_()
            for k in range(4):
                self.l1.weight[k, 16 * k:16 * k + 16] = 1.0
                self.l2.weight[k, k] = GAIN
    def forward(self, x):
        return self.l2(torch.relu(self.l1(SHAPE)))
model = Net()
"""


def held_out(folder, count=400, seed=0):
    """Images whose brightest quarter is their label, in 0 to 255."""
    r = np.random.default_rng(seed)
    labels = r.integers(0, 4, count)
    images = (r.integers(0, 120, (count, 64)) * np.linspace(0.2, 1, 64)).astype(int)
    for image, label in zip(images, labels, strict=True):
        image[16 * label : 16 * label + 16] = r.integers(100, 256, 16)
    images[:, 0], images[:, 63] = 0, 255
    np.savez_compressed(folder / "held.npz", images=images.reshape(-1, 8, 8).astype(np.uint8), labels=labels)
    return images.astype(float), labels


@pytest.fixture()
def expectation(tmp_path):
    held_out(tmp_path)
    made = Accuracy(NET, "held.npz", good=0.8, fair=0.5)
    made.folder = tmp_path
    return made


def judged(expectation: Accuracy, student: FakeStudent, part: str = "network") -> Verdict:
    return expectation.judge(student, Ask((1, 2), part))


def network(shape: str = "x", gain: str = "1.0") -> str:
    return MODEL.replace("SHAPE", shape).replace("GAIN", gain)


SHAPES = {
    "rows": "x",
    "flattened inside": "x.view(x.shape[0], -1)",
    "with a channel": "x.flatten(1) if x.dim() == 4 else 1 / 0",
    "pictures": "x.flatten(1) if x.dim() == 3 else 1 / 0",
    "one at a time is not asked": "x.reshape(-1, 64)",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_right_network_passes_however_it_wants_its_images(expectation, shape):
    verdict = judged(expectation, FakeStudent.of(network(SHAPES[shape])))
    assert verdict.outcome is Outcome.PASSED, verdict
    assert "400 images that it never saw" in verdict.found
    assert verdict.measured is not None and f"{verdict.measured:.1%}" in verdict.found


def test_dropout_is_off_while_it_is_asked(expectation):
    student = FakeStudent.of(network("torch.nn.functional.dropout(x, 0.9, self.training)"), "model.train()")
    assert judged(expectation, student).outcome is Outcome.PASSED


def test_without_a_record_a_bad_accuracy_is_for_a_person(expectation):
    verdict = judged(expectation, FakeStudent.of(network(gain="-1.0")))
    assert verdict.outcome is Outcome.PENDING
    assert "not certain" in verdict.found
    assert verdict.measured is None


def recorded(folder, prepare, gain=1.0, **more):
    """A student with a record of what was shown, and no live network."""
    images, _ = held_out(folder)
    shown = prepare(images)
    first = np.zeros((16, 64))
    second = np.zeros((4, 16))
    for k in range(4):
        first[k, 16 * k : 16 * k + 16] = 1.0
        second[k, k] = gain
    end = [first, np.zeros(16), second, np.zeros(4)]
    plan = Plan(widths=(64, 16, 4), hidden=("ReLU",), steps=30, model="", initial=end, final=end, **more)
    training = train_on(plan, shown)
    return FakeStudent({}, files=(file_of(training),))


def train_on(plan, shown):
    arrays = plan.initial
    passes = []
    for step in range(8):
        x = shown[50 * step : 50 * step + 50]
        answers = np.maximum(x @ arrays[0].T + arrays[1], 0) @ arrays[2].T + arrays[3]
        passes.append(Pass(step, x, answers, np.zeros_like(answers), 1.0 - 0.01 * step, True, 0.1))
    return Training(
        key="t0", model="", kind="Net", names=("a", "b", "c", "d"), initial=tuple(arrays), final=tuple(plan.final),
        rule="SGD", settings=((0, {"lr": 0.1}),), steps=8, batch_sizes=np.full(8, 50), losses=np.linspace(1, 0.9, 8),
        loss_steps=np.arange(8), passes=tuple(passes), row_ids=(), rows=np.empty((0, 0)),
        fingerprints=np.empty(0, dtype=np.uint64),
    )  # fmt: skip


ENDS = {
    "these very parameters": (1.0, Outcome.PASSED),
    "others that are as good, as where the best epoch is kept": (0.5, Outcome.PASSED),
    "others that are worse": (-1.0, Outcome.PENDING),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_network_that_does_better_than_its_training_is_for_a_person(expectation, tmp_path, end):
    gain, outcome = ENDS[end]
    (training,) = recorded(tmp_path, lambda p: p / 255, gain).files[0].trainings
    student = FakeStudent.of(network())
    student.files = (file_of(replace(training, model="model")),)
    verdict = judged(expectation, student)
    assert (verdict.outcome, "where they come from" in verdict.found) == (outcome, outcome is Outcome.PENDING)


class Asked(FakeStudent):
    """Counts how often parameters are asked for, and may refuse them."""

    refuses = False
    told = 0

    def parameters(self, model):
        self.told += 1
        if self.refuses:
            raise Unusable("They are too large.")
        return super().parameters(model)


def asked(folder):
    (training,) = recorded(folder, lambda p: p / 255).files[0].trainings
    student = Asked.of(network())
    student.files = (file_of(replace(training, model="model")),)
    return student


def test_the_questions_do_not_depend_on_what_is_good_enough(expectation, tmp_path):
    counts = []
    for good, fair in ((0.8, 0.5), (2.0, 1.5)):
        expectation.bands = replace(expectation.bands, good=good, fair=fair)
        student = asked(tmp_path)
        judged(expectation, student)
        counts.append((student.told, len(student.asked)))
    assert counts[0] == counts[1]


def test_parameters_that_cannot_be_had_are_no_fault_of_a_right_network(expectation, tmp_path):
    student = asked(tmp_path)
    student.refuses = True
    assert judged(expectation, student).outcome is Outcome.PASSED


PREPARED = {
    "divided": (lambda p: p / 255, "divided by 255", True),
    "to minus one": (lambda p: p / 127.5 - 1, "[-1, 1]", True),
    "normalised": (lambda p: (p / 255 - 0.286) / 0.353, "mean 0.286", True),
    "as they are": (lambda p: p, "left as they are", True),
    "dark for light": (lambda p: 1 - p / 255, "scaled to [1, 0]", True),
    "by a mean of their own": (lambda p: (p - 80) / 70, "scaled to", True),
    "image by image": (
        lambda p: (p - p.mean(1, keepdims=True)) / p.std(1, keepdims=True),
        "standardised image by image",
        True,
    ),
    "pixel by pixel": (lambda p: (p - p.mean(0)) / (p.std(0) + 20), "standardised pixel by pixel", False),
}


@pytest.mark.parametrize("way", PREPARED)
def test_how_images_were_prepared_is_read_off_what_was_shown(tmp_path, way):
    prepare, said, sure = PREPARED[way]
    student = recorded(tmp_path, prepare)
    others, _ = held_out(tmp_path, seed=7)
    (found,) = preparations(runs_of(student)[0], others)
    assert said in found.said
    assert found.sure is sure
    if sure:
        assert np.allclose(found.apply(others), prepare(others), atol=0.02 * np.ptp(prepare(others)))


def test_pixels_in_another_order_are_not_understood(tmp_path):
    student = recorded(tmp_path, lambda p: p[:, np.random.default_rng(0).permutation(64)] / 255)
    others = held_out(tmp_path)[0] * np.linspace(0, 2, 64)
    assert preparations(runs_of(student)[0], others) == ()


@pytest.mark.parametrize(("gain", "outcome", "mistake"), [(1.0, Outcome.PASSED, ""), (0.0, Outcome.FAILED, "guesses")])
def test_the_last_parameters_answer_where_no_network_is_left(tmp_path, gain, outcome, mistake):
    student = recorded(tmp_path, lambda p: p / 255, gain)
    made = Accuracy(NET, "held.npz", good=0.8, fair=0.5)
    made.folder = tmp_path
    verdict = judged(made, student)
    assert (verdict.outcome, verdict.mistake) == (outcome, mistake), verdict


BARE = """
import torch
W1, b1, W2, b2 = torch.zeros(16, 64), torch.zeros(16), torch.eye(4, 16), torch.zeros(4)
for k in range(4): W1[k, 16 * k:16 * k + 16] = 1.0
def net(x): return torch.relu(x @ W1.T + b1) @ W2.T + b2
"""


@pytest.mark.parametrize(("more", "outcome"), [("", Outcome.PASSED), ("del net", Outcome.PENDING)])
def test_bare_tensors_whose_passes_were_not_seen_whole_are_known_by_a_function(expectation, tmp_path, more, outcome):
    (training,) = recorded(tmp_path, lambda p: p / 255).files[0].trainings
    student = FakeStudent.of(BARE, more)
    student.files = (file_of(replace(training, kind="tensors", passes=())),)
    verdict = judged(expectation, student)
    assert verdict.outcome is outcome, verdict


def test_nothing_to_ask_is_missing(expectation):
    assert judged(expectation, FakeStudent({})).outcome is Outcome.MISSING


def test_a_file_that_holds_no_images_is_the_authors_to_mend(tmp_path):
    (tmp_path / "held.npz").write_bytes(b"nothing")
    made = Accuracy(NET, "held.npz", good=0.8, fair=0.5)
    made.folder = tmp_path
    with pytest.raises(RubricError, match="does not hold images"):
        judged(made, FakeStudent.of(network()))


# ------------------------------------------------------------------------------------------------- what is reported

LINES = {
    "Test accuracy: 87.3%": [0.873],
    "test accuracy 0.873": [0.873],
    "Accuracy of the network on the 10000 test images: 87 %": [0.87],
    "Epoch 5: train loss 0.31, train acc 0.95, test acc 0.88": [0.88],
    "train accuracy 0.9500 | test accuracy 0.8800": [0.88],
    "Correct on the test set: 873/1000": [0.873],
    "accuracy: tensor(0.8730)": [0.873],
    "Test loss 0.41": [],
    "training accuracy 0.99": [],
    "Epoch 10": [],
    "The final accuracy is .873.": [0.873],
    "we reach 87.3 \\% accuracy": [0.873],
    "    accuracy                          0.873      1000": [0.873],
    "Accuracy        :  0.873": [0.873],
    "| train accuracy | 0.99 | test accuracy | 0.873 |": [0.873],
    "873 out of 1000 test images are classified correctly": [0.873],
    "test acc: 87,3 %": [0.03, 0.873],  # one number, or two
    "(epoch, acc) 1,95%": [0.95, 0.0195],
    "Test accuracy at epoch 12 of 100: 0.873": [0.873],
    "Test accuracy after epoch 100 of 100: 87.3%": [0.873],
    "Epoch [3/100] test accuracy 0.873": [0.873],
    "Our legitimate accuracy is 87.3%": [0.873],
    "eğitim doğruluk 0.99, test doğruluk 0.873": [0.873],
    "exactitud: entrenamiento 99.0 %, prueba 87.3 %": [0.873],
    "测试准确率 0.873": [0.873],
    "test accuracies: [0.61, 0.79, 0.873]": [0.873],
    "Test accuracy: 0.61, 0.873": [0.873],
    "| accuracy | of what | 0.873 |": [],
}


@pytest.mark.parametrize("line", LINES)
def test_accuracies_as_they_are_written(line):
    assert accuracies(line) == pytest.approx(LINES[line])


@pytest.mark.parametrize("line", ["acc " + "e" * 990 + "," * 990, "," * 1990, "1/10 " * 390 + "acc", "acc 1.1" * 280])
def test_a_line_takes_time_in_proportion_to_its_length(line):
    """It was minutes for a few hundred lines while every part was searched with all before it."""
    started = time.process_time()
    for _ in range(100):
        accuracies(line)
    assert time.process_time() - started < 8  # 0.5 s on an idle machine


def with_words(*cells: CellRun, namespace=None, figures=()) -> FakeStudent:
    model = FakeStudent.of(network())
    file = FileRun("hw.ipynb", cells, "finished", figures=figures)
    return FakeStudent({**model.namespace, **(namespace or {})}, files=(file,))


def printed(text: str, source: str = "evaluate()") -> CellRun:
    return CellRun(1, "code", source, (Output("text", text),))


RIGHT = {
    "printed": with_words(printed("Test accuracy: 99.0%\n")),
    "after each epoch": with_words(printed("acc 0.42\nacc 0.71\nacc 0.985\n")),
    "written": with_words(CellRun(1, "text", "Our test accuracy is 98.8 %.")),
    "in a variable": with_words(namespace={"test_acc": 0.99}),
    "in a list": with_words(namespace={"test_accuracies": [0.5, 0.7, 0.99]}),
    "as the value of a cell": with_words(printed("0.99", "x = 1\naccuracy")),
    "as a number of NumPy": with_words(printed("np.float64(0.99)", "x = 1\naccuracy")),
    "as text alone": with_words(printed("'99.0%'", "f'{accuracy:.1%}'")),
    "at the end of a curve": with_words(
        figures=(Figure((Axes((Curve("line", np.arange(3.0), np.array([0.4, 0.8, 0.99]), "test acc"),)),)),)
    ),
}


@pytest.mark.parametrize("way", RIGHT)
def test_the_networks_own_accuracy_is_found(expectation, way):
    verdict = judged(expectation, RIGHT[way], "report")
    assert verdict.outcome is Outcome.PASSED, verdict


def test_another_accuracy_than_the_networks_is_named(expectation):
    verdict = judged(expectation, with_words(printed("Test accuracy: 61%"), namespace={"acc": 0.99}), "report")
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "misreported")
    assert "61.0%" in verdict.found


@pytest.mark.parametrize(("said", "outcome"), [("97%", Outcome.PENDING), ("61%", Outcome.FAILED)])
def test_a_network_that_guesses_where_it_is_said_to_be_good_is_for_a_person(expectation, tmp_path, said, outcome):
    student = recorded(tmp_path, lambda p: p / 255, gain=0.0)
    student.files = (replace(student.files[0], cells=(printed(f"Test accuracy: {said}"),)),)
    verdict = judged(expectation, student, "report")
    assert verdict.outcome is outcome, verdict
    assert f"{said[:2]}.0%" in verdict.found


def test_the_share_that_is_wrong_is_named_when_it_is_what_was_reported_last(expectation):
    verdict = judged(expectation, with_words(printed("Test accuracy: 1.2%")), "report")
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, "error_for_accuracy")
    comment = CellRun(1, "code", "x = 1  # accuracies around 1 % were seen before the seed was set")
    verdict = judged(expectation, with_words(comment, printed("Test accuracy: 61%")), "report")
    assert verdict.mistake == "misreported"


def test_a_text_that_says_another_gets_a_remark(expectation):
    words = CellRun(2, "text", "The accuracy is 61 %.")
    verdict = judged(expectation, with_words(printed("Test accuracy: 99%"), words), "report")
    assert verdict.outcome is Outcome.PASSED
    assert "61.0%" in verdict.remarks[0]


def test_another_problems_accuracy_in_the_same_cell_does_not_hide_it(expectation):
    cell = printed("test accuracy 0.99\nepoch 1: loss 2.1, accuracy 31.0 %\nepoch 2: loss 2.0, accuracy 34.8 %\n")
    assert judged(expectation, with_words(cell), "report").outcome is Outcome.PASSED


def test_no_report_is_missing(expectation):
    assert judged(expectation, with_words(printed("done")), "report").outcome is Outcome.MISSING


def test_training_accuracies_and_losses_are_no_reports():
    figure = Figure((Axes((Curve("line", np.arange(3.0), np.array([0.9, 0.5, 0.4]), "test loss"),), title="accuracy"),))
    student = with_words(printed("train accuracy 0.99"), namespace={"train_acc": 0.99}, figures=(figure,))
    assert reports(student) == ()
