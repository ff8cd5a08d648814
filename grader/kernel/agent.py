"""Answers the grader's questions about the finished kernel, each conversation in a fork of its own.

Theory of operation. The grader holds one end of a socket whose other end was here before any student code. When the
last cell has run, it sends {"op": "converse"} with a stream; the kernel's main thread, idle in its event loop, forks.
The parent answers with the fork's number and is done. The child never returns to the loop: it quietens what it
shares with its parent, answers questions on the stream until the stream ends, and leaves by `os._exit`. What it says is
testimony; it is judged at inputs that could not be foreseen.
"""

from __future__ import annotations

import _socket
import array
import gc
import os
import warnings
from typing import Any

from . import calls, figures, recorder, shims
from .failures import Refusal, absent, kind_of, unusable
from .holdings import Earlier, Marks, fill, listed, move
from .imports import when_imported
from .names import Names
from .parameters import distinct_parameters
from .sealed import dumps, loads, seal
from .survey import models, survey
from .values import Encoder, decode

seal(globals())

_fork, _exit, _close, _freeze = os.fork, os._exit, os.close, gc.freeze
_waitpid = os.waitpid
_Question = dict[str, Any]
OBSERVED = 200 << 20
"""Bytes of all that was observed; the recorder keeps within it."""


def install(shell: Any, agent_fd: int, options: dict[str, Any]) -> None:
    """Set up shims, recorder and figures, and answer on `agent_fd` from the kernel's main loop.

    To be called after the kernel application is initialised and before any student code, in the main thread. `options`
    holds "seed", "threads", "workers" (whether DataLoader may start processes) and "output" (bytes, not used here).
    """
    from tornado.ioloop import IOLoop

    agent = Agent(shell, agent_fd, options)
    loop = IOLoop.current()
    loop.add_handler(agent_fd, lambda *_: None if agent.ready() else loop.remove_handler(agent_fd), IOLoop.READ)


