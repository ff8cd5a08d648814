"""Strict TOML: a file either is what its model says, or is refused in one line that says where and what was meant.

Theory of operation. `read` parses the file and has pydantic validate it without coercion and without unknown keys. Of
pydantic's list of complaints only the most telling one is kept (an unknown key explains the missing one beside it), and
it is said in the words of the file: the problem's id and the entry's place, the key, and the nearest known key.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from grader.errors import RubricError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Table(BaseModel):
    """A TOML table whose keys and types are all known."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


TableT = TypeVar("TableT", bound=Table)


def read(path: Path, model: type[TableT]) -> TableT:
    """Return the file at `path` as `model`; raise RubricError."""
    return checked(path, document(path), model)


def checked(path: Path, data: object, model: type[TableT]) -> TableT:
    """Return what stands in the file at `path`, or in a table of it, as `model`; raise RubricError."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _refusal(path, data, model, error) from None


def document(path: Path) -> dict[str, Any]:
    """Return the TOML file at `path`; raise RubricError where it cannot be read or parsed."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RubricError(path, "", f"cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise RubricError(path, f"byte {error.start}", "is not UTF-8 text.") from None
    except RecursionError:
        raise RubricError(path, "", "is nested too deeply.") from None
    except ValueError as error:  # TOMLDecodeError, and a number with more digits than Python converts
        several = re.search(r"Cannot declare \('(\w+)',\) twice", str(error))
        advice = f" If there may be several of it, each is written [[{several[1]}]]." if several else ""
        raise RubricError(path, "", f"is not valid TOML: {_one_line(error)}.{advice}") from None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, if any comes near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)), None)


def _refusal(path: Path, data: object, model: type[Table], error: ValidationError) -> RubricError:
    worst = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    location = worst["loc"]
    last = str(location[-1]) if location else ""
    if worst["type"] == "extra_forbidden":
        known = _model_at(model, location[:-1]).model_fields
        meant = next(_deeper(_model_at(model, location[:-1]), last), None) or nearest(last, known)
        return RubricError(path, _place(data, location[:-1]), f"unknown key {last!r}.", meant)
    return RubricError(path, _place(data, location[:-1]), _sentence(last, worst))


def _sentence(key: str, worst: ErrorDetails) -> str:
    if worst["type"] == "missing":
        return f"the key {key!r} is missing."
    if worst["type"] == "list_type" and isinstance(worst["input"], dict):
        return f"{key}: there may be several, so each is written [[{key}]], in double brackets."
    said = _one_line(worst["msg"].removeprefix("Value error, "))
    shown = repr(worst["input"])
    given = f", not {shown}" if len(shown) <= 40 else ""
    return f"{key}: {said[:1].lower()}{said[1:]}{given}."


def _one_line(words: object) -> str:
    return re.sub(r"\s+", " ", str(words)).strip().rstrip(".")


def _place(data: Any, location: Sequence[int | str]) -> str:
    """Return 'problem 3a, check 2' for the location ('problem', 4, 'check', 1)."""
    words: list[str] = []
    for step in location:
        data = _inside(data, step)
        if isinstance(step, int) and words:
            words[-1] += f" {_label(data, step)}"
        else:
            words.append(str(step))
    return _one_line(", ".join(words))


def _inside(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _label(entry: Any, index: int) -> str:
    name = entry.get("id") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name.isalnum() else str(index + 1)


def _model_at(model: type[Table], location: Sequence[int | str]) -> type[Table]:
    for step in location:
        if isinstance(step, str):
            model = _table_in(model.model_fields[step].annotation)
    return model


def _deeper(model: type[Table], key: str) -> Iterator[str]:
    """Yield where a key is known in tables of this one: 'problem.check'."""
    for name, field in model.model_fields.items():
        for inner in _tables_in(field.annotation):
            if key in inner.model_fields:
                yield f"{name}.{key}"
            yield from (f"{name}.{place}" for place in _deeper(inner, key))


def _table_in(annotation: Any) -> type[Table]:
    return next(_tables_in(annotation))


def _tables_in(annotation: Any) -> Iterator[type[Table]]:
    candidates = (annotation, *get_args(annotation))
    return (one for one in candidates if isinstance(one, type) and issubclass(one, Table))
