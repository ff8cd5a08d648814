"""What has to be seen before a backward pass, since the graph is gone afterwards and the gradients are changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .learner import Learner
from .passes import Shown
from .sealed import seal

seal(globals())

Glanced = tuple[Learner, Shown, Any]
"""A call that was only glanced at, whose model it was, and the node of the graph at its answer."""


class Before(NamedTuple):
    """What has to be seen before a backward pass."""

    clean: dict[int | None, bool]
    """By model (None for bare tensors): whether its gradients were cleared."""
    leaves: list[Any]
    """Bare tensors below the loss, where no model is."""
    glances: Sequence[Glanced] = ()
    """Calls that were only glanced at, whether they take part or not."""
    glanced: Sequence[Shown] = ()
    """Calls that take part in the pass and needed no close look."""
    gliding: Learner | None = None
    """Whose training goes on as it did, if the only call is one of those."""
    shown: Shown | None = None
    """What a network of the bare tensors was shown, where the graph tells."""


NO_MODELS: dict[int | None, bool] = {}
"""Where no model's gradients were looked at."""
