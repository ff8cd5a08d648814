"""A student made of one function of ours, to find out what a law would say of a known mistake."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from grader.errors import Absent, Raised
from grader.expect.curves import here
from grader.records import FileRun
from grader.student import Handle, Model, Reply, Seen, Student, Tensor


class Impostor:
    """Answers as `answer` does wherever a function of that many arguments is asked for, and has nothing else."""

    def __init__(self, student: Student, answer: Callable[..., Any]) -> None:
        """Stand in for `student`: the same names, with one function behind all of them."""
        self._student, self._answer = student, answer
        self._parameters = tuple(inspect.signature(answer).parameters)
        self.asked = False
        """Whether the function has been called: what is said without that is said of the student."""

    @property
    def files(self) -> tuple[FileRun, ...]:
        """Return the student's files."""
        return self._student.files

    def survey(self) -> tuple[Seen, ...]:
        """Return the student's names; every function has the parameters of the answer."""
        return tuple(replace(each, parameters=self._parameters) for each in self._student.survey())

    def models(self) -> tuple[Model, ...]:
        """Return none."""
        return ()

    def get(self, what: str | Handle) -> NoReturn:
        """Raise `Absent`."""
        raise Absent(what if isinstance(what, str) else what.name)

    def call(self, what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Any:
        """Return what the answer gives, as arrays and tuples."""
        return self.reply(what, *arguments, seed=seed, **keywords).value

    def reply(self, _what: str | Handle, /, *arguments: object, seed: int | None = None, **keywords: object) -> Reply:
        """Return what the answer gives; what it raises counts as the student's. It draws nothing: no `seed` matters."""
        del seed
        self.asked = True
        handed = [_array(here(each)) for each in arguments]
        try:
            with np.errstate(all="ignore"):
                return Reply(self._answer(*handed, **{name: _array(here(each)) for name, each in keywords.items()}))
        except (ArithmeticError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise Raised(type(error).__name__, str(error)) from None

    def arrays(self) -> tuple[Seen, ...]:
        """Return none."""
        return ()

    def earlier(self, what: Handle, place: int) -> NoReturn:  # noqa: ARG002
        """Raise `Absent`."""
        raise Absent(what.name)

    def fill(self, what: Handle, seed: int, spread: float) -> NoReturn:  # noqa: ARG002
        """Raise `Absent`."""
        raise Absent(what.name)

    def changes(self, what: Handle) -> NoReturn:
        """Raise `Absent`."""
        raise Absent(what.name)

    def move(self, what: Handle, along: Sequence[NDArray[np.float64]], by: float) -> None:  # noqa: ARG002
        """Raise `Absent`."""
        raise Absent(what.name)

    def parameters(self, model: Handle) -> tuple[NDArray[np.float64], ...]:
        """Raise `Absent`."""
        raise Absent(model.name)


def _array(argument: Any) -> Any:
    if isinstance(argument, (list, tuple)):
        return type(argument)(_array(each) for each in argument)
    return argument.array if isinstance(argument, Tensor) else argument
