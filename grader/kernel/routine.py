"""Whether a training goes on as it did, so that most of its passes need no more than a glance.

Looking closely at a pass costs as much as a third of a small training step. After the first `CALM` passes, as long as
the model is called from the same place in the student's code and the same optimizer moves it, only every `CLOSELY`-th
pass is looked at closely. Of the others the inputs, the loss and the update are noted: enough to see at once that data
or parameters were exchanged. Whatever changes brings the closer look back.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from .sealed import seal

seal(globals())

CALM, CLOSELY = 64, 50
_CALLERS = 3


class Routine:
    """How long a training has gone on in the same way."""

    def __init__(self) -> None:
        """Start with a close look."""
        self._place: Any = None
        self._optimizer = 0
        self._passes = 0

    def begin(self) -> None:
        """Look closely again."""
        self._passes = 0

    def passed_from(self, place: Any) -> None:
        """Hear from where the model was called for a pass."""
        if place != self._place:
            self._place, self._passes = place, 0

    def moved_by(self, optimizer: int) -> None:
        """Hear which optimizer made an update; each counts one pass."""
        self._passes = self._passes + 1 if optimizer == self._optimizer else 0
        self._optimizer = optimizer

    def is_moved_by(self, optimizer: int) -> bool:
        """Tell whether this optimizer made the last update."""
        return optimizer == self._optimizer

    def glance_will_do(self, step: int, place: Any) -> bool:
        """Tell whether pass number `step`, if it begins with a call at this place, needs no close look."""
        return self._passes >= CALM and step % CLOSELY != 0 and place == self._place


def place_of_call(depth: int) -> tuple[Any, ...]:
    """Return where in the student's code a call stands, and where its callers' calls stand."""
    frame: FrameType | None = sys._getframe(depth)
    place = []
    for _ in range(_CALLERS):
        if frame is None:
            break
        place += [frame.f_code, frame.f_lasti]
        frame = frame.f_back
    return tuple(place)
