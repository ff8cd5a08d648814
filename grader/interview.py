"""One check's questions, put to whichever of a submission's files knows the answer: the `Student` that checks hold.

Where the answers come from (a live kernel, a recording) is the business of `grader.conversation`; here a question is
phrased, the right file is found, and the answer is judged: a value of ours, or a `StudentFailure`. A name is looked up
in every file, and the first that has it answers; a `Handle` says which file it means. A file whose kernel has died is
passed over, and is the reason given only if no other file knows the name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader import wire
from grader.errors import Absent, NotAsked, Raised, StudentFailure, TooSlow, Unusable
from grader.records import FileRun
from grader.student import Changes, Handle, Model, Reply, Seen, Value

Answer: TypeAlias = tuple[Any, tuple[bytes, ...]]
"""Header and buffers, unchecked."""
AskFile: TypeAlias = Callable[[int, Mapping[str, Any], Sequence[bytes]], Answer]
Found = TypeVar("Found")
ANSWER = "The answer"
_MALFORMED = "The answer is malformed."


class Interview:
    """Implements `grader.student.Student` over any line that answers questions."""

    def __init__(self, files: Sequence[FileRun], ask: AskFile) -> None:
        """Put questions through `ask(file, question, buffers)`."""
        self._files = tuple(files)
        self._ask_file = ask

    @property
    def files(self) -> tuple[FileRun, ...]:
        """What running each file produced."""
        return self._files

    def survey(self) -> tuple[Seen, ...]:
        """Return the student's global names, over all files that still answer."""
        return self._over_files({"op": "survey"}, "names", _seen)

    def models(self) -> tuple[Model, ...]:
        """Return the models found, over all files that still answer."""
        return self._over_files({"op": "models"}, "models", _model)

    def get(self, what: str | Handle) -> Value:
        """Return a global's value; 'model.l1.weight' and 'weights[0]' reach into it."""
        try:
            return _value(self._first(_file((what,)), {"op": "get", "what": _name(what)}, ()), "value")
        except Unusable as unusable:
            raise _named(unusable, _name(what)) from None

    def call(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Value:
        """Return what a function or model answers to these arguments."""
        return self._call(what, arguments, keywords, seed, echo=False).value

    def reply(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Reply:
        """As `call`, with the arguments after the call and what was printed."""
        return self._call(what, arguments, keywords, seed, echo=True)

    def parameters(self, model: Handle) -> tuple[NDArray[np.float64], ...]:
        """Return a model's distinct parameters now, in the order of `Model.shapes`."""
        header, buffers = self._first(model.file, {"op": "parameters", "what": model.name}, ())
        return _arrays(header, buffers)

    def arrays(self) -> tuple[Seen, ...]:
        """Return the arrays, tensors and tables of numbers under global names, over all files that still answer."""
        return self._over_files({"op": "arrays"}, "names", _seen)

    def earlier(self, what: Handle, place: int) -> tuple[NDArray[np.float64] | None, int]:
        """Return one of the first states of an array as the file was run, and how many there are."""
        answer = self._first(what.file, {"op": "earlier", "what": what.name, "place": place}, ())
        told = _value(answer, "value")
        if not isinstance(told, dict) or type(told.get("count")) is not int:
            raise Unusable(_MALFORMED)
        state, count = told.get("state"), told["count"]
        return (np.asarray(state, dtype=np.float64) if _is_numbers(state) else None), count

    def fill(self, what: Handle, seed: int, spread: float) -> bool:
        """Fill an array with scattered numbers; return whether it holds them exactly."""
        question = {"op": "fill", "what": what.name, "seed": seed, "spread": float(spread)}
        header, _ = self._first(what.file, question, ())
        return header.get("exact") is True

    def changes(self, what: Handle) -> Changes:
        """Return what has changed in an array since it was filled or last asked about."""
        header, buffers = self._first(what.file, {"op": "changes", "what": what.name}, ())
        shape = _shape(header.get("shape"))
        told = _arrays({"values": [header.get("places"), header.get("now")]}, buffers)
        if len(told) != 2 or told[0].shape != told[1].shape or told[0].ndim != 1:
            raise Unusable(_MALFORMED)
        places = told[0].astype(np.int64)
        if len(places) and not 0 <= places.min() <= places.max() < math.prod(shape):
            raise Unusable(_MALFORMED)
        return Changes(shape, places, told[1])

    def move(self, what: Handle, along: Sequence[NDArray[np.float64]], by: float) -> None:
        """Add `by` times the outer product of `along` to an array in place."""
        node, buffers = wire.encode(list(along))
        self._first(what.file, {"op": "move", "what": what.name, "along": node["v"], "by": float(by)}, buffers)

    def _call(
        self,
        what: str | Handle,
        arguments: Sequence[object],
        keywords: Mapping[str, object],
        seed: int | None,
        *,
        echo: bool,
    ) -> Reply:
        """Return the reply to one call."""
        node, buffers = wire.encode([list(arguments), dict(keywords)])
        positional, named = node["v"][0]["v"], dict(node["v"][1]["v"])
        question = {"op": "call", "what": _name(what), "arguments": positional, "keywords": named}
        where = _file((what, *arguments, *keywords.values()))
        try:
            return _reply(self._first(where, {**question, "seed": seed, "echo": echo}, buffers))
        except Unusable as unusable:
            raise _named(unusable, _name(what)) from None

    def _first(self, where: int | None, question: Mapping[str, Any], buffers: Sequence[bytes]) -> Answer:
        """Return the answer of the file `where`, or of the first file that has what is asked for."""
        failures: list[StudentFailure] = []
        for file in range(len(self._files)) if where is None else [where]:
            answer = self._ask_file(file, question, buffers)
            failure = _failure(answer[0])
            if failure is None:
                return answer
            if answer[0].get("failure") not in ("absent", "lost"):
                raise failure
            failures.append(failure)
        raise _worst(failures, str(question["what"]))

    def _over_files(
        self, question: Mapping[str, Any], part: str, read: Callable[[Any, int], Found]
    ) -> tuple[Found, ...]:
        """Return what all files tell, and the failure of one only if all have failed."""
        found: list[Found] = []
        failures: list[StudentFailure] = []
        for file in range(len(self._files)):
            header, _ = self._ask_file(file, question, ())
            failure = _failure(header)
            if failure is not None:
                failures.append(failure)
            else:
                found += [read(item, file) for item in _list(header.get(part))[:5000]]
        if failures and len(failures) == len(self._files):
            raise failures[0]
        return tuple(found)


def _file(things: Sequence[object]) -> int | None:
    """Return the file that the first handle among `things` lives in; None without one."""
    return next((thing.file for thing in things if isinstance(thing, Handle)), None)


def _name(what: str | Handle) -> str:
    """Return the name by which the kernel knows it."""
    return what.name if isinstance(what, Handle) else what


def _worst(failures: Sequence[StudentFailure], looked_for: str) -> StudentFailure:
    """Return the failure to report when no file answered: a lost kernel's, else that the name is nowhere."""
    near: dict[str, None] = {}
    for failure in failures:
        if not isinstance(failure, Absent):
            return failure
        near.update(dict.fromkeys(failure.seen))
    return Absent(looked_for, tuple(near))


def _named(unusable: Unusable, name: str) -> Unusable:
    """Return the same with the name of what was asked, as in 'The answer of `relu` is too large'."""
    message = str(unusable)
    told = f"The answer of `{name[:80]}`{message[len(ANSWER) :]}" if message.startswith(ANSWER + " ") else message
    large = any(words in message for words in ("too large", "too many", "too long"))
    return Unusable(told, unusable.hint or ("Return no more than what is asked for." if large else ""))


def _failure(header: Any) -> StudentFailure | None:
    """Return the failure that an answer reports, or None if it is an answer."""
    if not isinstance(header, dict) or not isinstance(header.get("ok"), bool):
        return Unusable(_MALFORMED)
    if header["ok"]:
        return None
    message, kind = _text(header.get("message")), header.get("failure")
    if kind == "spent":
        raise NotAsked(message)
    if kind == "absent":
        return Absent(message, tuple(_text(name) for name in _list(header.get("seen"))[:20]))
    if kind == "raised":
        line = header.get("line")
        return Raised(_text(header.get("kind")), message, line if type(line) is int else None)
    return TooSlow(message) if kind == "slow" else Unusable(message or _MALFORMED)


def _value(answer: Answer, part: str) -> Value:
    """Return the value in an answer."""
    return wire.decode(answer[0].get(part), answer[1])


def _arrays(header: Any, buffers: Sequence[bytes]) -> tuple[NDArray[np.float64], ...]:
    """Return the arrays of real numbers in an answer."""
    values = _value(({"value": {"t": "list", "v": header.get("values")}}, tuple(buffers)), "value")
    if not isinstance(values, list) or not all(_is_numbers(value) for value in values):
        raise Unusable(_MALFORMED)
    return tuple(np.asarray(value, dtype=np.float64) for value in values)


def _reply(answer: Answer) -> Reply:
    """Return the reply in an answer to a call; one budget for its value and its arguments."""
    header, buffers = answer
    nodes = [header.get("value"), *_list(header.get("arguments"))]
    values = wire.decode({"t": "tuple", "v": nodes}, buffers)
    if not isinstance(values, tuple):
        raise Unusable(_MALFORMED)
    return Reply(values[0], values[1:], _text(header.get("printed"), 50_000))


def _seen(item: Any, file: int) -> Seen:
    """Return one entry of a survey."""
    if not isinstance(item, dict):
        raise Unusable(_MALFORMED)
    parameters = tuple(_text(name) for name in _list(item.get("parameters")))
    name = Handle(_text(item.get("name")), file)
    members = tuple(_text(member) for member in _list(item.get("members", [])))
    return Seen(name, _text(item.get("kind")), _text(item.get("type")), parameters, _shape(item.get("shape")), members)


def _model(item: Any, file: int) -> Model:
    """Return one entry of a list of models."""
    if not isinstance(item, dict):
        raise Unusable(_MALFORMED)
    names = tuple(_text(name) for name in _list(item.get("names")))
    shapes = tuple(_shape(shape) for shape in _list(item.get("shapes")))
    trainable = item.get("trainable")
    if len(names) != len(shapes) or type(trainable) is not int:
        raise Unusable(_MALFORMED)
    handle = Handle(_text(item.get("handle")), file)
    return Model(handle, _text(item.get("name")), _text(item.get("type")), names, shapes, trainable)


def _text(text: Any, most: int = 2000) -> str:
    """Return a text that can be shown."""
    if not isinstance(text, str):
        raise Unusable(_MALFORMED)
    return text[:most].encode("utf-8", "replace").decode()


def _list(items: Any) -> list[Any]:
    """Return a list."""
    if not isinstance(items, list):
        raise Unusable(_MALFORMED)
    return items


def _shape(shape: Any) -> tuple[int, ...]:
    """Return a shape."""
    if not all(type(n) is int and 0 <= n < 1 << 40 for n in _list(shape)):
        raise Unusable(_MALFORMED)
    return tuple(shape[:32])


def _is_numbers(value: Value) -> bool:
    """Tell whether a value is an array of real numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
