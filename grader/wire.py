"""Values on the wire: a JSON tree beside raw buffers, framed, and checked before anything is believed.

Theory of operation. A value becomes a *node*: JSON scalars stand for themselves; everything else is an object whose "t"
says what it is (`list`, `tuple`, `dict`, `f` for the floats JSON lacks, `c` complex, `a` array, `opaque`; outwards also
`tensor`, `handle`, `known`). Array bytes travel beside the tree, and a node names its buffer by index. `decode` trusts
nothing: types, depth, number of nodes, lengths of texts and sizes of integers are bounded, an array's shape times its
item size must be exactly its buffer's length, each buffer serves one node, and booleans are rebuilt. What breaks a rule
is `Unusable`, whatever it is. Nothing is ever unpickled. `grader.kernel.values` is the mirror on the student's side.

A *frame* is 8 bytes little-endian length, a JSON header of that length whose "lens" gives the lengths of the buffers,
and the buffers. Memory for a frame grows with what has arrived, not with what was announced.
"""

from __future__ import annotations

import json
import math
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from grader.errors import TooSlow, Unusable
from grader.student import Handle, KnownFunction, Opaque, Tensor, Value

Node: TypeAlias = Any
"""A JSON value; what it may be is `decode`'s business."""

DTYPES = frozenset(np.dtype(code).str for code in ("f2", "f4", "f8", "c8", "c16"))
DTYPES |= {np.dtype(code).str for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")}
_CHUNK = 1 << 20
_MALFORMED = "The answer is malformed."
_LARGEST_KEY = sys.hash_info.modulus
"""From here on whole numbers can be chosen that all have one hash: a mapping of them takes quadratic time to build."""
_NOT_A_NUMBER = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True)
class Limits:
    """How much one answer may be."""

    bytes: int = 64 << 20
    """Of all buffers together."""
    header: int = 4 << 20
    """Bytes of JSON."""
    nodes: int = 200_000
    depth: int = 24
    text: int = 1 << 20
    """Characters of one string."""
    integer: int = 256
    """Bits of one whole number."""
    buffers: int = 20_000


def encode(value: object) -> tuple[Node, list[bytes]]:
    """Return the node and the buffers of a value of ours; a `TypeError` if it is of a kind that cannot cross."""
    buffers: list[bytes] = []
    return _encode(value, buffers), buffers


