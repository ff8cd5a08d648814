"""Whether an answer equals the truth, and if not, where it is furthest from it and what the error looks like.

Theory of operation. A truth is a *tree*: an array, or a tuple of trees. An answer is first brought into the truth's
form (`fitted`): its type, then its shape, then its dtype is looked at, and the first that cannot be reconciled is the
`Difference`. Layout is free where it carries no meaning: axes of length 1 come and go, lists are arrays, an array of
k rows is a sequence of k vectors. Then values are compared (`difference`): entries may differ by atol + rtol * |truth|;
a single-precision answer is never held to more than single precision. At last `relation` looks at all wrong answers
together and recognises the errors that everybody makes: a sign, a constant factor, a sum for a mean, a transpose.

The NaN law: NaN equals nothing but a NaN that the truth has at the same entry. An infinity equals only itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating]
Tree: TypeAlias = Union[Array, "tuple[Tree, ...]"]

SINGLE_RTOL = 1e-5
"""What a single-precision answer can be held to: about a hundred roundings."""
SINGLE_ATOL = 1e-6
"""Times the largest entry of the truth (at least 1): sums of large terms lose this much."""


@dataclass(frozen=True)
class Difference:
    """Why an answer is not the truth, at its worst entry."""

    kind: str
    """'type', 'shape', 'dtype' or 'value', the first that differs."""
    place: tuple[int, ...] = ()
    """Which part of a nested answer."""
    index: tuple[int, ...] = ()
    """Of the worst entry within that part."""
    expected: float | None = None
    got: float | None = None
    shape: tuple[int, ...] = ()
    """Of the answer, or its length where it is a sequence."""
    wanted: tuple[int, ...] = ()
    """Shape, or length, of the truth."""
    what: str = ""
    """What the answer is, in words, where type or dtype differ; 'parts' where a sequence has another length."""
    wrong: int = 0
    entries: int = 0
    excess: float = 0.0
    """Error in units of what is allowed there."""


@dataclass(frozen=True)
class Relation:
    """What a wrong answer has to do with the truth."""

    kind: str
    """'negated', 'factor', 'sum' (for a mean), 'mean' (for a sum) or 'transposed'."""
    factor: float = 1.0


# ---------------------------------------------------------------------------------------------- form


def tree(value: object) -> Tree:
    """Return a reference's value as a tree: sequences as tuples, everything else as a float array."""
    if isinstance(value, (list, tuple)):
        return tuple(tree(each) for each in value)
    return np.asarray(value, dtype=np.float64)


def fitted(truth: Tree, answer: object) -> Tree | Difference:
    """Return the answer in the truth's form, or the first way in which it cannot have it."""
    if isinstance(truth, tuple):
        return _fitted_parts(truth, answer)
    array = numbers(answer)
    if isinstance(array, Difference):
        return array
    if _without_ones(array.shape) != _without_ones(truth.shape):
        return Difference("shape", shape=array.shape, wanted=truth.shape)
    if array.dtype.kind == "b" and np.array_equal(np.unique(truth), (0, 1)):  # an indicator may answer True and False
        array = array.astype(np.float64)
    if array.dtype.kind not in "iuf":
        return Difference("dtype", what="truth values" if array.dtype.kind == "b" else f"{array.dtype} numbers")
    return _floating(array).reshape(truth.shape)


def _fitted_parts(truth: tuple[Tree, ...], answer: object) -> Tree | Difference:
    if not isinstance(answer, (list, tuple, np.ndarray)) or (isinstance(answer, np.ndarray) and not answer.ndim):
        return Difference("type", what=described(answer), wanted=(len(truth),))
    if len(answer) != len(truth):
        return Difference("shape", what="parts", shape=(len(answer),), wanted=(len(truth),))
    parts: list[Tree] = []
    for number, (wanted, given) in enumerate(zip(truth, answer, strict=True)):
        part = fitted(wanted, given)
        if isinstance(part, Difference):
            return replace(part, place=(number, *part.place))
        parts.append(part)
    return tuple(parts)


def numbers(answer: object) -> NDArray[np.generic] | Difference:
    """Return the answer as one array, if it is numbers in some arrangement."""
    if isinstance(answer, (bool, int, float, complex, np.ndarray, np.generic)):
        return _array(answer)
    if not isinstance(answer, (list, tuple)) or not answer:
        return Difference("type", what=described(answer))
    rows = [numbers(each) for each in answer]
    for number, row in enumerate(rows):
        if isinstance(row, Difference):
            return replace(row, place=(number, *row.place))
    arrays = [row for row in rows if not isinstance(row, Difference)]
    if len({_without_ones(row.shape) for row in arrays}) > 1:
        return Difference("type", what="a sequence of arrays of different shapes")
    return np.stack([row.reshape(arrays[0].shape) for row in arrays])


def _array(answer: object) -> NDArray[np.generic]:
    """Return numbers as an array; an integer that does not fit one is a float."""
    array = np.asarray(answer)
    return array if array.dtype.kind in "biufc" else np.asarray(_as_float(answer))


def _as_float(answer: object) -> float:
    try:
        return float(answer)  # type: ignore[arg-type]
    except (OverflowError, TypeError, ValueError):
        return float("inf")


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _floating(array: NDArray[np.generic]) -> Array:
    return array if array.dtype == np.float32 else array.astype(np.float64)  # type: ignore[return-value]


