"""What a kernel sends is counted before it is in our memory, whatever pieces it comes in."""

import resource

import pytest

from grader.sandbox.gate import LARGEST, MOST_FRAMES, Frames, TooMuch

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x01" + b"NULL".ljust(52, b"\0")
READY = b"\x04\x05READY"


def frame(size, *, more=False, flags=0):
    flags |= more
    return bytes([flags, size]) + bytes(size) if size < 256 else bytes([flags | 2]) + size.to_bytes(8, "big")


def message(*sizes):
    return b"".join(frame(size, more=place < len(sizes) - 1) for place, size in enumerate(sizes))


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_honest_messages_pass_in_any_pieces(piece):
    stream = GREETING + READY + message(10, 0, 255, 30) * 200
    frames = Frames()
    for start in range(0, len(stream), piece):
        frames.take(stream[start : start + piece])
    assert frames._size == frames._frames == 0


def test_a_large_message_passes_and_is_skipped_not_read():
    frames = Frames()
    frames.take(GREETING + frame(LARGEST))
    frames.take(bytes(LARGEST))
    frames.take(message(5))
    assert frames._skip == 0


@pytest.mark.parametrize(
    "stream",
    [
        GREETING + frame(LARGEST + 1),
        GREETING + bytes([3]) + (2**63).to_bytes(8, "big"),
        GREETING + message(*[1] * (MOST_FRAMES + 1)),
        GREETING + (frame(1, more=True) + frame(1, flags=4)) * MOST_FRAMES,
        GREETING + frame(LARGEST + 1, flags=4),
        b"\xff" + bytes(8) + b"\x7f" + b"\x01" + bytes(60),
        b"\x0a" + bytes(70),
    ],
    ids=["frame", "absurd", "frames", "between commands", "command", "version 2", "no greeting"],
)
def test_more_than_a_message_may_be_closes_the_gate(stream):
    with pytest.raises(TooMuch):
        Frames().take(stream)


def test_the_size_of_a_message_is_that_of_all_its_frames():
    frames = Frames()
    frames.take(GREETING)
    with pytest.raises(TooMuch):
        for _ in range(3):
            frames.take(frame(LARGEST // 2, more=True))
            frames.take(bytes(LARGEST // 2))


def test_one_message_of_many_large_parts_costs_a_kernel_and_none_of_our_memory(laboratory):
    send = "get_ipython().kernel.iopub_socket.send_multipart([b'a', *[part] * 20], copy=False)"
    flood = f"part = b'x' * (20 << 20)\n{send}"
    laboratory.record("1")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    record = laboratory.record("print('kept')", flood, "print('after')")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10
    assert "more at once than a channel takes" in record.cells[1].stopped
    assert [record.cells[place].outputs[0].content for place in (0, 2)] == ["kept\n", "after\n"]
