"""Cells that end, hang, flood or forge: each costs its own cell, and is said."""

import os
import re
import resource
import signal
import threading
import time
from dataclasses import replace

import pytest
import zmq.asyncio
from patience import until

from grader.assignment import Limits
from grader.errors import Absent, Raised, Unusable
from grader.execute import budget
from grader.sandbox import processes
from grader.sandbox.processes import descendants, living

BRIEF = Limits(cpu=2.0, wall=240.0)
SMALL = Limits(memory=600 << 20)


COMPUTED = re.compile(r"stopped after (\d+) s of computing(; all cells together may take 2 s)?")
"""How many seconds is Linux's to say: what starts the kernel is in them, and nobody looks at the very moment."""


@pytest.fixture(autouse=True)
def _leisure(monkeypatch):
    """Cells after one that was stopped have their turn even if it was stopped two seconds late."""
    monkeypatch.setattr(budget, "EXTRA", 1.0)


def texts(cell):
    return [(output.kind, output.content) for output in cell.outputs]


DEATHS = {
    "exit": ("import os; os._exit(3)", "exit code 3"),
    "crash": ("import ctypes; ctypes.string_at(0)", "segmentation fault"),
    "signal": ("import os; os.kill(os.getpid(), 9)", "it was killed"),
}


@pytest.mark.parametrize("death", DEATHS)
def test_a_cell_that_ends_its_kernel_costs_only_itself(laboratory, asked, death):
    source, said = DEATHS[death]
    with laboratory.finished("a = 1", "print('here')", source, "b = 2\nprint('there')") as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("b")) == (1, 2)
    assert record.usage.wall < 25  # nbclient would wait for half a minute
    assert (record.status, said in record.reason) == ("died", True)
    assert said in record.cells[2].stopped
    assert [texts(record.cells[place]) for place in (1, 3)] == [[("text", "here\n")], [("text", "there\n")]]
    assert any("run again without it" in event for event in record.events)


def test_a_second_loss_goes_back_to_what_was_before(laboratory, asked):
    with laboratory.finished(
        "a = 1", "import os; os._exit(1)", "b = 2", "import os; os.kill(0, 9)", "c = 3"
    ) as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("b")) == (1, 2)
            with pytest.raises(Absent):
                student.get("c")
    assert [bool(cell.stopped) for cell in record.cells] == [False, True, False, True, False]
    assert "Cell 2" in record.reason and any("Cell 4" in event for event in record.events)


def test_a_file_that_ends_its_every_kernel_is_kept_as_it_is(laboratory):
    with laboratory.finished("import os, atexit; os._exit(1)") as finished:
        assert finished.files[0].status == "died"
        connection = finished.connect(0)
        connection.close()


def test_an_endless_loop_is_stopped_and_the_cells_after_it_run(laboratory, asked):
    with laboratory.finished("a = 1", "while True: pass", "b = 2", limits=BRIEF) as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("b")) == (1, 2)
    assert record.status == "finished" and COMPUTED.fullmatch(record.cells[1].stopped)
    assert record.cells[1].error is None
    assert record.events == (f"Cell 2 was {record.cells[1].stopped}.",)
    assert 1 < record.cells[1].cpu < 10


def test_the_second_endless_loop_ends_the_file(laboratory):
    record = laboratory.record("while True: pass", "while True: pass", "print(1)", limits=BRIEF)
    assert (record.status, "2 s of computing" in record.reason) == ("stopped", True)
    assert [bool(cell.stopped) for cell in record.cells] == [True, True, False]
    assert record.cells[2].outputs == ()


def test_waiting_is_stopped_by_the_clock(laboratory):
    record = laboratory.record("import time; time.sleep(60)", "print(1)", limits=replace(BRIEF, wall=8.0))
    assert re.match(r"stopped after \d+ s by the clock", record.cells[0].stopped)


IDLE = Limits(cpu=60.0, wall=240.0, rest=5.0)


def test_a_cell_that_rests_for_too_long_costs_only_itself(laboratory, asked):
    with laboratory.finished("import time; a = 1", "time.sleep(200)", "b = 2", limits=IDLE) as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("b")) == (1, 2)
    assert record.cells[1].stopped == "stopped after 5 s in which it neither computed nor showed anything"
    assert record.usage.wall < 100 and record.status == "finished"


SELDOM = {
    "shows something": "for i in range(8):\n    time.sleep(0.8)\n    print(i)",
    "computes a little": "for i in range(8):\n    time.sleep(0.6)\n    e = time.process_time() + 0.2\n"
    "    while time.process_time() < e: pass",
    "waits for a process": "import subprocess, sys\n"
    "subprocess.run([sys.executable, '-c', 'import time\\nwhile time.process_time() < 6: pass'])",
}


@pytest.mark.parametrize("what", SELDOM)
def test_a_cell_that_seldom_does_something_may_go_on(laboratory, what):
    record = laboratory.record(f"import time\n{SELDOM[what]}\nprint('done')", limits=IDLE)
    assert record.cells[0].stopped == "" and "done" in texts(record.cells[0])[-1][1]


