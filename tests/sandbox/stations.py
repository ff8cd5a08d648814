"""The near end of a station (`boxes.py`), and in which circumstances this machine can put one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
DOCKERLIKE = [sys.executable, str(HERE / "dockerlike.py")]
SOMEBODY = str(2_000_000_000 + os.getpid())
"""Nobody else's: Linux counts the processes of a user, and what one box may start depends on it."""
PATIENCE = 180.0
"""Seconds for what ends a test only where it does not come."""
CIRCUMSTANCES = {
    "priv": [],
    "userns": [*DOCKERLIKE, "--user", SOMEBODY],
    "setuid": [*DOCKERLIKE, "--container"],
    "plain": [*DOCKERLIKE, "--container", "--user", SOMEBODY],
}
"""How to get, as root of a whole machine, to where each mode is the strongest there is."""


def circumstances():
    """The ways to start a station here. Root of a whole machine reaches all modes; anyone else only the own one."""
    from grader.sandbox import modes, probe

    machine = probe.probe(Path(sys.executable))
    if machine.root and not machine.namespaces:
        return CIRCUMSTANCES
    return {modes.choose(machine): []}


def reachable():
    return list(circumstances())


class Station:
    """A station in one mode, as a context."""

    def __init__(self, mode, hidden=(), under=None, without=()):
        self.mode = mode
        prefix = circumstances()[mode] if under is None else under
        program = [sys.executable, str(HERE / "boxes.py"), mode, json.dumps(without), *map(str, hidden)]
        env = {**os.environ, "OMP_NUM_THREADS": "1", "SECRET_OF_THE_GRADER": "in the environment"}
        self.process = subprocess.Popen(
            [*prefix, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=env,
        )
        try:
            self.facts = self.tell("facts")
        except BaseException:
            self.close()
            raise

    @property
    def namespaced(self):
        return self.mode in ("priv", "userns")

    def tell(self, do, **order):
        self.process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the station has gone"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def box(self, **fields):
        return Box(self, fields)

    def another(self, hidden=()):
        """A second station of the same kind."""
        return Station(self.mode, hidden)

    processes_with = staticmethod(lambda mark: processes_with(mark))

    @staticmethod
    def await_processes(number, mark, seconds=PATIENCE):
        """Wait until so many processes have `mark` in their command line."""
        deadline = time.monotonic() + seconds
        while len(processes_with(mark)) != number:
            assert time.monotonic() < deadline, processes_with(mark)
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.tell("stop")
        self.close()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE)


class Box:
    """One box of a station, as a context."""

    def __init__(self, station, fields):
        self.station = station
        self.facts = station.tell("open", **fields)
        self.id = self.facts["box"]

    def run(self, code, timeout=PATIENCE):
        return self.station.tell("run", box=self.id, code=code, timeout=timeout)

    def alive(self):
        return self.station.tell("alive", box=self.id)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.station.tell("close", box=self.id)


def processes_with(text):
    """The living processes in whose command line `text` occurs."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and text.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found
