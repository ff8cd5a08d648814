"""Words and numbers for people, and text that cannot play tricks.

Names, printed output and file names come from students. `plain` makes what cannot be seen visible and what reorders or
hides text harmless; the renderers pass everything they show through it.
"""

from __future__ import annotations

import re

_REORDERING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = "\u00ad\u180e\u200b\u2028\u2029\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_UNFIT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_REORDERING}{_INVISIBLE}\ud800-\udfff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")

REPLACEMENT = "\ufffd"


def plain(text: str) -> str:
    """Return `text` with control, reordering and invisible characters shown as signs that do nothing."""
    return _UNFIT.sub(_sign, text.replace("\r\n", "\n"))


def line(text: str, limit: int = 300) -> str:
    """Return `text` as one plain line of at most `limit` characters."""
    flat = _SPACES.sub(" ", plain(text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def encodable(text: str) -> str:
    """Return `text` unchanged but for lone surrogates, which no UTF-8 file can hold."""
    return _SURROGATES.sub(REPLACEMENT, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else REPLACEMENT


def number(value: float) -> str:
    """Return points as a person writes them: 2, 1.5, 0.333."""
    written = f"{round(value, 3):.3f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def counted(count: float, singular: str, plural: str = "") -> str:
    """Return a number with its noun: '1 point', '2.5 points'."""
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


def duration(seconds: float) -> str:
    """Return a span of time: '0.4 s', '12 s', '2 min 5 s', '1 h 4 min'."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(count: int) -> str:
    """Return bytes in the largest unit that fits: '312 MB'."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            value = count / scale
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{count} bytes"


def clipped(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, and say how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit:,} more characters"


def listed(words: list[str]) -> str:
    """Return 'a', 'a and b' or 'a, b and c'."""
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""
