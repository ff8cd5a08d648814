"""A conversation with a live kernel, and the same one again from its recording."""

from __future__ import annotations

import socket
import time

import numpy as np
import pytest
from standin import kernel

from grader import conversation, wire
from grader.conversation import Live, Recorded
from grader.errors import Absent, NotAsked, NotRecorded, Raised, TooSlow, Unusable
from grader.records import FileRun
from grader.student import Handle, KnownFunction, Opaque, Tensor

FIRST = """
import numpy as np, random, time, os
count = 0
def relu(z, alpha=0.0, *rest, flag=False):
    print("called")
    return np.maximum(z, 0)
def change(z, d): z[0] = 7; d['k'] = z; return None
def bump():
    global count; count += 1; return count
def fail(): raise ValueError("no such thing")
def leave(): os._exit(3)
def quit_(): raise SystemExit(1)
def sleep(s): time.sleep(s); return s
def draw(): return random.random(), np.random.rand()
def derivative(fs, dfs, x): return [f(x) for f in fs], dfs[0](x)
weights = [np.ones((2, 3)), np.zeros(2)]
params = {'W1': np.eye(2), 3: 'three'}
nan, big, ragged = float('nan'), 2**300, np.array([np.ones(2), np.ones(3)], dtype=object)
def gen(): yield 1
mixed = (None, True, 1.5, 2+1j, 'text', {1, 2}, gen(), len, np.float32(3), range(3), np.arange(3, dtype='>i4'))
import dataclasses
@dataclasses.dataclass
class Net:
    W1: float
    b1: list = dataclasses.field(default_factory=lambda: [1, 2])
    def __post_init__(self): self.more = 3
    def __iter__(self): return iter((self.W1, self.b1))
def net(W1): return Net(W1)
def one_by_one(n, by=1):
    for i in range(n): yield i // by
"""

SECOND = """
import torch
from torch import nn
relu = torch.relu
class MLP(nn.Module):
    def __init__(s):
        super().__init__(); s.l1 = nn.Linear(1, 4); s.again = s.l1; s.l2 = nn.Linear(4, 1); s.more = [nn.Linear(1, 1)]
    def forward(s, x): return s.l2(torch.tanh(s.l1(x)))
model = MLP()
models = {'inner': MLP()}
half = torch.ones(2, dtype=torch.bfloat16)
sparse = torch.eye(2).to_sparse()
def train():
    m = nn.Linear(1, 1); o = torch.optim.SGD(m.parameters(), lr=0.1)
    m(torch.ones(4, 1)).sum().backward(); o.step()
train()
def noise(): return torch.randn(2)
def apply(m, x): return m(x)
"""


@pytest.fixture(scope="module")
def two_files():
    with kernel(FIRST) as one, kernel(SECOND) as two:
        yield [FileRun("a.py", (), "finished"), FileRun("b.py", (), "finished")], [one, two]


@pytest.fixture
def live(two_files):
    files, kernels = two_files
    return Live(files, lambda file: kernels[file].connect(), 60.0)


@pytest.fixture
def student(live):
    with live.conversation("c") as student:
        yield student


def test_values_of_every_kind(student):
    assert [a.tolist() for a in student.get("weights")] == [[[1, 1, 1], [1, 1, 1]], [0, 0]]
    assert student.get("weights[1]").shape == (2,) and student.get("weights[-1]").shape == (2,)
    assert student.get("params['W1']").tolist() == [[1, 0], [0, 1]] and student.get("params")[3] == "three"
    assert np.isnan(student.get("nan")) and student.get("big") == Opaque("int of too many digits")
    assert [len(part) for part in student.get("ragged")] == [2, 3]
    mixed = student.get("mixed")
    assert mixed[:5] == (None, True, 1.5, 2 + 1j, "text")
    assert [part.kind for part in mixed[5:8]] == ["set", "generator", "builtin_function_or_method"]
    assert mixed[8] == 3 and mixed[8].dtype == np.float32 and mixed[9] == [0, 1, 2]
    assert mixed[10].tolist() == [0, 1, 2]
    assert student.get("half").tolist() == [1, 1] and student.get("sparse").tolist() == [[1, 0], [0, 1]]
    assert student.get("model.l1.weight").shape == (4, 1)


