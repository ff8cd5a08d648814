"""Networks written by hand: right in every style, wrong in each known way."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_student import FakeStudent
from handwritten import RIGHT, cells

from grader import reference
from grader.errors import Absent, Raised
from grader.expect import Ask, Mistake
from grader.records import Outcome, Verdict

HERE = Path(__file__).parents[2]
TRUTH = reference.load(HERE / "reference" / "backpropagation.py")
CLAIMS = [
    ("by_hand", "loss"),
    ("by_hand", "guess"),
    ("train_step", "weights"),
    ("train_step", "biases"),
    ("first_weights", ""),
]


def judged(claim: tuple[str, str], texts: list[str], seed: int = 1, **more: object) -> Verdict:
    name, part = claim
    return TRUTH[name].judge(FakeStudent.of(*texts), Ask((seed,), part, **more))  # type: ignore[arg-type]


def outcomes(texts: list[str], seed: int = 1) -> dict[str, str]:
    """Return what is not passed, by part, with the mistake."""
    verdicts = {part or name: judged((name, part), texts, seed) for name, part in CLAIMS}
    return {
        part: verdict.mistake or verdict.outcome.value
        for part, verdict in verdicts.items()
        if verdict.outcome is not Outcome.PASSED
    }


# ----------------------------------------------------------------------------------------------------- right


@pytest.mark.parametrize("style", RIGHT)
@pytest.mark.parametrize("seed", range(3))
def test_right_in_every_style(style, seed):
    assert outcomes(cells(style), seed) == {}


SAME = {
    "one-hot labels": (
        "lists",
        ("integer_to_one_hot(y, 10), a)", "y, a)"),
        ("a[-1] - integer_to_one_hot(y, 10)", "a[-1] - y"),
    ),
    "flat samples": ("lists", ("sample.flatten()", "sample"), ("(6, 28, 28)", "(6, 784)")),
    "columns": (
        "dictionary",
        ("sample.reshape(784, 1) / 255", "np.asarray(sample)"),
        ("(6, 28, 28)", "(6, 784, 1)"),
    ),
    "other names": (
        "lists",
        ("feed_forward_sample", "FeedForwardSample"),
        ("train_one_sample", "trainOneSample"),
    ),
    "rate from a global": (
        "lists",
        ("(sample, y, learning_rate=0.003)", "(sample, y)"),
        ("train_one_sample(sample, label, 0.1)", "train_one_sample(sample, label)"),
        ("weights = [", "learning_rate = 0.003\nweights = ["),
    ),
    "rate not told": (
        "lists",
        ("(sample, y, learning_rate=0.003)", "(sample, y)"),
        ("train_one_sample(sample, label, 0.1)", "train_one_sample(sample, label)"),
        ("learning_rate *", "0.003 *"),
    ),
    "network handed over": (
        "lists",
        ("feed_forward_sample(sample, y)", "feed_forward_sample(sample, y, weights, biases)"),
        ("train_one_sample(sample, y, learning", "train_one_sample(weights, biases, sample, y, learning"),
        ("train_one_sample(sample, label, 0.1)", "train_one_sample(weights, biases, sample, label, 0.1)"),
    ),
    "loss alone is averaged": ("lists", ("return -np.sum(y * np.log(yHat))", "return -np.mean(y * np.log(yHat))")),
    "copies and gradients beside": (
        "lists",
        ("biases = [", "best = [rng.normal(size=w.shape) for w in weights]\nbiases = ["),
    ),
    "single precision": (
        "lists",
        ("biases = [", "weights = [w.astype(np.float32) for w in weights]\nbiases = ["),
    ),
    "a loop left a one-hot label behind": (
        "lists",
        ("integer_to_one_hot(y, 10), a)", "y, a)"),
        ("a[-1] - integer_to_one_hot(y, 10)", "a[-1] - y"),
        ("y_train = np.array([0, 3, 9, 1, 3, 2])", "y_train = np.eye(10)[[0, 3, 9, 1, 3, 2]]"),
        ("biases = [", "sample, y = x_train[0], y_train[0]\nbiases = ["),
    ),
    "scaled and standardised inside": (
        "lists",
        ("sample.flatten()", "((sample.flatten() / 255 - 0.1307) / 0.3081)"),
    ),
    "new parameters are returned": (
        "lists",
        (
            "    for l in range(3):\n        weights[l] -= learning_rate * grads[l][0]\n"
            "        biases[l] -= learning_rate * grads[l][1]\n",
            "    return ([w - learning_rate * g[0] for w, g in zip(weights, grads)],"
            " [b - learning_rate * g[1] for b, g in zip(biases, grads)])\n",
        ),
        (
            "    train_one_sample(sample, label, 0.1)",
            "    weights, biases = train_one_sample(sample, label, 0.1)",
        ),
    ),
    "new parameters are returned, with the loss": (
        "dictionary",
        ("    params.update(new)", "    return 0.5, new"),
        ("    train_one_sample(sample, label, 0.1)", "    params = train_one_sample(sample, label, 0.1)[1]"),
    ),
    "handed over under another name, and returned": (
        "dictionary",
        ("def train_one_sample(sample, y, lr=0.003)", "def train_one_sample(net, sample, y, lr=0.003)"),
        ("feed_forward_sample(sample, y)", "feed_forward_sample(net, sample, y)"),
        ("    params.update(new)", "    return new"),
        (
            "    train_one_sample(sample, label, 0.1)",
            "    params = train_one_sample(params, sample, label, 0.1)",
        ),
    ),
    "one vector, weights before biases": (
        "flat",
        (
            "[(32, 784), (32,), (32, 32), (32,), (10, 32), (10,)]",
            "[(32, 784), (32, 32), (10, 32), (32,), (32,), (10,)]",
        ),
        ("W1, b1, W2, b2, W3, b3 = unpack()", "W1, W2, W3, b1, b2, b3 = unpack()"),
        (
            "d1, np.outer(d2, h1), d2, np.outer(d3, h2), d3]",
            "np.outer(d2, h1), np.outer(d3, h2), d1, d2, d3]",
        ),
    ),
    "the functions are methods kept under global names": (
        "layers",
        ("def feed_forward_sample(sample, y):\n    p = net", "def feed_forward_sample(self, sample, y):\n    p = self"),
        (
            "def train_one_sample(sample, y, learning_rate=0.003):\n    grad = net",
            "def train_one_sample(self, sample, y, learning_rate=0.003):\n    grad = self",
        ),
        ("in reversed(net.layers)", "in reversed(self.layers)"),
        (
            "        grad = layer.backward(grad, learning_rate)\n",
            "        grad = layer.backward(grad, learning_rate)\n"
            "Network.train_one_sample, Network.feed_forward_sample = train_one_sample, feed_forward_sample\n"
            "feed_forward_sample, train_one_sample = net.feed_forward_sample, net.train_one_sample\ndel net\n",
        ),
    ),
    "attributes of a class": (
        "dictionary",
        ("params = {}", "class Net:\n    pass\nparams = {}"),
        (
            "def forward(sample)",
            "for name, value in params.items():\n    setattr(Net, name, value)\ndel params\ndef forward(sample)",
        ),
        (" = params[f", " = vars(Net)[f"),
        (" + params[f", " + vars(Net)[f"),
        ("    params.update(new)", "    for name, value in new.items():\n        setattr(Net, name, value)"),
    ),
    "scaled afterwards": (
        "rows",
        (
            "W1 = rng.standard_normal((784, 32)) * np.sqrt(1 / 784)",
            "W1 = rng.standard_normal((784, 32))\n\nW1 *= np.sqrt(1 / 784)",
        ),
    ),
}


@pytest.mark.parametrize("how", SAME)
def test_right_in_other_words(how):
    style, *changes = SAME[how]
    wrong = outcomes(cells(style, *changes))
    assert wrong == ({"loss": "mean_over_classes"} if how == "loss alone is averaged" else {})


def test_the_finding_says_what_was_understood():
    verdict = judged(("train_step", "weights"), cells("rows"))
    assert "`W2` (32, 32) is the weights of layer 2, rows are inputs" in verdict.remarks[0]
    closed_over = judged(("train_step", "weights"), cells("closure")).remarks[0]
    assert "`[1]` of a variable around `feed_forward_sample` (32, 32) is the weights of layer 2" in closed_over
    assert "__closure__" not in closed_over


# ----------------------------------------------------------------------------------------------------- wrong

SLOPE = "dsigmoid(zs[l - 1])"
WRONG = {
    "slope at activation": ("lists", (SLOPE, "dsigmoid(a[l])"), {"weights": "slope_at_activation"}),
    "no slope": ("lists", (f" * {SLOPE}", ""), {"weights": "missing_slope"}),
    "activation for slope": ("lists", (SLOPE, "a[l]"), {"weights": "activation_for_slope"}),
    "ascent": ("lists", ("s[l] -= learning", "s[l] += learning"), {"weights": "ascent"}),
    "no transpose": (
        "lists",
        ("weights[l].T @ delta", "(weights[l] if l == 1 else weights[l].T) @ delta"),
        {"weights": "forgets_the_transpose"},
    ),
    "transposed gradient": (
        "lists",
        ("np.outer(delta, a[l])", "(np.outer(delta, a[l]) if l != 1 else np.outer(a[l], delta))"),
        {"weights": "transposed_gradient", "biases": ""},
    ),
    "half": ("lists", ("delta = a[-1] - integer", "delta = 0.5 * (a[-1] - integer"), {"weights": "half_the_gradient"}),
    "no biases": (
        "lists",
        ("        biases[l] -= learning_rate * grads[l][1]\n", ""),
        {"weights": "", "biases": "biases_never_move"},
    ),
    "update before use": (
        "layers",
        (
            "        below = self.W @ delta\n        self.W -= lr * np.outer(self.x, delta)\n",
            "        self.W -= lr * np.outer(self.x, delta)\n        below = self.W @ delta\n",
        ),
        {"weights": "update_before_use"},
    ),
    "slope at the output": (
        "rows",
        ("d3 = (p - integer_to_one_hot(y, 10))", "d3 = ((p - integer_to_one_hot(y, 10)) * p * (1 - p))"),
        {"weights": "slope_at_the_output"},
    ),
    "one layer forgotten": ("rows", ("W2 = W2 -", "W2 -"), {"weights": "failed", "biases": ""}),
}


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize("seed", range(2))
def test_a_wrong_step_is_named(how, seed):
    style, change, wanted = WRONG[how]
    if how == "half":
        change = (change[0] + "_to_one_hot(y, 10)", change[1] + "_to_one_hot(y, 10))")
    texts = cells(style, change)
    wanted = {"biases": wanted["weights"], **wanted}
    found = outcomes(texts, seed)
    assert found == {part: mistake for part, mistake in wanted.items() if mistake}


def test_a_wrong_step_names_the_layer_and_by_how_much():
    verdict = judged(
        ("train_step", "weights"), cells("lists", (SLOPE, "dsigmoid(a[l])")), credit={"slope_at_activation": 0.5}
    )
    assert (verdict.outcome, verdict.fraction) == (Outcome.PARTIAL, 0.5)
    assert "off in layer 1 (784 to 32) by" in verdict.found
    assert "Right: layer 3." in verdict.found


SENTENCES = {
    "a factor": (("learning_rate * grads", "3 * learning_rate * grads"), "3 times what it should be, in all layers"),
    "factors by layer": (("learning_rate * grads", "(l + 2) * learning_rate * grads"), "2 in layer 1, 3 in layer 2"),
}


@pytest.mark.parametrize("how", SENTENCES)
def test_a_simple_error_is_told(how):
    change, sentence = SENTENCES[how]
    verdict = judged(("train_step", "weights"), cells("lists", change))
    assert verdict.outcome is Outcome.FAILED
    assert sentence in verdict.found


@pytest.mark.parametrize(
    ("rate", "outcome"), [("0.003", Outcome.PASSED), ("-0.003", Outcome.FAILED), ("learning_rate**2", Outcome.FAILED)]
)
def test_a_step_of_a_size_of_its_own_is_along_the_gradient_all_the_same(rate, outcome):
    verdict = judged(("train_step", "weights"), cells("lists", ("learning_rate * grads", f"{rate} * grads")))
    assert verdict.outcome is outcome
    assert ("its steps are made with 0.003" in " ".join(verdict.remarks)) is (outcome is Outcome.PASSED)


MOVES = (
    "    for l in range(3):\n        weights[l] -= learning_rate * grads[l][0]\n"
    "        biases[l] -= learning_rate * grads[l][1]\n"
)
RETURNED = (
    "    return ([w - learning_rate * g[0] for w, g in zip(weights, grads)],"
    " [b - learning_rate * g[1] for b, g in zip(biases, grads)])\n"
)


def test_a_wrong_step_that_is_returned_is_named():
    texts = cells("lists", (MOVES, RETURNED.replace("- learning", "+ learning")))
    verdict = judged(("train_step", "weights"), texts)
    assert verdict.mistake == "ascent"
    assert "the new weights and biases that it returns were judged" in " ".join(verdict.remarks)


@pytest.mark.parametrize("answer", ["[g[0] for g in grads], [g[1] for g in grads]", "object()"])
def test_a_step_that_returns_gradients_or_an_object_is_for_a_person(answer):
    texts = cells("lists", (MOVES, f"    return {answer}\n"))
    verdict = judged(("train_step", "weights"), texts)
    assert verdict.outcome is Outcome.PENDING
    assert "changes no weights or biases" in verdict.found


@pytest.mark.parametrize("answer", ["None", "0.5", "grads[0][0]"])
def test_a_step_that_returns_something_else_does_not_move(answer):
    texts = cells("lists", (MOVES, f"    return {answer}\n"))
    assert judged(("train_step", "weights"), texts).mistake == "weights_never_move"


def test_one_vector_is_judged_layer_by_layer():
    texts = cells("flat", ("d3 * h2 * (1 - h2)", "d3 * h2"))
    verdict = judged(("train_step", "weights"), texts)
    assert verdict.mistake == "activation_for_slope" or "Right: layer 3." in verdict.found
    assert "from 25088 on, (32,), is the bias of layer 1" in verdict.remarks[0]


def test_one_vector_of_which_no_loss_tells_the_order_is_for_a_person():
    for change in ("p = np.tanh(forward(sample)[-1])", "return None"):
        verdict = judged(("train_step", "weights"), cells("flat", ("p = forward(sample)[-1]", change)))
        assert verdict.outcome is Outcome.PENDING
        assert "`theta` (26506,)" in verdict.found


PLAYED = """
def train_one_sample(sample, y, learning_rate=0.003):
    both = wrong(weights, biases, np.ravel(sample), y, learning_rate)
    for old, change in zip((*weights, *biases), (*both[0], *both[1])):
        old -= learning_rate * change
