"""Values in the student's process and nodes on the wire: the mirror of `grader.wire`.

What a student made is never asked what it is: `type(x)` decides, not `x.__class__`; numbers, texts and containers are
copied by the methods of their built-in ancestor, not by their own. What is not plain data becomes an `opaque` node that
names its class. Tensors cross as arrays, and so do matrices of computer algebra that hold nothing but numbers.
"""

from __future__ import annotations

import math
from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from . import algebra
from .failures import kind_of, unusable
from .imports import captured
from .known import known_function
from .parameters import attributes
from .sealed import seal

seal(globals())

NODES, BYTES, DEPTH, TEXT, BITS = 150_000, 60 << 20, 20, 500_000, 256
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_CROSSING = "fciub"
_LISTS: tuple[type, ...] = (range, deque, type({}.keys()), type({}.values()), type({}.items()))


class Encoder:
    """One answer being written: its buffers, and what is left of its budget."""

    def __init__(self, nodes: int = NODES, size: int = BYTES) -> None:
        """Start empty."""
        self.buffers: list[bytes] = []
        self.nodes, self.left = nodes, size

    def node(self, value: Any, depth: int = 0) -> Any:
        """Return the node of `value`; a `Refusal` if the whole becomes too large."""
        self.nodes -= 1
        if self.nodes < 0:
            raise unusable("The answer has too many parts.")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if issubclass(kind, (np.ndarray, np.generic)):
            return self._array(np.ndarray.view(np.asarray(value), np.ndarray), value, depth)
        torch = captured("torch")
        if torch is not None and issubclass(kind, torch._C.TensorBase):
            return self._tensor(torch, value, depth)
        return self._plain(kind, value, depth)

    def _plain(self, kind: type, value: Any, depth: int) -> Any:
        """Return the node of a number, a text or a container, copied by its built-in ancestor."""
        if issubclass(kind, str):
            return str.__str__(value) if str.__len__(value) <= TEXT else _opaque("str of too many characters")
        if issubclass(kind, int):
            whole = int.__pos__(value)
            return whole if abs(whole) >> BITS == 0 else _opaque("int of too many digits")
        if issubclass(kind, float):
            return _number(float.__pos__(value))
        if issubclass(kind, complex):
            return {
                "t": "c",
                "v": [_number(part) for part in (complex.real.__get__(value), complex.imag.__get__(value))],
            }
        if issubclass(kind, (Decimal, Fraction)):
            return _number(float(value))
        if depth >= DEPTH:
            return _opaque(kind_of(value))
        return self._container(kind, value, depth + 1)

    def _container(self, kind: type, value: Any, depth: int) -> Any:
        """Return the node of a list, tuple or mapping, or of something that is none of them."""
        if issubclass(kind, tuple):
            return {"t": "tuple", "v": [self.node(item, depth) for item in tuple.__iter__(value)]}
        if issubclass(kind, dict):
            pairs = list(dict.items(value))
            return {"t": "dict", "v": [[self._key(key), self.node(item, depth)] for key, item in pairs]}
        if issubclass(kind, list):
            return {"t": "list", "v": [self.node(item, depth) for item in list.__iter__(value)]}
        if kind in _LISTS and len(value) <= self.nodes:
            return {"t": "list", "v": [self.node(item, depth) for item in value]}
        fields = _fields(value)
        if fields:
            return {"t": "dict", "v": [[name, self.node(item, depth)] for name, item in fields]}
        plain = algebra.plain(value)
        return _opaque(kind_of(value)) if plain is None else self.node(plain, depth)

    def _key(self, key: Any) -> Any:
        """Return the node of a mapping's key: plain ones as they are, others by their text or their class."""
        node = self.node(key.item() if type(key).__module__ == "numpy" and isinstance(key, np.generic) else key, DEPTH)
        if isinstance(node, dict) and type(key) is tuple and all(type(part) in (int, str) for part in key):
            return repr(key)[:200]
        return f"<{kind_of(key)}>" if isinstance(node, dict) and node["t"] != "f" else node

    def _tensor(self, torch: Any, value: Any, depth: int) -> Any:
        """Return the node of a tensor, as an array."""
        try:
            return self._array(tensor_array(torch, value), value, depth)
        except (RuntimeError, TypeError, NotImplementedError):  # quantised, on a device without numbers, half destroyed
            return _opaque(f"{kind_of(value)}{_device(torch, value)}")

    def _array(self, array: np.ndarray[Any, Any], value: Any, depth: int) -> Any:
        """Return the node of an array; one of objects or texts crosses as nested lists."""
        if array.dtype.kind in "OU" and array.size <= self.nodes and depth < DEPTH:
            return self.node(np.ndarray.tolist(array), depth + 1)
        if array.dtype.kind not in _CROSSING or array.dtype.fields is not None:
            return _opaque(f"{kind_of(value)} of {str(array.dtype)[:100]}")
        code = array.dtype.newbyteorder("=")
        if code.itemsize > (16 if code.kind == "c" else 8):
            code = np.dtype("c16" if code.kind == "c" else "f8")
        self.left -= array.size * code.itemsize
        if self.left < 0:
            raise unusable("The answer is too large.")
        self.buffers.append(np.ndarray.tobytes(np.asarray(array, dtype=code)))
        return {"t": "a", "d": code.str, "s": list(array.shape), "b": len(self.buffers) - 1}


