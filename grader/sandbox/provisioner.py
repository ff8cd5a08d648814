"""A box as jupyter_client sees it: a kernel provisioner, and a manager that neither writes files nor asks politely.

The box outlives the manager: cells are run by nbclient through it, and then the finished kernel is talked to by forks.
So nothing here clears the box away; whoever opened it does.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Type

from grader.errors import GraderFault
from grader.sandbox.box import Box
from grader.sandbox.channels import BoundedClient
from grader.sandbox.request import connection

_SPEC = KernelSpec(argv=["sandbox"], display_name="sandbox", language="python", interrupt_mode="signal")


class BoxProvisioner(KernelProvisionerBase):
    """Starts a kernel in a box, and tells of its life by pidfd."""

    open_box: Callable[[], Box]
    box: Box | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a box."""
        return self.box is not None

    async def poll(self) -> int | None:
        """Return None while the kernel lives."""
        return None if self.box is not None and not self.box.gone() else -signal.SIGKILL

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        while self.box is not None and not self.box.gone():
            await asyncio.sleep(0.01)
        return await self.poll()

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel's group, or end the box."""
        if self.box is None:
            return
        if signum == signal.SIGINT:
            self.box.interrupt()
        elif signum in (signal.SIGKILL, signal.SIGTERM):
            self.box.kill()

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002  (jupyter_client's signature)
        """End the box."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """End the box; a kernel that is hostile is not asked."""
        await self.kill(restart)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ARG002
        """Start the box, and return where its channels are."""
        self.box = self.open_box()
        self.connection_info = KernelConnectionInfo(**connection(self.box.request))  # type: ignore[typeddict-item]
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Leave the box to whoever opened it."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Pass nothing on: neither a command nor the environment of this process."""
        kwargs.pop("env", None)
        return {**kwargs, "cmd": []}


class BoxManager(AsyncKernelManager):
    """A kernel manager for one box."""

    client_factory = Type(BoundedClient)

    def __init__(self, open_box: Callable[[], Box], context: zmq.asyncio.Context) -> None:
        """Prepare for a kernel whose box `open_box` starts; its sockets are made in `context`."""
        super().__init__(context=context)
        self._kernel_spec = _SPEC
        self.kernel_id = "box"
        self._boxed = BoxProvisioner(parent=self, kernel_id="box", kernel_spec=_SPEC)
        self._boxed.open_box = open_box
        self.provisioner = self._boxed

    @property
    def box(self) -> Box:
        """The box, once the kernel was started."""
        if self._boxed.box is None:
            raise GraderFault("A kernel was asked for before it was started.")
        return self._boxed.box

    def client(self, **kwargs: Any) -> AsyncKernelClient:  # type: ignore[override]  # as the one it derives from
        """Return a client with bounded channels."""
        return super().client(context=self.context, **kwargs)

    def _reconcile_connection_info(self, info: KernelConnectionInfo) -> None:
        """Take the box's address as it is; there is no file to compare it with."""
        self.load_connection_info(info)

    def _connect_control_socket(self) -> None:
        """Do without: interrupts are signals and the end is SIGKILL."""

    def write_connection_file(self, **kwargs: object) -> None:
        """Write nothing; the key stays in memory."""
