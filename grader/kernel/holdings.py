"""The arrays a student keeps under global names: listed, changed in place, and remembered as they first stood.

Theory of operation. A network written by hand is some arrays that live wherever their author put them: in globals, in
lists and dictionaries, in attributes of objects and classes, in what a function closes over. `holdings` walks there
without running anything of the student's and names each by a path ('weights[0]', "params['W1']", 'net.layers[1].W').
`fill` and `move` change one in place, so that every other name for it sees the change; `Marks` tells what else has
changed since, in a few kilobytes where the whole would take hundreds. `Earlier` looks after every statement of a cell
and keeps the first few states of each array: training overwrites parameters, and how they were drawn can only be judged
before it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from .failures import kind_of, unusable
from .imports import captured
from .names import Names
from .parameters import attributes, is_module
from .sealed import seal
from .values import tensor_array

seal(globals())

LISTED, VISITED, DEPTH, ITEMS = 500, 1000, 5, 50
STATES, ENTRIES, KEPT = 3, 1 << 17, 24 << 20
"""States that are kept of an array, its greatest size, and bytes of all that is kept."""
OWN = "__main__"
"""The module of what a notebook defines."""
_PLAIN = (int, float)
_dictionary_of = type.__dict__["__dict__"].__get__
_KEY = re.compile(r"[^'\"]{1,60}")
_ATTRIBUTE = re.compile(r"[^\W\d]\w{0,60}")


def holdings(names: Names) -> Iterator[tuple[str, Any, tuple[int, ...]]]:
    """Yield (path, object, shape) of the arrays, tensors and tables of numbers under the student's names, each once."""
    seen: set[int] = set()
    for name, value in names.own():
        yield from _walk(name, value, 0, seen)


def _walk(path: str, value: Any, depth: int, seen: set[int]) -> Iterator[tuple[str, Any, tuple[int, ...]]]:
    """Yield what is at or below a path, each object once."""
    if id(value) in seen or len(seen) > VISITED:
        return
    shape = form(value)
    if shape is not None:
        seen.add(id(value))
        yield path, value, shape
        return
    steps = _steps(value) if depth < DEPTH else []
    if steps:
        seen.add(id(value))
    for step, item in steps:
        yield from _walk(path + step, item, depth + 1, seen)


def _steps(value: Any) -> list[tuple[str, Any]]:
    """Return the steps from a container, or an object of a class of the student's, to what it holds."""
    kind = type(value)
    if issubclass(kind, (list, tuple)):
        known = list if issubclass(kind, list) else tuple
        return [(f"[{place}]", item) for place, item in enumerate(known.__getitem__(value, slice(ITEMS)))]
    if issubclass(kind, np.ndarray):
        return [(f"[{place}]", item) for place, item in enumerate(_row(value))]
    if issubclass(kind, dict):
        return [(_entry(key), item) for key, item in list(dict.items(value))[:ITEMS] if _entry(key)]
    if kind is MethodType:
        return [(".__self__", value.__self__)]
    if is_module(value):
        return []
    own = list((_of_class(value) if issubclass(kind, type) else attributes(value)).items())[:ITEMS]
    steps = [(f".{name}", item) for name, item in own if type(name) is str and _ATTRIBUTE.fullmatch(name)]
    return [*_closed_over(value), *steps] if kind is FunctionType else steps


def _row(array: Any) -> list[Any]:
    """Return what a row of objects holds; nothing of any other array."""
    plain = np.ndarray.view(array, np.ndarray)
    return list(plain[:ITEMS]) if plain.dtype.kind == "O" and plain.ndim == 1 else []


def _closed_over(function: FunctionType) -> list[tuple[str, Any]]:
    """Return the steps from a function of the student's to the variables of the function around it."""
    found = []
    for place, cell in enumerate(function.__closure__ or () if function.__module__ == OWN else ()):
        with suppress(ValueError):  # a variable that has no value yet
            found.append((f".__closure__[{place}].cell_contents", cell.cell_contents))
    return found


def _of_class(kind: type) -> dict[str, Any]:
    """Return the attributes of a class of the student's; none of one that was imported."""
    own = dict(_dictionary_of(kind))
    return own if own.get("__module__") == OWN else {}


def _entry(key: Any) -> str:
    """Return the step to an entry of a mapping, or '' for one that no path can name."""
    if type(key) is int:
        return f"[{key}]"
    return f"['{key}']" if type(key) is str and _KEY.fullmatch(key) else ""


def form(value: Any) -> tuple[int, ...] | None:
    """Return the shape of an array, a tensor, or a list of numbers or of equally long lists of numbers; else None."""
    kind, torch = type(value), captured("torch")
    if issubclass(kind, np.ndarray):
        array = np.ndarray.view(value, np.ndarray)
        return array.shape if array.dtype.kind in "fiu" and array.ndim else None
    if torch is not None and issubclass(kind, torch._C.TensorBase):
        with torch._C.DisableTorchFunctionSubclass():
            size = tuple(int(n) for n in torch._C.TensorBase.size(value))
        return size or None
    return _table(value) if kind is list and value else None


def _table(rows: list[Any]) -> tuple[int, ...] | None:
    """Return the shape of a list of numbers, or of lists of them."""
    if type(rows[0]) in _PLAIN:
        return (len(rows),) if len(rows) <= ENTRIES and all(type(number) in _PLAIN for number in rows) else None
    if type(rows[0]) is not list or not 0 < len(rows) * len(rows[0]) <= ENTRIES:
        return None
    if not all(type(row) is list and len(row) == len(rows[0]) for row in rows):
        return None
    return (len(rows), len(rows[0])) if all(type(number) in _PLAIN for row in rows for number in row) else None


