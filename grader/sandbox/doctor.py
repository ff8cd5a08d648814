"""What keeps students' programs confined on this machine, layer by layer."""

from __future__ import annotations

from grader.sandbox.probe import Machine
from grader.sandbox.request import NAMESPACED


def layers(machine: Machine, mode: str) -> tuple[str, ...]:
    """Return the layers that a mode has on this machine, for the record."""
    if mode == "none":
        return ("rlimits", "clean environment")
    found = ["rlimits", "clean environment", "seccomp"]
    found += [f"Landlock {machine.landlock}"] if machine.landlock else []
    found += ["own user"] if mode in ("priv", "setuid") else []
    found += ["namespaces", "own root"] if mode in NAMESPACED else []
    return tuple(found)
