"""One training as it goes on: consecutive updates of one set of parameters by one rule on one data set.

Space is bounded whatever is trained and for how long: the first passes are kept whole, then an ever thinner even
sample, and always the last few; of every pass its size, its fingerprint and (thinned) its loss.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from .flat import Vector, jumped, same, unflatten
from .glide import Glance
from .looks import Look
from .passes import Note
from .rows import Rows
from .sealed import seal

seal(globals())

FIRST, EVERY, SAMPLE = 64, 50, 128
PASSES, LOSSES, BUDGET = 1_000_000, 20_000, 12 << 20
"""Passes whose sizes are kept, losses kept, bytes of closely seen batches."""
_SETTLED = 200
"""Steps after which another optimizer object means another training, where the labels do not tell."""


class Training:
    """What was seen of one training."""

    def __init__(self, names: Sequence[str], shapes: Sequence[tuple[int, ...]], start: Vector, rule: str) -> None:
        """Start at these parameters."""
        self.names, self.shapes, self.rule = list(names), list(shapes), rule
        self.start = self.last = start
        self.steps = 0
        self.settings: list[tuple[int, dict[str, float]]] = []
        self.rows = Rows()
        self._latest: dict[str, float] | None = None
        self.optimizer = 0
        self._optimizer_since = 0
        self._sizes, self._losses = array("q"), Thinned(LOSSES)
        self._kept: list[Note] = []
        self._every = EVERY
        self._seen = self._bytes = 0
        self._likely: list[float] = []

    def ends_before(self, note: Note, look: Look, rule: str, optimizer: int) -> bool:
        """Tell whether a pass belongs to another training: other rule, other data, parameters set anew."""
        if rule != self.rule or self._reset(note.before) or self.rows.changed(look):
            return True
        another = optimizer != self.optimizer and self.steps - self._optimizer_since >= _SETTLED
        return another and not self.rows.labels_settled

    def _reset(self, now: Vector) -> bool:
        """Tell whether parameters were set anew since the last update."""
        if len(now) != len(self.last) or same(now, self.last):
            return len(now) != len(self.last)
        return same(now, self.start) or jumped(self.last, now, self.shapes)

    def add(self, note: Note, look: Look, settings: dict[str, float], optimizer: int, *, close: bool = False) -> None:
        """Note one pass and its update; a `close` one is kept in any case."""
        if optimizer != self.optimizer:
            self.optimizer, self._optimizer_since = optimizer, self.steps
        self._set(settings)
        self.steps += 1
        if note.after is not None:
            self.last = note.after
        note.step, self._seen = self._seen, self._seen + 1
        if note.step < PASSES:
            self._sizes.append(note.rows)
        self._losses.add(note.loss)
        self.rows.add(look)
        if not note.glanced and (close or note.step < FIRST or note.step % self._every == 0):
            self._keep(note)

    def go_on(self, glances: Sequence[Glance], settings: dict[str, float], last: Vector) -> bool:
        """Note passes that were only glanced at; False, and nothing is noted, if their rows need a closer look."""
        if not self.rows.take([table for table, _ in glances]):
            return False
        self._set(settings)
        self.steps, self._seen, self.last = self.steps + len(glances), self._seen + len(glances), last
        self._sizes.extend([len(table) for table, _ in glances][: max(0, PASSES - len(self._sizes))])
        for _, loss in glances:
            self._losses.add(loss)
        return True

    def _set(self, settings: dict[str, float]) -> None:
        """Note the settings of the next step, if they are new."""
        if settings is not self._latest and len(self.settings) < 1000:
            self._latest = settings
            self.settings.append((self.steps, settings))

    def add_update(self, after: Vector) -> None:
        """Note an update without a backward pass of its own."""
        self.steps += 1
        self.last = after

    def _keep(self, note: Note) -> None:
        """Keep a pass; when there are too many, every second of those that are not among the first goes."""
        self._kept.append(self._finished(note))
        if len(self._kept) > FIRST + SAMPLE:
            self._every *= 2
            self._kept = [kept for kept in self._kept if kept.step < FIRST or kept.step % self._every == 0]

    def _finished(self, note: Note) -> Note:
        """Return a pass with its rate, and without its batch where there is no room for it."""
        note.finish(self._guesses())
        if note.rate is not None and note.rate not in self._likely:
            self._likely = [note.rate, *self._likely[:3]]
        self._bytes += note.size
        if self._bytes > BUDGET:
            self._bytes -= note.size
            note.inputs = note.outputs = note.output_gradient = None
        return note

    def _guesses(self) -> list[float]:
        """Return rates that are likely: the optimizer's own first, then those that were found."""
        own = [settings["lr"] for _, settings in self.settings[-2:] if "lr" in settings]
        return own[::-1] + self._likely

    @property
    def seen(self) -> int:
        """How many passes were seen."""
        return self._seen

    def likely_rate(self) -> float | None:
        """Return the rate that was found last, if any was."""
        return self._likely[0] if self._likely else None

    def told(self) -> dict[str, Any]:
        """Return the training as it is told to the grader."""
        width = max((len(row) for row in self.rows.table), default=0)
        return {
            "names": self.names,
            "initial": unflatten(self.start, self.shapes),
            "final": unflatten(self.last, self.shapes),
            "rule": self.rule,
            "settings": [[step, settings] for step, settings in self.settings],
            "steps": self.steps,
            "batch_sizes": np.array(self._sizes, dtype=np.int64),
            "losses": np.array(self._losses.values, dtype=np.float64),
            "loss_steps": np.arange(len(self._losses.values), dtype=np.int64) * self._losses.every,
            "passes": [note.told() for note in self._kept],
            "row_ids": self.rows.listed,
            "rows": np.array(self.rows.table, dtype=np.float64).reshape(len(self.rows.table), width),
            "fingerprints": np.array(self.rows.fingerprints, dtype=np.uint64),
        }


class Thinned:
    """A sequence of which an even sample of bounded length is kept."""

    def __init__(self, most: int) -> None:
        """Keep at most so many."""
        self._most, self._count = most, 0
        self.every, self.values = 1, array("d")

    def add(self, value: float) -> None:
        """Keep it if it is its turn; when there are too many, every second goes."""
        if self._count % self.every == 0:
            self.values.append(value)
            if len(self.values) > self._most:
                self.values, self.every = self.values[::2], self.every * 2
        self._count += 1
