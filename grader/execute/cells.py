"""One cell at a time: nbclient, with our clock outside it.

Theory of operation. nbclient sends the code, waits for the reply and for 'idle', and hands us the messages in
between. It runs as a task; we stand beside it and look, five times a second, at the budget and at the box. A cell
whose time is up is interrupted, more than once, since one SIGINT can be swallowed; after a grace its box is killed.
Nothing that nbclient would do with a message is used: each is taken apart by `outputs`, which believes nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellTimeoutError, DeadKernelError

from grader.execute.budget import Budget, Rest
from grader.execute.outputs import Shown
from grader.sandbox.box import Box
from grader.sandbox.channels import CLOSED, Violation, bounded_context
from grader.sandbox.gate import gates
from grader.sandbox.provisioner import BoxManager

_TURN = 0.2  # CPU time is read no more often
_GRACE, _AGAIN = 5.0, 1.0
_LAST_MESSAGES = 0.3
_IDLE = 30
_EMPTY: dict[str, Any] = {"cell_type": "code", "id": "cell", "metadata": {}, "outputs": [], "execution_count": None}


class _Client(NotebookClient):
    """nbclient without its clock, its outputs and its widgets."""

    def __init__(self, manager: BoxManager) -> None:
        notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
        super().__init__(
            notebook, km=manager, timeout=None, iopub_timeout=_IDLE, raise_on_iopub_timeout=True, allow_errors=True,
            store_widget_state=False, record_timing=False, on_cell_executed=self._keep_reply,
        )  # fmt: skip
        self.shown = Shown(0)
        self.heard = 0
        self.reply: Mapping[str, Any] = {}

    def _keep_reply(self, execute_reply: Mapping[str, Any], **_: object) -> None:
        self.reply = execute_reply["content"]

    def process_message(self, msg: Mapping[str, Any], cell: object, cell_index: int) -> None:  # noqa: ARG002
        """Keep what a message shows; raises CellExecutionComplete when the kernel is idle."""
        if msg["msg_type"] == "status" and msg["content"].get("execution_state") == "idle":
            raise CellExecutionComplete
        self.heard += 1
        self.shown.take(msg["msg_type"], msg["content"])

    async def send(self, source: str) -> Mapping[str, Any]:
        """Run a piece of code and return the content of the kernel's reply."""
        self.reply = {}
        # not `new_code_cell`, which validates a cell of our own for several milliseconds
        cell = nbformat.from_dict({**_EMPTY, "source": source})  # type: ignore[no-untyped-call]
        self.nb.cells[:] = [cell]
        await self.async_execute_cell(cell, 0)
        return self.reply


