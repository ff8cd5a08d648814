"""What our code keeps for itself, so that a student's patches of shared modules do not reach it.

A notebook may replace `builtins.len`, `json.dumps` or `print`, by mischief or by mistake. A function looks its
built-ins up in the `__builtins__` that its module had when it was defined: every module of ours that runs beside
student code begins with `seal(globals())`, which puts a copy there that was made before any student code was read. JSON
is a private copy of the library's modules over the same built-ins. This keeps answers intact; it keeps no secret.
"""

from __future__ import annotations

import builtins
from importlib import util
from types import ModuleType
from typing import Any

_BUILTINS: dict[str, Any] = dict(vars(builtins))


def seal(module_globals: dict[str, Any]) -> None:
    """Let the functions that a module is about to define use built-ins that nobody else can change."""
    module_globals["__builtins__"] = _BUILTINS


def _private(name: str) -> ModuleType:
    """Return a second copy of a module of the standard library that nobody else can see."""
    spec = util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = util.module_from_spec(spec)
    vars(module)["__builtins__"] = _BUILTINS
    spec.loader.exec_module(module)
    return module


dumps = _private("json.encoder").JSONEncoder(separators=(",", ":"), allow_nan=False).encode
loads = _private("json.decoder").JSONDecoder().decode
