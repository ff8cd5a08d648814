"""Passes of a training that goes on as it did: glanced at one by one, and given to the training many at once.

Theory of operation. A glide begins with an update after which nothing more than a glance is needed. From then on the
parameters are copied into one and the same vector after each update, so that it always holds the last state, and of
each pass only the inputs and the loss are kept. It ends (the learner *lands*) as soon as anything is unusual: the
vector is then left to the past, and what comes next is looked at closely, with vectors of its own. Where other
examples are shown while everything else goes on, the boundary is found to the step, but the parameters at it are those
of the end of the glide, at most `TOGETHER` steps later.
"""

from __future__ import annotations

from .flat import Numbers, Vector
from .passes import Note, Table
from .sealed import seal

seal(globals())

Glance = tuple[Table, float]
"""The inputs of a pass, one row for each example, and its loss."""

TOGETHER, _BYTES = 50, 4 << 20
"""Glances that are taken together, and bytes of them."""


class Glide:
    """Passes that were glanced at since the learner last looked closely, all under the same settings."""

    __slots__ = ("_bytes", "_numbers", "done", "parameters", "pending", "settings")

    def __init__(self, numbers: Numbers) -> None:
        """Begin after an update."""
        self._numbers = numbers
        self.parameters: Vector = numbers.now()
        self.pending: Glance | None = None
        self.done: list[Glance] = []
        self.settings: dict[str, float] = {}
        self._bytes = 0
        numbers.mark()

    def goes_on(self) -> bool:
        """Tell whether no pass waits for its update, and nobody has touched the parameters since the last one."""
        return self.pending is None and self._numbers.untouched()

    def stepped(self, glance: Glance) -> None:
        """Note the update after a glance."""
        self._numbers.now(self.parameters)
        self._numbers.mark()
        self.done.append(glance)
        self.pending = None
        self._bytes += glance[0].nbytes

    @property
    def is_full(self) -> bool:
        """Whether it is time to take what is there."""
        return len(self.done) >= TOGETHER or self._bytes > _BYTES

    def take(self) -> list[Glance]:
        """Return the glances so far, and go on without them."""
        done, self.done, self._bytes = self.done, [], 0
        return done

    def note(self, glance: Glance) -> Note:
        """Return a glance as a pass among others, which is held to have moved nothing."""
        table, loss = glance
        note = Note(self.parameters, loss, (table, None, None), clean=True)
        note.after, note.glanced = self.parameters, True
        return note
