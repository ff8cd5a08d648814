"""Conversations with a finished submission: live, with forks of its kernels, or replayed from a recording.

Theory of operation. A check asks; every question is a line of canonical JSON with raw buffers, and so is every answer,
including 'it raised', 'it took too long' and 'it died'. Live answers come over a socket and are written down as they
come; recorded ones are read back in the same order. Both are judged by the same code below, which turns an answer into
a value of ours or a `StudentFailure`. A recording that is asked something else than the live conversation was, or more,
is `NotRecorded`: the submission has to be run again.

What a finished kernel holds by name is the same to every conversation that begins: it is asked once and told to all, so
that one that only looks around takes no fork.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from grader import wire
from grader.errors import NotRecorded, StudentFailure, TooSlow, Unusable
from grader.interview import Answer, Interview
from grader.observed import Exchange
from grader.records import FileRun

AGAIN = 9
"""How often an answer that others keep the processor from gets its time anew."""
FORKS = 4
"""Fresh forks of one kernel that one conversation may use up."""
PATIENCE, MOST_TOLD = 60, 512 << 20
"""How much all questions to one submission may take together: so many times what one may, and bytes of answers, which
are kept in memory until they are in the record."""
_SPENT = "spent"
READINGS = ("survey", "models", "arrays")
"""Questions about what is there, which run nothing of the student's."""


class Connection(Protocol):
    """A fresh fork of a finished kernel that answers questions on a stream."""

    socket: Any

    def starved(self) -> bool:
        """Tell whether the fork would compute, and hardly gets to."""

    def close(self) -> None:
        """End the fork and what it started."""


@dataclass
class Allowance:
    """What may still be spent on the questions to one submission."""

    seconds: float
    bytes: int = MOST_TOLD

    @property
    def refusal(self) -> str:
        """Return why nothing more is asked; '' if there is something left."""
        if self.seconds <= 0:
            return "The questions before it took all the time that questions to one submission may take together."
        return "The answers before it were larger than all may be together." if self.bytes < 0 else ""

    def count(self, answer: Answer, since: float) -> Answer:
        """Count an answer that was asked for at `since`; return it, or a refusal if it is too much."""
        self.seconds -= time.monotonic() - since
        self.bytes -= sum(map(len, answer[1]))
        return (_refused(self.refusal), ()) if self.bytes < 0 else answer


def _refused(message: str) -> dict[str, Any]:
    return {"ok": False, "failure": _SPENT, "message": message}


class Live:
    """Conversations with finished kernels; `recorded` fills as they are held."""

    def __init__(self, files: Sequence[FileRun], connect: Callable[[int], Connection], question_seconds: float) -> None:
        """Talk to forks that `connect(file)` makes; a question may take `question_seconds` of wall time."""
        self._files = tuple(files)
        self._connect = connect
        self._seconds = question_seconds
        self._allowance = Allowance(PATIENCE * question_seconds)
        self._told: dict[str, tuple[Answer, Exchange]] = {}
        self.recorded: dict[str, tuple[Exchange, ...]] = {}

    @property
    def files(self) -> tuple[FileRun, ...]:
        """What running each file produced."""
        return self._files

    @contextmanager
    def conversation(self, key: str) -> Iterator[Interview]:
        """Hold the conversation of one claim; its forks end with it."""
        line = _LiveLine(self._connect, self._seconds, self._told, self._allowance)
        try:
            yield Interview(self._files, line.ask)
        finally:
            line.close()
            self.recorded[key] = tuple(line.exchanges)