def test_work_in_other_processes_counts(laboratory):
    loop = "import os\nfor _ in range(2):\n    if os.fork() == 0:\n        while True: pass\nos.wait()"
    record = laboratory.record(loop, "print(1)", limits=BRIEF)
    assert "of computing" in record.cells[0].stopped and record.cells[0].cpu < 20


@pytest.mark.slow
def test_a_loop_that_ignores_interrupts_is_killed_and_the_rest_run_again(laboratory, asked):
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    with laboratory.finished("a = 1", stubborn, "b = 2", limits=BRIEF) as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("b")) == (1, 2)
    assert record.status == "stopped" and COMPUTED.fullmatch(record.cells[1].stopped)
    assert "did not stop when it was interrupted" in record.reason


HOG = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        kept = bytearray(200 << 20)
        kept[::4096] = b"1" * len(kept[::4096])  # a page that was never written to is no memory yet
        time.sleep(100)
        os._exit(0)
time.sleep(100)
"""


def test_memory_is_limited_for_the_whole_tree(laboratory, asked):
    with laboratory.finished("a = 1", HOG, "b = 2", limits=SMALL) as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert student.get("b") == 2
    assert record.status == "stopped" and "more than 600 MiB of memory" in record.reason
    assert record.usage.memory > 600 << 20


def test_one_array_too_large_is_a_memory_error_and_no_more(laboratory):
    record = laboratory.record("big = bytearray(4 << 30)", "print(1)", limits=SMALL)
    assert record.status == "finished" and record.cells[0].error.kind == "MemoryError"


def test_a_question_that_takes_too_much_memory_costs_only_itself(laboratory, asked):
    hog = (
        "import os, time\ndef hog():\n    x = [bytearray(os.urandom(1) * (200 << 20)) for _ in range(4)]\n    return 1"
    )
    workers = "def flood():\n    for _ in range(4):\n        if os.fork() == 0:\n            hog()\n    time.sleep(100)"
    with laboratory.finished(hog, workers, "a = 1", limits=replace(SMALL, memory=700 << 20)) as finished:
        # The question's process is ended, or one of its forks answers in its place that it got no memory.
        with asked(finished) as student, pytest.raises((Unusable, Raised)):
            student.call("flood")
        with asked(finished) as student:
            assert student.get("a") == 1


def test_what_is_given_up_for_its_memory_has_let_go_of_it_before_the_next_look(laboratory, monkeypatch):
    """A killed process has its memory until it gets to a processor; the box must not be ended for that."""
    with laboratory.finished("a = 1") as finished:
        connection, (kernel,) = finished.connect(0), finished._boxes
        looks, waited_for = [True, True, False], []
        monkeypatch.setattr(processes, "living", lambda pids: waited_for.append(set(pids)) or looks.pop(0))
        asked_for = set(kernel.forks)
        kernel.relieve("it used too much")
        monkeypatch.undo()
        assert asked_for and len(waited_for) == 3 and all(asked_for <= each for each in waited_for)
        assert not kernel.gone() and kernel.events == ["A question was given up because it used too much."]
        connection.close()


def test_a_question_that_has_ended_does_not_cost_the_kernel_while_it_dies(laboratory, monkeypatch):
    """Once nothing of it is alive, what takes too much is the kernel itself."""
    with laboratory.finished("a = 1") as finished:
        connection, (kernel,) = finished.connect(0), finished._boxes
        asked_for = set(kernel.forks)
        connection.close()
        looks = [True, True, False]
        monkeypatch.setattr(processes, "living", lambda pids: asked_for <= set(pids) and looks.pop(0))
        kernel.relieve("it used too much")
        monkeypatch.undo()
        assert asked_for and not looks and not kernel.gone() and kernel.events == []
        kernel.relieve("it used too much")
        assert kernel.gone() and kernel.reason == "it used too much"


def test_questions_that_are_given_up_while_another_ends_disturb_nobody(laboratory, monkeypatch):
    """Memory is looked at in a thread of its own."""
    with laboratory.finished("a = 1") as finished:
        first, (kernel,) = finished.connect(0), finished._boxes
        mine = set(kernel.forks)
        others = [finished.connect(0) for _ in range(2)]
        below, given_up = processes.descendants, []

        def meanwhile(pid):
            if pid in kernel.forks - mine:
                given_up.append(pid)
                kernel.forks.clear()
            return below(pid)

        monkeypatch.setattr(processes, "descendants", meanwhile)
        first.close()
        monkeypatch.undo()
        assert len(given_up) == 1 and not kernel.gone()
        for other in others:
            other.close()


def test_the_last_word_of_a_box_is_waited_for(laboratory):
    """Its init has to get to a processor to say it."""
    with laboratory.finished("a = 1") as finished:
        (box,) = finished._boxes
        os.kill(box.init_pid, signal.SIGSTOP)
        os.kill(processes.pid_of(box.kernel), signal.SIGKILL)
        timer = threading.Timer(1.0, os.kill, (box.init_pid, signal.SIGCONT))
        timer.start()
        assert box.farewell().get("code") == -signal.SIGKILL
        timer.join()


def test_what_a_question_leaves_running_ends_with_it(laboratory, asked):
    leave = "def leave():\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(999)\n    return 1"
    with laboratory.finished("import os, time", leave) as finished:
        pid = finished._boxes[0].init_pid
        before = set(living(descendants(pid)))
        with asked(finished) as student:
            assert student.call("leave") == 1
            assert len(set(living(descendants(pid))) - before) == 2
        until(lambda: set(living(descendants(pid))) <= before)  # killed by now, they need a processor to end


def peak():
    """Bytes of memory this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