def test_a_name_is_looked_up_in_every_file_and_a_handle_in_its_own(student):
    assert student.call("relu", np.array([-1.0, 2])).tolist() == [0, 2]
    assert student.call(Handle("relu", 1), Tensor(np.array([-1.0, 2], "f4"))).tolist() == [0, 2]
    with pytest.raises(Raised, match="TypeError"):
        student.call(Handle("relu", 1), np.array([-1.0, 2]))
    assert student.call("apply", Handle("model", 1), Tensor(np.ones((3, 1), "f4"))).shape == (3, 1)


def test_an_absent_name_says_what_is_near(student):
    with pytest.raises(Absent) as raised:
        student.get("weight")
    assert raised.value.looked_for == "weight" and "weights" in raised.value.seen
    for path in ("model.l9", "weights[7]", "params['no']", "1 + 1", "__import__('os')", ""):
        with pytest.raises(Absent):
            student.get(path)


def test_replies_tell_changes_in_place_and_prints(student):
    reply = student.reply("change", np.zeros(2), {})
    assert reply.arguments[0].tolist() == [7, 0] and reply.arguments[1]["k"].tolist() == [7, 0]
    assert student.reply("relu", 1.0).printed == "called\n"
    assert student.reply("change", [0.0], {}).arguments[0] == [7]


def test_a_generator_gives_what_it_gives_as_a_list_that_ends(student):
    assert student.call("one_by_one", 3) == [0, 1, 2]
    assert len(student.call("one_by_one", 10**9)) == 10_000
    with pytest.raises(Raised, match="ZeroDivisionError"):
        student.call("one_by_one", 3, 0)


def test_a_dataclass_crosses_as_its_fields(student):
    assert student.call("net", 2.0) == {"W1": 2.0, "b1": [1, 2]}


def test_state_lasts_for_one_conversation_only(live):
    for _ in range(2):
        with live.conversation("c") as student:
            assert [student.call("bump"), student.call("bump")] == [1, 2]


def test_seeds_decide_draws(student):
    assert student.call("draw", seed=5) == student.call("draw", seed=5) != student.call("draw", seed=6)
    assert student.call("noise", seed=5).tolist() == student.call("noise", seed=5).tolist()


def test_known_functions_take_numbers_arrays_and_tensors(student):
    cubic, wave = KnownFunction("polynomial", (1.0, 0.0, 2.0)), KnownFunction("sin", (2.0, 3.0, 1.0))
    values, slope = student.call("derivative", [cubic, wave], [cubic], 2.0)
    assert values == [9.0, pytest.approx(2 * np.sin(7))] and slope == 9.0
    values, _ = student.call("derivative", [cubic, wave], [cubic], np.array([0.0, 1.0]))
    assert values[0].tolist() == [1, 3] and values[1] == pytest.approx(2 * np.sin([1.0, 4.0]))
    values, _ = student.call("derivative", [wave], [wave], Tensor(np.array([0.0])))
    assert values[0] == pytest.approx(2 * np.sin([1.0]))


def test_the_survey_tells_kinds_and_parameters(student):
    seen = {(entry.handle.file, entry.handle.name): entry for entry in student.survey()}
    assert seen[0, "relu"].parameters == ("z", "alpha=", "*rest") and seen[0, "relu"].kind == "function"
    kinds = {name: entry.kind for (_, name), entry in seen.items()}
    assert kinds["MLP"] == "class" and kinds["model"] == "module" and kinds["half"] == "tensor"
    assert kinds["weights"] == "sequence" and kinds["params"] == "mapping" and kinds["nan"] == "number"
    assert seen[1, "relu"].kind == "function" and seen[1, "half"].shape == (2,)
    assert not {"np", "torch", "os", "In", "Out", "get_ipython"} & set(kinds)


