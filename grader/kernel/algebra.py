"""Numbers and matrices of SymPy's and mpmath's as plain ones, where they are no more than that.

Nothing is imported for it: what was not imported cannot have made an answer. An expression with a symbol left in it,
and a number that is not real, stay what they are.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .sealed import seal

seal(globals())

_NUMBERS = (("sympy", "Expr"), ("mpmath.ctx_mp_python", "mpnumeric"))
_TABLES = (("sympy", "MatrixBase"), ("sympy", "NDimArray"), ("mpmath.matrices.matrices", "_matrix"))


def plain(value: Any) -> float | np.ndarray[Any, Any] | None:
    """Return the number that a value is, or the array of numbers, in double precision; None if it is neither."""
    try:
        if _is_one_of(_TABLES, value):  # first, for some matrices of SymPy's are expressions, too
            return np.array(value.tolist(), dtype=np.float64)
        return float(value) if _is_one_of(_NUMBERS, value) else None
    except Exception:  # noqa: BLE001 - a symbol has no value, and a library of the student's may raise anything
        return None


def _is_one_of(classes: tuple[tuple[str, str], ...], value: Any) -> bool:
    """Tell whether a value is of one of these classes, each told by its module and its name."""
    modules = ((sys.modules.get(module), name) for module, name in classes)
    known = [getattr(module, name, None) for module, name in modules if module is not None]
    return any(each is other for each in type.mro(type(value)) for other in known)
