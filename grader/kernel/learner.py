"""One set of parameters that is being trained, and how its updates are told apart.

Theory of operation. A pass is everything back-propagated before one update. It waits until the update is seen: at the
optimizer's step, or, where the student updates by hand, at the next backward pass, by comparing parameters with what
they were. Parameters that did not move: if gradients were not cleared either, the next backward pass adds to the same
update (accumulation); if they were, nobody trained, and the pass is forgotten. Parameters that moved by no multiple of
the gradient and very far were not updated but set anew.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from .flat import Numbers, Vector, jumped, rate, same
from .glide import Glance, Glide
from .looks import looks
from .parameters import Place, distinct_places, layers
from .passes import Note, Shown, batch_of
from .routine import Routine
from .sealed import seal
from .training import Training

seal(globals())

BY_HAND = "by hand"
_NONE: dict[str, float] = {}
_TOGETHER, _LAST, _BYTES = 24, 8, 4 << 20
"""Passes that wait to be looked at together (few enough to stay in the processor's cache), the last of them that go on
waiting, since they may be the last of all, and bytes of those that wait."""


class Learner:
    """The parameters of one model, of several in a chain, or bare tensors; and their trainings."""

    def __init__(self, torch: Any, owners: Sequence[Any], tensors: Sequence[Any], begun: Callable[..., None]) -> None:
        """Watch the parameters of `owners`, or bare `tensors`; `begun(learner, training)` hears of new trainings."""
        self._torch, self._begun = torch, begun
        self.owners = list(owners)
        self.training: Training | None = None
        self._places: list[Place] = []
        self._layers: list[object] = []
        self._bare = list(tensors)
        self._pending: Note | None = None
        self._glide: Glide | None = None
        self._stepping: Any = None
        self._waiting_bytes = 0
        self._after: Vector | None = None
        self._routine = Routine()
        self._queue: list[tuple[Note, str, dict[str, float], int]] = []
        self._by_optimizer = self._replaced = False
        self._watch(self._bare)
        self.refresh()

    def refresh(self, tensors: Sequence[Any] = ()) -> None:
        """Look again where the parameters are, if one was replaced; bare tensors are given anew."""
        if not self.owners:
            self._replaced = self._replaced or any(
                new is not old for new, old in zip(tensors, self._bare, strict=False)
            )
            self._bare = list(tensors) or self._bare
            self._watch(self._bare)
        elif not self._still_there():
            self._layers = self._layers_now()
            found = {id(place.tensor): place for owner in self.owners for place in distinct_places(owner)}
            self._places = [place for place in found.values() if place.tensor.requires_grad]
            self._watch([place.tensor for place in self._places])
            if self._pending is not None and self._pending.glanced:
                self._pending.before = self._numbers.now()

    def _still_there(self) -> bool:
        """Tell whether every layer, and every parameter in it, is still where it was found."""
        layers_now = self._layers_now()
        if len(layers_now) != len(self._layers) or not all(map(operator.is_, layers_now, self._layers)):
            return False
        try:
            now = [place.holder[place.key] for place in self._places]
        except LookupError:
            return False
        return bool(now) and all(map(operator.is_, now, self.tensors))

    def _layers_now(self) -> list[object]:
        """Return the layers of the owners."""
        return [layer for owner in self.owners for layer in layers(owner)]

    def _watch(self, tensors: list[Any]) -> None:
        """Take these tensors for the parameters from now on."""
        self._land()
        self.tensors = tensors
        self.shapes = [tuple(tensor.shape) for tensor in tensors]
        self.width = next((shape[1] for shape in self.shapes if len(shape) == 2), 0)
        self._numbers = Numbers(self._torch, tensors)

    @property
    def waiting(self) -> bool:
        """Whether a pass waits for its update."""
        return self._pending is not None or (self._glide is not None and self._glide.pending is not None)

    @property
    def is_glanced_at(self) -> bool:
        """Whether the pass under way, or the last one, was only glanced at."""
        return self._glide is not None or (self._pending is not None and self._pending.glanced)

    @property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return [place.name for place in self._places] or [f"tensor{at}" for at in range(len(self.tensors))]

    def glance_will_do(self, place: Any) -> bool:
        """Tell whether the pass that begins with a call at this place of the student's code needs no close look."""
        if self.training is None:
            return False
        glances = 0 if self._glide is None else len(self._glide.done)
        return self._routine.glance_will_do(self.training.seen + len(self._queue) + glances, place)

    def goes_on(self) -> bool:
        """Tell whether the last pass was only glanced at, and nothing has happened to the parameters since."""
        return self._glide is not None and self._pending is None and self._glide.goes_on() and self._still_there()

    def look_closely(self) -> None:
        """Look closely from now on, until the training has gone on as it did for a while."""
        self._routine.begin()

    def glanced(self, shown: Shown, loss: float) -> None:
        """Note one call of backward in a training that goes on as it did."""
        if self._glide is not None and shown.inputs is not None:
            self._glide.pending = shown.inputs.reshape(len(shown.inputs), -1), loss

    def passed(
        self, given: Sequence[Shown], answered: Sequence[Shown], loss: float, *, clean: bool, gradients: Any = None
    ) -> None:
        """Note one call of backward; `gradients` are given where they were returned instead of left in `.grad`."""
        self._land()
        self._routine.passed_from(given[0].place if given else None)
        now = self._numbers.now()
        self._settle(now, clean=clean)
        batch, note = batch_of(given, answered, self.width), self._pending
        if note is None:
            note = self._pending = Note(self._shared(now), loss, batch, clean=clean)
        else:
            note.add(loss, batch)
        note.glanced = note.glanced or any(shown.outputs is None for shown in answered)
        if gradients is not None:
            note.gradient = _given(self._numbers.of(gradients))
        elif self._stepping is not None or not self._by_optimizer:
            note.gradient = self._numbers.gradients()

    def _shared(self, now: Vector) -> Vector:
        """Return the parameters after the last update instead, if they are the same: one copy will do."""
        return self._after if self._after is not None and same(self._after, now) else now

    def _settle(self, now: Vector, *, clean: bool) -> None:
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

    def _moved(self, note: Note, now: Vector) -> None:
        """Take a change that no optimizer announced: an update by hand, or parameters set anew."""
        rule = BY_HAND if self._stepping is None else type(self._stepping).__name__
        gradient = None if note.gradient is None else note.gradient()
        explained = gradient is not None and rate(note.before, gradient, now, ()) is not None
        if explained or not jumped(note.before, now, self.shapes):
            self._by_optimizer = False
            self._routine.begin()
            self._commit(note, now, rule, _NONE, 0)
        else:
            self._unseen_update(note)
        self._pending = None

    def _unseen_update(self, note: Note) -> None:
        """Count the last update of a training by hand, which was over before it could be looked at."""
        self._look(len(self._queue))
        training, gradient = self.training, None if note.gradient is None else note.gradient()
        guess = training.likely_rate() if training is not None and training.rule == BY_HAND else None
        if training is not None and guess is not None and gradient is not None and len(gradient) == len(note.before):
            self._commit(note, (note.before - guess * gradient).astype(note.before.dtype), BY_HAND, _NONE, 0)

    def before_step(self, optimizer: Any, number: int) -> None:
        """Note the gradients that an optimizer is about to use; `number` is its own."""
        self._stepping = optimizer
        if not self._routine.is_moved_by(number):
            self._land()
        if self._pending is not None and not self._pending.glanced:
            self._pending.gradient = self._numbers.gradients()

    def after_step(self, optimizer: Any, number: int, settings: dict[str, float]) -> None:
        """Note the update that an optimizer made."""
        self._stepping, glide = None, self._glide
        if glide is not None and glide.pending is not None:
            self._went_on(glide, glide.pending, settings)
            return
        self._land()
        note, now = self._pending, self._numbers.now()
        if note is not None:
            self._by_optimizer = True
            self._routine.moved_by(number)
            self._commit(note, now, type(optimizer).__name__, settings, number)
            self._glide = Glide(self._numbers) if note.glanced else None
        else:
            self._updated_again(now)
        self._pending = None

    def _went_on(self, glide: Glide, glance: Glance, settings: dict[str, float]) -> None:
        """Note the update after a glance."""
        if glide.is_full or settings is not glide.settings:
            self._take(glide)
            glide.settings = settings
        glide.stepped(glance)

    def _take(self, glide: Glide) -> None:
        """Give glances to the training that goes on, all at once; or one by one, if they show something new."""
        glances, training = glide.take(), self.training
        self._look(len(self._queue))
        if not glances or training is None or self.training is None:
            return
        if training is not self.training or not training.go_on(glances, glide.settings, glide.parameters):
            self.training.last = glide.parameters  # which nobody has set anew between one glance and the next
            rule, optimizer = training.rule, training.optimizer
            self._queue = [(glide.note(glance), rule, glide.settings, optimizer) for glance in glances]
            self._look(len(self._queue))

    def _land(self) -> None:
        """Take glances for what they were, before somebody looks closely again."""
        glide, self._glide = self._glide, None
        if glide is not None:
            self._take(glide)
            self._pending = self._pending if glide.pending is None else glide.note(glide.pending)

    def _updated_again(self, now: Vector) -> None:
        """Note an update without a backward pass of its own, if parameters moved."""
        self._look(len(self._queue))
        if self.training is not None and not same(now, self.training.last):
            self.training.add_update(now)

    def _commit(self, note: Note, after: Vector, rule: str, settings: dict[str, float], optimizer: int) -> None:
        """Put a pass and its update into the queue of those that are looked at together."""
        note.after = self._after = after
        self._queue.append((note, rule, settings, optimizer))
        self._waiting_bytes += note.size + 3 * after.nbytes
        if len(self._queue) >= _TOGETHER or self._waiting_bytes > _BYTES:
            self._waiting_bytes = 0
            self._look(len(self._queue) - _LAST if len(self._queue) >= _TOGETHER else len(self._queue))

    def _look(self, count: int, *, close: bool = False) -> None:
        """Give so many passes of the queue to the training that goes on, or to a new one."""
        queue, self._queue = self._queue[:count], self._queue[count:]
        for (note, rule, settings, optimizer), look in zip(queue, looks([entry[0] for entry in queue]), strict=True):
            training = self.training
            if training is None or training.ends_before(note, look, rule, optimizer):
                start = note.before.copy()
                if training is not None and training.last is note.before:
                    training.last = start
                training = self.training = Training(self.names, self.shapes, start, rule)
                self._begun(self, training)
                self._routine.begin()
            training.add(note, look, settings, optimizer, close=close)

    def end(self) -> None:
        """Take what the last pass became, as far as it shows by now."""
        self._land()
        self.refresh(self._bare)
        note, now = self._pending, self._numbers.now()
        if note is not None and same(now, note.before) and self._replaced:
            self._unseen_update(note)
        elif note is not None:
            self._settle(now, clean=True)
        self._pending = None
        self._look(len(self._queue) - _LAST if len(self._queue) > _LAST else 0)
        self._look(len(self._queue), close=True)

    def release(self) -> None:
        """Let go of the parameters; what was seen of their trainings stays."""
        self.owners, self._bare, self._places, self._layers = [], [], [], []
        self._watch([])


def _given(vector: Vector) -> Callable[[], Vector]:
    """Return what gives this vector."""
    return lambda: vector