def feed_forward_sample(sample, y):
    return float(lost(weights, biases, np.ravel(sample), y)), np.eye(10)[0]
"""


def mistakes_of(part: str) -> list[Mistake]:
    return [known for known in TRUTH["by_hand"].mistakes if known.part == part]


def played(step: object, loss: object) -> FakeStudent:
    student = FakeStudent.of(*cells("lists")[:2], PLAYED)
    student.live.update(wrong=step, lost=loss)
    return student


@pytest.mark.parametrize("known", TRUTH["train_step"].mistakes, ids=lambda known: known.name)
@pytest.mark.parametrize("seed", range(2))
def test_every_known_mistake_of_a_step_is_named(known, seed):
    student = played(known.answer, TRUTH["by_hand"].plan.loss)
    for part in ("weights", "biases"):
        verdict = TRUTH["train_step"].judge(student, Ask((seed,), part))
        if verdict.outcome is not Outcome.PASSED:
            assert verdict.mistake == known.name
    weights_only = known.name == "transposed_gradient"
    assert (verdict.outcome is Outcome.PASSED) == weights_only


@pytest.mark.parametrize("known", mistakes_of("loss"), ids=lambda known: known.name)
@pytest.mark.parametrize("seed", range(2))
def test_every_known_mistake_of_a_loss_is_named(known, seed):
    student = played(None, known.answer)
    assert TRUTH["by_hand"].judge(student, Ask((seed,), "loss")).mistake == known.name


@pytest.mark.parametrize("known", mistakes_of("guess"), ids=lambda known: known.name)
@pytest.mark.parametrize("seed", range(2))
def test_every_known_mistake_of_a_guess_is_named(known, seed):
    truth = TRUTH["by_hand"]
    student = played(None, truth.plan.loss)
    (cell,) = truth.made(known, TRUTH)
    student.live["wrong"] = known.answer
    exec(cell, student.live)
    assert truth.judge(student, Ask((seed,), "guess")).mistake == known.name


@pytest.mark.parametrize("known", TRUTH["first_weights"].mistakes, ids=lambda known: known.name)
def test_every_known_mistake_of_first_weights_is_named(known):
    shapes = ((32, 784), (32, 32), (10, 32))
    draws = [f"rng.normal(0, {float(known.answer(n, m))}, {(m, n)})" for m, n in shapes]
    start = f"weights = [{', '.join(draws)}]\nbiases = [np.zeros(32), np.zeros(32), np.zeros(10)]"
    texts = cells("lists")
    verdict = judged(("first_weights", ""), [texts[0], start, *texts[2:]])
    assert verdict.mistake == known.name


@pytest.mark.parametrize(
    ("drawn", "mistake"),
    [
        ("np.zeros((32, 784))", "zeros"),
        ("np.full((32, 784), 0.01)", "constant"),
        ("rng.uniform(-0.0619, 0.0619, (32, 784))", "uniform"),
        ("rng.normal(0.01, 1 / 28, (32, 784))", ""),
    ],
)
def test_other_first_weights_fail(drawn, mistake):
    verdict = judged(("first_weights", ""), cells("lists", ("rng.normal(0, 1 / 28, (32, 784))", drawn)))
    assert (verdict.outcome, verdict.mistake) == (Outcome.FAILED, mistake)


def test_first_weights_that_were_trained_at_once_are_for_a_person():
    texts = cells("lists", ("rng.normal(0, 1 / 28, (32, 784))", "rng.normal(0, 1, (32, 784))"))
    verdict = judged(("first_weights", ""), [texts[0], "\n".join(texts[1:])])
    assert verdict.outcome is Outcome.PENDING


# ------------------------------------------------------------------------------------------- follow-through


FORWARD = {
    "tanh inside": (("sigmoid(z)", "np.tanh(z)"), ("sigmoid(zs[-1])", "np.tanh(zs[-1])"), (SLOPE, "(1 - a[l] ** 2)")),
    "biases doubled": (("+ biases[l]", "+ 2 * biases[l]"), ("grads[l][1]\n", "2 * grads[l][1]\n")),
}


@pytest.mark.parametrize("how", FORWARD)
def test_a_right_way_back_from_a_wrong_way_forward_keeps_its_points(how):
    texts = cells("lists", *FORWARD[how])
    assert outcomes(texts) == {"loss": "failed"}
    assert "your own loss" in judged(("train_step", "weights"), texts).found


def test_a_wrong_way_back_from_a_wrong_way_forward_is_wrong():
    texts = cells("lists", *FORWARD["tanh inside"][:2], (SLOPE, "(1 - a[l])"))
    verdict = judged(("train_step", "weights"), texts)
    assert verdict.outcome is Outcome.FAILED
    assert "Right: layer 3." in verdict.found


# ------------------------------------------------------------------------------------------- nothing to be understood


def test_an_empty_notebook_has_nothing():
    for claim in CLAIMS:
        with pytest.raises(Absent):
            judged(claim, ["x = 1"])


@pytest.mark.parametrize(
    "start",
    [
        "weights = rng.normal(size=25088 + 1024 + 321)\nbiases = rng.normal(size=74)",
        "weights = [rng.normal(size=(64, 784)), rng.normal(size=(10, 64))]\nbiases = [np.zeros(64), np.zeros(10)]",
    ],
)
def test_unknown_arrays_are_for_a_person(start):
    texts = cells("lists")
    for claim in CLAIMS:
        verdict = judged(claim, [texts[0], start, texts[2]])
        assert verdict.outcome is Outcome.PENDING
        assert "`weights" in verdict.found


ELSEWHERE = {
    "counts of classes": "counts = np.zeros(10)\nhidden = np.ones(32)",
    "batches as large as a layer": "images = np.ones((32, 784))\noutputs = np.ones((32, 10))\ncounts = np.ones(10)",
    "a module and its training": """
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.last = torch.nn.Linear(784, 10)
    def forward(self, x):
        return self.last(x)
