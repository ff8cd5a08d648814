"""Puts off the import of torch's compiler, which every optimizer asks for and hardly any homework uses.

Theory of operation. An optimizer calls two functions of `torch._dynamo` that do nothing while nothing is compiled; for
their sake the first one that is made imports 830 modules, sympy among them: over a second, and a quarter of the memory
that every fork copies. So a module with these two functions stands in for it. For whatever else is asked of it, it
gives its place to the real one, once and for all: `torch.compile` works as ever, and takes as long as ever.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NAME = "torch._dynamo"


class _Brought(MetaPathFinder, Loader):
    """Has a submodule that came in with the whole, while somebody asked for it, not made a second time."""

    def find_spec(self, fullname: str, _: object, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how to find one that is here already, but where it is to be loaded anew."""
        here = fullname.startswith(NAME + ".") and fullname in sys.modules and target is None
        return ModuleSpec(fullname, self, loader_state=sys.modules[fullname]) if here else None

    def create_module(self, _: ModuleSpec) -> None:
        """Leave it to Python to make one, which nobody will see."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the one that was here back in its place."""
        if module.__spec__ is not None:
            sys.modules[module.__name__] = module.__spec__.loader_state


class StandIn(ModuleType):
    """`torch._dynamo`, until something is to be compiled."""

    def __getattr__(self, name: str) -> Any:
        """Return what the real module has; only looking around among modules does not bring it in."""
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        return getattr(real(), name)

    @staticmethod
    def graph_break(*_: object, **__: object) -> None:
        """Do nothing: there is no graph."""

    @staticmethod
    def disable(fn: Callable[..., Any] | None = None, *how: Any, **more: Any) -> Callable[..., Any]:
        """Return the function as it is for as long as nothing can be compiled, then as the real module would."""
        if fn is None:
            return real().disable(None, *how, **more)  # type: ignore[no-any-return]

        @functools.wraps(fn)
        def plain(*arguments: Any, **keywords: Any) -> Any:
            if isinstance(sys.modules.get(NAME), StandIn):
                return fn(*arguments, **keywords)
            return real().disable(fn, *how, **more)(*arguments, **keywords)

        return plain


def put_off() -> None:
    """Have the stand-in imported in place of the compiler, as far as this torch's optimizers can do with it."""
    if NAME in sys.modules or "torch" not in sys.modules:
        return
    spec = importlib.util.find_spec(NAME)
    if spec is None:
        return
    module = StandIn(NAME)
    module.__file__, module.__package__, module.__loader__, module.__spec__ = spec.origin, NAME, spec.loader, spec
    sys.modules[NAME] = sys.modules["torch"]._dynamo = module  # type: ignore[attr-defined]
    sys.meta_path.insert(0, _Brought())
    with suppress(Exception):  # an odd torch is the student's to meet
        step_once()


def real() -> ModuleType:
    """Return the real module, imported if it has not been."""
    if isinstance(sys.modules.get(NAME), StandIn):
        del sys.modules[NAME], sys.modules["torch"]._dynamo
    return importlib.import_module(NAME)


def step_once() -> None:
    """Take a step with two optimizers, so that whatever they import is here."""
    import torch

    for kind in (torch.optim.SGD, torch.optim.Adam):
        parameter = torch.nn.Parameter(torch.zeros(1))
        parameter.grad = torch.zeros(1)
        kind([parameter], lr=0.1).step()
