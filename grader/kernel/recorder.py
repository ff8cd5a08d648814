"""Watches trainings from inside: calls of modules, backward passes, optimizer steps.

Theory of operation. Three things of torch's are wrapped once it is imported: `Module.__call__`, `autograd.backward`
with `autograd.grad`, and, by torch's own hooks, every optimizer's `step`. The outermost call of a module that has
parameters and whose answer can be differentiated is noted, with a hook on the answer; if that hook is called during a
backward pass, the call took part in it. Calls nobody differentiates leave nothing. What belongs to a pass is handed to
the `Learner` of its parameters.

A student must never notice. Whatever goes wrong in here is counted and swallowed (`_quietly`): it is the one place
inside where that is right, since the alternative is our defect in the student's training loop.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

from .bare import bottom, is_wrapped, shown_below
from .before import NO_MODELS, Before, Glanced
from .failures import kind_of
from .flat import no_gradient
from .graph import Ways, as_tensors, first_tensor, leaves, total
from .imports import when_imported
from .learner import Learner
from .optimizers import Coverage, Settings
from .owners import Owners
from .parameters import distinct_parameters
from .passes import Shown, chains
from .routine import place_of_call
from .sealed import seal
from .training import Training
from .wraps import wrap_autograd, wrap_modules, wrap_optimizers

seal(globals())

GLANCES = 4
"""Calls that are only glanced at before one backward pass; where there are more, all are looked at closely."""
MOST = 64
"""Trainings that are kept, and sets of parameters; of the trainings those with the fewest steps go first."""


class Here(threading.local):
    """What one thread is doing."""

    inside = False
    """Whether a module's call is under way."""
    fired: list[Shown] | None = None
    """The calls that took part in the backward pass under way."""


