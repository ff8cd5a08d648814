"""The two kinds of engine, and which of them is had here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from gradescope import chroot, podman
from gradescope.chroot import Chroot
from gradescope.engine import Engine, kept_or_cleared
from gradescope.podman import Podman

KINDS = {"podman": (Podman, podman.missing), "chroot": (Chroot, chroot.missing)}
CONFINEMENT = pytest.StashKey[str]()
"""What held the containers of this session."""


def lacking() -> str:
    """Return what is missing for the engine that is asked for, or for any; '' if one can be had."""
    missing = {name: absent() for name, (_, absent) in KINDS.items() if name in _asked()}
    return "" if [] in missing.values() else "; ".join(f"{name} needs {', '.join(of)}" for name, of in missing.items())


@contextmanager
def engine() -> Iterator[Engine]:
    """Yield the first engine that is asked for and can be had."""
    kind = next(kind for name, (kind, absent) in KINDS.items() if name in _asked() and not absent())
    with kept_or_cleared(kind) as made:
        yield made


def _asked() -> list[str]:
    asked = os.environ.get("GRADER_ENGINE", "")
    assert asked in ("", *KINDS), f"GRADER_ENGINE is {asked!r}, not {' or '.join(KINDS)}."
    return [asked] if asked else list(KINDS)
