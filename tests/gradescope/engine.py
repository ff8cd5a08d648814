"""Images and containers for tests, by Debian's buildah and podman: no daemon, no registry, a storage of their own.

A machine without a registry's reach makes its base images itself (`mmdebstrap`) and gives them the names that
Dockerfiles ask for. What pip needs to know on this machine (indexes, folders of wheels, certificates) is handed to
builds by a `pip.conf` and read-only mounts, and stays out of the images.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("buildah", "podman", "mmdebstrap", "runc")
BASE = ("python3", "python3-venv", "ca-certificates", "unzip")
"""Of what Gradescope's base image has, the part that anything of ours relies on."""
LIMITS = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096", "--network", "none")
SLOTS = Path("/run/deepgrader-users")
"""Where graders reserve user ids: on one kernel an id is the same inside and outside of containers."""


def reserved() -> list[str]:
    """Return the options by which graders in containers reserve user ids among all graders on this machine."""
    SLOTS.mkdir(mode=0o700, exist_ok=True)
    return ["-v", f"{SLOTS}:{SLOTS}"]


def missing() -> list[str]:
    """Return the programs that are not there."""
    return [name for name in NEEDED if not shutil.which(name)]


@dataclass(frozen=True)
class Engine:
    """Builds images and runs containers, all kept below one folder."""

    folder: Path

    def base(self, *names: str) -> None:
        """Make a Debian image under these names, unless it is there from before."""
        if all(self.has(name) for name in names):
            return
        tarball = self.folder / "base.tar"
        _run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(BASE)}", "bookworm", str(tarball)])
        (self.folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
        self.build(self.folder, names[0], "-f", str(self.folder / "Base"))
        tarball.unlink()
        for name in names[1:]:
            self.buildah("tag", names[0], name)

    def build(self, context: Path, name: str, *options: str) -> str:
        """Build an image from a folder and return what was said."""
        mounts = [*pip_mounts(self.folder / "pip.conf"), *reserved()]
        return self.buildah(
            "bud", "--isolation", "chroot", "--layers", "--pull-never", *mounts, *options, "-t", name, str(context)
        )

    def run(
        self, image: str, command: Sequence[str] = (), options: Sequence[str] = (), seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a container to its end."""
        return subprocess.run(
            [*self.podman(), "run", "--rm", *LIMITS, *reserved(), *options, image, *command],
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def has(self, image: str) -> bool:
        """Return whether there is an image of this name."""
        return not subprocess.run([*self.podman(), "image", "exists", image], capture_output=True).returncode

    def buildah(self, *words: str) -> str:
        """Run buildah in our storage and return what it said."""
        return _run(["buildah", *self._storage(), *words])

    def podman(self) -> list[str]:
        """Return the words with which podman uses our storage."""
        return ["podman", *self._storage(), "--runtime", "runc", "--cgroup-manager", "cgroupfs"]

    def _storage(self) -> list[str]:
        return ["--root", str(self.folder / "storage"), "--runroot", str(self.folder / "run")]

    def clear(self) -> None:
        """Take everything away: containers, images, mounts, files."""
        for words in ([*self.podman(), "rm", "-af"], ["buildah", *self._storage(), "rm", "-a"]):
            subprocess.run(words, capture_output=True)
        subprocess.run([*self.podman(), "rmi", "-af"], capture_output=True)
        for mount in _mounts_below(self.folder):
            subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(self.folder)


@contextmanager
def engine() -> Iterator[Engine]:
    """Yield an engine; its images and containers are gone afterwards, or kept where `GRADER_ENGINE` says."""
    if kept := os.environ.get("GRADER_ENGINE"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Engine(Path(kept))
        return
    made = Engine(Path(tempfile.mkdtemp(prefix="engine-")))  # podman wants a path of less than 50 characters
    try:
        yield made
    finally:
        made.clear()


def _mounts_below(folder: Path) -> list[str]:
    """Return what is mounted below a folder, the deepest first."""
    points = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return sorted((point for point in points if point.startswith(f"{folder}/")), key=len, reverse=True)


def _run(command: Sequence[str]) -> str:
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout[-8000:]}"
    return ran.stdout


# ------------------------------------------------------------------------------------------------- pip


def pip_mounts(conf: Path) -> list[str]:
    """Return the options by which a build uses pip as this machine does; writes `conf`."""
    mounts: set[Path] = set()
    lines = ["[global]"]
    for key, value in _pip_settings().items():
        words = [word for part in value.split() if (word := _reachable(part, mounts))]
        lines += [f"{key} = {' '.join(words)}"] if words else []
    conf.write_text("\n".join(lines) + "\n")
    places = [f"{conf}:/etc/pip.conf:ro", *(f"{place}:{place}:ro" for place in sorted(mounts))]
    return [word for place in places for word in ("-v", place)]


def _pip_settings() -> dict[str, str]:
    """Return pip's settings on this machine, those of the environment last, where they win."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = {}
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in ("global", "install", ":env:"):
            settings[key] = str(ast.literal_eval(value))
    return settings


def _reachable(word: str, mounts: set[Path]) -> str:
    """Return a word of a setting, and have what it names on this machine's disk mounted; '' if that is not there."""
    place = Path(word.removeprefix("file://"))
    if not place.is_absolute():
        return word
    if not place.exists():
        return ""
    mounts.add(place.parent if word.startswith("file://") else place)  # an index points to files that lie beside it
    return word