def _fields(value: Any) -> list[tuple[str, Any]]:
    """Return the fields of a dataclass's instance with what they hold, read from its own dictionary; else nothing."""
    declared = [vars_of.get("__dataclass_fields__") for vars_of in map(_own, type.mro(type(value)))]
    names = next((list(fields) for fields in declared if type(fields) is dict), [])
    held = attributes(value)
    return [(name, held[name]) for name in names if type(name) is str and name in held]


def _own(kind: type) -> Any:
    """Return a class's own dictionary, whatever its metaclass says."""
    return type.__dict__["__dict__"].__get__(kind)


def tensor_array(torch: Any, value: Any) -> np.ndarray[Any, Any]:
    """Return a tensor's numbers as an array that may share its memory; bfloat16 becomes float32."""
    with torch._C.DisableTorchFunctionSubclass():
        plain = torch._C.TensorBase.detach(value)
        if plain.layout is not torch.strided:
            plain = plain.to_dense()
        if plain.dtype is torch.bfloat16:
            plain = plain.float()
        array: np.ndarray[Any, Any] = torch._C.TensorBase.numpy(plain.resolve_conj().resolve_neg())
        return array


def plain_array(torch: Any, tensor: Any) -> np.ndarray[Any, Any]:
    """Return what `tensor_array` does, faster where a tensor is of the usual kind."""
    try:
        array: np.ndarray[Any, Any] = tensor.detach().numpy()
    except (RuntimeError, TypeError):
        return tensor_array(torch, tensor)
    return array


def _device(torch: Any, value: Any) -> str:
    """Return ' on the device meta' for a tensor that is not on the CPU."""
    with torch._C.DisableTorchFunctionSubclass():
        device = str(torch._C.TensorBase.device.__get__(value))
    return "" if device == "cpu" else f" on the device {device[:20]}"


def _number(value: float) -> Any:
    """Return a finite float as itself and the others as text."""
    return value if math.isfinite(value) else {"t": "f", "v": float.__repr__(value)}


def _opaque(kind: str) -> dict[str, str]:
    """Return the node of something that cannot cross."""
    return {"t": "opaque", "v": kind}


def decode(node: Any, buffers: list[bytes], resolve: Any) -> Any:
    """Return the value of a node from the grader; handles are looked up by `resolve(name)`."""
    if not isinstance(node, dict):
        return node
    tag: str = node["t"]
    content: Any = node.get("v")
    if tag in ("a", "tensor"):
        return _decode_array(node, buffers)
    if tag == "dict":
        return {decode(k, buffers, resolve): decode(item, buffers, resolve) for k, item in content}
    if tag == "handle":
        return resolve(content)
    if tag == "known":
        return known_function(content, [decode(c, buffers, resolve) for c in node["c"]])
    if tag == "f":
        return _FLOATS[content]
    items = [decode(item, buffers, resolve) for item in content]
    return complex(*items) if tag == "c" else tuple(items) if tag == "tuple" else items


def _decode_array(node: Any, buffers: list[bytes]) -> Any:
    """Return an array of the student's own, or a tensor."""
    array = np.frombuffer(buffers[node["b"]], dtype=node["d"]).reshape(node["s"]).copy()
    if node["t"] == "a":
        return array
    torch = captured("torch")
    if torch is None:
        raise unusable("PyTorch is not there.")
    return torch.from_numpy(array).requires_grad_(node["g"])
