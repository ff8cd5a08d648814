"""A folder with Debian in it, entered with unshare and chroot: where podman cannot be had.

Not a container engine, but what Gradescope's containers are as far as an autograder can tell: own mount, process,
network and ipc namespaces, root with Docker's capabilities behind about its system-call filter, each run on a fresh
layer above the image. Memory and processor are limited by control groups of either version; where there are none the
grader is told how much memory it has, as a container would tell it, and nobody enforces that (`confinement`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gradescope.engine import BASE, CORES, MEMORY, SET_UP, Mount, mounts_below, pip_mounts, reserved, said_by

GROUPS = Path("/sys/fs/cgroup")
INSIDE = Path(__file__).with_name("chroot_inside.py")
MAKERS = ("mmdebstrap", "debootstrap")
NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts")
PERIOD = 100_000
"""Microseconds over which the share of a processor is counted."""


def missing() -> list[str]:
    """Return what is not there."""
    lacking = [] if any(map(shutil.which, MAKERS)) else [" or ".join(MAKERS)]
    entered = ["unshare", *NAMESPACES, "--net", "true"]
    if not shutil.which("unshare") or subprocess.run(entered, capture_output=True).returncode:
        lacking.append("namespaces for root")
    return lacking


@dataclass(frozen=True)
class Chroot:
    """Makes folders that hold a system, and runs commands in them."""

    folder: Path

    @property
    def _base(self) -> Path:
        return self.folder / "base"

    @property
    def _image(self) -> Path:
        return self.folder / "autograder"

    def base(self) -> None:
        """Make a folder with Debian in it, unless it is there from before."""
        if self._base.exists():
            return
        maker = next(path for name in MAKERS if (path := shutil.which(name)))
        unfinished = self._base.with_suffix(".unfinished")
        said_by([maker, "--variant=minbase", f"--include={','.join(BASE)}", "bookworm", str(unfinished)])
        unfinished.rename(self._base)

    def autograder(self, source: Path) -> str:
        """Copy what a zip holds to where Gradescope puts it, set it up, and return what was said."""
        if not self._image.exists():
            said_by(["cp", "-a", "--reflink=auto", str(self._base), str(self._image)])
        home = self._image / "autograder"
        shutil.copytree(source, home / "source", dirs_exist_ok=True)
        shutil.copy(home / "source" / "run_autograder", home)
        mounts = [
            *pip_mounts(self.folder / "pip.conf"),
            reserved(),
            Mount(Path("/etc/resolv.conf"), "/etc/resolv.conf"),
        ]
        ran = self._entered(self._image, ["bash", "-c", SET_UP], mounts, network=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def adopt(self, root: Path) -> None:
        """Take a folder that holds an autograder, already set up, for the image."""
        self._image.symlink_to(root)

    def run(
        self,
        command: Sequence[str],
        mounts: Sequence[Mount] = (),
        environment: Mapping[str, str] | None = None,
        seconds: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a fresh layer above the autograder, as small as Gradescope's smallest, to its end."""
        with _layer(self._image, self.folder) as root, self.groups.entered() as (shown, joined):
            mounts = [*mounts, reserved(), *shown]
            return self._entered(root, command, mounts, environment, joined=joined, seconds=seconds)

    def _entered(
        self,
        root: Path,
        command: Sequence[str],
        mounts: Sequence[Mount],
        environment: Mapping[str, str] | None = None,
        *,
        network: bool = False,
        joined: Sequence[Path] = (),
        seconds: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command with `root` as its root; what stops it, its namespaces end with it."""
        order = {
            "root": str(root),
            "mounts": [[str(mount.source), mount.target, mount.writable] for mount in mounts],
            "environment": dict(environment or {}),
            "groups": [str(group) for group in joined],
            "command": list(command),
        }
        entering = ["unshare", *NAMESPACES, *([] if network else ["--net"])]
        inside = [sys.executable, str(INSIDE), json.dumps(order)]
        return subprocess.run([*entering, *inside], capture_output=True, text=True, timeout=seconds)

    @cached_property
    def groups(self) -> Groups:
        """Return what limits memory and processor on this machine."""
        return Groups.found(self.folder)

    def confinement(self) -> str:
        """Return what holds a container here, and where that is less than it should be."""
        return f"chroot, about Docker's filter and its capabilities; {self.groups.said}"

    def clear(self) -> None:
        """Take everything away."""
        for mount in mounts_below(self.folder):
            subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(self.folder)


@contextmanager
def _layer(below: Path, folder: Path) -> Iterator[Path]:
    """Yield a folder that shows `below`; what is written there is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
    upper, work, root = (place / name for name in ("upper", "work", "root"))
    for each in (upper, work, root):
        each.mkdir()
    options = f"lowerdir={below.resolve()},upperdir={upper},workdir={work}"
    said_by(["mount", "-t", "overlay", "overlay", "-o", options, str(root)])
    try:
        yield root
    finally:
        said_by(["umount", str(root)])
        shutil.rmtree(place)


@dataclass(frozen=True)
class Groups:
    """The control groups that limit memory and processor: of version 1, of version 2, or none."""

    folder: Path
    settings: Mapping[Path, Mapping[str, str]]
    """Of each hierarchy that is used, the files to write and what to write there; empty without control groups."""
    said: str

    @classmethod
    def found(cls, folder: Path) -> Groups:
        """Return the first kind that can be had: it is tried."""
        quota = str(int(CORES * PERIOD))
        old = {
            GROUPS / "memory": {"memory.limit_in_bytes": str(MEMORY)},
            GROUPS / "cpu": {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": quota},
        }
        new = {GROUPS: {"memory.max": str(MEMORY), "cpu.max": f"{quota} {PERIOD}"}}
        for version, settings in ((2, new), (1, old)):
            groups = cls(folder, settings, f"768 MB and half a core by control groups (version {version})")
            with suppress(OSError), groups.entered():
                return groups
        return cls(folder, {}, "no control groups: 768 MB are told to the grader, not enforced; one core, not half")

    @contextmanager
    def entered(self) -> Iterator[tuple[list[Mount], list[Path]]]:
        """Yield the mounts that tell a container its limits, and the groups it has to join; later they are gone."""
        made = {where: Path(tempfile.mkdtemp(prefix="grader-", dir=where)) for where in self.settings}
        try:
            for where, group in made.items():
                for name, value in self.settings[where].items():
                    (group / name).write_text(value)
            yield [Mount(group, str(where)) for where, group in made.items()] or [self._told()], list(made.values())
        finally:
            for group in made.values():
                group.rmdir()

    def _told(self) -> Mount:
        """Return what a grader is told of its memory where nothing holds it to that."""
        told = self.folder / "memory.max"
        told.write_text(f"{MEMORY}\n")
        return Mount(told, str(GROUPS / "memory.max"))
