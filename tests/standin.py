"""A kernel of the plainest kind for tests: a process that runs cells in a namespace and then answers as an agent does.

Nothing is confined here. `kernel(cells)` gives a function that connects to a fresh fork of the finished process.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

KERNEL = Path(__file__).resolve().parent.parent / "grader" / "kernel"
INSIDE = """
import sys, json, types
from importlib import import_module, util
root, fd, options, cells = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]), json.loads(sys.argv[4])
spec = util.spec_from_file_location("_box", root + "/__init__.py", submodule_search_locations=[root])
sys.modules["_box"] = util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["_box"])
if options.pop("warm"):
    import torch
agent = import_module("_box.agent")
main = types.ModuleType("__main__")
sys.modules["__main__"] = main
names = vars(main)
names.update(In=[], Out={}, get_ipython=lambda: None)
shell = types.SimpleNamespace(user_ns=names)
inside = agent.Agent(shell, fd, options)
for number, cell in enumerate(cells, 1):
    try:
        exec(compile(cell, f"<cell {number}>", "exec"), names)
    except Exception as error:
        print(f"cell {number}: {type(error).__name__}: {error}", file=sys.__stderr__)
while inside.ready():
    pass
"""


@dataclass
class Link:
    """One conversation's stream."""

    socket: socket.socket

    def close(self) -> None:
        self.socket.close()


@dataclass
class Process:
    """The stand-in and the end of its agent socket that is ours."""

    popen: subprocess.Popen
    agent: socket.socket

    def connect(self, file: int = 0) -> Link:
        ours, theirs = socket.socketpair()
        socket.send_fds(self.agent, [b'{"op": "converse"}'], [theirs.fileno()])
        theirs.close()
        answer, descriptors, _, _ = socket.recv_fds(self.agent, 4096, 4)
        for descriptor in descriptors:
            socket.close(descriptor)
        assert json.loads(answer)["pid"] > 0
        return Link(ours)

    def deadline(self, seconds: float = 30.0) -> float:
        return time.monotonic() + seconds


@contextlib.contextmanager
def kernel(*cells: str, warm: bool = True, complain: bool = True, workers: bool = True):
    """Run the cells in a process of their own and yield it; what a failing cell said is an error unless expected."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    options = json.dumps({"seed": 0, "threads": 1, "workers": workers, "output": 1 << 20, "warm": warm})
    texts = json.dumps([textwrap.dedent(cell) for cell in cells])
    command = [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", INSIDE, str(KERNEL)]
    environment = {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "PATH": "/usr/bin:/bin", "MPLCONFIGDIR": "/tmp"}
    popen = subprocess.Popen(
        [*command, str(theirs.fileno()), options, texts],
        pass_fds=[theirs.fileno()],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    theirs.close()
    ours.settimeout(120)
    try:
        yield Process(popen, ours)
    finally:
        ours.close()
        printed, said = popen.communicate(timeout=60)
        if complain:
            assert said == "", said