def _encode(value: object, buffers: list[bytes]) -> Node:
    """Return the node of `value`, appending its buffers."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array("a", np.asarray(value), buffers)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, complex):
        return {"t": "c", "v": [_encode_float(value.real), _encode_float(value.imag)]}
    if isinstance(value, Mapping):
        return {"t": "dict", "v": [[_encode(key, buffers), _encode(item, buffers)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"t": type(value).__name__, "v": [_encode(item, buffers) for item in value]}
    return _encode_ours(value, buffers)


def _encode_ours(value: object, buffers: list[bytes]) -> Node:
    """Return the node of one of the kinds of argument that only we send."""
    if isinstance(value, Tensor):
        return {**_encode_array("tensor", np.asarray(value.array), buffers), "g": value.requires_grad}
    if isinstance(value, Handle):
        return {"t": "handle", "v": value.name}
    if isinstance(value, KnownFunction):
        return {"t": "known", "v": value.formula, "c": [_encode_float(float(c)) for c in value.coefficients]}
    if isinstance(value, Opaque):
        return {"t": "opaque", "v": value.kind}
    raise TypeError(f"{type(value).__name__} cannot cross the wall")


def _encode_float(value: float) -> Node:
    """Return a finite float as itself and the others as text."""
    return float(value) if math.isfinite(value) else {"t": "f", "v": repr(float(value))}


def _encode_array(kind: str, array: NDArray[Any], buffers: list[bytes]) -> dict[str, Node]:
    """Return the node of an array, its bytes appended to `buffers`."""
    code = array.dtype.newbyteorder("=").str
    if code not in DTYPES:
        raise TypeError(f"an array of {array.dtype} cannot cross the wall")
    buffers.append(np.ascontiguousarray(array, dtype=code).tobytes())
    return {"t": kind, "d": code, "s": list(array.shape), "b": len(buffers) - 1}


def decode(node: Node, buffers: Sequence[bytes], *, limits: Limits = Limits()) -> Value:
    """Return the value that a node and its buffers stand for; `Unusable` if they break any rule."""
    return _Decoder(buffers, limits).value(node, 0)


class _Decoder:
    """One answer being read: what is left of its budget, and which buffers are still unused."""

    def __init__(self, buffers: Sequence[bytes], limits: Limits) -> None:
        """Start with every buffer unused."""
        if sum(map(len, buffers)) > limits.bytes:
            raise Unusable("The answer is too large.")
        self.limits = limits
        self.nodes = limits.nodes
        self.numbers = limits.bytes // 4  # a byte takes eight when it is reckoned with
        self.unused = dict(enumerate(buffers))

    def value(self, node: Node, depth: int) -> Value:
        """Return what `node` stands for."""
        self.nodes -= 1
        if self.nodes < 0 or depth > self.limits.depth:
            raise Unusable("The answer is nested too deeply or has too many parts.")
        if isinstance(node, dict):
            return self._tagged(node, depth)
        return self._scalar(node)

    def _scalar(self, node: Node) -> Value:
        """Return a JSON scalar, bounded."""
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, int) and abs(node) >> self.limits.integer:
            raise Unusable("The answer holds a whole number of too many digits.")
        if node is None or isinstance(node, int) or (isinstance(node, float) and math.isfinite(node)):
            return node
        raise Unusable(_MALFORMED)

    def _text(self, text: str) -> str:
        """Return a text that can be written in UTF-8."""
        if len(text) > self.limits.text:
            raise Unusable("The answer holds too long a text.")
        return text.encode("utf-8", "replace").decode("utf-8")

    def _tagged(self, node: dict[str, Node], depth: int) -> Value:
        """Return what a node with a tag stands for."""
        tag, content = node.get("t"), node.get("v")
        if tag == "a":
            return self._array(node)
        if tag == "f" and isinstance(content, str) and content in _NOT_A_NUMBER:
            return _NOT_A_NUMBER[content]
        if tag == "opaque" and isinstance(content, str):
            return Opaque(self._text(content)[:200])
        if tag == "handle" and isinstance(content, str):
            return Handle(self._text(content)[:200])
        if isinstance(content, list):
            return self._collection(tag, content, depth)
        raise Unusable(_MALFORMED)

    def _collection(self, tag: Node, content: list[Node], depth: int) -> Value:
        """Return a list, tuple, mapping or complex number."""
        if tag == "list":
            return [self.value(item, depth + 1) for item in content]
        if tag == "tuple":
            return tuple(self.value(item, depth + 1) for item in content)
        if tag == "dict":
            return dict(self._pair(item, depth) for item in content)
        if tag == "c" and len(content) == 2:
            real, imaginary = (self.value(item, depth + 1) for item in content)
            if isinstance(real, float) and isinstance(imaginary, float):
                return complex(real, imaginary)
        raise Unusable(_MALFORMED)

    def _pair(self, item: Node, depth: int) -> tuple[str | int | float | bool | None, Value]:
        """Return one entry of a mapping."""
        if not isinstance(item, list) or len(item) != 2:
            raise Unusable(_MALFORMED)
        key = self.value(item[0], depth + 1)
        if key is not None and not isinstance(key, (str, int, float)):
            raise Unusable("The answer has a mapping whose keys are neither text nor numbers.")
        if isinstance(key, int) and abs(key) >= _LARGEST_KEY:
            raise Unusable("The answer has a mapping with too large a number for a key.")
        return key, self.value(item[1], depth + 1)

    def _array(self, node: dict[str, Node]) -> NDArray[np.generic]:
        """Return an array over its buffer, read-only; booleans are rebuilt, for their bytes may be anything."""
        code, shape = node.get("d"), self._shape(node.get("s"))
        if not isinstance(code, str) or code not in DTYPES:
            raise Unusable("The answer holds an array of an unknown kind.")
        self.numbers -= math.prod(shape)
        if self.numbers < 0:
            raise Unusable("The answer is too large.")
        buffer = self._buffer(node.get("b"))
        if math.prod(shape) * np.dtype(code).itemsize != len(buffer):
            raise Unusable("The answer holds an array whose size is not what its shape says.")
        array: NDArray[Any] = np.frombuffer(buffer, dtype=np.uint8 if code == "|b1" else code)
        return (array != 0 if code == "|b1" else array).reshape(shape)

    def _shape(self, shape: Node) -> tuple[int, ...]:
        """Return a shape, however empty, that any array of the same size could have."""
        if not isinstance(shape, list) or len(shape) > 16:
            raise Unusable("The answer holds an array without a proper shape.")
        if not all(type(n) is int and 0 <= n <= self.limits.bytes for n in shape):
            raise Unusable("The answer holds an array without a proper shape.")
        if math.prod(max(n, 1) for n in shape) > self.limits.bytes:
            raise Unusable("The answer holds too large an array.")
        return tuple(shape)

    def _buffer(self, index: Node) -> bytes:
        """Return a buffer that no other node has used."""
        if type(index) is not int or index not in self.unused:
            raise Unusable("The answer names a buffer that did not come with it.")
        return self.unused.pop(index)


def dumps(tree: Node) -> str:
    """Return canonical JSON: equal trees give equal texts."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), allow_nan=False)


