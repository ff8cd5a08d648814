"""Every attack in every mode that can be had here: nothing got through, nobody else was harmed, nothing is left."""

import contextlib
import ctypes
import functools
import importlib.util
import inspect
import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

import grader
from grader.sandbox.processes import descendants

_HERE = Path(__file__).parent


def _loaded(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


attacks = _loaded("attacks_on_boxes", _HERE / "attacks.py")
breaches = _loaded("breaches_of_boxes", _HERE / "breaches.py")
stations = _loaded("stations_under_attack", _HERE.parent / "sandbox/stations.py")

REFERENCE = "the answer is 42"
LIMITS = {"processes": 40, "memory": 1 << 30, "disk": 64 << 20}
LEFT = Path(f"/dev/shm/left{os.getpid()}")
PRELUDE = "import ctypes, errno, fcntl, mmap, os, resource, signal, socket, struct, subprocess, sys, time\n"
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
    text = "\n\n".join(map(inspect.getsource, (*attacks.SHARED, function)))
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
            "shared": str(shared), "new_shared": str(LEFT), "package": str(Path(grader.__file__).parent),
            "mode": reference.stat().st_mode,
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

    def __init__(self, station, prizes, *, weakened):
        self.station = station
        self.neighbour = station.box(**LIMITS)
        self.neighbour.run("mine = 1; open('answer.txt', 'w').write('my answer')")
        self.prizes = {
            **prizes, **LIMITS, "weakened": weakened, "namespaced": self.station.namespaced,
            "own_user": self.station.mode in ("priv", "setuid"),
            "grader": self.station.facts["pid"], "zygote": self.station.facts["zygote"],
            "sibling": self.pid(self.neighbour), "sibling_folder": self.neighbour.facts["folder"],
            "sibling_uid": self.neighbour.facts["uid"], "sibling_home": self.neighbour.facts["folder"] + "/home",
        }  # fmt: skip

    @classmethod
    @contextlib.contextmanager
    def begun(cls, mode, prizes, without=()):
        """A siege as a context."""
        with stations.Station(mode, [prizes["course"]], without=without) as station:
            yield cls(station, prizes, weakened=bool(without))

    def pid(self, box, which="kernel"):
        return self.station.tell("pid", box=box.id, which=which)

    def __call__(self, function):
        """What an attack printed and whether its box lived on, after looking that nobody else was harmed."""
        with self.box() as box:
            said = self._said(box, function)
            alive = box.alive() and box.run("print(6 * 7)") == "42"
            traces = Traces(self.pid(box, "init"), box.facts["uid"] if self.prizes["own_user"] else None)
        assert self.neighbour.run("print(mine, open('answer.txt').read())") == "1 my answer"
        assert traces.left() == [] and not Path(box.facts["folder"]).exists()
        return said, alive

    def attack(self, function):
        """What an attack printed that may do harm; what it wins is put back."""
        with self.box() as box:
            said = self._said(box, function)
        _put_back(self.prizes)
        return said

    def box(self):
        return self.station.box(files=[[self.prizes["link"], "handed_in_link"]], **LIMITS)

    def _said(self, box, function):
        own = {"uid": box.facts["uid"], "init": self.pid(box, "init")}
        return box.run(cell(function, {**self.prizes, **own}))


class Traces:
    """What could outlive a box, noted while it is there: its processes, and what its user owns."""

    def __init__(self, init, uid):
        self.uid = uid
        self.family = {init, *descendants(init)}
        self.started = {pid: _started(pid) for pid in self.family}

    def left(self):
        """What is still there now that the box is closed."""
        alive = [pid for pid in self.family if _started(pid) and _started(pid) == self.started[pid]]
        return [*alive, *self._of_its_user(), *filter(self._is_its, Path("/dev/shm").iterdir())]

    def _of_its_user(self):
        if self.uid is None:
            return []
        entries = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [entry.name for entry in entries if _owner(entry) == self.uid]

    def _is_its(self, path):
        return path == LEFT or (self.uid is not None and _owner(path) == self.uid)


def _started(pid):
    """When a process began, in ticks; nothing if it is gone or waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _owner(path):
    with contextlib.suppress(OSError):
        return path.stat().st_uid
    return None


def _put_back(prizes):
    """Undo what an attack did that got through."""
    reference = Path(prizes["reference"])
    reference.write_text(REFERENCE)
    reference.chmod(0o644)
    for path in (reference.with_name("new.py"), Path(prizes["open_folder"]) / "left", LEFT):
        path.unlink(missing_ok=True)


@pytest.fixture(scope="session", params=stations.reachable())
def siege(request, prizes):
    with Siege.begun(request.param, prizes) as siege:
        yield siege


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
    assert not LEFT.exists()


CROWDING = """
import socket
kept, under_way = [], 0
try:
    while under_way < 5000:
        kept.append(socket.socketpair())
        for _ in range(8):
            socket.send_fds(kept[-1][0], [b"x"], [0] * 200)
            under_way += 200
except OSError as refusal:
    print(under_way, refusal)
"""


@pytest.mark.slow
def test_descriptors_under_way_keep_nobody_from_starting(siege):
    with siege.box() as box:
        assert "Too many references" in box.run(CROWDING)
        with siege.box() as other:
            assert other.run("print(6 * 7)") == "42"
        assert siege.neighbour.run("print(mine)") == "1"


@pytest.mark.slow
@pytest.mark.skipif(len(stations.reachable()) < 4, reason="must be started as root of a whole machine")
@pytest.mark.parametrize(("mode", "without", "name"), list(breaches.ways()))
def test_it_gets_through_without_its_layers(weakened, mode, without, name):
    said = weakened(mode, without).attack(attacks.ATTACKS[name])
    assert said.startswith("THROUGH"), said


@pytest.fixture(scope="session")
def weakened(prizes):
    """Gives the siege of boxes in a mode that do without some layers; the last one ends with the next."""
    with contextlib.ExitStack() as stack:

        @functools.lru_cache(maxsize=1)
        def siege(mode, without):
            stack.close()
            return stack.enter_context(Siege.begun(mode, prizes, without))

        yield siege


def test_what_is_left_would_be_seen():
    with subprocess.Popen(["sleep", "100"]) as left:
        traces = Traces(left.pid, None)
        assert traces.left() == [left.pid]
        left.kill()
    assert traces.left() == []


def test_of_every_attack_it_is_known_where_it_gets_through():
    named = [name for _, _, name in breaches.ways()]
    assert sorted([*named, *breaches.IMPOSSIBLE]) == sorted(attacks.ATTACKS)
    assert len(breaches.IMPOSSIBLE) < 5


def test_the_attacks_are_of_every_kind():
    kinds = {name.partition(":")[0] for name in attacks.ATTACKS}
    assert kinds == {"read", "write", "network", "process", "escape", "exhaust"}
    assert len(attacks.ATTACKS) > 80
    assert json.dumps(sorted(attacks.ATTACKS))
