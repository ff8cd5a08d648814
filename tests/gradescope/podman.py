"""Images and containers by Debian's buildah and podman: no daemon, no registry, a storage of their own.

A machine without a registry's reach makes its base images itself (`mmdebstrap`) and gives them the names that
Dockerfiles ask for.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gradescope.engine import (
    BASE,
    CORES,
    FILES,
    MEMORY,
    PROCESSES,
    SET_UP,
    Mount,
    mounts_below,
    pip_mounts,
    reserved,
    said_by,
)

NEEDED = ("buildah", "podman", "mmdebstrap", "runc")
DEBIAN = "docker.io/library/debian:bookworm-slim"
AUTOGRADER_BASE = "docker.io/gradescope/autograder-base:ubuntu-22.04"
AUTOGRADER = "localhost/autograder"
LIMITS = ("--ulimit", f"nofile={FILES}:{FILES}", "--ulimit", f"nproc={PROCESSES}:{PROCESSES}", "--network", "none")
SMALL = ("--memory", str(MEMORY), "--memory-swap", str(MEMORY), "--cpus", str(CORES))


def missing() -> list[str]:
    """Return the programs that are not there."""
    return [name for name in NEEDED if not shutil.which(name)]


def volumes(mounts: Sequence[Mount]) -> list[str]:
    """Return mounts as options of podman and buildah."""
    places = [f"{mount.source}:{mount.target}{'' if mount.writable else ':ro'}" for mount in mounts]
    return [word for place in places for word in ("-v", place)]


@dataclass(frozen=True)
class Podman:
    """Builds images and runs containers, all kept below one folder."""

    folder: Path

    def base(self) -> None:
        """Make a Debian image under the names that Dockerfiles start from, unless it is there from before."""
        if all(self.has(name) for name in (DEBIAN, AUTOGRADER_BASE)):
            return
        tarball = self.folder / "base.tar"
        said_by(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(BASE)}", "bookworm", str(tarball)])
        (self.folder / "Base").write_text("FROM scratch\nADD base.tar /\n")
        self.build(self.folder, DEBIAN, "-f", str(self.folder / "Base"))
        tarball.unlink()
        self.buildah("tag", DEBIAN, AUTOGRADER_BASE)

    def autograder(self, source: Path) -> str:
        """Make the image that Gradescope would make of a zip, and return what was said."""
        context = self.folder / "context"
        shutil.copytree(source, context / "source", dirs_exist_ok=True)
        lines = [
            f"FROM {AUTOGRADER_BASE}",
            "COPY source /autograder/source",
            "RUN cp /autograder/source/run_autograder /autograder/run_autograder",
            f"RUN {SET_UP}",
        ]
        (context / "Dockerfile").write_text("\n".join(lines) + "\n")
        return self.build(context, AUTOGRADER)

    def build(self, context: Path, name: str, *options: str) -> str:
        """Build an image from a folder and return what was said."""
        mounts = volumes([*pip_mounts(self.folder / "pip.conf"), reserved()])
        return self.buildah(
            "bud", "--isolation", "chroot", "--layers", "--pull-never", *mounts, *options, "-t", name, str(context)
        )

    def run(
        self,
        command: Sequence[str],
        mounts: Sequence[Mount] = (),
        environment: Mapping[str, str] | None = None,
        seconds: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a container of the autograder, as small as Gradescope's smallest, to its end."""
        said = [word for name, value in (environment or {}).items() for word in ("-e", f"{name}={value}")]
        return self.start(AUTOGRADER, command, [*SMALL, *said, *volumes(mounts)], seconds)

    def start(
        self, image: str, command: Sequence[str], options: Sequence[str], seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run a container of any image to its end."""
        return subprocess.run(
            [*self.podman(), "run", "--rm", *LIMITS, *volumes([reserved()]), *options, image, *command],
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def confinement(self) -> str:
        """Return what holds a container here."""
        return "podman, with Docker's own filter and capabilities; 768 MB and half a core by control groups"

    def has(self, image: str) -> bool:
        """Return whether there is an image of this name."""
        return not subprocess.run([*self.podman(), "image", "exists", image], capture_output=True).returncode

    def buildah(self, *words: str) -> str:
        """Run buildah in our storage and return what it said."""
        return said_by(["buildah", *self._storage(), *words])

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
        for mount in mounts_below(self.folder):
            subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(self.folder)
