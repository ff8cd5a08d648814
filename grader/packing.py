"""Records as JSON and one block of bytes, and back, driven by the fields of the dataclasses alone.

Theory of operation. `pack` turns a dataclass into a JSON node; arrays and bytes go end to end into one block, and the
node holds where. `unpack` is told which class to expect and builds exactly that, field by field, from the types that
are declared: nothing in the file can name a class, so nothing in it can run. Numbers that JSON has no word for (nan,
inf) are written as text. Reading makes no copies: arrays are read-only views of the block.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

import numpy as np

Node: TypeAlias = Any
"""What json.dumps takes: None, bool, int, float, str, lists and dictionaries of them."""
Reader: TypeAlias = Callable[[Node, memoryview], Any]

ALIGNMENT = 16
_AS_IT_IS = frozenset({type(None), bool, int, str})


class Damaged(ValueError):
    """The node and the block do not hold what was expected."""


def pack(value: object) -> tuple[Node, bytes]:
    """Return the JSON node of a dataclass and the block its arrays and bytes are in."""
    block = bytearray()
    return _node(value, block), bytes(block)


def unpack(node: Node, block: bytes, kind: Hashable) -> Any:
    """Return the `kind` that was packed; raise Damaged if that is not what `node` and `block` hold."""
    return _reader(kind)(node, memoryview(block))


def _node(value: Any, block: bytearray) -> Node:
    kind: Any = type(value)
    if kind in _AS_IT_IS:
        return value
    names = _field_names(kind)
    if names is not None:
        return {name: _node(getattr(value, name), block) for name in names}
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        return [array.dtype.str, list(value.shape), _append(array.tobytes(), block)]
    if isinstance(value, bytes):
        return [_append(value, block), len(value)]
    if isinstance(value, Mapping):
        return {key: _node(each, block) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_node(each, block) for each in value]
    return _plain(value)


@cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    """Return the names of a dataclass's fields, or None if it is not one."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def _plain(value: Any) -> Node:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"a record cannot hold {type(value).__name__}")


def _append(data: bytes, block: bytearray) -> int:
    """Put `data` at the end of the block and return where it starts."""
    block.extend(bytes(-len(block) % ALIGNMENT))
    start = len(block)
    block.extend(data)
    return start


@cache
def _reader(kind: Any) -> Reader:
    """Return what builds a `kind` from its node and the block."""
    origin, inner = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    if origin is np.ndarray:
        return _array
    if origin in (Union, types.UnionType):
        return _optional_reader(inner)
    if origin is tuple:
        return _tuple_reader(inner)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_reader(inner[1])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda node, _: kind(node)
    return {bytes: _bytes, float: _float}.get(kind) or _exactly(kind)


def _dataclass_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)}

    def read(node: Node, block: memoryview) -> Any:
        if not isinstance(node, dict) or not node.keys() <= readers.keys():
            raise Damaged(f"no {kind.__name__}")
        try:
            return kind(**{name: readers[name](value, block) for name, value in node.items()})
        except TypeError as error:  # a field without a default is missing
            raise Damaged(str(error)) from None

    return read


def _optional_reader(kinds: tuple[Any, ...]) -> Reader:
    (read,) = (_reader(one) for one in kinds if one is not types.NoneType)
    return lambda node, block: None if node is None else read(node, block)


def _tuple_reader(kinds: tuple[Any, ...]) -> Reader:
    alike = kinds[-1] is Ellipsis
    readers = [_reader(kind) for kind in kinds if kind is not Ellipsis]

    def read(node: Node, block: memoryview) -> tuple[Any, ...]:
        if not isinstance(node, list) or not (alike or len(node) == len(readers)):
            raise Damaged("no list of this length")
        if alike:
            return tuple([readers[0](entry, block) for entry in node])
        return tuple([each(entry, block) for each, entry in zip(readers, node, strict=True)])

    return read


def _mapping_reader(kind: Any) -> Reader:
    inner = _reader(kind)

    def read(node: Node, block: memoryview) -> dict[str, Any]:
        if not isinstance(node, dict):
            raise Damaged("no table")
        return {key: inner(value, block) for key, value in node.items()}

    return read


def _exactly(kind: type[Any]) -> Reader:
    def read(node: Node, _: memoryview) -> Any:
        if type(node) is not kind:
            raise Damaged(f"no {kind.__name__}")
        return node

    return read


def _float(node: Node, _: memoryview) -> float:
    if type(node) in (int, float) or node in ("nan", "inf", "-inf"):
        return float(node)
    raise Damaged("no number")


def _bytes(node: Node, block: memoryview) -> bytes:
    if not isinstance(node, list) or len(node) != 2:
        raise Damaged("no bytes")
    return bytes(_slice(block, *node))


def _array(node: Node, block: memoryview) -> np.ndarray[Any, Any]:
    if not isinstance(node, list) or len(node) != 3 or not isinstance(node[1], list):
        raise Damaged("no array")
    kind, shape = _number_kind(node[0]), node[1]
    if any(type(size) is not int or size < 0 for size in shape):
        raise Damaged("no shape of an array")
    data = _slice(block, node[2], math.prod(shape) * kind.itemsize)
    array: np.ndarray[Any, Any] = np.frombuffer(data, kind).reshape(shape)
    return array


def _number_kind(name: Node) -> np.dtype[Any]:
    try:
        kind = np.dtype(name) if isinstance(name, str) else None
    except TypeError:
        kind = None
    if kind is None or kind.kind not in "biufc":
        raise Damaged(f"no kind of number: {name!r}")
    return kind


def _slice(block: memoryview, start: Node, length: Node) -> memoryview:
    if type(start) is not int or type(length) is not int:
        raise Damaged("no place in the block")
    if start < 0 or length < 0 or start + length > len(block):
        raise Damaged("the block of bytes is too short")
    return block[start : start + length]
