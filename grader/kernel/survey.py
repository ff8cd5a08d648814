"""What stands in the student's namespace, and which models are there: described, never run."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np

from .failures import kind_of
from .imports import captured
from .names import Names
from .parameters import attributes, distinct_parameters, is_module
from .sealed import seal

seal(globals())

_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodDescriptorType,
    functools.partial,
    type(functools.lru_cache(len)),
    np.ufunc,
    np.vectorize,
)
_STARRED = inspect.CO_VARARGS
_MOST = 500
"""Items of a container in which models are looked for; models that are told of."""


def survey(names: Names) -> list[dict[str, Any]]:
    """Return one description for every name of the student's."""
    return [_describe(name, value) for name, value in names.own()]


def _describe(name: str, value: Any) -> dict[str, Any]:
    """Return what is told of one name."""
    kind = _kind(value)
    parameters = _signature(value) if kind == "function" else []
    shape = _shape(value) if kind in ("array", "tensor") else []
    told = {"name": name, "kind": kind, "type": kind_of(value), "parameters": parameters, "shape": shape}
    return told | ({"members": members(value)} if kind in ("class", "other") else {})


def members(owner: Any) -> list[str]:
    """Return the names that a student gave to parts of a class, or of an object and its class; none of a library's."""
    classes = type.mro(owner if issubclass(type(owner), type) else type(owner))
    own = [] if issubclass(type(owner), type) else [attributes(owner)]
    own += [dict(type.__dict__["__dict__"].__get__(each)) for each in classes if not _is_of_a_library(each)]
    parts = [(name, value) for part in own for name, value in part.items() if type(name) is str]
    return list(dict.fromkeys(name for name, value in parts if name[:1] != "_" and _is_answer(value)))[:_MOST]


def _is_answer(part: Any) -> bool:
    """Tell whether a part of an object may be an answer: something to call, or numbers."""
    return type(part) in (staticmethod, classmethod) or _kind(part) in (
        "function",
        "module",
        "number",
        "array",
        "tensor",
    )


def _is_of_a_library(cls: type) -> bool:
    """Tell whether a class comes from an installed package, and not from the student's own code."""
    named = type.__getattribute__(cls, "__module__")
    root = named.partition(".")[0] if type(named) is str else "__main__"
    module = sys.modules.get(root)
    spec = vars(module).get("__spec__") if type(module) is types.ModuleType else None
    origin = spec.origin if type(spec) is ModuleSpec else None
    if root == "__main__" or type(origin) is not str:
        return root == "builtins"
    return origin in ("built-in", "frozen") or origin.startswith((sys.prefix, sys.base_prefix))


def _kind(value: Any) -> str:
    """Return the kind of thing, in the words of `grader.student.Seen`."""
    kind, torch = type(value), captured("torch")
    if issubclass(kind, _FUNCTIONS) or kind_of(value) in ("ScriptFunction", "builtin_function_or_method"):
        return "function"
    if issubclass(kind, type):
        return "class"
    if is_module(value):
        return "module"
    if torch is not None and issubclass(kind, torch._C.TensorBase):
        return "tensor"
    if issubclass(kind, np.ndarray):
        return "array"
    for name, types_ in _PLAIN.items():
        if issubclass(kind, types_):
            return name
    return "other"


_PLAIN: dict[str, tuple[type, ...]] = {
    "number": (int, float, complex, np.number, np.bool_),
    "text": (str,),
    "sequence": (list, tuple, range),
    "mapping": (dict,),
}


def _signature(function: Any) -> list[str]:
    """Return the names of a function's positional parameters; none where it does not tell."""
    if type(function) is types.FunctionType and "__wrapped__" not in function.__dict__:
        return _own_signature(function)
    try:
        parameters = list(inspect.signature(function).parameters.values())
        return [_parameter(p) for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)][:50]
    except BaseException:  # noqa: BLE001 - a poisoned __signature__ or __wrapped__ of the student's may raise anything
        return []


def _own_signature(function: types.FunctionType) -> list[str]:
    """Return the parameters of a plain function, read from its code, which cannot lie."""
    code, defaults = function.__code__, len(function.__defaults__ or ())
    names = list(code.co_varnames[: code.co_argcount])
    told = [name[:100] + ("=" if place >= len(names) - defaults else "") for place, name in enumerate(names)]
    rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount :][:1] if code.co_flags & _STARRED else ()
    return (told + [f"*{name[:100]}" for name in rest])[:50]


def _parameter(parameter: inspect.Parameter) -> str:
    """Return a parameter as it is told: 'x', 'alpha=', '*rest'."""
    star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    default = "" if parameter.default is parameter.empty else "="
    return f"{star}{str.__str__(parameter.name)[:100]}{default}"


def _shape(value: Any) -> list[int]:
    """Return the shape of an array or a tensor."""
    torch = captured("torch")
    if issubclass(type(value), np.ndarray):
        return list(np.ndarray.shape.__get__(value))
    with torch._C.DisableTorchFunctionSubclass():
        return [int(n) for n in torch._C.TensorBase.size(value)]


def models(names: Names, at_work: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Return the models that have a name, and those `at_work` (id, object) that the recorder has seen."""
    ids = {id(thing): key for key, thing in at_work}
    told: dict[int, dict[str, Any]] = {}
    for path, thing in _named(names, lambda value: is_module(value) or id(value) in ids):
        if id(thing) not in told and len(told) < _MOST:
            told[id(thing)] = _model(ids.get(id(thing), path), path, thing)
    for key, thing in at_work:
        told.setdefault(id(thing), _model(key, "", thing))
    return [model for model in told.values() if model["shapes"]]


def _named(names: Names, wanted: Callable[[Any], bool]) -> Iterator[tuple[str, Any]]:
    """Yield (path, object) of what is wanted: global, or one step inside a container or object of the student's."""
    inside = []
    for name, value in names.own():
        if wanted(value):
            yield name, value
        elif not issubclass(type(value), (type, types.FunctionType)):
            inside += [(name + step, item) for step, item in _inside(value)]
    yield from ((path, item) for path, item in inside if wanted(item))


def _inside(value: Any) -> list[tuple[str, Any]]:
    """Return the steps and items one level inside a container or an object."""
    if issubclass(type(value), (list, tuple)):
        return [(f"[{place}]", item) for place, item in enumerate(value[:_MOST])]
    if issubclass(type(value), dict):
        return [_entry(key, item) for key, item in list(dict.items(value))[:_MOST] if type(key) in (str, int)]
    return [(f".{name}", item) for name, item in list(attributes(value).items())[:_MOST] if type(name) is str]


def _entry(key: Any, item: Any) -> tuple[str, Any]:
    """Return the step to an entry of a mapping."""
    return (f"[{key}]" if type(key) is int else f"['{key[:100]}']"), item


def _model(handle: str, name: str, thing: Any) -> dict[str, Any]:
    """Return what is told of one model."""
    parameters = distinct_parameters(thing)
    return {
        "handle": handle,
        "name": name,
        "type": kind_of(thing),
        "names": [path[:200] for path, _ in parameters],
        "shapes": [[int(n) for n in tensor.shape] for _, tensor in parameters],
        "trainable": sum(int(tensor.numel()) for _, tensor in parameters if tensor.requires_grad),
    }
