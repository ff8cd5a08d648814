"""A student over a plain namespace, in this process: what a live kernel would answer, without a kernel.

Values are converted as the wire converts them: tensors and NumPy scalars arrive as arrays, nested plain data as itself,
and what cannot cross as an `Opaque`. Every call and its answer is noted in
`asked`, so that a test can count questions.
"""

from __future__ import annotations

import copy
import inspect
import io
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from types import ModuleType
from typing import Any

import numpy as np

from grader.errors import Absent, Raised, Unusable
from grader.kernel import holdings, survey
from grader.kernel.failures import Refusal
from grader.kernel.imports import when_imported
from grader.kernel.names import Names
from grader.records import CellRun, FileRun, Output
from grader.student import Changes, Handle, KnownFunction, Model, Opaque, Reply, Seen, Tensor

WAVES: Mapping[str, Callable[[Any], Any]] = {"sin": np.sin, "cos": np.cos, "exp": np.exp, "tanh": np.tanh}

when_imported("torch", lambda _: None)


class FakeStudent:
    """Answers every question of the `Student` protocol from `namespace`."""

    def __init__(self, namespace: Mapping[str, Any], *, files: tuple[FileRun, ...] = ()) -> None:
        self.namespace = dict(namespace)
        self.files = files
        self.asked: list[tuple[str, tuple[object, ...]]] = []
        self.live = self.namespace  # what functions see as their globals
        self.states = holdings.Earlier(self._names())
        self.states.look()
        self.marks = holdings.Marks()

    @classmethod
    def of(cls, *cells: str) -> FakeStudent:
        """Run cells of source one after the other; a cell that starts with '# %% [markdown]' is text."""
        namespace: dict[str, Any] = {"__name__": "__main__"}
        names = Names(namespace, lambda _: None)
        states = holdings.Earlier(names)
        runs = []
        for number, source in enumerate(cells, 1):
            runs.append(_run(number, source, namespace))
            states.look()
        named = {name: value for name, value in namespace.items() if not name.startswith("__")}
        student = cls(named, files=(FileRun("hw.ipynb", tuple(runs), "finished"),))
        student.states, student.live = states, namespace
        return student

    def survey(self) -> tuple[Seen, ...]:
        items = self.namespace.items()
        return tuple(_seen(name, value) for name, value in items if not isinstance(value, ModuleType))

    def models(self) -> tuple[Model, ...]:
        return tuple(_model(name, value) for name, value in self.namespace.items() if _is_module(value))

    def parameters(self, model: Handle) -> tuple[np.ndarray[Any, np.dtype[np.float64]], ...]:
        found = self._find(model)
        return tuple(parameter.detach().double().numpy().copy() for parameter in _distinct(found))

    def arrays(self) -> tuple[Seen, ...]:
        told = holdings.listed(self._names())
        return tuple(Seen(Handle(one["name"]), one["kind"], one["type"], (), tuple(one["shape"])) for one in told)

    def earlier(self, what: Handle, place: int) -> tuple[np.ndarray[Any, Any] | None, int]:
        told = self.states.of(what.name, place)
        return (None if told["state"] is None else told["state"].astype(np.float64)), told["count"]

    def fill(self, what: Handle, seed: int, spread: float) -> bool:
        exact = self._changed(holdings.fill, what, seed, spread)
        if exact:
            self.marks.set(what.name, self._names().resolve(what.name))
        return bool(exact)

    def changes(self, what: Handle) -> Changes:
        shape, places, now = self._changed(lambda value: self.marks.changes(what.name, value), what)
        return Changes(shape, places.astype(np.int64), now.astype(np.float64))

    def move(self, what: Handle, along: Sequence[np.ndarray[Any, Any]], by: float) -> None:
        self._changed(holdings.move, what, along, by)

    def _changed(self, change: Callable[..., Any], what: Handle, *how: Any) -> Any:
        try:
            return change(self._names().resolve(what.name), *how)
        except Refusal as refusal:
            raise Unusable(refusal.answer["message"]) from None

    def _names(self) -> Names:
        names = Names({}, lambda _: None)
        names.namespace = self.live
        return names

    def get(self, what: str | Handle) -> Any:
        return self._cross(self._find(what))

    def call(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Any:
        return self.reply(what, *arguments, seed=seed, **keywords).value

    def reply(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Reply:
        function = self._find(what)
        self.asked.append((what if isinstance(what, str) else what.name, arguments))
        _reseed(seed)
        handed = [self._hand_over(argument) for argument in arguments]
        named = {name: self._hand_over(argument) for name, argument in keywords.items()}
        printed = io.StringIO()
        try:
            with redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = function(*handed, **named)
        except Exception as error:  # noqa: BLE001 - whatever the function raises is an answer
            raise Raised(type(error).__name__, str(error)) from None
        return Reply(self._cross(value), tuple(self._cross(each) for each in handed), printed.getvalue())

    def _find(self, what: str | Handle) -> Any:
        name = what.name if isinstance(what, Handle) else what
        first, *path = re.findall(r"[^.\[\]]+", name)
        try:
            found = self.live[first] if first in self.namespace else self.namespace[first]
            for step in path:
                if step.lstrip("-").isdigit() or step[0] in "'\"":
                    found = found[int(step) if step[-1].isdigit() else step[1:-1]]
                else:
                    found = getattr(found, step)
        except (KeyError, IndexError, AttributeError):
            raise Absent(name) from None
        return found

    def _cross(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | complex | str):
            return value
        if isinstance(value, np.ndarray | np.generic):
            return np.array(value) if value.dtype.kind in "biufc" else Opaque(type(value).__name__)
        if type(value).__module__ == "torch" and hasattr(value, "detach"):
            return value.detach().cpu().numpy().copy()
        if isinstance(value, list | tuple):
            return (
                type(value)([self._cross(each) for each in value]) if type(value) in (list, tuple) else Opaque("list")
            )
        if isinstance(value, dict):
            return {key: self._cross(each) for key, each in value.items()}
        if isinstance(value, range):
            return list(value)
        return Opaque(type(value).__name__)

    def _hand_over(self, value: object) -> Any:
        if isinstance(value, Tensor):
            import torch

            return torch.from_numpy(value.array.copy()).requires_grad_(value.requires_grad)
        if isinstance(value, KnownFunction):
            return _callable(value)
        if isinstance(value, Handle):
            return self._find(value)
        if isinstance(value, list | tuple):
            return type(value)(self._hand_over(each) for each in value)
        return copy.deepcopy(value)


def _run(number: int, source: str, namespace: dict[str, Any]) -> CellRun:
    if source.startswith("# %% [markdown]"):
        return CellRun(number, "text", source.partition("\n")[2])
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, f"cell {number}", "exec"), namespace)
    outputs = (Output("text", printed.getvalue()),) if printed.getvalue() else ()
    return CellRun(number, "code", source, outputs)