class _LiveLine:
    """The forks of one conversation, one for each file asked, made when first asked."""

    def __init__(
        self,
        connect: Callable[[int], Connection],
        seconds: float,
        told: dict[str, tuple[Answer, Exchange]],
        allowance: Allowance,
    ) -> None:
        """Start without any fork; `told` is what forks have said of the finished kernels, by question."""
        self._allowance = allowance
        self._connect = connect
        self._seconds = seconds
        self._told = told
        self._open: dict[int, Connection] = {}
        self._forks: dict[int, int] = {}
        self._touched: set[int] = set()
        self.exchanges: list[Exchange] = []

    def ask(self, file: int, question: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """Return the answer of one file's kernel and write the exchange down; never raises."""
        text = wire.dumps({**question, "file": file})
        if question["op"] not in READINGS:
            self._touched.add(file)
        untouched = file not in self._touched
        if untouched and text in self._told:
            answer, exchange = self._told[text]
        else:
            answer = self._answer(file, question, buffers)
            exchange = Exchange(text, wire.dumps(answer[0]), tuple(buffers), answer[1])
            self._allowance.bytes -= len(exchange.answer)
            if untouched and isinstance(answer[0], dict) and answer[0].get("ok") is True:
                self._told[text] = answer, exchange
        self.exchanges.append(exchange)
        return answer

    def _answer(self, file: int, question: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """Return the answer as it came, or as one that says why there is none."""
        if self._allowance.refusal:
            return _refused(self._allowance.refusal), ()
        since = time.monotonic()
        return self._allowance.count(self._in_time(file, question, buffers), since)

    def _in_time(self, file: int, question: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """Return the answer as it came, or what the student's side did instead."""
        try:
            return self._ask(file, question, buffers)
        except StudentFailure as failure:
            self._hang_up(file)
            kind = "slow" if isinstance(failure, TooSlow) else "lost"
            return {"ok": False, "failure": kind, "message": str(failure)}, ()

    def _ask(self, file: int, question: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """Return the answer as it came; a `StudentFailure` where none came."""
        if file not in self._open:
            self._open[file] = self._fork(file)
        deadline = time.monotonic() + self._seconds
        wire.send(self._open[file].socket, question, buffers, deadline)
        answer = wire.receive(self._open[file].socket, self._fair(self._open[file], deadline))
        if isinstance(answer[0], dict) and answer[0].get("failure") == _SPENT:  # which is not a fork's to say
            raise Unusable("The answer is malformed.")
        return answer

    def _fair(self, connection: Connection, deadline: float) -> float:
        """Return until when an answer is waited for: longer, as long as it has not begun because others compute."""
        for _ in range(AGAIN):
            if _has_begun(connection.socket, deadline - time.monotonic()) or not connection.starved():
                break
            deadline = time.monotonic() + self._seconds
        return deadline

    def _fork(self, file: int) -> Connection:
        """Return a fresh fork; after a few that were lost, no more."""
        self._forks[file] = self._forks.get(file, 0) + 1
        if self._forks[file] > FORKS:
            raise Unusable("It did not answer several times, and was not asked again.")
        return self._connect(file)

    def _hang_up(self, file: int) -> None:
        """End the fork of one file: its stream cannot be trusted to be in step any more."""
        connection = self._open.pop(file, None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End every fork."""
        for file in list(self._open):
            self._hang_up(file)


def _has_begun(stream: socket.socket, seconds: float) -> bool:
    """Return whether there is something to read, or an end, within so many seconds."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    return bool(poll.poll(max(0.0, seconds) * 1000))


class Recorded:
    """The same conversations again, from a run record; nothing runs."""

    def __init__(self, files: Sequence[FileRun], conversations: Mapping[str, tuple[Exchange, ...]]) -> None:
        """Answer from `conversations`, by the claim's key."""
        self._files = tuple(files)
        self._conversations = conversations

    @property
    def files(self) -> tuple[FileRun, ...]:
        """What running each file produced."""
        return self._files

    @property
    def recorded(self) -> Mapping[str, tuple[Exchange, ...]]:
        """What was said, by the claim's key."""
        return self._conversations

    @contextmanager
    def conversation(self, key: str) -> Iterator[Interview]:
        """Hold the conversation of one claim again."""
        yield Interview(self._files, _RecordedLine(key, self._conversations.get(key, ())).ask)


class _RecordedLine:
    """One recorded conversation, read from its beginning."""

    def __init__(self, key: str, exchanges: Sequence[Exchange]) -> None:
        """Start before the first exchange."""
        self._key = key
        self._exchanges = iter(exchanges)

    def ask(self, file: int, question: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """Return the recorded answer if this is what was asked next; `NotRecorded` if not."""
        exchange = next(self._exchanges, None)
        text = wire.dumps({**question, "file": file})
        if exchange is None or exchange.question != text or exchange.question_buffers != tuple(buffers):
            raise NotRecorded(f"{self._key}: {text[:200]}")
        return wire.loads(exchange.answer), exchange.answer_buffers