def listed(names: Names) -> list[dict[str, Any]]:
    """Return a description of each, in the words of `grader.student.Seen`."""
    told = []
    for path, value, shape in holdings(names):
        kind = "array" if issubclass(type(value), np.ndarray) else "sequence" if type(value) is list else "tensor"
        told.append({"name": path, "kind": kind, "type": kind_of(value), "parameters": [], "shape": list(shape)})
    return told[:LISTED]


def numbers(value: Any) -> np.ndarray[Any, Any]:
    """Return a copy of what stands in an array, a tensor or a table, in its own precision."""
    if issubclass(type(value), np.ndarray):
        return np.array(np.ndarray.view(value, np.ndarray))
    return np.array(value if type(value) is list else tensor_array(captured("torch"), value))


def fill(value: Any, seed: int, spread: float) -> bool:
    """Change what stands in an array, a tensor or a table to numbers scattered by a seed; a `Refusal` if it cannot be.

    Returns whether it holds these very numbers now: an array in single precision does not.
    """
    shape = form(value)
    if shape is None or np.prod(shape) > ENTRIES:
        raise unusable("It cannot be filled.")
    new = scattered(seed, spread, shape)
    put(value, new)
    return bool(np.array_equal(numbers(value), new))


def scattered(seed: int, spread: float, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return numbers in [-spread, spread), the same on every machine: the mirror of `grader.scatter`."""
    z = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    unit = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return np.asarray(spread * (2 * unit - 1)).reshape(shape)


def put(value: Any, new: Any) -> None:
    """Change what stands in an array, a tensor or a table to `new`; a `Refusal` if it cannot be, or shapes differ."""
    if form(value) is None or form(value) != form(new):
        raise unusable("It has another shape.")
    if issubclass(type(value), np.ndarray):
        _put_array(np.ndarray.view(value, np.ndarray), new)
    elif type(value) is list:
        _put_table(value, np.ndarray.tolist(new))
    else:
        _put_tensor(captured("torch"), value, new)


def _put_array(array: np.ndarray[Any, Any], new: Any) -> None:
    """Change an array, unless it is not to be written to or holds whole numbers."""
    if not array.flags.writeable or array.dtype.kind != "f":
        raise unusable("It is an array that cannot be changed." if array.dtype.kind == "f" else "It is not of floats.")
    array[...] = new


def _put_table(table: list[Any], new: list[Any]) -> None:
    """Change a list of numbers, or the lists in it."""
    for place, item in enumerate(new):
        if type(item) is list:
            table[place][:] = item
        else:
            table[place] = item


def _put_tensor(torch: Any, tensor: Any, new: Any) -> None:
    """Change a tensor behind autograd's back."""
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        torch._C.TensorBase.detach(tensor).copy_(torch.from_numpy(new))


def move(value: Any, along: Sequence[np.ndarray[Any, Any]], by: float) -> None:
    """Add `by` times the outer product of some vectors, one for each axis."""
    shape = form(value)
    if shape is None or shape != tuple(len(vector) for vector in along):
        raise unusable("It has another shape.")
    direction: Any = by
    for vector in along:
        direction = np.multiply.outer(direction, vector)
    put(value, numbers(value) + direction)


class Marks:
    """How arrays stood when they were last looked at."""

    def __init__(self) -> None:
        """Start without any."""
        self._marks: dict[str, np.ndarray[Any, Any]] = {}

    def set(self, path: str, value: Any) -> None:
        """Remember how an array stands."""
        self._marks[path] = numbers(value)

    def changes(self, path: str, value: Any) -> tuple[tuple[int, ...], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return an array's shape, the flat places at which it has changed, and what stands there; then remember it."""
        if form(value) is None:
            raise unusable("It is no array of numbers any more.")
        before, now = self._marks.get(path), numbers(value)
        self._marks[path] = now
        if before is None or before.shape != now.shape:
            return now.shape, np.arange(now.size), now.ravel()
        places = np.flatnonzero(~((before == now) | (np.isnan(before) & np.isnan(now))))
        return now.shape, places.astype(np.int32), now.ravel()[places]


class Earlier:
    """The first few states of every array that stood under a name of the student's at the end of a statement."""

    def __init__(self, names: Names) -> None:
        """Start before the first statement."""
        self._names = names
        self._states: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._left = KEPT

    def watch(self, shell: Any) -> None:
        """Look again after each statement that the shell runs. A student must never notice: failures are swallowed."""
        run = getattr(shell, "run_code", None)
        if run is None:
            return

        async def run_and_look(*arguments: Any, **keywords: Any) -> Any:
            failed = await run(*arguments, **keywords)
            try:
                self.look()
            except Exception:  # noqa: BLE001 - our defect must not become an error in the student's cell
                self._left = 0
            return failed

        shell.run_code = run_and_look

    def look(self) -> None:
        """Keep what is new, while there is room."""
        if self._left <= 0:
            return
        for path, value, shape in holdings(self._names):
            states = self._states.setdefault(path, [])
            if len(states) < STATES and np.prod(shape) <= ENTRIES:
                self._keep(states, numbers(value).astype(np.float32))

    def _keep(self, states: list[np.ndarray[Any, Any]], now: np.ndarray[Any, Any]) -> None:
        """Keep a state that differs from the last."""
        if not (states and np.array_equal(states[-1], now)) and now.nbytes <= self._left:
            states.append(now)
            self._left -= now.nbytes

    def of(self, path: str, place: int) -> dict[str, Any]:
        """Return how many states were kept of one, and one of them (in single precision), or None."""
        states = self._states.get(path, [])
        return {"count": len(states), "state": states[place] if 0 <= place < len(states) else None}