def test_models_by_name_in_containers_and_at_work(student):
    models = {model.name: model for model in student.models()}
    assert models["model"].shapes == ((4, 1), (4,), (1, 4), (1,), (1, 1), (1,))
    assert models["model"].parameter_names[:2] == ("l1.weight", "l1.bias") and models["model"].trainable == 15
    assert models["models['inner']"].handle == Handle("models['inner']", 1)
    assert [a.shape for a in student.parameters(models["model"].handle)] == list(models["model"].shapes)
    at_work = models[""]
    assert at_work.type_name == "Linear" and student.call(at_work.handle, Tensor(np.ones((2, 1), "f4"))).shape == (2, 1)


def test_failures_are_the_students(student):
    with pytest.raises(Raised) as raised:
        student.call("fail")
    assert (raised.value.kind, raised.value.message, raised.value.line) == ("ValueError", "no such thing", 10)
    with pytest.raises(Raised, match="SystemExit"):
        student.call("quit_")
    with pytest.raises(Unusable, match="ended"):
        student.call("leave")
    assert student.call("bump") == 1


def ask_all(student):
    """Ask questions of every kind and return what came, failures included."""
    answers = []
    for ask in (
        lambda: student.survey(),
        lambda: student.models(),
        lambda: student.get("weights"),
        lambda: student.call("bump"),
        lambda: student.call("bump"),
        lambda: student.reply("change", np.zeros(2), {}),
        lambda: student.call("sleep", 60.0),
        lambda: student.call("fail"),
        lambda: student.get("nothing"),
        lambda: student.call("leave"),
        lambda: student.call("bump"),
        lambda: student.call("draw", seed=1),
    ):
        try:
            answers.append(repr(ask()))
        except (Absent, Raised, TooSlow, Unusable) as failure:
            answers.append(f"{type(failure).__name__}: {failure} {vars(failure)}")
    return answers


def test_a_recording_answers_as_the_kernel_did_and_nothing_else(two_files):
    files, kernels = two_files
    live = Live(files, lambda file: kernels[file].connect(), 1.0)
    with live.conversation("1.1") as student:
        answers = ask_all(student)
    assert any(answer.startswith("TooSlow") for answer in answers)
    again = Recorded(files, live.recorded)
    with again.conversation("1.1") as student:
        assert ask_all(student) == answers
        with pytest.raises(NotRecorded):
            student.call("bump")
    with again.conversation("1.1") as student, pytest.raises(NotRecorded):
        student.get("weights")
    with again.conversation("9.9") as student, pytest.raises(NotRecorded):
        student.survey()


def test_a_kernel_that_cannot_be_reached_is_passed_over_or_is_the_reason(two_files):
    files, kernels = two_files

    def connect(file):
        if file == 0:
            raise Unusable("The program had ended before it could be asked.")
        return kernels[1].connect()

    with Live(files, connect, 60.0).conversation("c") as student:
        assert student.get("half").tolist() == [1, 1]
        assert {seen.handle.file for seen in student.survey()} == {1}
        with pytest.raises(Unusable, match="had ended"):
            student.get("weights")


def test_slow_questions_end_in_time_and_are_not_asked_for_ever(two_files):
    files, kernels = two_files
    started = time.monotonic()
    with Live(files[:1], lambda file: kernels[0].connect(), 0.2).conversation("c") as student:
        for _ in range(4):
            with pytest.raises(TooSlow):
                student.call("sleep", 60.0)
        with pytest.raises(Unusable, match="several times"):
            student.call("sleep", 60.0)
    assert time.monotonic() - started < 60


