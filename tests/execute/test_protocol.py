"""Whatever a kernel answers to a question, it costs that question: not the next one, not a neighbour, not us."""

import resource
import time

import pytest

from grader.assignment import Limits
from grader.errors import StudentFailure, TooSlow, Unusable

ARMED = """
import array, gc, json, os, signal, socket, subprocess, sys, time
agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent" and hasattr(thing, "_converse"))
exchange = type(agent)._exchange
def spying(self, stream):
    global link
    link = stream
    return exchange(self, stream)
type(agent)._exchange = spying
def frame(header, *buffers):
    link.sendall(len(header).to_bytes(8, "little") + header + b"".join(buffers))
def tell(value, lengths="", *buffers):
    sound = '{"ok": true, "arguments": [], "printed": "", "value": %s, "lens": [%s]}'
    frame((sound % (value, lengths)).encode(), *buffers)
def listed(parts):
    return '{"t": "list", "v": [%s]}' % parts
def array_(kind, shape, place):
    return json.dumps({"t": "a", "d": kind, "s": shape, "b": place})
a = 1
"""
ANSWERS = {
    "no frame": "link.sendall(b'x' * 64)",
    "a header of nothing": "frame(b'')",
    "no JSON": "frame(b'{')",
    "not UTF-8": "frame(bytes(range(128, 200)))",
    "a list": "frame(b'[]')",
    "a number that is none": "tell('NaN')",
    "a number of many digits": "tell('9' * 100_000)",
    "no lengths": 'frame(b\'{"ok": true, "value": 1}\')',
    "a length below nothing": "tell('1', '-1')",
    "a length that is a truth": "tell('1', 'true', b'x')",
    "a length that does not fit": "tell(array_('<f8', [3], 0), '8', bytes(8))",
    "a shape below nothing": "tell(array_('<f8', [-1], 0), '8', bytes(8))",
    "objects": "tell(array_('|O', [1], 0), '8', bytes(8))",
    "a buffer that is not there": "tell(array_('<f8', [1], 9), '8', bytes(8))",
    "one buffer twice": "tell(listed(array_('<f8', [1], 0) + ',' + array_('<f8', [1], 0)), '8', bytes(8))",
    "a huge header": "link.sendall((1 << 60).to_bytes(8, 'little'))",
    "a huge buffer": "tell('1', '9000000000')",
    "many buffers": "tell('1', '0,' * 1_000_000 + '0')",
    "many parts": "tell(listed('1,' * 900_000 + '1'))",
    "many truths": "tell(array_('|b1', [40 << 20], 0), str(40 << 20), bytes(40 << 20))",
    "depth": "frame(b'[' * 100_000)",
    "depth of lists": 'tell(\'{"t":"list","v":[\' * 900 + \']}\' * 900)',
    "a failure that is none": 'frame(b\'{"ok": false, "failure": [], "message": {}, "lens": []}\')',
    "a failure of ours": 'frame(b\'{"ok": false, "failure": "fault", "message": "m", "lens": []}\')',
    "an end": "link.close()",
    "half an end": "frame(b'{\"ok\": tr'); os._exit(0)",
    "half a buffer": "tell('1', '64', b'x'); os._exit(0)",
    "a stream without end": "link.sendall((1 << 22).to_bytes(8, 'little'))\n    while True: link.sendall(b' ' * 65536)",
}
DELAYS = {
    "never": "time.sleep(999)",
    "busy": "while True: pass",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
    "deaf": "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n    while True: time.sleep(1)",
    "byte by byte": "link.sendall((1 << 22).to_bytes(8, 'little'))\n    while True: link.sendall(b' ')",
    "threads": "import threading\n    threading.Thread(target=time.sleep, args=(999,)).start()\n    time.sleep(999)",
    "a bomb": "while True:\n        try: os.fork()\n        except OSError: pass",
    "a runaway": "subprocess.Popen([sys.executable, '-S', '-c', 'import os\\n'"
    " 'while True:\\n    os.fork() and os._exit(0)\\n    os.setsid()'])\n    time.sleep(999)",
    "no reading": "tell('1')\n    time.sleep(999)",
}  # fmt: skip


