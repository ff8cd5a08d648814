r"""Numbers as people write them: 4353, 4,353, 4353.0, 1/4, 0.25, \frac{1}{4}, 4{,}353."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

from grader.closeness import numbers
from grader.observed import FloatArray

LONGEST = 200_000
"""Characters of one text that are read."""
FRACTION = re.compile(r"\\[dt]?frac\s*\{?\s*(\d{1,9})\s*\}?\s*\{?\s*(\d{1,9})\s*\}?")
SLASH = re.compile(r"(?<![\w./])(\d{1,9})\s?/\s?(\d{1,9})(?![\w./])")
GROUPED = re.compile(r"(?<=\d)(?:\{,\}|\\,|[,_'\u2009\u202f\u00a0])(?=\d{3}(?!\d))")
POINTED = re.compile(r"(?<![\w.,])\d{1,3}(?:[. ]\d{3})+(?![\w])(?!\.\d)")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d{1,30}(?:\.\d{0,30})?(?:[eE][-+]?\d{1,3})?(?![\w])")


def numerals(text: str) -> tuple[float, ...]:
    """Return the numbers in a text, in order; '4.353' and '4 353' are also read as 4353."""
    text = GROUPED.sub("", text[:LONGEST])
    grouped = [float(re.sub(r"[. ]", "", found.group())) for found in POINTED.finditer(text)]
    text = SLASH.sub(_quotient, FRACTION.sub(_quotient, text))
    return (*(float(found.group()) for found in NUMBER.finditer(text)), *grouped)


def _quotient(found: re.Match[str]) -> str:
    above, below = int(found.group(1)), int(found.group(2))
    return f" {float(Fraction(above, below))!r} " if below else " "


def plain_number(value: object) -> float | None:
    """Return a value as the one number it is, or None: also an array of one entry, and text that is just a number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        found = numerals(value) if len(value) < 80 else ()
        return found[0] if len(found) == 1 else None
    if isinstance(value, np.ndarray):
        return float(value.item()) if value.size == 1 and value.dtype.kind in "iuf" else None
    return _float(value) if isinstance(value, (int, float, np.generic)) else None


def plain_array(value: object) -> FloatArray | None:
    """Return numbers in any arrangement of lists and arrays as one array, or None."""
    fit = numbers(value)
    return fit.astype(np.float64) if isinstance(fit, np.ndarray) and fit.dtype.kind in "iuf" else None


def _float(value: int | float | np.generic) -> float | None:
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError):
        return None
