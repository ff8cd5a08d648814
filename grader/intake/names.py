"""Names: fit to be shown, fit to be a key, and who a file name says it is from.

A key is used as a folder of the results, in addresses of pages and in marks. So it is short plain ASCII, depends on the
name alone unless two names clean to the same key, and is different from every other key even where upper and lower
case are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePosixPath

_KEY_LENGTH = 60
_SHOWN_LENGTH = 100
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin|conout|clock)", re.IGNORECASE)
_WORK = r"(?:hw|homework|assignment|assign|ass|ps|pset|sheet|blatt)"
_PART = r"(?:p|prob|problem|q|question|part|task|ex|exercise|aufgabe|nr)"


def shown(name: str) -> str:
    """Return a name without control characters, broken encodings and excess length; keeps a file's ending."""
    whole = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    clean = "".join("�" if unicodedata.category(letter)[0] == "C" else letter for letter in whole).strip()
    if len(clean) <= _SHOWN_LENGTH:
        return clean or "�"
    return f"{clean[: _SHOWN_LENGTH - 30]}…{clean[-20:]}"


def relative(parts: Sequence[str]) -> str:
    """Return a path inside a submission from its parts, each fit to be shown and to be a file name."""
    safe = [shown(part).replace("/", "_").replace("\\", "_") for part in parts]
    return str(PurePosixPath(*("_" + part.strip(".") if part in (".", "..") else part for part in safe)))


def keys(names: Sequence[str]) -> tuple[str, ...]:
    """Return a key for each name, in their order, no two alike."""
    plain = [_plain(name) for name in names]
    crowd = Counter(key.casefold() for key in plain)
    wanted = [
        key if crowd[key.casefold()] == 1 or key == name else _with_digest(key, name)
        for key, name in zip(plain, names, strict=True)
    ]
    return _numbered(wanted)


def _plain(name: str) -> str:
    """Return the name in ASCII letters, digits, '-' and '_', with a digest where letters were lost."""
    letters = unicodedata.normalize("NFKD", name)
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    key = re.sub(r"[^A-Za-z0-9_]+", "-", letters).strip("-_")
    lost = any(ord(letter) > 127 for letter in letters) or len(key) > _KEY_LENGTH or not key
    return _with_digest(key, name) if lost or _RESERVED.fullmatch(key) else key


def _with_digest(key: str, name: str) -> str:
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{key[: _KEY_LENGTH - 9].rstrip('-_') or 'student'}-{digest}"


def _numbered(wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the keys with '-2', '-3' … where two are still alike (the same name twice, or differing in case)."""
    taken: set[str] = set()
    unique = []
    for key in wanted:
        candidate, count = key, 1
        while candidate.casefold() in taken:
            count += 1
            candidate = f"{key}-{count}"
        taken.add(candidate.casefold())
        unique.append(candidate)
    return tuple(unique)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key under which p2 comes before p10."""
    pieces = re.findall(r"[0-9]{1,18}|[^0-9]+|[0-9]+", name.casefold())
    return tuple((0, int(piece), "") if piece.isascii() and piece.isdigit() else (1, 0, piece) for piece in pieces)


def student_part(stem: str) -> tuple[str, str]:
    """Return whom a file's name says it is from, and which part of the homework it is: 'ada-hw3-2' is ('ada', '2').

    The second is '' where no part is named. Nothing is guessed from a bare number: 'team_2' is team 2.
    """
    tokens = [token for token in re.split(r"[\s_.\-()]+", stem) if token]
    who: list[str] = []
    part: list[str] = []
    expects_number = ""
    for token in tokens:
        low = token.casefold()
        numbered_part = re.fullmatch(rf"{_PART}(\d{{1,2}}[a-z]?)", low)
        if expects_number and re.fullmatch(r"\d{1,2}[a-z]?", low):
            part.extend([low] if expects_number == "part" else [])
            expects_number = "part" if expects_number == "work" else ""
        elif numbered_part:
            part.append(numbered_part[1])
            expects_number = ""
        elif re.fullmatch(_PART, low) or re.fullmatch(rf"{_WORK}\d{{1,2}}", low):
            expects_number = "part"
        elif re.fullmatch(_WORK, low):
            expects_number = "work"
        else:
            who.append(token)
            expects_number = ""
    return "_".join(who), "-".join(part)
