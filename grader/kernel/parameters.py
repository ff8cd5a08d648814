"""The distinct parameters of a model, however its author keeps its layers.

Registered ones come first, in the order `Module.parameters` gives them; a tensor registered twice counts once. Layers
in a plain Python list, and objects that are not modules but hold layers or trainable tensors, are looked into as well.
Attributes are read from the object's own dictionary, so that nothing of the student's runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .imports import captured
from .sealed import seal

seal(globals())

MOST = 5000
"""Objects that are looked into; parameters that are listed."""


def is_module(thing: object) -> bool:
    """Tell whether something is a `torch.nn.Module`, by its true type."""
    torch = captured("torch")
    return torch is not None and issubclass(type(thing), torch.nn.Module)


def is_trainable(thing: object) -> bool:
    """Tell whether something is a leaf tensor that asks for gradients."""
    torch = captured("torch")
    if torch is None or not issubclass(type(thing), torch._C.TensorBase):
        return False
    with torch._C.DisableTorchFunctionSubclass():
        return bool(thing.requires_grad and thing.is_leaf)  # type: ignore[attr-defined]


def attributes(thing: object) -> dict[str, Any]:
    """Return an object's own dictionary, or an empty one."""
    try:
        found = object.__getattribute__(thing, "__dict__")
    except (AttributeError, TypeError):
        return {}
    return found if type(found) is dict else {}


def distinct_parameters(thing: object) -> list[tuple[str, Any]]:
    """Return (name, tensor) of each distinct parameter of a module, or of an object that holds layers or tensors."""
    found: dict[int, tuple[str, Any]] = {}
    for name, tensor in _walk(thing, "", set()):
        found.setdefault(id(tensor), (name, tensor))
        if len(found) >= MOST:
            break
    return list(found.values())


def _walk(thing: object, prefix: str, visited: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield every parameter below `thing`, depth first, each object once."""
    if id(thing) in visited or len(visited) > MOST:
        return
    visited.add(id(thing))
    own = attributes(thing)
    if is_module(thing):
        for name, tensor in list(_entries(own.get("_parameters"))):
            if tensor is not None:
                yield prefix + name, tensor
        for name, child in list(_entries(own.get("_modules"))):
            yield from _walk(child, f"{prefix}{name}.", visited)
    for name, value in list(own.items()):
        if not str.startswith(name, "_"):
            yield from _unregistered(value, prefix + name, visited)


def _entries(mapping: object) -> Iterator[tuple[str, Any]]:
    """Yield the entries of one of a module's registers."""
    return iter(dict.items(mapping)) if issubclass(type(mapping), dict) else iter(())  # type: ignore[arg-type]


def _unregistered(value: object, name: str, visited: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield the parameters in an attribute: a module, a trainable tensor, or a plain container of them."""
    if is_module(value):
        yield from _walk(value, f"{name}.", visited)
    elif is_trainable(value):
        yield name, value
    elif type(value) in (list, tuple, dict) and id(value) not in visited:
        visited.add(id(value))
        entries = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
        for key, item in list(entries)[:MOST]:
            yield from _unregistered(item, f"{name}.{key}" if type(key) in (int, str) else name, visited)
