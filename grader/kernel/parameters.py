"""The distinct parameters of a model, however its author keeps its layers.

Registered ones come first, in the order `Module.parameters` gives them; a tensor registered twice counts once. Layers
in a plain Python list, and objects that are not modules but hold layers or trainable tensors, are looked into as well.
Attributes are read from the object's own dictionary, so that nothing of the student's runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Place:
    """Where a parameter is kept: `holder[key] is tensor`, as long as nobody puts another there."""

    name: str
    tensor: Any
    holder: Any
    key: Any


def distinct_parameters(thing: object) -> list[tuple[str, Any]]:
    """Return (name, tensor) of each distinct parameter of a module, or of an object that holds layers or tensors."""
    return [(place.name, place.tensor) for place in distinct_places(thing)]


def distinct_places(thing: object) -> list[Place]:
    """Return the places of the distinct parameters; the first place of a tensor that is registered twice."""
    found: dict[int, Place] = {}
    for place in _walk(thing, "", set()):
        found.setdefault(id(place.tensor), place)
        if len(found) >= MOST:
            break
    return list(found.values())


def _walk(thing: object, prefix: str, visited: set[int]) -> Iterator[Place]:
    """Yield every place below `thing`, depth first, each object once."""
    if id(thing) in visited or len(visited) > MOST:
        return
    visited.add(id(thing))
    own = attributes(thing)
    if is_module(thing):
        registered = own.get("_parameters")
        yield from (Place(prefix + name, p, registered, name) for name, p in _entries(registered) if p is not None)
        for name, child in _entries(own.get("_modules")):
            yield from _walk(child, f"{prefix}{name}.", visited)
    for name in list(own):
        if not str.startswith(name, "_"):
            yield from _unregistered(own, name, prefix + name, visited)


def layers(thing: object) -> list[object]:
    """Return what is registered below a module, with the module itself; quick enough to be asked at every pass."""
    found = [thing]
    for layer in found:
        registered = attributes(layer).get("_modules")
        if issubclass(type(registered), dict) and len(found) < MOST:  # an OrderedDict in older versions
            found += dict.values(registered)  # type: ignore[arg-type]
    return found


def _entries(mapping: object) -> list[tuple[str, Any]]:
    """Return the entries of one of a module's registers."""
    return list(dict.items(mapping)) if issubclass(type(mapping), dict) else []  # type: ignore[arg-type]


def _unregistered(holder: Any, key: Any, name: str, visited: set[int]) -> Iterator[Place]:
    """Yield the places in `holder[key]`: a module, a trainable tensor, or a plain container of them."""
    value = holder[key]
    if is_module(value):
        yield from _walk(value, f"{name}.", visited)
    elif is_trainable(value):
        yield Place(name, value, holder, key)
    elif type(value) in (list, tuple, dict) and id(value) not in visited:
        visited.add(id(value))
        keys = list(value) if type(value) is dict else range(len(value))
        for inner in list(keys)[:MOST]:
            yield from _unregistered(value, inner, f"{name}.{inner}" if type(inner) in (int, str) else name, visited)
