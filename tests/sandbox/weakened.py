"""Boxes with a layer taken out, for the test of the test: an attack that is held must get through without its layer.

The product has no switch for this. What runs inside a box is a folder of source; here that folder is copied, and a few
lines are put at the end of a module of the copy, which replace the function that installs the layer.
"""

import shutil
from pathlib import Path

LAYERS = {
    "Landlock": {"landlock": "def install(rules): return 0\ndef keep_signals_in(): return False"},
    "filter": {"seccomp_install": "def install(program): pass"},
    "root": {
        "init": "def own_root(setup, request, uid, gid):\n    namespaces.own_all()\n"
        "    return own_folders(request, uid, gid)"
    },
    "quota": {
        "root": "FILES = 200_000\n_sized = _scratch\n"
        "def _scratch(new, size, uid, gid): _sized(new, 20 * size, uid, gid)"
    },
    "network": {"linux": "NEW_NETWORK = 0"},
    "queues": {"linux": "NEW_IPC = 0"},
    "processes": {"zygote": "linux.NEW_PROCESSES = 0\nlinux.enter = lambda *_: None"},
    "user": {
        "init": "def identity(mode, request): return os.getuid(), os.getgid()\ncredentials.become = lambda *_: None"
    },
    "capabilities": {"credentials": "def drop_capabilities(): pass\ndef forget_bounding_set(): pass"},
    "no new privileges": {
        "linux": "_plain = prctl\n"
        "def prctl(option, *rest): return 0 if option == NO_NEW_PRIVILEGES else _plain(option, *rest)"
    },
    "limits": {"rlimits": "def install(request, others): pass\ndef few_open_files(): pass"},
    "descriptors": {"descriptors": "def close_all_but(kept): pass"},
    "search path": {"start": "def _below(entry, folders): return True"},
    "secrecy": {
        "linux": "_secretive = prctl\n"
        "def prctl(option, *rest): return 0 if (option, *rest) == (DUMPABLE, 0) else _secretive(option, *rest)"
    },
    "watch": {},
    "environment": {"environment": "def install(home, temporary, threads): os.chdir(home)"},
}
"""What is put at the end of which module of `grader/kernel`, by the layer that it takes out; the watch is outside."""


def copy(kernel, layers, folder):
    """Copy the folder `kernel` to below `folder`, less some layers; return the copy."""
    weak = Path(folder) / "kernel"
    shutil.copytree(kernel, weak, ignore=shutil.ignore_patterns("__pycache__"))
    for layer in layers:
        for module, text in LAYERS[layer].items():
            with (weak / f"{module}.py").open("a") as file:
                file.write(f"\n\n{text}\n")
    return weak