@dataclass
class Cells:
    """A started kernel that takes cells, one after the other."""

    client: _Client
    box: Box
    budget: Budget
    tick: Callable[[], None]
    """Called five times a second while a cell runs."""
    _death: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    async def run(self, source: str, shown: Shown) -> Ran:
        """Run one piece of code, however it ends."""
        start, cpu = time.monotonic(), self.box.cpu
        self.client.shown = shown
        running = asyncio.ensure_future(self.client.send(source))
        stopped = await self._watched(running, start, cpu)
        reply = await self._reply(running)
        gone, killed = self._why_gone(reply), bool(self.box.reason)
        return Ran(reply or {}, self.box.cpu - cpu, time.monotonic() - start, stopped, gone, killed)

    async def _watched(self, running: asyncio.Task[Mapping[str, Any]], start: float, cpu: float) -> str:
        """Wait until a cell has ended, has been stopped or its kernel is gone; returns why it was stopped."""
        stopped, interrupted, times = "", 0.0, 0
        rest = Rest(self.budget.limits.rest)
        while not running.done() and not self._death.done():
            ends: set[asyncio.Future[Any]] = {running, self._death}
            await asyncio.wait(ends, timeout=_TURN, return_when=asyncio.FIRST_COMPLETED)
            self.tick()
            now, used = time.monotonic(), self.box.cpu_lately
            if not stopped and self.budget.spent(used):
                stopped, interrupted = self.budget.sentence(used, used - cpu, now - start), now
            elif not stopped and rest.is_over(used, self.client.heard):
                stopped, interrupted = rest.sentence, now
            if stopped and not running.done():
                times = self._press(now - interrupted, times)
        if not running.done():
            await asyncio.wait({running}, timeout=_LAST_MESSAGES)
        self.budget.forgiven += time.monotonic() - interrupted if stopped else 0.0
        return stopped

    def _press(self, waited: float, times: int) -> int:
        """Interrupt a cell whose time is up, again after a while, and kill in the end; returns how often it was."""
        if waited >= _GRACE:
            self.box.kill("it did not stop when it was interrupted")
        elif waited >= times * _AGAIN:
            self.box.interrupt()
            return times + 1
        return times

    async def _reply(self, running: asyncio.Task[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Return the reply to a cell that has ended, or None when there is none."""
        running.cancel()
        try:
            return await running
        except (asyncio.CancelledError, DeadKernelError):
            return None
        except CellTimeoutError:
            self.broken(CLOSED)
        except Violation as violation:
            self.broken(str(violation))
        return None

    def broken(self, sentence: str) -> None:
        """End a box that broke the protocol."""
        if not self.box.gone():
            self.box.kill(sentence)

    def _why_gone(self, reply: Mapping[str, Any] | None) -> str:
        """Return why there is no kernel any more, as the end of a sentence, or nothing while there is one."""
        if not self.box.gone():
            if reply is None:
                self.broken(CLOSED)
                return self.box.reason
            return ""
        return self.box.reason or _last_words(self.box.farewell().get("code"))

    def _died(self) -> None:
        self.unwatch()
        if not self._death.done():
            self._death.set_result(None)

    def watch(self) -> None:
        """Take note of the kernel's end as soon as it comes."""
        for descriptor in (self.box.init, self.box.kernel):
            asyncio.get_running_loop().add_reader(descriptor, self._died)

    def unwatch(self) -> None:
        """Stop taking note."""
        for descriptor in (self.box.init, self.box.kernel):
            asyncio.get_running_loop().remove_reader(descriptor)


@asynccontextmanager
async def kernel(open_box: Callable[[], Box], budget: Budget, tick: Callable[[], None]) -> AsyncIterator[Cells]:
    """Start a kernel in a box that takes cells until the context ends; the box stays."""
    context = bounded_context()
    manager = BoxManager(open_box, context)
    try:
        await manager.start_kernel()
        client = _Client(manager)
        client.kc = manager.client()
        client.kc.allow_stdin = False
        cells = Cells(client, manager.box, budget, tick)
        async with gates(manager.box.request) as address:
            client.kc.ip = address
            async with _connected(client.kc, cells):
                yield cells
    finally:
        context.destroy(linger=0)


@asynccontextmanager
async def _connected(client: Any, cells: Cells) -> AsyncIterator[None]:
    """Keep the channels open, and hear of violations and of death."""
    client.start_channels()
    cells.watch()
    try:
        await client.wait_for_ready()
        for channel in (client.shell_channel, client.iopub_channel):
            channel.on_violation = cells.broken
        yield
    finally:
        cells.unwatch()
        client.stop_channels()


@dataclass(frozen=True)
class Ran:
    """How one piece of code ended."""

    reply: Mapping[str, Any]
    """The kernel's reply; untrusted, empty if none came."""
    cpu: float
    wall: float
    stopped: str = ""
    """Why it was stopped, a sentence."""
    gone: str = ""
    """Why the kernel is gone, the end of a sentence; empty while it lives."""
    killed: bool = False
    """Whether it is gone because we ended it."""

    @property
    def failed(self) -> bool:
        """Whether it raised."""
        return self.reply.get("status") == "error"


def _last_words(code: object) -> str:
    """Return how a kernel ended itself, from its exit code."""
    if not isinstance(code, int):
        return "the program ended without a word"
    crashes = {-11: "it crashed (segmentation fault)", -6: "it crashed (abort)", -9: "it was killed"}
    crashes |= {-24: "it used more CPU time than one process may", -31: "it made a forbidden system call"}
    return crashes.get(code, f"it ended the program itself (exit code {code})")
