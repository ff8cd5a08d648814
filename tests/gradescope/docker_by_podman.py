"""Answers to the name of docker, by podman: `docker_by_podman.py FOLDER WORDS…`, with the engine kept in FOLDER.

A build finds the folder that it is made from at `/mnt/project` too.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gradescope.engine import Mount, pip_mounts, reserved
from gradescope.podman import LIMITS, Podman, volumes


def main(folder, command, *words):
    engine = Podman(Path(folder))
    more = []
    if command == "build":
        mounts = [Mount(words[-1], "/mnt/project"), *pip_mounts(engine.folder / "pip.conf"), reserved()]
        more = ["--isolation", "chroot", "--pull-never", *volumes(mounts)]
    elif command == "run":
        more = [*LIMITS, *volumes([reserved()])]
    os.execvp("podman", [*engine.podman(), command, *more, *words])


if __name__ == "__main__":
    main(*sys.argv[1:])