def _reseed(seed: int | None) -> None:
    if seed is not None:
        np.random.seed(seed)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)


def _callable(known: KnownFunction) -> Callable[[Any], Any]:
    if known.formula == "polynomial":
        return lambda x: sum(c * x**power for power, c in enumerate(known.coefficients))
    scale, slope, shift = known.coefficients

    def wave(x: Any) -> Any:
        if type(x).__module__ == "torch":
            return scale * getattr(sys.modules["torch"], known.formula)(slope * x + shift)
        return scale * WAVES[known.formula](slope * x + shift)

    return wave


def _is_module(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def _distinct(module: Any) -> list[Any]:
    return list(dict.fromkeys(module.parameters()))


def _model(name: str, module: Any) -> Model:
    parameters = dict(module.named_parameters())
    shapes = tuple(tuple(parameter.shape) for parameter in parameters.values())
    trainable = sum(parameter.numel() for parameter in parameters.values() if parameter.requires_grad)
    return Model(Handle(name), name, type(module).__name__, tuple(parameters), shapes, trainable)


def _seen(name: str, value: object) -> Seen:
    kind = _kind(value)
    parameters = _parameters(value) if kind == "function" else ()
    shape = tuple(getattr(value, "shape", ())) if kind in ("array", "tensor") else ()
    members = tuple(survey.members(value)) if kind in ("class", "other") else ()
    return Seen(Handle(name), kind, type(value).__name__, parameters, shape, members)


def _kind(value: object) -> str:
    if isinstance(value, bool | int | float | complex | np.generic):
        return "number"
    if _is_module(value):
        return "module"
    if isinstance(value, type):
        return "class"
    if type(value).__module__ == "torch" and hasattr(value, "detach"):
        return "tensor"
    plain = {str: "text", list: "sequence", tuple: "sequence", dict: "mapping", np.ndarray: "array"}
    if type(value) in plain:
        return plain[type(value)]
    return "function" if inspect.isroutine(value) or isinstance(value, np.ufunc) else "other"


def _parameters(function: object) -> tuple[str, ...]:
    try:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL)]
    return tuple(
        "*" + p.name if p.kind is p.VAR_POSITIONAL else p.name + "=" * (p.default is not p.empty) for p in positional
    )