@pytest.fixture()
def neighbour(laboratory, asked):
    """Another submission beside the hostile one; looked at afterwards."""
    with laboratory.finished("mine = [1]") as finished:
        yield
        with asked(finished) as student:
            assert student.get("mine") == [1]


def lying(body):
    return ARMED, f"def lie():\n    {body}"


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def test_no_answer_costs_more_than_its_question(laboratory, asked, neighbour):
    cells = [ARMED, *(f"def lie{place}():\n    {body}" for place, body in enumerate(ANSWERS.values()))]
    before = peak()
    with laboratory.finished(*cells) as finished:
        for place, name in enumerate(ANSWERS):
            with asked(finished) as student, pytest.raises(StudentFailure):
                pytest.fail(f"{name} was taken for {student.call(f'lie{place}')!r}")
        with asked(finished) as student:
            assert student.get("a") == 1
    assert peak() - before < 150 << 20


@pytest.mark.slow
@pytest.mark.parametrize("name", DELAYS)
def test_a_question_that_does_not_end_is_ended(laboratory, asked, neighbour, name):
    before = peak()
    with laboratory.finished(*lying(DELAYS[name])) as finished:
        started = time.monotonic()
        with asked(finished, 2.0) as student, pytest.raises(TooSlow):
            student.call("lie")
            student.call("lie")
        assert time.monotonic() - started < 90
        with asked(finished) as student:
            assert student.get("a") == 1
    assert peak() - before < 150 << 20


HANDSHAKES = {
    "nothing": "pass",
    "no JSON": "self._socket.send(b'{')",
    "no process": "self._socket.send(b'{\"pid\": 1}')",
    "deep": "self._socket.send(b'[' * 50_000)",
    "a complaint that is none": "self._socket.send(b'{\"error\": [1]}')",
    "not a process": "tell(self, 1 << 40)",
    "its init": "tell(self, os.getppid())",
    "itself": "tell(self, os.getpid())",
    "one that was there before": "tell(self, older.pid)",
    "one that has ended": "p = subprocess.Popen(['true']); p.wait(); tell(self, p.pid)",
    "many, with descriptors": "[tell(self, 1, os.open('/dev/null', 0)) for _ in range(50)]",
    "an end": "self._socket.close()",
}
TELL = """
older = subprocess.Popen(["sleep", "600"])
def tell(self, number, descriptor=0):
    given = array.array("i", [descriptor]).tobytes()
    self._socket.sendmsg([json.dumps({"pid": number}).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, given)])
type(agent)._converse = lambda self, stream: os.close(stream)
def handshake(self, stream):
"""


SILENT = pytest.param("nothing", marks=pytest.mark.slow)


@pytest.mark.parametrize("name", [SILENT, *[name for name in HANDSHAKES if name != "nothing"]])
def test_a_forged_handshake_starts_no_conversation(laboratory, neighbour, name):
    limits = Limits(question=2.0)
    code = f"{ARMED}{TELL}    {HANDSHAKES[name]}\n    os.close(stream)\ntype(agent)._converse = handshake"
    with laboratory.finished(code, limits=limits) as finished:
        kernel = finished._boxes[0]
        assert "could not be looked at" in finished.files[0].unwatched
        assert finished.files[0].unwatched in finished.files[0].events
        with pytest.raises((Unusable, TooSlow)):
            pytest.fail(f"{finished.connect(0)} was made")
        assert not kernel.gone()


def test_a_kernel_that_cannot_fork_says_so(laboratory):
    full = "import os, time\ntry:\n    while os.fork():\n        pass\n    time.sleep(600)\nexcept OSError:\n    pass"
    unable = pytest.raises(Unusable, match="no process could be started")
    with laboratory.finished(full, limits=Limits(processes=20)) as finished, unable:
        finished.connect(0)
