"""The first process of a container of `chroot`: makes the folder its root, confines itself, and becomes the command.

`chroot_inside.py ORDER`, as root in new namespaces; the order is JSON, see `Chroot._entered`.
"""

import json
import os
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gradescope.engine import FILES, PROCESSES
from sandbox import dockerlike

from grader.kernel import linux

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx"}
COVERED = ("kcore", "keys", "timer_list", "sched_debug")
FIXED = ("bus", "fs", "irq", "sys", "sysrq-trigger")
"""Of /proc: what Docker covers, and what it makes read-only."""


def main(order):
    order, program = json.loads(order), dockerlike.program()
    for group in order["groups"]:
        (Path(group) / "cgroup.procs").write_text(str(os.getpid()))
    if not order["groups"]:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    linux.mount("none", "/", flags=linux.RECURSIVE | linux.PRIVATE)
    root = Path(order["root"])
    linux.mount(str(root), str(root), flags=linux.BIND)
    furnish(root)
    for source, target, writable in order["mounts"]:
        show(Path(source), root / target.lstrip("/"), writable=writable)
    linux.pivot_root(str(root))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_NPROC, (PROCESSES, PROCESSES))
    os.umask(0o022)
    dockerlike.seccomp_install_with_privilege(program)
    dockerlike.restrict_capabilities(dockerlike.CAPABILITIES)
    environment = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", **order["environment"]}
    os.environ["PATH"] = PATH
    os.execvpe(order["command"][0], order["command"], environment)


def furnish(root):
    """Mount what a system has besides its files: processes, devices, shared memory."""
    for name in ("proc", "dev", "sys"):
        (root / name).mkdir(exist_ok=True)
    linux.mount("proc", str(root / "proc"), "proc", linux.NO_SETUID | linux.NO_DEVICES | linux.NO_EXEC)
    for place in (root / "proc" / name for name in COVERED):
        if place.exists():
            linux.mount("/dev/null", str(place), flags=linux.BIND)
    for place in (root / "proc" / name for name in FIXED):
        if place.exists():
            show(place, place, writable=False)
    linux.mount("tmpfs", str(root / "sys"), "tmpfs", linux.NO_SETUID | linux.NO_DEVICES, "mode=755")
    devices = root / "dev"
    linux.mount("tmpfs", str(devices), "tmpfs", linux.NO_SETUID, "mode=755")
    for name in DEVICES:
        show(Path("/dev", name), devices / name, writable=True)
    for name, kind, data in (("pts", "devpts", "newinstance,ptmxmode=0666"), ("shm", "tmpfs", "mode=1777,size=64m")):
        (devices / name).mkdir()
        linux.mount(kind, str(devices / name), kind, linux.NO_SETUID, data)
    for name, target in LINKS.items():
        (devices / name).symlink_to(target)


def show(source, target, *, writable):
    """Show a file or a folder at another place, and make that place if need be."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    linux.mount(str(source), str(target), flags=linux.BIND | linux.RECURSIVE)
    if not writable:
        linux.restrict_mount(str(target), linux.READ_ONLY)


if __name__ == "__main__":
    main(sys.argv[1])
