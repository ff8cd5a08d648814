"""What our code keeps for itself, so that a student's patches of shared modules do not reach it.

A notebook may replace `builtins.len`, `json.dumps` or `print`, by mischief or by mistake. A function looks its
built-ins up in the `__builtins__` that its module had when it was defined: every module of ours that runs beside
student code begins with `seal(globals())`, which puts a copy there that was made before any student code was read, and
copies of the modules that it calculates with. JSON is a private copy of the library's modules over the same built-ins.
This keeps answers intact; it keeps no secret.
"""

from __future__ import annotations

import builtins
from importlib import util
from types import ModuleType
from typing import Any

_BUILTINS: dict[str, Any] = dict(vars(builtins))


_COPIED: dict[str, ModuleType] = {}
_CALCULATING = ("np", "math", "functools", "itertools", "operator", "inspect", "re")
"""Names of imported modules of which a copy is used; their functions may be replaced by a student, ours may not."""


def seal(module_globals: dict[str, Any]) -> None:
    """Let the functions that a module is about to define use built-ins and modules that nobody else can change."""
    module_globals["__builtins__"] = _BUILTINS
    for name in _CALCULATING:
        if name in module_globals:
            module_globals[name] = _COPIED.setdefault(name, _copied(module_globals[name]))


def _copied(module: ModuleType) -> ModuleType:
    """Return a module with the names that another has now."""
    copy = ModuleType(module.__name__)
    vars(copy).update(vars(module))
    return copy


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
