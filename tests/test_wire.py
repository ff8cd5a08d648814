"""What crosses the wall comes back as it went, and nothing malformed is ever believed."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import wire
from grader.errors import TooSlow, Unusable
from grader.student import Handle, KnownFunction, Opaque, Tensor

LIMITS = wire.Limits()
DTYPES = ["?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda code: hnp.arrays(np.dtype(code), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.integers(-9, 9) | st.none()
VALUES = st.recursive(
    SCALARS | ARRAYS | st.builds(Opaque, st.text("abc", max_size=9)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one, other):
    if isinstance(one, (np.ndarray, np.generic)):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and one == other and str(one) == str(other)


def through_frame(header, buffers, limits=LIMITS):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=wire.send, args=(theirs, header, buffers, time.monotonic() + 60))
        sender.start()
        found = wire.receive(ours, time.monotonic() + 60, limits)
        sender.join()
    return found


def received(data, seconds=60.0, limits=LIMITS):
    """What is read from a stream that holds these bytes and ends."""
    ours, theirs = socket.socketpair()
    with ours:
        sender = threading.Thread(target=lambda: (theirs.sendall(data), theirs.close()))
        sender.start()
        try:
            return wire.receive(ours, time.monotonic() + seconds, limits)
        finally:
            sender.join()


@given(VALUES)
def test_every_value_comes_back_as_it_went(value):
    node, buffers = wire.encode(value)
    node = wire.loads(wire.dumps(node))
    assert same(value, wire.decode(node, buffers))


@settings(max_examples=25)
@given(VALUES)
def test_and_through_a_frame(value):
    node, buffers = wire.encode(value)
    header, parts = through_frame({"value": node}, buffers)
    assert same(value, wire.decode(header["value"], parts))


def test_arguments_that_only_we_send_have_nodes():
    node, buffers = wire.encode([Tensor(np.ones(2, "f4"), True), Handle("relu", 1), KnownFunction("sin")])
    assert [part["t"] for part in node["v"]] == ["tensor", "handle", "known"]
    assert node["v"][0]["g"] is True and len(buffers) == 1


@pytest.mark.parametrize("value", [{1, 2}, object(), np.array([None]), lambda: 0, b"x"])
def test_what_cannot_cross_is_our_mistake(value):
    with pytest.raises(TypeError):
        wire.encode(value)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.floats()
    | st.sampled_from(["a", "f4", "<f8", "|b1", "nan"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["t", "v", "d", "s", "b", "x"]), inner, max_size=5)
        | st.fixed_dictionaries({"t": st.sampled_from(["a", "list", "tuple", "dict", "f", "c", "opaque"]), "v": inner})
        | st.fixed_dictionaries(
            {"t": st.just("a"), "d": st.sampled_from([*DTYPES, "O", "<U9"]), "s": inner, "b": inner}
        )
    ),
    max_leaves=15,
)


@given(JUNK, st.lists(st.binary(max_size=64), max_size=3))
def test_junk_is_a_value_or_unusable(node, buffers):
    with contextlib.suppress(Unusable):
        wire.decode(node, buffers)


@settings(max_examples=150)
@given(VALUES, st.data())
def test_a_mutated_frame_is_a_value_or_unusable(value, data):
    node, buffers = wire.encode(value)
    text = wire.dumps({"value": node, "lens": [len(part) for part in buffers]}).encode()
    frame = bytearray(len(text).to_bytes(8, "little") + text + b"".join(buffers))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(frame) - 1))
        frame[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        frame = frame or bytearray(b"\0")
    with contextlib.suppress(Unusable):
        header, parts = received(bytes(frame))
        wire.decode(header.get("value"), parts)


def frame(header, body=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize(
    "data",
    [
        (1 << 62).to_bytes(8, "little"),
        frame({"lens": [60 << 20]}),
        frame({"lens": [1 << 40]}),
        frame({"lens": [8 << 20] * 20_000}),
        frame({"lens": [-1]}),
        frame({"lens": [True]}),
        frame({"lens": None}),
        frame([1]),
        frame(b"[" * 500_000 + b"]" * 500_000),
        frame(b"[[],[]," + b"[]," * 900_000 + b"[]]"),
        frame(b'{"lens":[],"v":' + b"9" * 1_000_000 + b"}"),
        frame(b'{"lens":[],"v":NaN}'),
        frame(b'{"lens":[],"v":-1e999}'),
        frame(b'{"lens":[],"v":"\xff"}'),
        frame(b"\x00" * 100),
        b"",
        b"\x05\x00",
    ],
)
def test_a_hostile_frame_is_refused_without_memory(data):
    tracemalloc.start()
    try:
        with pytest.raises(Unusable):
            received(data)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("node", "buffers"),
    [
        ({"t": "a", "d": "<f8", "s": [2], "b": 0}, [b"12345678"]),
        ({"t": "a", "d": "<f8", "s": [0, 1 << 40], "b": 0}, [b""]),
        ({"t": "a", "d": "|O", "s": [1], "b": 0}, [b"12345678"]),
        ({"t": "a", "d": "<f8", "s": [True], "b": 0}, [b"12345678"]),
        ({"t": "list", "v": [{"t": "a", "d": "|u1", "s": [1], "b": 0}] * 2}, [b"1"]),
        ({"t": "dict", "v": [[{"t": "list", "v": []}, 1]]}, []),
        ({"t": "dict", "v": [[1]]}, []),
        ({"t": "dict", "v": [[1 << 61, 1]]}, []),
        ({"t": "f", "v": "1e5"}, []),
        ({"t": "c", "v": [1, 2]}, []),
        ({"t": "nd"}, []),
        ([], []),
        ("x" * (2 << 20), []),
        (1 << 300, []),
    ],
)
def test_rules_of_the_tree(node, buffers):
    with pytest.raises(Unusable):
        wire.decode(node, buffers)


def test_depth_and_parts_are_bounded():
    deep = None
    for _ in range(40):
        deep = {"t": "list", "v": [deep]}
    for node in (deep, {"t": "list", "v": [0] * 300_000}):
        with pytest.raises(Unusable):
            wire.decode(node, [])


def test_booleans_are_rebuilt_from_any_bytes():
    found = wire.decode({"t": "a", "d": "|b1", "s": [3], "b": 0}, [b"\x00\x02\xff"])
    assert found.tolist() == [False, True, True] and set(found.tobytes()) <= {0, 1}


def test_text_that_is_no_text_can_be_written():
    assert wire.decode("a\ud800b", []) == "a?b"


def test_silence_and_a_trickle_are_too_slow():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(TooSlow):
            wire.receive(ours, time.monotonic() + 0.05)
        stop = threading.Event()

        def trickle():
            theirs.sendall((1000).to_bytes(8, "little"))
            while not stop.wait(0.02):
                theirs.sendall(b" ")

        thread = threading.Thread(target=trickle)
        thread.start()
        started = time.monotonic()
        with pytest.raises(TooSlow):
            wire.receive(ours, started + 0.3)
        assert time.monotonic() - started < 15  # after 20 all of it would be there
        stop.set()
        thread.join()


def test_a_question_nobody_takes_is_too_slow_and_a_closed_end_unusable():
    ours, theirs = socket.socketpair()
    with ours:
        with pytest.raises(TooSlow):
            wire.send(ours, {}, [b"x" * (8 << 20)], time.monotonic() + 0.1)
        theirs.close()
        with pytest.raises(Unusable):
            wire.send(ours, {}, [b"x" * (8 << 20)], time.monotonic() + 60)