@pytest.mark.slow
def test_a_flood_of_output_is_cut_and_costs_us_little(laboratory):
    flood = "for _ in range(4000): print('x' * 100_000)"
    before = peak()
    record = laboratory.record("print('first')", flood, "print('last')")
    assert peak() - before < 150 << 20
    assert texts(record.cells[1])[-1] == ("note", "The rest of this cell's output was cut.")
    assert "The output of cell 2 was cut." in record.events
    assert texts(record.cells[2]) == [("text", "last\n")]
    assert sum(len(output.content) for cell in record.cells for output in cell.outputs) < Limits().output


def test_a_cell_may_keep_a_quarter_of_the_room(laboratory):
    record = laboratory.record("print('x' * 900_000)", "print('y' * 900)", limits=replace(Limits(), output=400_000))
    assert len(record.cells[0].outputs[0].content) == 100_000
    assert texts(record.cells[1]) == [("text", "y" * 900 + "\n")]


FORGERIES = {
    "not JSON": "send([b'topic', b'<IDS|MSG>', b'x', b'{', b'{}', b'{}', b'{}'])",
    "no delimiter": "send([b'topic', b'nothing'])",
    "no fields": "signed(b'3')",
    "deep": "signed(b'[' * 100_000)",
    "many frames": "send([b'a'] * 5000)",
    "wrong types": "signed(b'[]')",
    "huge": "send([b'x' * (400 << 20)])",
    "many values": "signed(b'{\"text\": [' + b'{},' * 7_000_000 + b'0]}')",
}
TOOLS = """
kernel = get_ipython().kernel
session, send = kernel.session, kernel.iopub_thread.send_multipart
def signed(content):
    parts = [session.pack(header) for header in (session.msg_header("stream"), kernel.get_parent()["header"], {})]
    send([b'<IDS|MSG>', session.sign([*parts, content]), *parts, content])
"""


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_message_costs_its_cell_and_is_the_students(laboratory, asked, forgery):
    before = peak()
    cells = "a = 1", f"{TOOLS}{FORGERIES[forgery]}\nimport time; time.sleep(99)", "b = 2"
    with laboratory.finished(*cells) as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("b")) == (1, 2)
    assert record.status == "stopped" and record.cells[1].stopped
    assert peak() - before < 150 << 20


def test_the_end_of_a_channel_is_seen_by_who_missed_its_beginning(laboratory, monkeypatch):
    """A socket connects while we are being told of it, and before that on a busy machine."""
    attach = zmq.asyncio.Socket.get_monitor_socket

    def late(*given):
        time.sleep(0.3)
        return attach(*given)

    monkeypatch.setattr(zmq.asyncio.Socket, "get_monitor_socket", late)
    record = laboratory.record(f"{TOOLS}{FORGERIES['many frames']}\nimport time; time.sleep(99)")
    assert record.cells[0].stopped and record.usage.wall < 90


def test_a_well_formed_lie_shows_nothing(laboratory):
    lies = [
        "signed(b'{}')",
        'signed(b\'{"name": 3, "text": []}\')',
        'signed(b\'{"name": "stdout", "text": {"a": 1}}\')',
        "display({'image/png': 'bm90IGEgcG5n', 'text/plain': 'words'}, raw=True)",
    ]
    record = laboratory.record(TOOLS + "\n".join(lies))
    assert (record.status, texts(record.cells[0])) == ("finished", [("text", "words")])


def test_an_agent_that_was_closed_makes_questions_unusable(laboratory):
    close = (
        "import os, socket\nfor fd in range(3, 64):\n    try:\n        s = socket.socket(fileno=fd)\n"
        "        if s.type == socket.SOCK_SEQPACKET: s.close()\n        else: s.detach()\n    except OSError: pass"
    )
    with laboratory.finished(close) as finished:
        assert "could not be looked at" in finished.files[0].unwatched
        with pytest.raises(Unusable):
            finished.connect(0)


FOREIGN = """
import gc
agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent" and hasattr(thing, "_converse"))
def foreign(self, stream):
    self._socket.send(b'{"pid": 1}')
type(agent)._converse = foreign
"""


def test_an_agent_that_names_a_foreign_process_is_not_believed(laboratory):
    with laboratory.finished(FOREIGN) as finished, pytest.raises(Unusable, match="not its own"):
        finished.connect(0)
