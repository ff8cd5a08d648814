"""One call of something of the student's: seeded, its prints caught, its arguments seen again afterwards."""

from __future__ import annotations

import contextlib
import io
import itertools
import random
import sys
import types
from typing import Any

import numpy as np

from .failures import raised
from .imports import captured
from .names import Names
from .sealed import seal
from .values import Encoder, decode

seal(globals())

ITERATORS = (types.GeneratorType, map, zip, filter)
MOST = 10_000
"""Things that are taken from a generator."""
PRINTED = 20_000
"""Characters of print that come back."""
_seed_random, _seed_numpy = random.seed, np.random.seed


class Bounded(io.TextIOBase):
    """A text stream that keeps the beginning of what is written to it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        """Start empty."""
        self._parts: list[str] = []
        self._left = PRINTED

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        if self._left > 0:
            self._parts.append(str.__str__(text)[: self._left])
            self._left -= len(self._parts[-1])
        return len(text)

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def text(self) -> str:
        """Return what was kept."""
        return "".join(self._parts)


def seed_all(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's generators."""
    _seed_random(seed)
    _seed_numpy(seed % 2**32)
    torch = captured("torch")
    if torch is not None:
        torch.manual_seed(seed)


def call(names: Names, question: dict[str, Any], buffers: list[bytes], encoder: Encoder) -> dict[str, Any]:
    """Return the answer to a call: its value, its arguments afterwards if asked for, and what it printed."""
    function = names.resolve(question["what"])
    arguments = [decode(node, buffers, names.resolve) for node in question["arguments"]]
    keywords = {key: decode(node, buffers, names.resolve) for key, node in question["keywords"].items()}
    if question["seed"] is not None:
        seed_all(question["seed"])
    printed = Bounded()
    try:
        draw_nowhere()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            value = _all_of(function(*arguments, **keywords))
    except BaseException as error:  # noqa: BLE001 - the student's function may raise anything, SystemExit too
        raise raised(error, names.namespace) from None
    after = [encoder.node(argument) for argument in arguments] if question["echo"] else []
    return {"value": encoder.node(value), "arguments": after, "printed": printed.text()}


def _all_of(value: Any) -> Any:
    """Return the things that a generator gives, as a list: their author's code runs for each; else the value itself."""
    return list(itertools.islice(value, MOST)) if type(value) in ITERATORS else value


def quieten(shell: Any) -> None:
    """Keep a fork from writing to what it shares with the finished kernel: its streams and its display channel."""
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Bounded()  # type: ignore[misc, assignment]
    publisher = getattr(shell, "display_pub", None)
    if publisher is not None:
        publisher.publish = lambda *_, **__: None


def draw_nowhere() -> None:
    """Let what a call draws go to no window; open figures may close. To switch takes longer than most calls."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        with contextlib.suppress(Exception):  # a student may have broken pyplot; the call may not need it
            if pyplot.get_backend().lower() != "agg":
                pyplot.switch_backend("agg")
