"""Every attack in every mode that can be had here: nothing got through, nobody else was harmed, nothing is left."""

import ctypes
import importlib.util
import inspect
import json
import os
import socket
import tempfile
from pathlib import Path

import pytest

import grader

_HERE = Path(__file__).parent


def _loaded(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


attacks = _loaded("attacks_on_boxes", _HERE / "attacks.py")
stations = _loaded("stations_under_attack", _HERE.parent / "sandbox/stations.py")

REFERENCE = "the answer is 42"
LIMITS = {"processes": 40, "memory": 2 << 30, "disk": 64 << 20}
PRELUDE = "import ctypes, errno, mmap, os, resource, signal, socket, struct, subprocess, sys, time\n"
CALLED = """
try:
    got = {name}({prizes!r})
except (OSError, MemoryError, ImportError) as refusal:
    print("held:", type(refusal).__name__)
else:
    print(f"THROUGH: {{got!r:.200}}" if got else "held: nothing to show for it")
"""


def cell(function, prizes):
    """The attack as the text of a cell."""
    text = "\n\n".join(map(inspect.getsource, (attacks.call, attacks.machine_code, function)))
    text = "\n".join(line for line in text.splitlines() if not line.startswith("@attack"))
    return PRELUDE + text + CALLED.format(name=function.__name__, prizes=prizes)


@pytest.fixture(scope="session")
def prizes():
    """What there is to win on this machine, open to everybody as far as permissions go."""
    with tempfile.TemporaryDirectory(prefix="prize") as name:
        folder = Path(name)
        folder.chmod(0o755)
        reference = folder / "course/reference/hw3.py"
        reference.parent.mkdir(parents=True)
        reference.write_text(REFERENCE)
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        (folder / "link").symlink_to(reference)
        shared = Path(f"/dev/shm/prize{os.getpid()}")
        shared.write_text(REFERENCE)
        opened = _sockets(folder)
        segment = _segment()
        yield {
            "course": str(folder / "course"), "reference": str(reference), "open_folder": str(folder / "open"),
            "shared": str(shared), "package": str(Path(grader.__file__).parent), "mode": reference.stat().st_mode,
            "link": str(folder / "link"), "tcp": opened["tcp"].getsockname()[1], "key": os.getpid(),
            "path_socket": str(folder / "stream"), "path_datagram": str(folder / "datagram"),
            "abstract": f"prize{os.getpid()}",
        }  # fmt: skip
        shared.unlink()
        ctypes.CDLL(None).shmctl(segment, 0, None)
        for one in opened.values():
            one.close()


def _sockets(folder):
    """Sockets that anybody on this machine can reach."""
    opened = {"tcp": socket.create_server(("127.0.0.1", 0))}
    for name, kind in (("stream", socket.SOCK_STREAM), ("datagram", socket.SOCK_DGRAM)):
        opened[name] = socket.socket(socket.AF_UNIX, kind)
        opened[name].bind(str(folder / name))
        (folder / name).chmod(0o777)
        opened["abstract " + name] = socket.socket(socket.AF_UNIX, kind)
        suffix = "" if kind == socket.SOCK_STREAM else "-datagram"
        opened["abstract " + name].bind(f"\0prize{os.getpid()}{suffix}")
    opened["stream"].listen()
    opened["abstract stream"].listen()
    return opened


def _segment():
    """A piece of System V shared memory that anybody can attach."""
    return ctypes.CDLL(None).shmget(os.getpid(), 4096, 0o1666)


class Siege:
    """A station with a box that is attacked from and a neighbour that must not notice."""

    def __init__(self, station, prizes):
        self.station = station
        self.neighbour = station.box(**LIMITS)
        self.neighbour.run("mine = 1; open('answer.txt', 'w').write('my answer')")
        self.prizes = {
            **prizes, **LIMITS, "namespaced": self.station.namespaced,
            "own_user": self.station.mode in ("priv", "setuid"),
            "grader": self.station.facts["pid"], "zygote": self.station.facts["zygote"],
            "sibling": self.pid(self.neighbour), "sibling_folder": self.neighbour.facts["folder"],
            "sibling_uid": self.neighbour.facts["uid"], "sibling_home": self.neighbour.facts["folder"] + "/home",
        }  # fmt: skip

    def pid(self, box):
        return self.station.tell("pid", box=box.id)

    def __call__(self, function, patience=30.0):
        """What an attack printed, from a fresh box, after looking that nobody else was harmed."""
        link = [[self.prizes["link"], "handed_in_link"]]
        with self.station.box(files=link, **LIMITS) as box:
            own = {"uid": box.facts["uid"], "init": self.station.tell("pid", box=box.id, which="init")}
            said = box.run(cell(function, {**self.prizes, **own}), timeout=patience)
            alive = box.alive() and box.run("print(6 * 7)") == "42"
        assert self.neighbour.run("print(mine, open('answer.txt').read())") == "1 my answer"
        return said, alive


@pytest.fixture(scope="session", params=stations.reachable())
def siege(request, prizes):
    with stations.Station(request.param, [prizes["course"]]) as station:
        yield Siege(station, prizes)


@pytest.mark.slow
@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_it_does_not_get_through(siege, name):
    function = attacks.ATTACKS[name]
    said, alive = siege(function)
    assert "THROUGH" not in said
    if function in attacks.DEADLY:
        assert said.startswith("held") or not alive
    else:
        assert said.startswith("held"), said
        assert alive
    reference = Path(siege.prizes["reference"])
    assert reference.read_text() == REFERENCE
    assert not list(Path(siege.prizes["open_folder"]).iterdir())
    assert not Path("/dev/shm/left").exists()


HARMLESS = [
    "read: reference by its path",
    "read: reference by a link of ours",
    "read: reference by a link that was handed in",
    "read: reference by climbing",
    "read: reference by another program",
    "read: reference by openat2",
    "read: course by listing",
    "read: package of the grader by path",
    "read: environment of the grader",
    "read: secret in any environment",
    "read: home of another box",
    "read: shared memory of others",
    "network: tcp",
    "network: tcp over version 6",
    "network: udp",
    "network: a listening port",
    "network: a socket in a folder",
    "network: a datagram socket in a folder",
    "network: an abstract socket",
    "network: the channels of another kernel",
    "process: signal to the grader",
    "process: signal to another box",
    "process: limits of the grader",
    "process: shared memory of system v",
    "escape: system calls of 32 bits",
]


@pytest.mark.slow
@pytest.mark.skipif("priv" not in stations.reachable(), reason="must be started as root")
@pytest.mark.parametrize("name", HARMLESS)
def test_it_would_get_through_without_the_wall(undefended, name):
    said, _ = undefended(attacks.ATTACKS[name])
    assert said.startswith("THROUGH"), said


@pytest.fixture(scope="session")
def undefended(prizes):
    with stations.Station("none", [prizes["course"]], stations.UNDEFENDED) as station:
        yield Siege(station, prizes)


def test_the_attacks_are_of_every_kind():
    kinds = {name.partition(":")[0] for name in attacks.ATTACKS}
    assert kinds == {"read", "write", "network", "process", "escape", "exhaust"}
    assert len(attacks.ATTACKS) > 75
    assert json.dumps(sorted(attacks.ATTACKS))