def described(answer: object) -> str:
    """Return what kind of thing an answer is, in words a student knows."""
    if answer is None:
        return "None"
    if isinstance(answer, str):
        return "text"
    if isinstance(answer, dict):
        return "a dictionary"
    if isinstance(answer, (list, tuple)):
        return f"a {type(answer).__name__} of length {len(answer)}"
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}" if answer.ndim else "a single number"
    return "a single number" if isinstance(answer, (bool, int, float, complex, np.generic)) else "not plain data"


# ---------------------------------------------------------------------------------------------- value


def difference(truth: Tree, answer: Tree, *, rtol: float, atol: float) -> Difference | None:
    """Return the worst entry of a fitted answer, or None if every entry is within atol + rtol * |truth|."""
    if isinstance(truth, tuple):
        return _worst_part(truth, answer, rtol, atol)
    assert isinstance(answer, np.ndarray)  # fitted to the truth's form before
    excess = _excess(truth, answer, *_tolerance(truth, answer, rtol, atol))
    if not excess.size or excess.max() <= 1:
        return None
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
    wrong = int((excess > 1).sum())
    found = Difference("value", index=index, wrong=wrong, entries=excess.size, excess=float(excess[index]))
    return replace(found, expected=float(truth[index]), got=float(answer[index]), wanted=truth.shape)


def _worst_part(truth: tuple[Tree, ...], answer: Tree, rtol: float, atol: float) -> Difference | None:
    worst: Difference | None = None
    for number, (wanted, given) in enumerate(zip(truth, answer, strict=True)):
        found = difference(wanted, given, rtol=rtol, atol=atol)
        if found and (worst is None or found.excess > worst.excess):
            worst = replace(found, place=(number, *found.place))
    return worst


def _tolerance(truth: Array, answer: Array, rtol: float, atol: float) -> tuple[float, float]:
    """Return what the answer is held to: never more than its own precision."""
    if not _single(answer):
        return rtol, atol
    finite = np.abs(truth[np.isfinite(truth)])
    scale = max(1.0, float(finite.max(initial=0.0)))
    return max(rtol, SINGLE_RTOL), max(atol, SINGLE_ATOL * scale)


def _single(answer: Array) -> bool:
    """Return whether these were single-precision numbers once; float(tensor) hides it from the dtype."""
    with np.errstate(over="ignore", invalid="ignore"):
        return answer.dtype == np.float32 or bool(
            np.array_equal(answer, answer.astype(np.float32).astype(np.float64), equal_nan=True)
        )


def _excess(truth: Array, answer: Array, rtol: float, atol: float) -> Array:
    """Return every entry's error in units of what is allowed there; infinite where NaN or infinity disagree."""
    with np.errstate(all="ignore"):
        error = np.abs(answer.astype(np.float64) - truth)
        units = np.where(error == 0, 0.0, error / (atol + rtol * np.abs(truth)))
    same = (np.isnan(truth) & np.isnan(answer)) | (truth == answer)
    both = np.isfinite(truth) & np.isfinite(answer)
    return np.where(same, 0.0, np.where(both, units, np.inf))


# ---------------------------------------------------------------------------------------------- relation


def leaves(value: Tree) -> tuple[Array, ...]:
    """Return the arrays of a tree, in order."""
    return tuple(leaf for each in value for leaf in leaves(each)) if isinstance(value, tuple) else (value,)


def relation(
    truths: Sequence[Tree], answers: Sequence[Tree], *, batches: Sequence[int] = (), rtol: float, atol: float
) -> Relation | None:
    """Return the one simple error that explains all answers; `batches` has the rows behind each mean."""
    expected = [np.concatenate([leaf.ravel() for leaf in leaves(each)]) for each in truths]
    got = [np.concatenate([leaf.ravel() for leaf in leaves(each)]).astype(np.float64) for each in answers]
    everything = np.concatenate(expected), np.concatenate(got)
    if not all(np.isfinite(each).all() for each in everything) or np.unique(everything[0][everything[0] != 0]).size < 2:
        return None
    for kind, power in (("sum", 1), ("mean", -1)) if len(batches) == len(expected) else ():
        scaled = np.concatenate([each * float(n) ** power for each, n in zip(expected, batches, strict=True)])
        if max(batches) > 1 and _close(scaled, everything[1], rtol, atol):
            return Relation(kind)
    if _transposed(truths, answers, rtol, atol):
        return Relation("transposed")
    return _factor(*everything, rtol, atol)


def _factor(expected: Array, got: Array, rtol: float, atol: float) -> Relation | None:
    factor = float(expected @ got / (expected @ expected))
    if abs(factor) < 1e-6 or abs(factor - 1) < 1e-3 or not _close(factor * expected, got, rtol, atol):
        return None
    return Relation("negated", -1.0) if abs(factor + 1) < 1e-3 else Relation("factor", factor)


def _transposed(truths: Sequence[Tree], answers: Sequence[Tree], rtol: float, atol: float) -> bool:
    pairs = [
        pair
        for truth, answer in zip(truths, answers, strict=True)
        for pair in zip(leaves(truth), leaves(answer), strict=True)
    ]
    square = [(truth, answer) for truth, answer in pairs if truth.ndim == 2 and truth.shape == truth.shape[::-1]]
    return bool(square) and all(
        _close(truth.T if truth.ndim == 2 and truth.shape == truth.shape[::-1] else truth, answer, rtol, atol)
        for truth, answer in pairs
    )


def _close(truth: Array, answer: Array, rtol: float, atol: float) -> bool:
    return difference(truth, answer, rtol=rtol, atol=atol) is None
