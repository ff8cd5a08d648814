"""One set of parameters that is being trained, and how its updates are told apart.

Theory of operation. A pass is everything back-propagated before one update. It waits until the update is seen: at the
optimizer's step, or, where the student updates by hand, at the next backward pass, by comparing parameters with what
they were. Parameters that did not move: if gradients were not cleared either, the next backward pass adds to the same
update (accumulation); if they were, nobody trained, and the pass is forgotten. Parameters that moved by no multiple of
the gradient and very far were not updated but set anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .flat import flat, gradients, jumped, rate, same
from .parameters import Place, distinct_places
from .passes import Note, Shown
from .sealed import seal
from .training import Training

seal(globals())

BY_HAND = "by hand"


class Learner:
    """The parameters of one model, of several in a chain, or bare tensors; and their trainings."""

    def __init__(self, torch: Any, owners: Sequence[Any], tensors: Sequence[Any], begun: Callable[..., None]) -> None:
        """Watch the parameters of `owners`, or bare `tensors`; `begun(learner, training)` hears of new trainings."""
        self._torch, self._begun = torch, begun
        self.owners = list(owners)
        self.training: Training | None = None
        self._places: list[Place] = []
        self._bare = list(tensors)
        self._pending: Note | None = None
        self._stepping: Any = None
        self._by_optimizer = self._replaced = False
        self.tensors = self._bare
        self.refresh()

    def refresh(self, tensors: Sequence[Any] = ()) -> None:
        """Look again where the parameters are, if one was replaced; bare tensors are given anew."""
        if not self.owners:
            self._replaced = self._replaced or any(
                new is not old for new, old in zip(tensors, self._bare, strict=False)
            )
            self._bare = list(tensors) or self._bare
            self.tensors = self._bare
        elif not self._places or not all(place.holds() for place in self._places):
            found = {id(place.tensor): place for owner in self.owners for place in distinct_places(owner)}
            self._places = [place for place in found.values() if place.tensor.requires_grad]
            self.tensors = [place.tensor for place in self._places]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the parameters."""
        return [tuple(tensor.shape) for tensor in self.tensors]

    @property
    def waiting(self) -> bool:
        """Whether a pass waits for its update."""
        return self._pending is not None

    @property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return [place.name for place in self._places] or [f"tensor{at}" for at in range(len(self.tensors))]

    @property
    def width(self) -> int:
        """How many numbers the first layer takes; 0 if that cannot be told."""
        return next((shape[1] for shape in self.shapes if len(shape) == 2), 0)

    def passed(
        self, given: Sequence[Shown], answered: Sequence[Shown], loss: float, *, clean: bool, gradient: Any = None
    ) -> None:
        """Note one call of backward; `gradient` is given where it was returned instead of left in `.grad`."""
        now = flat(self._torch, self.tensors)
        self._settle(now, clean=clean)
        note = self._pending
        if note is None:
            note = self._pending = Note(now, clean=clean)
        note.take(given, answered, loss, self.width)
        if gradient is not None:
            note.gradient = gradient
        elif self._stepping is not None or not self._by_optimizer:
            note.gradient = gradients(self._torch, self.tensors)

    def _settle(self, now: Any, *, clean: bool) -> None:
        """Decide what became of the waiting pass, now that parameters are `now` and no optimizer made a step."""
        note = self._pending
        if note is None:
            return
        if len(now) != len(note.before):
            self._pending = None
        elif not same(now, note.before):
            self._moved(note, now)
        elif clean:
            self._pending = None

    def _moved(self, note: Note, now: Any) -> None:
        """Take a change that no optimizer announced: an update by hand, or parameters set anew."""
        rule = BY_HAND if self._stepping is None else type(self._stepping).__name__
        explained = note.gradient is not None and rate(note.before, note.gradient, now, ()) is not None
        if explained or not jumped(note.before, now, self.shapes):
            self._by_optimizer = False
            self._commit(note, now, rule, {}, 0)
        else:
            self._unseen_update(note)
        self._pending = None

    def _unseen_update(self, note: Note) -> None:
        """Count the last update of a training by hand, which was over before it could be looked at."""
        training, gradient = self.training, note.gradient
        guess = training.likely_rate() if training is not None and training.rule == BY_HAND else None
        if training is not None and guess is not None and gradient is not None and len(gradient) == len(note.before):
            self._commit(note, (note.before - guess * gradient).astype(note.before.dtype), BY_HAND, {}, 0)

    def before_step(self, optimizer: Any) -> None:
        """Note the gradients that an optimizer is about to use."""
        self._stepping = optimizer
        if self._pending is not None:
            self._pending.gradient = gradients(self._torch, self.tensors)

    def after_step(self, optimizer: Any, settings: dict[str, float]) -> None:
        """Note the update that an optimizer made."""
        self._stepping, note = None, self._pending
        now = flat(self._torch, self.tensors)
        if note is not None:
            self._by_optimizer = True
            self._commit(note, now, type(optimizer).__name__, settings, id(optimizer))
        elif self.training is not None and not same(now, self.training.last):
            self.training.add_update(now)
        self._pending = None

    def _commit(self, note: Note, after: Any, rule: str, settings: dict[str, float], optimizer: int) -> None:
        """Give a pass and its update to the training that goes on, or to a new one."""
        note.after = after
        training = self.training
        if training is None or training.ends_before(note, rule, optimizer):
            training = self.training = Training(self.names, self.shapes, note.before, rule)
            self._begun(self, training)
        training.add(note, settings, optimizer)

    def end(self) -> None:
        """Take what the last pass became, as far as it shows by now."""
        self.refresh(self._bare)
        note, now = self._pending, flat(self._torch, self.tensors)
        if note is not None and same(now, note.before) and self._replaced:
            self._unseen_update(note)
        elif note is not None:
            self._settle(now, clean=True)
        self._pending = None

    def release(self) -> None:
        """Let go of the parameters; what was seen of their trainings stays."""
        self.owners, self.tensors, self._bare, self._places = self.owners[:0], [], [], []