def test_an_answer_that_others_keep_the_processor_from_is_waited_for(two_files):
    files, kernels = two_files

    def connect(file):
        link = kernels[file].connect()
        link.is_starved = True
        return link

    with Live(files[:1], connect, 1.0).conversation("c") as student:
        assert student.call("sleep", 1.2) == 1.2
    started = time.monotonic()
    with Live(files[:1], connect, 0.1).conversation("c") as student, pytest.raises(TooSlow):
        student.call("sleep", 60.0)
    assert 0.9 < time.monotonic() - started < 60


def test_questions_to_one_submission_may_take_so_much_and_no_more(two_files, monkeypatch):
    files, kernels = two_files
    monkeypatch.setattr(conversation, "PATIENCE", 3)
    live = Live(files[:1], lambda file: kernels[0].connect(), 0.4)
    started, asked = time.monotonic(), 0
    while live._allowance.seconds > 0:  # a busy machine may spend it on fewer
        asked += 1
        assert asked <= 3
        with live.conversation(str(asked)) as student, pytest.raises(TooSlow):
            student.call("sleep", 60.0)
    assert time.monotonic() - started >= 3 * 0.4
    for sitting in (live, Recorded(files[:1], live.recorded)):
        with sitting.conversation("last") as student, pytest.raises(NotAsked, match="all the time"):
            student.call("bump")


def test_answers_of_one_submission_may_be_so_large_and_no_larger(two_files, monkeypatch):
    files, kernels = two_files
    live = Live(files[:1], lambda file: kernels[0].connect(), 60.0)
    live._allowance.bytes = 1000
    with live.conversation("1") as student:
        assert len(student.call("relu", np.zeros(100))) == 100
    with live.conversation("2") as student, pytest.raises(NotAsked, match="larger"):
        student.call("relu", np.zeros(100))
    assert sum(len(part) for said in live.recorded.values() for one in said for part in one.answer_buffers) == 800
    with Recorded(files[:1], live.recorded).conversation("2") as student, pytest.raises(NotAsked):
        student.call("relu", np.zeros(100))


def test_what_answers_say_without_arrays_counts_too(two_files):
    files, kernels = two_files
    live = Live(files[:1], lambda file: kernels[0].connect(), 60.0)
    live._allowance.bytes = 2000
    with live.conversation("1") as student:
        assert student.call("one_by_one", 1000)[-1] == 999
        with pytest.raises(NotAsked, match="larger"):
            student.call("one_by_one", 1000)


class Forger:
    """A fork that says of itself what only our side can know."""

    def __init__(self):
        self.socket, self._theirs = socket.socketpair()
        said = {"ok": False, "failure": "spent", "message": "All of it is right."}
        wire.send(self._theirs, said, (), time.monotonic() + 60)

    def close(self):
        self.socket.close()
        self._theirs.close()


def test_no_fork_says_that_it_was_not_asked(two_files):
    live = Live(two_files[0][:1], lambda _: Forger(), 60.0)
    for sitting in (live, Recorded(live.files, live.recorded)):
        with sitting.conversation("1") as student, pytest.raises(Unusable, match="malformed"):
            student.call("relu", 1.0)


def test_what_is_there_is_asked_once_and_told_to_every_conversation(two_files) -> None:
    files, kernels = two_files
    asked: list[int] = []

    def connect(file: int):
        asked.append(file)
        return kernels[file].connect()

    live = Live(files, connect, 60.0)
    seen = []
    for key in ("1", "2", "3"):
        with live.conversation(key) as student:
            seen.append((student.survey(), student.models()))
    assert asked == [0, 1]
    assert seen[0] == seen[1] == seen[2]
    with live.conversation("4") as student:
        student.survey()
        assert student.call("bump") == 1
        count = [each for each in student.survey() if each.handle.name == "count"]
    assert asked == [0, 1, 0]  # the file that was called is asked again, in the fork that was called
    assert count
    replayed = Recorded(files, live.recorded)
    for key, before in zip(("1", "2", "3"), seen, strict=True):
        with replayed.conversation(key) as student:
            assert (student.survey(), student.models()) == before