class Agent:
    """The end of the agent socket that is inside, and what it knows of the kernel."""

    def __init__(self, shell: Any, agent_fd: int, options: dict[str, Any]) -> None:
        """Look at the namespace before the student does, and set up what watches."""
        self._shell = shell
        self._socket = _socket.socket(fileno=agent_fd)
        self._children: list[int] = []
        self._notes = shims.install(shell, options)
        self._recorder = recorder.install()
        self._gallery = figures.install()
        self._names = Names(shell.user_ns, self._recorder.find)
        self._earlier = Earlier(self._names)
        self._earlier.watch(shell)
        self._marks = Marks()
        when_imported("torch", lambda torch: torch.set_num_threads(options["threads"]))
        calls.seed_all(options["seed"])
        when_imported("torch", lambda torch: torch.manual_seed(options["seed"]))

    def ready(self) -> bool:
        """Answer one request of the grader's; False when its end is closed."""
        try:
            data, ancillary, _, _ = self._socket.recvmsg(4096, 64)
        except OSError:
            return False
        descriptors = array.array("i")
        for _, _, part in ancillary:
            descriptors.frombytes(part[: len(part) - len(part) % descriptors.itemsize])
        if data and loads(data.decode()).get("op") == "converse" and len(descriptors) == 1:
            self._converse(descriptors[0])
        return bool(data)

    def _converse(self, stream: int) -> None:
        """Fork; the child answers on `stream` and never comes back."""
        self._finish()
        self._children = [pid for pid in self._children if not _ended(pid)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of threads at a fork: only this one goes on in the child
            try:
                pid = _fork()
            except OSError as error:  # too many processes, or too little memory
                _close(stream)
                self._say({"error": f"no process could be started ({os.strerror(error.errno or 0)})"})
                return
        if pid == 0:
            self._serve_and_leave(stream)
        _close(stream)
        self._children.append(pid)
        self._say({"pid": pid})

    def _finish(self) -> None:
        """Have the recorder finish before the first fork: each would do it again, which takes longer than the fork.

        Nor does a fork look for garbage among what was there before, since it would copy every page it looks at.
        """
        if self._recorder.active:
            _freeze()
            try:
                self._recorder.finish()
            except BaseException:  # noqa: BLE001 - a tensor of the student's own class may raise anything where it is read
                self._recorder.active = False

    def _say(self, words: dict[str, Any]) -> None:
        """Answer the grader's request.

        No descriptor goes with it: other boxes of the same user could keep us from sending one.
        """
        self._socket.send(dumps(words).encode())

    def _serve_and_leave(self, stream: int) -> None:
        """Answer questions until the stream ends; whatever happens, this process ends here."""
        try:
            self._socket.close()
            calls.quieten(self._shell)
            link = _socket.socket(fileno=stream)
            while self._exchange(link):
                pass
        finally:
            _exit(0)

    def _exchange(self, link: _socket.socket) -> bool:
        """Read one question and answer it; False when there is none."""
        head = _read(link, 8)
        if len(head) < 8:
            return False
        question = loads(_read(link, int.from_bytes(head, "little")).decode())
        buffers = [_read(link, size) for size in question["lens"]]
        header, parts = self._answered(question, buffers)
        text = dumps({**header, "lens": [len(part) for part in parts]}).encode()
        for part in (len(text).to_bytes(8, "little") + text, *parts):
            link.sendall(part)
        return True

    def _answered(self, question: _Question, buffers: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        """Return the answer and its buffers, or the refusal."""
        encoder = Encoder(size=OBSERVED) if question["op"] == "observed" else Encoder()
        try:
            return {"ok": True, **self._answer(question, buffers, encoder)}, encoder.buffers
        except Refusal as refusal:
            return refusal.answer, []
        except BaseException as error:  # noqa: BLE001 - what a student made may raise anything wherever it is touched
            return unusable(f"It could not be looked at ({kind_of(error)}).").answer, []

    def _answer(self, question: _Question, buffers: list[bytes], encoder: Encoder) -> dict[str, Any]:
        """Return the answer to one question, before its buffers."""
        operation = question["op"]
        if operation == "survey":
            return {"names": survey(self._names)}
        if operation == "models":
            return {"models": models(self._names, self._recorder.models())}
        if operation == "get":
            return {"value": encoder.node(self._names.resolve(question["what"]))}
        if operation == "call":
            return calls.call(self._names, question, buffers, encoder)
        if operation == "parameters":
            return {"values": self._parameters(question["what"], encoder)}
        if operation == "observed":
            return {"value": encoder.node(self._observed())}
        return self._answer_on_arrays(question, buffers, encoder)

    def _answer_on_arrays(self, question: _Question, buffers: list[bytes], encoder: Encoder) -> dict[str, Any]:
        """Return the answer to a question on the arrays that a student keeps."""
        operation = question["op"]
        if operation == "arrays":
            return {"names": listed(self._names)}
        if operation == "earlier":
            return {"value": encoder.node(self._earlier.of(question["what"], question["place"]))}
        if operation in ("fill", "move", "changes"):
            return self._change(question, self._names.resolve(question["what"]), buffers, encoder)
        raise unusable(f"Nothing answers to {operation}.")

    def _change(self, question: _Question, value: Any, buffers: list[bytes], encoder: Encoder) -> dict[str, Any]:
        """Change an array in place, or tell what has changed in it."""
        if question["op"] == "move":
            move(value, [decode(node, buffers, self._names.resolve) for node in question["along"]], question["by"])
            return {}
        if question["op"] == "fill":
            exact = fill(value, question["seed"], question["spread"])
            if exact:  # else what stands there has to be told first
                self._marks.set(question["what"], value)
            return {"exact": exact}
        shape, places, now = self._marks.changes(question["what"], value)
        return {"shape": list(shape), "places": encoder.node(places), "now": encoder.node(now)}

    def _observed(self) -> dict[str, Any]:
        """Return what was noted of trainings and figures, and what was replaced so that the code could run."""
        trainings, figures_, shims_ = self._recorder.trainings(self._names.own()), self._gallery.figures(), self._notes
        return {"trainings": trainings, "figures": figures_, "shims": list(dict.fromkeys(shims_))}

    def _parameters(self, handle: str, encoder: Encoder) -> list[Any]:
        """Return the nodes of a model's distinct parameters."""
        found = distinct_parameters(self._names.resolve(handle))
        if not found:
            raise absent(f"parameters of {handle}")
        return [encoder.node(tensor) for _, tensor in found]


def _ended(pid: int) -> bool:
    """Tell whether a fork has ended, and let it go."""
    try:
        return _waitpid(pid, os.WNOHANG)[0] == pid
    except OSError:
        return True


def _read(link: _socket.socket, size: int) -> bytes:
    """Return `size` bytes, or fewer at the end of the stream."""
    parts = []
    while size and (part := link.recv(min(size, 1 << 20))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
