"""A gate before each channel of a kernel: no message comes through that is larger than a message may be.

Theory of operation. libzmq bounds a frame, but not how many frames make a message, and all of them are in our memory
before anyone is asked. So libzmq is connected to a socket of ours. What the kernel sends passes through here, byte for
byte, as fast as it is taken from us; only the heads of its frames are read (ZMTP 3), to add up what belongs to one
message. What is too large, or speaks another version, closes the gate for good, which libzmq sees as the kernel's end.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from grader.sandbox.request import CHANNELS, BoxRequest

LARGEST = 24 << 20
"""Bytes of one message."""
MOST_FRAMES = 64
"""Of one message; a notebook's have seven."""
GUARDED = ("shell", "iopub")
_CHUNK = 1 << 18
_SIGNED, _GREETING = 11, 64
"""Bytes of a greeting up to the version, and of all of it."""
_MORE, _LONG, _COMMAND = 1, 2, 4
"""Flags of a frame."""


class TooMuch(Exception):
    """The kernel sent what no notebook sends."""


class Frames:
    """Reads the heads of the frames in a stream that comes in pieces."""

    def __init__(self) -> None:
        """Expect a greeting."""
        self._head = bytearray()
        self._greeted = False
        self._skip = self._size = self._frames = 0

    def take(self, data: bytes) -> None:
        """Look at the next piece; raises TooMuch."""
        place = 0
        while place < len(data):
            if self._skip:
                step = min(self._skip, len(data) - place)
                self._skip -= step
            else:
                part = data[place : place + self._wanted() - len(self._head)]
                self._head += part
                step = len(part)
                if len(self._head) == self._wanted():
                    self._read_head(bytes(self._head))
                    self._head.clear()
            place += step

    def _wanted(self) -> int:
        """Return the length of the head that is being read, as far as it is known."""
        if not self._greeted:
            return _SIGNED
        if not self._head:
            return 1
        return 9 if self._head[0] & _LONG else 2

    def _read_head(self, head: bytes) -> None:
        """Count a frame in; a command may stand between two frames of a message, and ends none."""
        if not self._greeted:
            if (head[0], head[9]) != (0xFF, 0x7F) or head[10] < 3:
                raise TooMuch
            self._greeted, self._skip = True, _GREETING - _SIGNED
            return
        self._skip = int.from_bytes(head[1:], "big")
        self._size += self._skip
        self._frames += 1
        if self._size > LARGEST or self._frames > MOST_FRAMES:
            raise TooMuch
        if not head[0] & (_MORE | _COMMAND):
            self._size = self._frames = 0


@contextlib.asynccontextmanager
async def gates(request: BoxRequest) -> AsyncIterator[str]:
    """Hold a gate before each channel for as long as the context lasts; gives the address, as a connection's 'ip'."""
    wire = Path(request.folder) / "wire"
    ports = [CHANNELS[channel] for channel in GUARDED]
    holding = [asyncio.ensure_future(_hold(_listener(wire / f"g-{port}"), str(wire / f"k-{port}"))) for port in ports]
    try:
        yield str(wire / "g")
    finally:
        for one in holding:
            one.cancel()
        await asyncio.gather(*holding, return_exceptions=True)


def _listener(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, in a folder that only the grader can enter."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(1)
    listener.setblocking(False)
    return listener


async def _hold(listener: socket.socket, path: str) -> None:
    """Take one connection, make the other, and carry bytes between them until the kernel's side ends."""
    loop = asyncio.get_running_loop()
    with listener:
        client, _ = await loop.sock_accept(listener)
    with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as kernel:
        client.setblocking(False)
        kernel.setblocking(False)
        await loop.sock_connect(kernel, path)
        upwards = asyncio.ensure_future(_carry(client, kernel, lambda _: None))
        try:
            await _carry(kernel, client, Frames().take)
        finally:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)


async def _carry(source: socket.socket, sink: socket.socket, look: Callable[[bytes], None]) -> None:
    """Carry what comes, after a look at it, until either side has gone or the look forbids it."""
    loop = asyncio.get_running_loop()
    with contextlib.suppress(OSError, TooMuch):
        while data := await loop.sock_recv(source, _CHUNK):
            look(data)
            await loop.sock_sendall(sink, data)
