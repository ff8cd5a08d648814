"""Channels to a kernel that may send anything: too much, too large, malformed, or nothing at all.

Theory of operation. A ZMQ socket of ours connects to a gate of ours (`grader.sandbox.gate`), in a folder that only the
grader can enter, and the gate takes one connection and no second: there is nothing a student could put in its place. A
message larger than `LARGEST` ends the connection before it is in our memory; a watch on each socket tells us that it
ended. Bytes and messages are counted for the whole life of a channel. Whatever breaks the protocol becomes one
`Violation`, which is the student's and never ours; it is raised to whoever reads, and told to `on_violation` as well,
since nobody may be reading.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type

from grader.sandbox.gate import LARGEST, MOST_FRAMES

MOST_WAITING = 1
"""Messages that libzmq reads ahead; what waits here is our memory, what waits there is the student's."""
MOST_BYTES = 256 << 20
MOST_MESSAGES = 200_000
MOST_VALUES = 1_000_000
"""Values in one message: an empty list of two bytes takes thirty times as much once it is read."""
_NEVER = 24 * 3600 * 1000
"""Milliseconds until libzmq connects again. Not -1: then it takes the connection apart at once, and where that happens
between two parts of a message, the assertion `!_more` in its fq.cpp aborts this process and with it the class."""
_READY = 60.0
CLOSED = "it closed its channel to the notebook, or sent more at once than a channel takes"
"""What is known when a connection has ended; whoever sees it first says so."""
_PARTING = 2.0
"""Seconds in which the death of a kernel explains the end of its channels; only after them is it called a violation."""


class Violation(Exception):
    """The kernel broke the protocol; the message ends a sentence: 'it sent …'."""


def bounded_context() -> zmq.asyncio.Context:
    """Return a context whose sockets never reconnect, and hold little; whoever asked destroys it."""
    context = zmq.asyncio.Context()
    for option, value in (
        (zmq.MAXMSGSIZE, LARGEST),
        (zmq.RCVHWM, MOST_WAITING),
        (zmq.SNDHWM, 200),
        (zmq.RECONNECT_IVL, _NEVER),
        (zmq.LINGER, 0),
    ):
        context.setsockopt(option, value)
    return context


class BoundedChannel(AsyncZMQSocketChannel):
    """A channel that counts what comes in, and believes nothing of it."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        """Watch the socket for its end."""
        super().__init__(*arguments, **keywords)
        self.bytes = self.messages = 0
        self.on_violation: Callable[[str], None] = lambda _: None
        self._monitor: zmq.asyncio.Socket = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._watching = asyncio.ensure_future(self._watch())

    async def _watch(self) -> None:
        """Wait for the connection to end; that it began may have been before anybody was told."""
        await self._monitor.recv_multipart()
        await asyncio.sleep(_PARTING)
        self.on_violation(CLOSED)

    async def _recv(self, **keywords: Any) -> dict[str, Any]:  # type: ignore[override]  # as the one it derives from
        """Return one message whose parts have the types that the protocol gives them. Raises Violation."""
        parts = await self.socket.recv_multipart(**keywords)
        try:
            return self._checked(parts)
        except Violation as violation:
            self.on_violation(str(violation))
            raise

    def _checked(self, parts: list[bytes]) -> dict[str, Any]:
        self.messages += 1
        self.bytes += sum(map(len, parts))
        if self.bytes > MOST_BYTES or self.messages > MOST_MESSAGES:
            raise Violation(f"it sent {self.messages} messages with {self.bytes >> 20} MiB of output")
        if len(parts) > MOST_FRAMES:
            raise Violation("it sent a message that no notebook sends")
        if sum(map(values, parts)) > MOST_VALUES:
            raise Violation(CLOSED)
        try:
            message = self.session.deserialize(self.session.feed_identities(parts)[1])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError) as error:
            raise Violation("it sent a message that no notebook sends") from error
        if not _is_message(message):
            raise Violation("it sent a message that no notebook sends")
        return dict(message)

    def close(self) -> None:
        """Close the socket and stop watching it."""
        self._watching.cancel()
        if self.socket is not None:
            with contextlib.suppress(zmq.ZMQError):
                self.socket.disable_monitor()
            self._monitor.close(linger=0)
        super().close()

    stop = close


def values(text: bytes) -> int:
    """Return how many values JSON holds at most, and not many more where it holds long texts; linear in its size."""
    most = sum(map(text.count, (b",", b"[", b"{")))
    if most <= MOST_VALUES:
        return most
    outside = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    if outside.count(b'"') > 2 * MOST_VALUES:
        return outside.count(b'"')
    return sum(part.count(mark) for part in outside.split(b'"')[::2] for mark in (b",", b"[", b"{"))


def _is_message(message: dict[str, Any]) -> bool:
    """Return whether a message's parts have their types."""
    parts = ("header", "parent_header", "metadata", "content")
    return all(isinstance(message.get(part), dict) for part in parts) and all(
        isinstance(text, str)
        for text in (message["msg_type"], message["header"].get("msg_id"), message["parent_header"].get("msg_id", ""))
    )


class BoundedClient(AsyncKernelClient):
    """A client with a shell and an iopub channel, both bounded, and no other."""

    shell_channel_class = Type(BoundedChannel)
    iopub_channel_class = Type(BoundedChannel)

    def start_channels(self, *_: bool, **__: bool) -> None:
        """Open the two channels; no heartbeat, since a pidfd tells of death sooner."""
        super().start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)

    def stop_channels(self) -> None:
        """Close the two channels."""
        for channel in (self._shell_channel, self._iopub_channel):
            if channel is not None:
                channel.close()

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask until both channels answer; raises Violation if they do not in time.

        An answer on the shell channel alone does not tell that our subscription to iopub has arrived.
        """
        deadline = time.monotonic() + (timeout or _READY)
        while time.monotonic() < deadline and await self.is_alive():
            self.kernel_info()
            with contextlib.suppress(Empty):
                await self.shell_channel.get_msg(timeout=2)
                await self.iopub_channel.get_msg(timeout=0.2)
                return
        raise Violation("it did not answer when it was started")
