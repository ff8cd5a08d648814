"""A kernel of the plainest kind for tests: a process that runs cells in a namespace and then answers as an agent does.

Nothing is confined here. One warm process imports torch and forks for every `kernel(cells)`, as a zygote does.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

from grader import traces

KERNEL = Path(__file__).resolve().parent.parent / "grader" / "kernel"
INSIDE = """
import json, os, socket, sys, types
from importlib import import_module, util
root, fd, warm = sys.argv[1], int(sys.argv[2]), sys.argv[3]
spec = util.spec_from_file_location("_box", root + "/__init__.py", submodule_search_locations=[root])
sys.modules["_box"] = util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["_box"])
if warm == "warm":
    import torch
    torch.set_num_threads(1)
    import torch._dynamo, matplotlib.pyplot
agent = import_module("_box.agent")
control = socket.socket(fileno=fd)

dumps, kind = agent.dumps, lambda error: error.__class__.__name__

def run(fd, request):
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    names = vars(main)
    names.update(In=[], Out={}, get_ipython=lambda: None)
    inside = agent.Agent(types.SimpleNamespace(user_ns=names), fd, request["options"])
    said = []
    for number, cell in enumerate(request["cells"], 1):
        try:
            exec(compile(cell, f"<cell {number}>", "exec"), names)
            inside._earlier.look()
        except Exception as error:
            said.append(f"cell {number}: {kind(error)}: {error}")
    inside._socket.send(dumps({"said": said}).encode())
    while inside.ready():
        pass
    os._exit(0)

while True:
    data, fds, _, _ = socket.recv_fds(control, 1 << 20, 1)
    if not data:
        break
    if os.fork() == 0:
        control.close()
        run(fds[0], json.loads(data))
    os.close(fds[0])
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            break
"""


@dataclass
class Link:
    """One conversation's stream."""

    socket: socket.socket
    is_starved: bool = False

    def starved(self) -> bool:
        return self.is_starved

    def close(self) -> None:
        self.socket.close()


@dataclass
class Process:
    """A finished kernel, by the end of its agent socket that is ours."""

    agent: socket.socket
    said: list[str]
    """What the failing cells said."""

    def connect(self, file: int = 0) -> Link:
        ours, theirs = socket.socketpair()
        socket.send_fds(self.agent, [b'{"op": "converse"}'], [theirs.fileno()])
        theirs.close()
        answer, descriptors, _, _ = socket.recv_fds(self.agent, 4096, 4)
        for descriptor in descriptors:
            os.close(descriptor)
        assert json.loads(answer)["pid"] > 0
        return Link(ours)

    def observed(self) -> traces.Observed:
        link = self.connect()
        try:
            return traces.observed(link, time.monotonic() + 300)
        finally:
            link.close()


@functools.cache
def _warm(kind: str) -> socket.socket:
    """Start the process that is forked from, once."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    popen = subprocess.Popen(
        [sys.executable, "-c", INSIDE, str(KERNEL), str(theirs.fileno()), kind],
        pass_fds=[theirs.fileno()],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    theirs.close()
    atexit.register(popen.wait)
    atexit.register(ours.close)
    return ours


@contextlib.contextmanager
def kernel(*cells: str, warm: bool = True, complain: bool = True, workers: bool = True, seed: int = 0, **more: object):
    """Run the cells in a process of their own and yield it; a failing cell is an error unless it is expected."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    options = {"seed": seed, "threads": 1, "workers": workers, "output": 1 << 20, **more}
    request = json.dumps({"options": options, "cells": [textwrap.dedent(cell) for cell in cells]})
    socket.send_fds(_warm("warm" if warm else "cold"), [request.encode()], [theirs.fileno()])
    theirs.close()
    ours.settimeout(300)
    try:
        said = json.loads(ours.recv(1 << 16))["said"]
        assert not (complain and said), said
        yield Process(ours, said)
    finally:
        ours.close()