def loads(text: str | bytes | bytearray, limits: Limits = Limits()) -> Node:
    """Return the tree that JSON text stands for; `Unusable` if it is too long, too deep or not JSON."""
    brackets = text.count(b"[") + text.count(b"{") if not isinstance(text, str) else 0
    if len(text) > limits.header or brackets > 3 * limits.nodes:
        raise Unusable("The answer is too large.")
    digits = limits.integer // 3
    try:
        return json.loads(
            text, parse_constant=_refuse, parse_float=_real, parse_int=lambda digit: _integer(digit, digits)
        )
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unusable(_MALFORMED) from error


def _refuse(text: str) -> Node:
    """Refuse the constants that are not JSON."""
    raise ValueError(text[:20])


def _real(text: str) -> float:
    """Return a number that can be written as JSON again: one such as 1e999 would be read as infinite."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return number


def _integer(text: str, digits: int) -> int:
    """Return a whole number that is not too long to be read."""
    if len(text) > digits:
        raise ValueError("too many digits")
    return int(text)


def send(sock: socket.socket, header: Mapping[str, Node], buffers: Sequence[bytes], deadline: float) -> None:
    """Write one frame; `TooSlow` after `deadline` (of `time.monotonic`), `Unusable` if the other end has gone."""
    text = dumps({**header, "lens": [len(buffer) for buffer in buffers]}).encode()
    try:
        for part in (len(text).to_bytes(8, "little") + text, *buffers):
            sock.settimeout(_remaining(deadline))
            sock.sendall(part)
    except TimeoutError as error:
        raise TooSlow("It did not take the question within its time.") from error
    except OSError as error:
        raise Unusable("It ended before it was asked.") from error


def receive(
    sock: socket.socket, deadline: float, limits: Limits = Limits()
) -> tuple[dict[str, Node], tuple[bytes, ...]]:
    """Return the next frame's header and buffers; `TooSlow` after `deadline`, `Unusable` for anything malformed."""
    size = int.from_bytes(_read(sock, 8, deadline), "little")
    if size > limits.header:
        raise Unusable("The answer is too large.")
    header = loads(_read(sock, size, deadline), limits)
    lengths = header.get("lens") if isinstance(header, dict) else None
    if not isinstance(lengths, list) or len(lengths) > limits.buffers:
        raise Unusable(_MALFORMED)
    if not all(type(n) is int and 0 <= n <= limits.bytes for n in lengths) or sum(lengths) > limits.bytes:
        raise Unusable("The answer is too large.")
    buffers = tuple(_read(sock, n, deadline) for n in lengths)
    return {key: item for key, item in header.items() if key != "lens"}, buffers


def _read(sock: socket.socket, size: int, deadline: float) -> bytes:
    """Return exactly `size` bytes, growing with what arrives."""
    arrived = bytearray()  # a list of parts would cost forty bytes for each when they come one byte at a time
    while len(arrived) < size:
        try:
            sock.settimeout(_remaining(deadline))
            part = sock.recv(min(size - len(arrived), _CHUNK))
        except TimeoutError as error:
            raise TooSlow("No answer came within the time a question may take.") from error
        except OSError as error:
            raise Unusable("The program ended before it answered.") from error
        if not part:
            raise Unusable("The program ended before it answered.")
        arrived += part
    return bytes(arrived)


def _remaining(deadline: float) -> float:
    """Return the seconds left, never zero (which would mean: do not block)."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
