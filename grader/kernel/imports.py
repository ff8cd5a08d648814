"""Calls us back when a package has been imported, without importing it ourselves.

A warm kernel has torch before the student's first line; a cold one gets it when the student asks for it. In both cases
`when_imported` runs its callback once, right after the package's own code has run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .sealed import seal

seal(globals())

Callback = Callable[[ModuleType], None]

_waiting: dict[str, list[Callback]] = {}
_captured: dict[str, ModuleType] = {}


def when_imported(name: str, callback: Callback) -> None:
    """Call `callback(module)` once `name` is imported: now, if it is already."""
    module = sys.modules.get(name)
    if module is not None:
        _captured[name] = module
        callback(module)
        return
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    _waiting.setdefault(name, []).append(callback)


def captured(name: str) -> Any:
    """Return the module waited for as it was first imported (a student may put another in its place), or None."""
    return _captured.get(name)


class _Finder(MetaPathFinder):
    """Finds nothing itself; wraps the loader that the other finders name for a package that is waited for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the next finders give, its loader wrapped."""
        if fullname not in _waiting:
            return None
        for finder in sys.meta_path:
            found = None if finder is self else finder.find_spec(fullname, path, target)
            if found is not None and found.loader is not None:
                found.loader = _Announcing(found.loader)
                return found
        return None


class _Announcing(Loader):
    """A loader that does what another does and then tells who waited."""

    def __init__(self, loader: Loader) -> None:
        """Stand in for `loader`."""
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as the true loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, give it its true loader back, then tell who waited."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        _captured[module.__name__] = module
        for callback in _waiting.pop(module.__name__, []):
            callback(module)
