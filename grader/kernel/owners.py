"""Whose call it was: the model that a layer at work belongs to.

A student may call `model(x)`; then the model is the outermost module called. But `model.forward(x)`, a class of their
own with layers in it, or a bare list of layers never call the model as a module: its layers are the outermost ones. The
first time a layer is seen so, the callers' frames tell who holds it.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from types import FrameType
from typing import Any

from .failures import kind_of
from .parameters import distinct_parameters
from .sealed import seal

seal(globals())

MOST, NUMBERS = 64, 20_000_000
"""Models that are held on to, and numbers in all of them."""
_DEPTH = 12
_METHODS = ("forward", "__call__", "call", "predict", "f", "net")


class Owners:
    """The models that were seen at work, by id, and whose layer is whose."""

    def __init__(self) -> None:
        """Start without any."""
        self.kept: dict[str, Any] = {}
        self._count = 0
        self._of: dict[int, tuple[Any, Any]] = {}

    def of(self, module: Any) -> Any:
        """Return the model that a module at work belongs to (often itself); None if there are no parameters."""
        known = self._of.get(id(module))
        if known is not None and known[0]() is module:
            owner = known[1]
            return owner() if isinstance(owner, weakref.ref) else owner
        if len(self._of) > 1000:
            self._of.clear()
        owner = self._found(module)
        self._of[id(module)] = (weakref.ref(module), _weakly(owner))
        return owner

    def _found(self, module: Any) -> Any:
        """Return the outermost object whose forward call is under way and that holds the module's parameters."""
        own = {id(tensor) for _, tensor in distinct_parameters(module)}
        owner = module if own else None
        for thing in _selves() if own else ():
            if thing is not module and own <= {id(tensor) for _, tensor in distinct_parameters(thing)}:
                owner = thing
        return owner

    def keep(self, owner: Any) -> str:
        """Hold on to a model that is trained and return its id; the oldest go when there are too many."""
        for key, kept in self.kept.items():
            if kept is owner:
                return key
        key, self._count = f"m#{self._count}", self._count + 1
        self.kept[key] = owner
        while len(self.kept) > 1 and (len(self.kept) > MOST or self._numbers() > NUMBERS):
            del self.kept[next(iter(self.kept))]
        return key

    def _numbers(self) -> int:
        """Return how many numbers the models that are held on to have."""
        return sum(int(tensor.numel()) for owner in self.kept.values() for _, tensor in distinct_parameters(owner))


def _weakly(owner: Any) -> Any:
    """Return a weak reference if there can be one."""
    try:
        return weakref.ref(owner) if owner is not None else None
    except TypeError:
        return owner


def _selves() -> Iterator[Any]:
    """Yield the first arguments of the forward calls under way, innermost first."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_DEPTH):
        if frame is None:
            return
        code = frame.f_code
        if code.co_name in _METHODS and code.co_argcount:
            first = frame.f_locals.get(code.co_varnames[0])
            if kind_of(first) not in ("NoneType", "Recorder"):
                yield first
        frame = frame.f_back
