"""What an optimizer says of itself: its settings as numbers, and which parameters it moves."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterable
from typing import Any

from .sealed import seal

seal(globals())

_TECHNICAL = ("params", "foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay", "initial_lr")


class Settings:
    """The settings of optimizers; the same object as long as nothing changed."""

    def __init__(self) -> None:
        """Start without any."""
        self._signature: Any = None
        self._told: dict[str, float] = {}

    def __call__(self, optimizer: Any) -> dict[str, float]:
        """Return the numeric settings of an optimizer, as they are now."""
        signature = [list(group.values())[1:] for group in optimizer.param_groups]
        if signature != self._signature:
            self._signature = [list(values) for values in signature]
            told = numeric_settings(optimizer)
            self._told = told if told != self._told else self._told
        return self._told


def numeric_settings(optimizer: Any) -> dict[str, float]:
    """Return the numeric settings of an optimizer's first group, and those of the others that differ ('lr.1')."""
    told: dict[str, float] = {}
    for place, group in enumerate(optimizer.param_groups[:20]):
        for name, value in _numbers(group):
            if place == 0 or told.get(name) != value:
                told[name if place == 0 else f"{name}.{place}"] = value
    return told


def _numbers(group: dict[str, Any]) -> Iterable[tuple[str, float]]:
    """Yield the numeric settings of one group; 'betas' as 'beta1' and 'beta2'."""
    for name, value in group.items():
        kind = type(value)
        if name in _TECHNICAL or type(name) is not str or len(name) > 40:
            continue
        if kind in (float, int, bool) or (kind.__name__ == "Tensor" and value.numel() == 1):
            yield name, float(value)
        elif kind is tuple and all(type(part) in (int, float) for part in value):
            yield from ((f"{name.rstrip('s')}{at}", float(part)) for at, part in enumerate(value[:4], 1))


class Coverage:
    """Which tensors each optimizer moves, looked up once; and a number for each, since an address is used again."""

    def __init__(self) -> None:
        """Start without any."""
        self._known: dict[int, tuple[Any, int, frozenset[int], int]] = {}
        self._numbers = itertools.count(1)

    def __call__(self, optimizer: Any, tensors: Iterable[Any]) -> bool:
        """Tell whether an optimizer moves one of these tensors."""
        moved = self._look_up(optimizer)[2]
        return any(id(tensor) in moved for tensor in tensors)

    def number(self, optimizer: Any) -> int:
        """Return the number of an optimizer, which no other one ever has."""
        return self._look_up(optimizer)[3]

    def _look_up(self, optimizer: Any) -> tuple[Any, int, frozenset[int], int]:
        """Return a reference to an optimizer, how many tensors it moves, their identities, and its number."""
        count = sum(len(group["params"]) for group in optimizer.param_groups)
        known = self._known.get(id(optimizer))
        is_known = known is not None and known[0]() is optimizer
        if known is None or not is_known or known[1] != count:
            if len(self._known) > 500:
                self._known.clear()
            moved = frozenset(id(p) for group in optimizer.param_groups for p in group["params"])
            number = known[3] if known is not None and is_known else next(self._numbers)
            known = self._known[id(optimizer)] = (weakref.ref(optimizer), count, moved, number)
        return known
