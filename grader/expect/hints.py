"""What to try where an answer is no array of the right form: by what came back instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.closeness import Difference
from grader.student import Opaque

PLAIN = "Return an array of real numbers, or a list of them."
_BY_KIND = {
    "generator": "A generator gives its numbers one by one: return `list(…)` of it, or an array.",
    "set": "A set has no order: return a list or an array.",
    "function": "A function came back, not its value: is it still to be called?",
    "bytes": "Return numbers, not text or bytes.",
}


def of_form(difference: Difference, value: object, returns: Sequence[str] = ()) -> str:
    """Return what to try for an answer whose type, shape or dtype is not what was asked for."""
    if isinstance(value, Opaque):
        return _of_opaque(value.kind)
    if isinstance(value, str):
        return "Return numbers, not text."
    if difference.kind == "dtype" and _complex(value):
        return "Return real numbers; where the imaginary part is 0, take the real part."
    if difference.what == "parts" or (difference.wanted and difference.kind == "type"):
        return _parts(int(difference.wanted[0]), returns)
    if isinstance(value, dict):
        return "Return the numbers themselves, not a dictionary."
    if difference.kind == "shape" and not difference.wanted:
        return "Return one number."
    if difference.kind == "shape" and not difference.shape:
        return "An array is asked for, and one number came back: was something summed?"
    if difference.kind == "shape" and len(difference.shape) == 1 and difference.shape[0] in difference.wanted[:2]:
        return "One row or column came back where several are asked for: return all of them, as an array or a list."
    return "Compare the shape of the answer with that of the arguments." if difference.kind == "shape" else PLAIN


def _of_opaque(kind: str) -> str:
    if kind.startswith("Tensor on "):
        return "Move the tensor to the CPU with `.cpu()`; one on the device 'meta' has a shape, but no numbers."
    return _BY_KIND.get(kind, PLAIN)


def _complex(value: object) -> bool:
    return isinstance(value, complex) or (isinstance(value, np.ndarray) and value.dtype.kind == "c")


def _parts(count: int, returns: Sequence[str]) -> str:
    named = f": `return {', '.join(returns)}`" if len(returns) == count else ""
    return f"Return {count} things, separated by commas{named}." if count != 1 else "Return a list of one thing."