net = Net()
right = np.zeros(10)
def train(model, epochs):
    model.last.weight.data *= 0.9
""",
    "the starter": """
counts = np.zeros(10)
weights, biases = [], []
def feed_forward_sample(sample, y):
    pass
""",
}


@pytest.mark.parametrize("how", ELSEWHERE)
def test_what_stands_there_for_another_problem_is_no_attempt_at_this_one(how):
    for claim in CLAIMS:
        with pytest.raises(Absent):
            judged(claim, [cells("lists")[0], ELSEWHERE[how]])


def test_a_step_without_a_known_network_is_an_attempt():
    texts = cells("lists")
    start = "weights = [rng.normal(size=(64, 784)), rng.normal(size=(10, 64))]\nbiases = [np.zeros(64), np.zeros(10)]"
    step = texts[2][texts[2].index("def train_one_sample") :]
    assert judged(("train_step", "weights"), [texts[0], start, step]).outcome is Outcome.PENDING


def test_arrays_that_the_loss_does_not_use_are_for_a_person():
    texts = cells("lists", ("return cross_entropy_loss(integer_to_one_hot(y, 10), a), ", "return 1.0, "))
    verdict = judged(("train_step", "weights"), texts)
    assert verdict.outcome is Outcome.PENDING
    assert "depends on none of the arrays" in verdict.found


def test_without_a_step_only_the_step_is_missing():
    texts = cells("lists", ("def train_one_sample", "def other"), ("train_one_sample(sample", "other(sample"))
    assert judged(("by_hand", "loss"), texts).outcome is Outcome.PASSED
    with pytest.raises(Absent):
        judged(("train_step", "weights"), texts)


def test_without_a_loss_the_step_is_judged_all_the_same():
    texts = cells("lists", ("def feed_forward_sample(sample, y)", "def other(sample, y, z)"))
    assert judged(("train_step", "weights"), texts).outcome is Outcome.PASSED
    assert judged(("first_weights", ""), texts).outcome is Outcome.PASSED
    with pytest.raises(Absent):
        judged(("by_hand", "loss"), texts)


GIVES = "return cross_entropy_loss(integer_to_one_hot(y, 10), a), integer_to_one_hot(np.argmax(a), 10)"
NO_LOSS = {"None": "print('the loss')", "a generator": "yield 1.0", "an exception": "raise ValueError('not finished')"}


@pytest.mark.parametrize("instead", NO_LOSS.values(), ids=NO_LOSS)
def test_a_loss_that_is_not_to_be_had_costs_its_own_points_only(instead):
    for scaled in "", " / 255":
        texts = cells("lists", (GIVES, instead), ("sample.flatten()", "sample.flatten()" + scaled))
        for claim in CLAIMS[2:]:
            assert judged(claim, texts).outcome is Outcome.PASSED


def test_without_a_loss_a_step_along_another_gradient_is_for_a_person_unless_the_mistake_is_known():
    changes = [(GIVES, "print('the loss')"), ("weights[l].T @ delta", "1.5 * weights[l].T @ delta")]
    verdict = judged(("train_step", "weights"), cells("lists", *changes))
    assert verdict.outcome is Outcome.PENDING
    assert "feed_forward_sample" in verdict.found
    known = cells("lists", (GIVES, "print('the loss')"), ("* dsigmoid(zs[l - 1])", "* dsigmoid(a[l])"))
    assert judged(("train_step", "weights"), known).mistake == "slope_at_activation"


ODD = {
    "None": "None",
    "text": "'2.3'",
    "generator": "(i for i in range(3))",
    "complex": "(complex(loss), None)",
    "object": "object()",
    "huge": "np.zeros((4000, 1000))",
    "not a number": "(float('nan'), None)",
    "objects": "np.array([object(), None])",
}


@pytest.mark.parametrize("how", ODD)
def test_odd_answers_are_clear_findings(how):
    odd = f"loss = cross_entropy_loss(integer_to_one_hot(y, 10), a)\n    return {ODD[how]}"
    texts = cells("lists", (GIVES, odd))
    for claim in CLAIMS[:2]:
        try:
            verdict = judged(claim, texts)
        except Exception as failure:  # noqa: BLE001
            assert type(failure).__name__ in ("Unusable", "Raised"), failure
            assert "feed_forward_sample" in str(failure)
        else:
            assert verdict.outcome in (Outcome.FAILED, Outcome.PENDING)
            assert "feed_forward_sample" in verdict.found


def test_an_unfilled_starter_has_no_answer():
    texts = cells("lists")
    starter = (
        "def feed_forward_sample(sample, y):\n    pass\ndef train_one_sample(sample, y, learning_rate=0.003):\n    pass"
    )
    start = "weights = ...\nbiases = ..."
    for claim in CLAIMS:
        try:
            verdict = judged(claim, [texts[0], start, starter])
        except Absent:
            continue
        assert verdict.outcome in (Outcome.FAILED, Outcome.MISSING)


def test_a_step_that_raises_says_so():
    with pytest.raises(Raised, match="mismatch"):
        judged(("train_step", "weights"), cells("lists", ("weights[l].T @ delta", "weights[l] @ delta @ delta"))[:3])
