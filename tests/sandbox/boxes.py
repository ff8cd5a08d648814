"""The smallest client a zygote can have, and a station: a program that opens boxes and runs cells in them when told to.

`boxes.py MODE LAYERS [HIDDEN…]` reads one JSON object a line and answers each with one; `conftest.py` starts it under a
lesser user or a container's restrictions, in which pytest itself could not run. LAYERS, a JSON list, are those of
`weakened.py` that the boxes do without.
"""

import contextlib
import fcntl
import json
import os
import queue
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import weakened
from jupyter_client.blocking.client import BlockingKernelClient

from grader.sandbox import modes, probe, processes, request, scratch, watchdog
from grader.sandbox.request import CONTROL, BoxRequest, command, connection, encode, environment

SPARE_UID, MOST_BOXES = 265_000, 256
PATIENCE = 180.0
NOT_A_WORD = "the kernel did not answer"


def pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def left_open_at(path):
    """A descriptor that somebody forgot to close, out of the way of ours."""
    return fcntl.fcntl(os.open(path, os.O_RDONLY), fcntl.F_DUPFD, CONTROL + 20)


class Warm:
    """A zygote."""

    def __init__(self, mode, hidden=(), preload=(), without=()):
        python = Path(sys.executable)
        self.mode, self.without = mode, without
        self.folder = Path(tempfile.mkdtemp(prefix="g"))
        self.folder.chmod(0o711)
        if without:
            request.KERNEL = weakened.copy(request.KERNEL, without, self.folder)
        left_open = [left_open_at(path) for path in hidden] if "descriptors" in without else []
        machine = probe.probe(python, hidden)
        setup = modes.setup(machine, modes.choose(machine, mode), hidden, preload)
        self.control, far = pair()
        self.process = subprocess.Popen(
            command(python),
            env=environment() if "environment" not in without else dict(os.environ),
            cwd="/",
            stdin=subprocess.DEVNULL,
            pass_fds=[CONTROL, *left_open],
            preexec_fn=lambda: os.dup2(far.fileno(), CONTROL),
        )
        far.close()
        self.control.settimeout(PATIENCE)
        self.control.send(encode(setup))
        self.facts = json.loads(self.control.recv(1 << 16) or b"{}")
        self.started = 0
        self.buried = set()

    def box(self, **fields):
        self.started += 1
        return Box(self, self.started, fields)

    def await_burial(self, box):
        while box not in self.buried:
            message = json.loads(self.control.recv(1 << 16))
            assert message["ev"] == "dead", message
            self.buried.add(message["id"])

    def stop(self):
        self.control.close()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


class Box:
    """A box and a client of its kernel."""

    def __init__(self, warm, number, fields):
        self.warm = warm
        self.folder = warm.folder / str(number)
        self.folder.mkdir()
        self.folder.chmod(0o711)
        uid = SPARE_UID + MOST_BOXES * os.getpid() + number  # nobody else's, of all the stations at the same time
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
        self.watch = None if "watch" in warm.without else self._watched()
        self.client = BlockingKernelClient()
        self.client.load_connection_info(connection(self.request))
        self.client.start_channels(stdin=False, hb=False)
        self._await_channels()

    def _await_channels(self):
        """Ask until both channels answer: what is shown before our subscription has arrived is shown to nobody."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.alive():
            self.client.kernel_info()
            with contextlib.suppress(queue.Empty):
                self.client.get_shell_msg(timeout=2)
                self.client.get_iopub_msg(timeout=0.2)
                return

    def _watched(self):
        """Have the box's memory looked at, as the grader does."""
        shared = processes.shared_with_zygote(processes.pid_of(self.kernel))
        own = self.warm.mode in request.NAMESPACED
        folders = () if own else (self.folder,)
        allowance = watchdog.Allowance(self.request.memory, self.request.disk, folders, shared, own_network=own)
        return watchdog.Watch(processes.pid_of(self.init), allowance, lambda _: self.kill())

    def kill(self):
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.init, signal.SIGKILL)

    def _descriptor(self, source, event):
        message, given, _, _ = socket.recv_fds(source, 1 << 16, 1)
        facts = json.loads(message or b"{}")
        if facts.get("ev") == "dead":
            self.warm.buried.add(facts["id"])
            return self._descriptor(source, event)
        assert facts.get("ev") == event, message.decode()
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

        deadline = time.monotonic() + timeout
        asked = self.client.execute(code)
        while time.monotonic() < deadline and self.alive():
            with contextlib.suppress(Exception):
                message = self.client.get_iopub_msg(timeout=0.2)
                if message["parent_header"].get("msg_id") != asked:
                    continue
                hook(message)
                if message["content"].get("execution_state") == "idle":
                    return "".join(said).strip()
        return ("".join(said) + "\n" + NOT_A_WORD).strip()

    def alive(self):
        return not select.select([self.init, self.kernel], [], [], 0)[0]

    def close(self):
        self.client.stop_channels()
        if self.watch is not None:
            self.watch.stop()
        self.kill()
        self.warm.await_burial(self.request.id)
        for descriptor in (self.init, self.kernel):
            os.close(descriptor)
        self.status.close()
        self.agent.close()
        scratch.remove(self.folder)


class Station:
    """Does what it is told, by name."""

    def __init__(self, mode, without, hidden):
        self.warm = Warm(mode, [Path(path) for path in hidden], without=without)
        self.boxes = {}

    def facts(self):
        return {**self.warm.facts, "zygote": self.warm.process.pid, "pid": os.getpid(), "folder": str(self.warm.folder)}

    def open(self, **fields):
        box = self.warm.box(**fields)
        self.boxes[box.request.id] = box
        return {"box": box.request.id, "uid": box.request.uid, "ready": box.ready, "folder": str(box.folder)}

    def run(self, box, code, timeout=PATIENCE):
        return self.boxes[box].run(code, timeout)

    def pid(self, box, which="kernel"):
        """The number of a process as it is seen from outside."""
        descriptor = getattr(self.boxes[box], which)
        lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))

    def alive(self, box):
        return self.boxes[box].alive()

    def signal(self, box, number):
        """Signal the box's init and wait for the end."""
        signal.pidfd_send_signal(self.boxes[box].init, number)
        self.warm.await_burial(box)

    def hang_up(self, box):
        """Close the status socket, as the death of the grader would, and wait for the end."""
        self.boxes[box].status.close()
        self.warm.await_burial(box)

    def close(self, box):
        self.boxes.pop(box).close()

    def stop(self):
        self.warm.stop()


def main(mode, without, *hidden):
    station = Station(mode, json.loads(without), hidden)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"answer": getattr(station, order.pop("do"))(**order)}
        except Exception as error:  # noqa: BLE001 - told to the test
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
