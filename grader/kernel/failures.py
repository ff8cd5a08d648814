"""How the agent says that something could not be answered: the words of `grader.errors`, on this side of the wall."""

from __future__ import annotations

from typing import Any

from .sealed import seal

seal(globals())

TEXT = 2000
"""Characters of a message that cross."""


class Refusal(Exception):
    """The question cannot be answered; `answer` says why."""

    def __init__(self, failure: str, **details: Any) -> None:
        """Remember the kind of failure ('absent', 'raised' or 'unusable') and what goes with it."""
        super().__init__(failure)
        self.answer = {"ok": False, "failure": failure, **details}


def absent(looked_for: str, seen: tuple[str, ...] = ()) -> Refusal:
    """Return the refusal for a name that is not there, with the near ones that are."""
    return Refusal("absent", message=looked_for[:TEXT], seen=list(seen))


def unusable(sentence: str) -> Refusal:
    """Return the refusal for an answer that is not plain data or too large."""
    return Refusal("unusable", message=sentence[:TEXT])


def raised(error: BaseException, namespace: dict[str, Any]) -> Refusal:
    """Return the refusal for an exception of the student's code: class, message, and the last line of theirs."""
    return Refusal("raised", kind=kind_of(error), message=_message(error), line=_line(error, namespace))


def kind_of(thing: object) -> str:
    """Return the name of a thing's class, whatever the class says about itself."""
    name: str = _NAME(type(thing))
    return name[:200]


_NAME = type.__dict__["__name__"].__get__


def _message(error: BaseException) -> str:
    """Return an exception's message; a poisoned one has none."""
    try:
        return str.__str__(str(error))[:TEXT]
    except BaseException:  # noqa: BLE001 - the student's __str__ runs here, and may raise anything
        return ""


def _line(error: BaseException, namespace: dict[str, Any]) -> int | None:
    """Return the line at which the student's own code stood last, within its cell."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is namespace:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
