"""What runs Gradescope's containers in tests: podman, else a folder that is entered with namespaces and chroot.

`GRADER_ENGINE=podman` or `GRADER_ENGINE=chroot` asks for one of the two; else podman is taken where it is installed.
Both make what stands for Gradescope's base image from Debian bookworm, set up an autograder in it, and run that as
root with Docker's capabilities, 768 MB, half a core and no network. What pip needs to know on this machine (indexes,
folders of wheels, certificates) is shown to builds by a `pip.conf` and read-only mounts, and stays out of the images.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

BASE = ("python3", "python3-venv", "ca-certificates", "unzip")
"""Of what Gradescope's base image has, the part that anything of ours relies on."""
MEMORY, CORES = 768 << 20, 0.5
"""Of the smallest of Gradescope's containers."""
FILES = PROCESSES = 4096
SLOTS = Path("/run/deepgrader-users")
"""Where graders reserve user ids: on one kernel an id is the same inside and outside of containers."""
SET_UP = "apt-get update -qq && bash /autograder/source/setup.sh && rm -rf /var/lib/apt/lists/*"


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine, shown in a container."""

    source: Path
    target: str
    writable: bool = False


class Engine(Protocol):
    """Makes the image of an autograder and runs containers, all kept below one folder."""

    folder: Path

    def base(self) -> None:
        """Make the image that autograders start from, unless it is there from before."""

    def autograder(self, source: Path) -> str:
        """Make the image `AUTOGRADER`, set up from what a zip holds; return what was said."""

    def run(
        self,
        command: Sequence[str],
        mounts: Sequence[Mount] = (),
        environment: Mapping[str, str] | None = None,
        seconds: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of the autograder, as small as Gradescope's smallest, to its end."""

    def confinement(self) -> str:
        """Return what holds a container here, and where that is less than it should be."""

    def clear(self) -> None:
        """Take everything away: containers, images, mounts, files."""


@contextmanager
def kept_or_cleared(make: type[Engine]) -> Iterator[Engine]:
    """Yield an engine; what it made is gone afterwards, or kept where `GRADER_ENGINE_FOLDER` says."""
    if kept := os.environ.get("GRADER_ENGINE_FOLDER"):
        folder = Path(kept) / make.__name__.lower()
        folder.mkdir(parents=True, exist_ok=True)
        yield make(folder)
        return
    made = make(Path(tempfile.mkdtemp(prefix="engine-")))  # podman wants a path of less than 50 characters
    try:
        yield made
    finally:
        made.clear()


def reserved() -> Mount:
    """Return the mount by which graders in containers reserve user ids among all graders on this machine."""
    SLOTS.mkdir(mode=0o700, exist_ok=True)
    return Mount(SLOTS, str(SLOTS), writable=True)


def mounts_below(folder: Path) -> list[str]:
    """Return what is mounted below a folder, the deepest first."""
    points = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return sorted((point for point in points if point.startswith(f"{folder}/")), key=len, reverse=True)


def said_by(command: Sequence[str]) -> str:
    """Return what a command says, which must succeed."""
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout[-8000:]}"
    return ran.stdout


# ------------------------------------------------------------------------------------------------- pip


def pip_mounts(conf: Path) -> list[Mount]:
    """Return the mounts by which a build uses pip as this machine does; writes `conf`."""
    found: set[Path] = set()
    lines = ["[global]"]
    for key, value in _pip_settings().items():
        words = [word for part in value.split() if (word := _reachable(part, found))]
        lines += [f"{key} = {' '.join(words)}"] if words else []
    conf.write_text("\n".join(lines) + "\n")
    return [Mount(conf, "/etc/pip.conf"), *(Mount(place, str(place)) for place in sorted(found))]


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


def _reachable(word: str, found: set[Path]) -> str:
    """Return a word of a setting, and note what it names on this machine's disk; '' if that is not there."""
    place = Path(word.removeprefix("file://"))
    if not place.is_absolute():
        return word
    if not place.exists():
        return ""
    found.add(place.parent if word.startswith("file://") else place)  # an index points to files that lie beside it
    return word
