"""Every attack inside real containers, with the system-call profile and the capabilities that Docker gives by default.

`test_attacks.py` itself is run in each container, on this machine's own files below a layer that is thrown away, so
nothing has to be installed. The profile is Docker's own, as Debian packages it. `make gradescope` runs this.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradescope.engine import kept_or_cleared, reserved
from gradescope.podman import LIMITS, Podman, missing, volumes

HERE = Path(__file__).resolve().parents[2]
PROFILE = "usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json"
PACKAGE = "golang-github-docker-docker-dev"
CAPABILITIES = """CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD
AUDIT_WRITE SETFCAP"""
DOCKER = ["--cap-drop", "all", *(f"--cap-add={name}" for name in CAPABILITIES.split())]
HARDENED = ["--cap-drop", "all", "--security-opt", "no-new-privileges"]
OPEN = ["--security-opt", "seccomp=unconfined", "--security-opt", "unmask=ALL"]
CONTAINERS = {
    "root": ("setuid", DOCKER),
    "a plain user": ("plain", ["--user", "1000"]),
    "a plain user who may do nothing": ("plain", [*HARDENED, "--user", "1001"]),
    "a plain user who may make namespaces": ("userns", [*OPEN, "--user", "1002"]),
}
"""The mode that each container should reach, and its options. Linux counts a user's processes in all containers."""
ATTACK = [
    *("-m", "slow", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-vv", "-k", "does_not_get_through"),
    "tests/attacks/test_attacks.py",
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="containers are root's here"),
    pytest.mark.skipif(bool(missing()) and not os.environ.get("CI"), reason="make gradescope installs what is needed"),
]


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    """What starts a container on this machine's own files: a function of options and a command."""
    folder = tmp_path_factory.mktemp("containers")
    profile = ["--security-opt", f"seccomp={docker_profile(folder)}"]
    with kept_or_cleared(Podman) as made:
        common = [*made.podman(), "run", "--rm", "--rootfs", *LIMITS, *volumes([reserved()]), *reachable(folder)]

        def run(options, command):
            confined = [] if {*OPEN} <= {*options} else profile
            words = [*common, "--workdir", str(HERE), "--env", "OMP_NUM_THREADS=1", *confined, *options]
            return subprocess.run([*words, "/:O", sys.executable, *command], capture_output=True, text=True)

        yield run


def docker_profile(folder):
    """Fetch Docker's default profile from Debian's package of its sources."""
    if subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, capture_output=True).returncode:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "download", PACKAGE], cwd=folder, check=True)
    subprocess.run(["dpkg-deb", "-x", *folder.glob("*.deb"), folder], check=True)
    return folder / PROFILE


def reachable(folder):
    """Show this Python and this checkout to a container's users, also where the way leads through closed folders."""
    needed = [HERE, *map(Path, (sys.prefix, sys.base_prefix))]
    mounts = {path: path for path in needed}
    for path in needed:
        for closed in (above for above in path.parents if not above.stat().st_mode & 0o001):
            opened = folder / "opened" / "_".join(closed.parts[1:])
            (opened / path.relative_to(closed)).mkdir(parents=True, exist_ok=True)
            mounts[closed] = opened
    subprocess.run(["chmod", "-R", "755", folder], check=True)
    return [f"--volume={source}:{place}:ro" for place, source in mounts.items()]


@pytest.fixture(scope="module")
def outcomes(podman):
    """What the attacks did in each container, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        command = ["-m", "pytest", *ATTACK]
        return {name: pool.submit(podman, options, command) for name, (_, options) in CONTAINERS.items()}


@pytest.mark.parametrize("name", CONTAINERS)
def test_nothing_gets_through(outcomes, name):
    mode, _ = CONTAINERS[name]
    ran = outcomes[name].result()
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    held = [line for line in ran.stdout.splitlines() if f"[{mode}-" in line and "PASSED" in line]
    assert len(held) > 80, ran.stdout[-2000:]


def test_root_that_can_become_nobody_else_runs_no_student(podman):
    ran = podman(HARDENED, ["-m", "grader.cli", "doctor"])
    assert ran.returncode == 2
    assert "cannot be confined" in ran.stdout + ran.stderr
    assert "--user 1000" in ran.stdout + ran.stderr
