"""The kernel itself: ipykernel without a connection file, without TCP, on sockets that were opened before it.

Theory of operation. The listening sockets are made outside the box and handed in as descriptors (libzmq takes them by
`USE_FD`), so the kernel needs no folder that the grader reads too, and nobody can put another socket in their place.
What ipykernel would do over TCP on the loopback (output of forked workers) goes over an abstract socket; without it
libzmq aborts, since the filter denies inet sockets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import zmq
from ipykernel import ipkernel
from ipykernel.iostream import IOPubThread
from ipykernel.kernelapp import IPKernelApp
from zmq.eventloop.zmqstream import ZMQStream

SILENT = 50
"""Log level; there is nobody to read it."""
SECONDS_FOR_LAST_WORDS = 3


class Application(IPKernelApp):
    """An IPKernelApp whose channels are descriptors it was given."""

    listeners: Mapping[int, int] = {}
    """Descriptor of the listening socket of each port."""

    def init_connection_file(self) -> None:
        """Read no connection file: there is nothing to tamper with."""

    def write_connection_file(self, **_: Any) -> None:
        """Write none either."""

    def cleanup_connection_file(self) -> None:
        """Remove none: the sockets are the grader's."""

    def init_heartbeat(self) -> None:
        """Start no heartbeat; the grader holds a pidfd."""

    def init_control(self, context: Any) -> None:
        """Make the control channel; the debugger's way back to the shell channel is not there."""
        super().init_control(context)  # type: ignore[no-untyped-call]
        self.debug_shell_socket.disconnect(self.shell_socket.getsockopt(zmq.LAST_ENDPOINT))

    def _try_bind_socket(self, s: Any, port: int) -> int:
        """Give a channel the listening socket that was made for it."""
        s.setsockopt(zmq.USE_FD, self.listeners[port])
        s.bind(f"ipc://{self.ip}-{port}")
        return port


def start(listeners: Mapping[int, int], key: str) -> Any:
    """Return an initialised application; its loop is not running yet."""
    sys.argv = ["ipykernel_launcher"]
    IOPubThread._setup_pipe_in = _pipe_in  # type: ignore[method-assign]
    IOPubThread._setup_pipe_out = _pipe_out  # type: ignore[method-assign]
    app = Application.instance(
        transport="ipc", ip="box", shell_port=1, iopub_port=2, stdin_port=3, control_port=4, log_level=SILENT
    )
    app.listeners = listeners
    app.config.HistoryManager.enabled = False
    app.config.HistoryManager.hist_file = ":memory:"
    app.config.IPCompleter.use_jedi = False
    app.config.InteractiveShell.colors = "NoColor"
    app.session.key = key.encode()
    app.session.signature_scheme = "hmac-sha256"
    with _no_modules_listed():
        app.initialize([])  # type: ignore[no-untyped-call]
    _use_inline_figures()
    return app


@contextmanager
def _no_modules_listed() -> Iterator[None]:
    """Have the kernel list no modules for its debugger, who is not here.

    Each that is only looked at is a page of the zygote's memory that has to be copied: together a fifth of the start.
    """
    names = vars(ipkernel)
    names["sys"] = SimpleNamespace(**{**vars(sys), "modules": {}})
    try:
        yield
    finally:
        names["sys"] = sys


def _use_inline_figures() -> None:
    """Show figures as outputs of cells; the zygote had drawn with another backend."""
    if "matplotlib" not in sys.modules:
        return
    from matplotlib import pyplot
    from matplotlib_inline import backend_inline

    pyplot.switch_backend(os.environ["MPLBACKEND"])
    backend_inline._enable_matplotlib_integration()  # type: ignore[no-untyped-call]


def _pipe_in(thread: Any) -> None:
    """Open the socket through which forked workers hand their output to the kernel (in the kernel)."""
    thread._pipe_uuid = os.urandom(16)
    outlet = thread.socket.context.socket(zmq.PULL)
    outlet.linger = 0
    outlet.bind(_pipe_address(thread))
    thread._pipe_in = ZMQStream(outlet, thread.io_loop)
    thread._pipe_in.on_recv(thread._handle_pipe_msg)


def _pipe_out(thread: Any) -> tuple[Any, Any]:
    """Open the other end (in a worker); a ZMQ context cannot be taken through a fork."""
    context = zmq.Context()
    inlet = context.socket(zmq.PUSH)
    inlet.linger = 1000 * SECONDS_FOR_LAST_WORDS
    inlet.connect(_pipe_address(thread))
    return context, inlet


def _pipe_address(thread: Any) -> str:
    """Return an abstract address: in no folder, and of this box's network alone where it has one."""
    return f"ipc://@output-{thread._pipe_uuid.hex()}"
