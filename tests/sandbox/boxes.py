"""The smallest client a zygote can have: enough to open a box and to run cells in it.

Run as a program it opens one box in a mode and prints what cells of it printed, as JSON:
`boxes.py MODE CELL…`; a test calls that under a lesser user or a container's restrictions.
"""

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient

from grader.sandbox import filter as filters
from grader.sandbox.request import (
    CONTROL,
    NAMESPACED,
    BoxRequest,
    ZygoteSetup,
    command,
    connection,
    encode,
    environment,
)
from grader.sandbox.view import view

SPARE_UID = 265_000
PATIENCE = 60.0


def pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Warm:
    """A zygote."""

    def __init__(self, mode, python=sys.executable, preload=(), hidden=()):
        self.mode = mode
        namespaced = mode in NAMESPACED
        program = b"" if mode == "none" else filters.program(sockets=namespaced, signals=True)
        import base64

        setup = ZygoteSetup(
            mode, view([sys.prefix, sys.base_prefix], hidden), base64.b64encode(program).decode(), tuple(preload)
        )
        self.control, far = pair()
        self.process = subprocess.Popen(
            command(Path(python)),
            env=environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            pass_fds=[CONTROL],
            preexec_fn=lambda: os.dup2(far.fileno(), CONTROL),
        )
        far.close()
        self.control.settimeout(PATIENCE)
        self.control.send(encode(setup))
        self.facts = json.loads(self.control.recv(1 << 16) or b"{}")
        self.folder = Path(tempfile.mkdtemp(prefix="g"))
        self.folder.chmod(0o711)
        self.started = 0

    def box(self, **fields):
        self.started += 1
        return Box(self, self.started, fields)

    def stop(self):
        import shutil

        self.control.close()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Box:
    """A box and a client of its kernel."""

    def __init__(self, warm, number, fields):
        self.warm = warm
        self.folder = warm.folder / str(number)
        self.folder.mkdir(mode=0o711)
        uid = SPARE_UID + os.getpid() % 1000 + number
        fields = {"uid": uid, "gid": uid, "key": secrets.token_hex(16), "seed": 7, **fields}
        self.request = BoxRequest(id=str(number), folder=str(self.folder), **fields)
        self.status, status = pair()
        self.agent, agent = pair()
        socket.send_fds(warm.control, [encode(self.request)], [status.fileno(), agent.fileno()])
        status.close()
        agent.close()
        self.status.settimeout(PATIENCE)
        self.init = self._descriptor(warm.control, "started")
        self.kernel = self._descriptor(self.status, "kernel")
        self.ready = self._event("ready")
        self.client = BlockingKernelClient()
        self.client.load_connection_info(connection(self.request))
        self.client.start_channels(stdin=False, hb=False)

    def _descriptor(self, source, event):
        message, given, _, _ = socket.recv_fds(source, 1 << 16, 1)
        assert json.loads(message or b"{}").get("ev") == event, message
        return given[0]

    def _event(self, event):
        message = self.status.recv(1 << 16)
        assert json.loads(message or b"{}").get("ev") == event, message.decode()
        return json.loads(message)

    def run(self, code, timeout=PATIENCE):
        """Return what a cell printed, showed, and raised, as text."""
        said = []

        def hook(message):
            content = message["content"]
            said.append(content.get("text", "") or content.get("data", {}).get("text/plain", ""))
            if message["msg_type"] == "error":
                said.append(f"{content['ename']}: {content['evalue']}")

        self.client.execute_interactive(code, timeout=timeout, output_hook=hook)
        return "".join(said).strip()

    def alive(self):
        return not select.select([self.init], [], [], 0)[0]

    def kill(self):
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.init, signal.SIGKILL)

    def close(self):
        self.client.stop_channels()
        self.kill()
        message = json.loads(self.warm.control.recv(1 << 16))
        assert message["ev"] == "dead", message
        for descriptor in (self.init, self.kernel):
            os.close(descriptor)
        self.status.close()
        self.agent.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main(mode, cells):
    begun = time.perf_counter()
    with Warm(mode) as warm:
        warmed = time.perf_counter() - begun
        begun = time.perf_counter()
        with warm.box() as box:
            opened = time.perf_counter() - begun
            said = [box.run(cell) for cell in cells]
            facts = {"up": warm.facts, "ready": box.ready, "said": said, "warm": warmed, "open": opened}
    print(json.dumps(facts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