class Recorder:
    """What was seen of trainings."""

    def __init__(self) -> None:
        """Start without any."""
        self.active = True
        self.troubles = 0
        self.here = Here()
        self._torch: Any = None
        self._serial = itertools.count()
        self._owners = Owners()
        self._covers = Coverage()
        self._settings = Settings()
        self._stepping: Any = None
        self._moving: list[Learner] = []
        self._learners: dict[Any, Learner] = {}
        self._recent: dict[int, Any] = {}
        self._glances: list[Glanced] = []
        self._ways = Ways()
        self._trainings: list[tuple[Learner, str, str, Training]] = []

    def attach(self, torch: Any) -> None:
        """Wrap what has to be watched, now that torch is imported."""
        self._torch = torch
        wrap_modules(torch, self)
        wrap_autograd(torch, self)
        wrap_optimizers(self)

    def quietly(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do our own work; if it fails, the student's goes on."""
        if not self.active:
            return None
        try:
            return work(*arguments)
        except Exception:  # noqa: BLE001 - see the head of this file
            self.troubles += 1
            return None

    # what the agent asks ---------------------------------------------------------------------------

    def find(self, key: str) -> Any:
        """Return the model behind an id, or None."""
        return self._owners.kept.get(key)

    def models(self) -> list[tuple[str, Any]]:
        """Return the models seen in training, by id."""
        return list(self._owners.kept.items())

    def finish(self) -> None:
        """Take what the last passes became, and note nothing from now on."""
        for learner in self._learners.values():
            self.quietly(learner.end)
        self.active = False

    def trainings(self, names: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
        """Return what was noted, once finished; `names` are the student's, by which bare tensors are called."""
        told: list[dict[str, Any]] = []
        for learner, key, kind, training in self._trainings:
            if kind == "tensors":
                called = {id(value): name for name, value in names}
                training.names = [called.get(id(p), n) for p, n in zip(learner.tensors, training.names, strict=False)]
            model = key if key in self._owners.kept else ""
            told.append({"key": f"t{len(told)}", "model": model, "kind": kind, **training.told()})
        return told

    # what torch tells ------------------------------------------------------------------------------

    def called(self, module: Any, arguments: Sequence[Any], keywords: dict[str, Any], answer: Any) -> None:
        """Note the outermost call of a module whose answer can be differentiated, and wait for its gradient."""
        owner = self._owners.of(module)
        output = None if owner is None else first_tensor(self._torch, (answer,))
        if output is None or not output.requires_grad or output.grad_fn is None or is_wrapped(self._torch, output):
            return
        given = first_tensor(self._torch, arguments if keywords == {} else (*arguments, *keywords.values()))
        learner, place = self._learners.get((id(owner),)), place_of_call(4)
        if learner is not None and given is not None and given.ndim > 1 and learner.glance_will_do(place):
            if len(self._glances) < GLANCES:
                shown = Shown(self._torch, 0, module, owner, place, given, None)
                self._glances.append((learner, shown, output.grad_fn))
                return
            learner.look_closely()
        if len(self._recent) > 100:
            self._recent.clear()
        self._recent[id(owner)] = owner
        shown = Shown(self._torch, next(self._serial), module, owner, place, given, output)
        output.register_hook(lambda gradient: self.quietly(self._flowed, shown, gradient))

    def _flowed(self, shown: Shown, gradient: Any) -> None:
        """Note that a call took part in the backward pass under way."""
        if self.here.fired is not None:
            shown.take_gradient(self._torch, gradient)
            self.here.fired.append(shown)

    def before_backward(self, roots: Any) -> Before:
        """Look at what will be changed: gradients, and the graph, which is gone afterwards."""
        owners = list(self._recent.values())
        self._recent.clear()
        losses = as_tensors(self._torch, roots)
        glances, self._glances = self._glances, []
        taken = [(learner, shown) for learner, shown, node in glances if self._ways.leads(losses, node)]
        if len(taken) == 1 and not owners and taken[0][0].goes_on():
            return Before(NO_MODELS, [], glances, [taken[0][1]], taken[0][0])
        owners += [shown.owner for learner, shown in taken if learner.waiting]
        if not taken and not owners:
            return self._before_bare(losses, glances)
        clean: dict[int | None, bool] = {id(owner): no_gradient(self._parameters(owner)) for owner in owners}
        return Before(clean, [], glances, [shown for _, shown in taken])

    def _before_bare(self, losses: Sequence[Any], glances: Sequence[Glanced]) -> Before:
        """Look at tensors that no model holds, and at what the network made of them was shown."""
        found = [bottom(self._torch, leaf) for leaf in leaves(losses)]
        if self._was_glanced_over(found):
            return Before({None: no_gradient(found)}, [], glances)
        shown = self.quietly(shown_below, self._torch, losses[0], self.quietly) if len(losses) == 1 else None
        return Before({None: no_gradient(found)}, found, glances, shown=shown)

    def _was_glanced_over(self, tensors: Sequence[Any]) -> bool:
        """Tell whether a call that was only glanced at was used up by an earlier backward pass; it will be no more."""
        sought = {id(tensor) for tensor in tensors}
        glanced_at = [each for each in self._learners.values() if each.is_glanced_at] if sought else []
        known = [each for each in glanced_at if sought <= set(map(id, each.tensors))]
        for learner in known:
            learner.look_closely()
        return bool(known)

    def _parameters(self, owner: Any) -> list[Any]:
        """Return the parameters of a model."""
        learner = self._learners.get((id(owner),))
        if learner is None:
            return [tensor for _, tensor in distinct_parameters(owner)]
        learner.refresh()
        return learner.tensors

    def after_backward(
        self, before: Before, fired: list[Shown], roots: Any, weights: Any, returned: dict[int, Any] | None
    ) -> None:
        """Hand what was seen to the learners; `returned` are gradients by tensor where they are not left in `.grad`."""
        if returned is not None and not any(
            id(p) in returned for learner, *_ in before.glances for p in learner.tensors
        ):
            self._glances = [*before.glances, *self._glances]  # of the parameters' gradients none was asked for yet
        loss = total(self._torch, as_tensors(self._torch, roots), weights)
        if before.gliding is not None and not fired and returned is None:
            before.gliding.glanced(before.glanced[0], loss)
            return
        fired = [*before.glanced, *fired]
        if len(fired) == 1:
            self._pass(self._learner([fired[0].owner]), fired, fired, loss, before, returned)
            return
        fired = sorted(fired, key=lambda shown: shown.serial)
        if not fired and before.leaves:
            shown = [before.shown] if before.shown is not None else ()
            self._pass(self._bare(before.leaves), shown, shown, loss, before, returned)
        for chain in chains(fired):
            owners = list({id(shown.owner): shown.owner for shown in chain}.values())
            given = [shown for shown in chain if shown.unit is chain[0].unit]
            answered = [shown for shown in chain if shown.unit is chain[-1].unit]
            self._pass(self._learner(owners), given, answered, loss, before, returned)

    def _pass(
        self, learner: Learner, given: Any, answered: Any, loss: float, before: Before, returned: dict[int, Any] | None
    ) -> None:
        """Hand one pass to a learner; gradients that were returned count if they are those of its parameters."""
        if returned is None:
            clean = all(before.clean.get(key, True) for key in (*map(id, learner.owners), None))
            learner.passed(given, answered, loss, clean=clean)
        elif any(id(tensor) in returned for tensor in learner.tensors):
            parts = [returned.get(id(p), self._torch.zeros_like(p)) for p in learner.tensors]
            learner.passed(given, answered, loss, clean=True, gradients=parts)

    def _learner(self, owners: Sequence[Any]) -> Learner:
        """Return the learner of some models."""
        key = tuple(id(owner) for owner in owners)
        found = self._learners.get(key)
        if found is None:
            found = self._add(key, Learner(self._torch, owners, (), self._begun))
        found.refresh()
        return found

    def _bare(self, tensors: Sequence[Any]) -> Learner:
        """Return the learner of bare tensors: known by their shapes, since a student may make new ones at each step."""
        key = ("tensors", tuple(tuple(tensor.shape) for tensor in tensors))
        found = self._learners.get(key)
        if found is None:
            found = self._add(key, Learner(self._torch, (), tensors, self._begun))
        found.refresh(tensors)
        return found

    def _add(self, key: Any, learner: Learner) -> Learner:
        """Watch one more set of parameters; the one watched longest goes if there are too many."""
        self._learners[key] = learner
        if self._stepping is not None and self._covers(self._stepping, learner.tensors):
            learner.before_step(self._stepping, self._covers.number(self._stepping))
        if len(self._learners) > MOST:
            oldest = self._learners.pop(next(iter(self._learners)))
            oldest.end()
            oldest.release()
        return learner

    def _begun(self, learner: Learner, training: Training) -> None:
        """Hear of a new training."""
        key = self._owners.keep(learner.owners[0]) if len(learner.owners) == 1 else ""
        kind = ", ".join(kind_of(owner) for owner in learner.owners[:20]) or "tensors"
        self._trainings.append((learner, key, kind, training))
        if len(self._trainings) > MOST:
            self._trainings.remove(min(self._trainings[:-1], key=lambda entry: entry[3].steps))

    def before_step(self, optimizer: Any) -> None:
        """Hear that an optimizer is about to make a step."""
        self._stepping, self._moving = optimizer, self._moved_by(optimizer)
        number = self._covers.number(optimizer)
        for learner in self._moving:
            learner.before_step(optimizer, number)

    def after_step(self, optimizer: Any) -> None:
        """Hear that an optimizer has made a step."""
        settings, number = self._settings(optimizer), self._covers.number(optimizer)
        for learner in self._moving or self._moved_by(optimizer):
            learner.after_step(optimizer, number, settings)
        self._stepping, self._moving = None, []

    def _moved_by(self, optimizer: Any) -> list[Learner]:
        """Return the learners that an optimizer moves: those that wait for an update, else all."""
        waiting = [each for each in self._learners.values() if each.waiting]
        moved = [each for each in waiting if self._covers(optimizer, each.tensors)]
        if waiting and not moved:
            for each in waiting:
                each.refresh()
            moved = [each for each in waiting if self._covers(optimizer, each.tensors)]
        return moved or [each for each in self._learners.values() if self._covers(optimizer, each.tensors)]


def install() -> Recorder:
    """Return a recorder that is at work as soon as torch is there."""
    recorder = Recorder()
    when_imported("torch", lambda torch: recorder.quietly(recorder.attach, torch))
    return recorder
