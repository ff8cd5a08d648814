"""What the grader tells a zygote once, and then asks of it for every box: the exact fields of the wire.

Both sides of the wall agree on JSON. The trusted side builds these dataclasses; inside, where nothing of ours but
`grader/kernel/` exists, they are read as plain dictionaries with the same keys.

A zygote's life, seen from the grader:

1. `socketpair(AF_UNIX, SOCK_SEQPACKET)`; exec `command(python)` with `environment()`, cwd `/`, no descriptor but the
   three standard ones and the pair's end as `CONTROL`.
2. Send `encode(ZygoteSetup(...))`; wait (seconds: it imports torch) for {"ev": "up", "threads": 1, "imported": […],
   "missing": […]}, or {"ev": "fail", "error": …}.
3. For each box: make a status pair and an agent pair (SEQPACKET), send `encode(BoxRequest(...))` with the far ends of
   both as descriptors (status, then agent), close the far ends, read {"ev": "started", "id": …} + [pidfd of init].
4. On the status socket: {"ev": "kernel"} + [pidfd of the kernel], then {"ev": "ready", "layers": […], …}: now, and not
   before, connect to the kernel's channels (`connection(request)`). {"ev": "fail", "error": …} instead of either of
   them is a fault of ours.
5. To end a box, send SIGTERM to the pidfd of init, or close the status socket: init ends everything else first. SIGKILL
   does as well where there are namespaces; elsewhere the zygote clears up behind it, which a program that keeps forking
   can draw out. {"ev": "dead", "id": …} on the control socket then says that no process of the box is left.
6. Closing the control socket ends the zygote; killing the grader with -9 does the same to every box.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

CONTROL = 3
"""The descriptor on which a zygote finds its control socket."""

NAMESPACED = ("priv", "userns")
"""Modes in which a box has namespaces of its own, and with them an empty root."""

CHANNELS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4}
"""The kernel's channels; there is no heartbeat, the pidfd tells of death sooner."""

KERNEL = Path(__file__).resolve().parent.parent / "kernel"
"""The one folder of ours that a student's Python loads."""

_BOOTSTRAP = """
import sys
sys.path[:] = [entry for entry in sys.path if entry]
from importlib import import_module, util
spec = util.spec_from_file_location("_box", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["_box"] = util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["_box"])
import_module("_box." + sys.argv[2]).main()
"""


@dataclass(frozen=True)
class View:
    """What a box may see of the machine's files. Absolute paths; nothing that is not named here is there."""

    readable: tuple[str, ...]
    """Folders and files that may be read, at the same path inside: the Python environment, /usr."""
    hidden: tuple[str, ...] = ()
    """What lies below a readable folder and is not for students: the course, the grader's own package."""
    mirror: str = ""
    """Folder that stands in for the network, with an `index.json` of {address: path below it}; empty if there is none.
    Read at `/mirror` where there are mount namespaces, elsewhere in its own place."""


@dataclass(frozen=True)
class ZygoteSetup:
    """The first message to a zygote."""

    mode: str
    """'priv', 'userns', 'setuid', 'plain' or 'none' (`grader.sandbox.modes`)."""
    view: View
    filter: str = ""
    """The seccomp program in base64 (`grader.sandbox.filter`); empty in mode 'none' only."""
    preload: tuple[str, ...] = ()
    """Modules to import before the first fork, besides those that most programs need; missing ones are passed over."""
    warm: bool = True
    """Whether to import anything but the kernel itself beforehand; a zygote that does not leaves with its one box."""
    without: tuple[str, ...] = ()
    """Names of shims that a course has switched off (`grader/kernel/shims.py`)."""


@dataclass(frozen=True)
class BoxRequest:
    """One box: a confined init, and in it a kernel."""

    id: str
    """The grader's name for the box; comes back in 'started' and 'dead'."""
    folder: str
    """An empty folder of the grader's, mode 0711, path of at most 80 bytes: init makes the sockets in it, and where
    there are no mount namespaces the kernel's home and temporary folder too. Removed by the grader at the end."""
    key: str
    """Of the kernel's session (hmac-sha256), for this box alone."""
    uid: int
    gid: int
    """Whom the kernel runs as in modes 'priv' and 'setuid' (`grader.sandbox.slots`); ignored in the others."""
    files: tuple[tuple[str, str], ...] = ()
    """(path here, name in the kernel's home). Links are copied as links, never followed."""
    cpu: float = 600.0
    """CPU seconds of one process; the tree's are counted outside."""
    memory: int = 3 << 30
    """Bytes of private writable memory of one process; the tree's are counted outside."""
    disk: int = 512 << 20
    """Bytes: of everything written where there are mount namespaces, of one file elsewhere."""
    processes: int = 256
    output: int = 10 << 20
    """Bytes of output, told to the agent."""
    threads: int = 1
    seed: int = 0
    """Of `random`, `numpy.random` and `torch`; 0 to 2**32 - 1."""
    log: str = ""
    """File that takes what the box writes to its native stdout and stderr; empty: nowhere."""


def command(python: Path, entry: str = "zygote") -> list[str]:
    """Return the argument list that starts a zygote (or another `entry` of the kernel folder) in a student's Python."""
    return [str(python), "-s", "-B", "-c", _BOOTSTRAP, str(KERNEL), entry]


def environment() -> dict[str, str]:
    """Return all of a zygote's environment.

    No pool of threads may start before a fork, sets of text must iterate alike from run to run (hence the hash seed),
    and nothing of the grader's own environment goes in.
    """
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
    fixed = {"PYTHONHASHSEED": "0", "MPLBACKEND": "agg", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **single, **fixed}


def encode(message: ZygoteSetup | BoxRequest) -> bytes:
    """Return a message as it goes over the control socket."""
    return json.dumps(asdict(message)).encode()


def home(mode: str, request: BoxRequest) -> str:
    """Return the kernel's home and working folder, as the kernel sees it."""
    return "/home/student" if mode in NAMESPACED else f"{request.folder}/home"


def connection(request: BoxRequest) -> dict[str, object]:
    """Return the connection information of the kernel in a box, as jupyter_client takes it."""
    ports = {f"{channel}_port": port for channel, port in CHANNELS.items()}
    address = {"transport": "ipc", "ip": f"{request.folder}/wire/k", "hb_port": 5}
    return {**address, **ports, "key": request.key.encode(), "signature_scheme": "hmac-sha256"}
