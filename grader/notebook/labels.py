"""Which problem a line announces: 'Problem 3 (a)', '## 3a)', '**Aufgabe 5b:**', '<!-- q3a -->', '(b)'.

A label is a number with or without a part. A number alone is believed only in a heading, in bold or where a text cell
starts, since proofs number their steps too; a part alone only under a problem that has it, and only going forward.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

_WORDS = (
    r"(?:problems?|prob|exercises?|questions?|tasks?|answers?|solutions?|aufgaben?|fragen?|übung|uebung|lösung|antwort|"
    r"exercices?|réponse|ejercicio|pregunta|esercizio|domanda|ex|q|p)"
)
_PARTS = r"(?:part|item|teil|partie|parte)"
_LEAD = (
    r"(?:(?:answer|solution|proof|lösung|beweis)s?\s*(?:to|of|for|zu)?\s*[:.]?\s*)?"
    r"(?:(?:hw|homework|assignment|sheet|blatt|serie|ps|pset)\s*\.?\s*\d+\s*[,:.\-–—]?\s*)?"
)
_PART = rf"(?:\s*[.,:\-–—_]?\s*(?:{_PARTS}\s*)?(?:\(\s*(?P<round>[a-z])\s*\)|(?P<bare>[a-z])(?![\w'])))?"
_NAMED = re.compile(rf"{_LEAD}(?P<word>{_WORDS})\s*[.#\-_]?\s*(?P<number>\d{{1,2}})(?!\d|\.\d){_PART}", re.IGNORECASE)
_NUMBERED = re.compile(rf"\(?(?P<number>\d{{1,2}})(?!\d|\.\d){_PART}", re.IGNORECASE)
_PART_ALONE = re.compile(
    rf"{_PARTS}\s+\(?(?P<worded>[a-z])\b\)?|\(\s*(?P<round>[a-z])\s*\)|(?P<bare>[a-z])\s*[).]", re.IGNORECASE
)
_MARKER = re.compile(
    r"<!--[\s:_-]*(?:(?:begin|start|answer|problem|q|p)[\s:_-]*)*(?P<comment>\d{1,2}[a-z]?)\s*-->"
    r"|<a\s+(?:id|name)\s*=\s*[\"']?(?:q|p|problem|answer)[-_]?(?P<anchor>\d{1,2}[a-z]?)[\"']?\s*/?>(?:\s*</a>)?"
    r"|\[//\]:\s*#\s*[(\"']\s*(?:(?:answer|problem|q|p)[\s:_-]*)*(?P<link>\d{1,2}[a-z]?)\s*[)\"']",
    re.IGNORECASE,
)
_DECORATION = re.compile(
    r"\s{0,3}(?:>\s*)?(?P<heading>#{1,6}\s*|<h\d>)?(?P<bold>\*{1,3}|_{1,3}|<b>|<strong>|<u>)?\s*", re.I
)
_ANOTHER = re.compile(r"\s*(?:,|and|&|\+|und|/)\s*(\d{1,2})(?!\d)(?:\(?([a-z])\)?)?", re.IGNORECASE)
_SET_OFF = re.compile(r"\s*(?:[*_]*\s*$|[*_]*[:.)(\[\]\-–—,&/]|(?:and|und|part)\b)", re.IGNORECASE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LOOKED_AT = 300
"""Characters at the start of a line; no label is longer."""

RANKS = ("tag", "marker", "heading", "number", "comment")
"""How sure a label is, the surest first."""


@dataclass(frozen=True)
class Label:
    """What a line announces."""

    ids: tuple[str, ...]
    """Problems announced; every part of one where no part was named."""
    number: str
    part: str
    rank: str
    words: str
    """The label as written."""
    rest: str
    """What follows it on the line."""
    heading: bool = False
    """Whether the line is a heading, so that `rest` is a title."""


@dataclass(frozen=True)
class Line:
    """A line of text in which a label may stand."""

    text: str
    first: bool = False
    """Whether a text cell, or a longer comment, starts with it."""
    comment: bool = False
    """Whether it is a comment or a string in code."""


@dataclass(frozen=True)
class _Found:
    """A label's parts; `end` is where it ends in the text that was searched."""

    number: str
    part: str
    end: int
    rank: str = "heading"
    under: str = ""
    """The problem a part stands under, where only the part is written."""


def label(line: Line, above: Label | None, known: Set[str]) -> Label | None:
    """Return what a line announces among the `known` problem ids, given the label `above` it."""
    marker = _MARKER.search(line.text[:_LOOKED_AT])
    if marker:
        named = str(marker["comment"] or marker["anchor"] or marker["link"]).lower()
        found = _Found(named.rstrip(_LETTERS), named.lstrip("0123456789"), marker.end(), "marker")
        return _label(found, line.text, line, known, heading=False)
    decoration = _DECORATION.match(line.text)
    heading = bool(decoration and decoration["heading"])
    loud = heading or bool(decoration and decoration["bold"])
    body = line.text[decoration.end() :] if decoration else line.text
    start = body[:_LOOKED_AT]
    any_found = (
        _named(start, known, loud=loud or line.first)
        or _numbered(start, known, line, loud=loud, heading=heading)
        or _part_alone(start, known, above)
    )
    return _label(any_found, body, line, known, heading=heading) if any_found else None


def _named(start: str, known: Set[str], *, loud: bool) -> _Found | None:
    """Return a label like 'Problem 3 (a): …'; in running text it has to be set off by a mark."""
    match = _NAMED.match(start)
    if not match:
        return None
    part, end = _known_part(match, known)
    if not _SET_OFF.match(start, end) and (not loud or len(match["word"]) == 1):
        return None
    return _Found(match["number"], part, end)


def _numbered(start: str, known: Set[str], line: Line, *, loud: bool, heading: bool) -> _Found | None:
    """Return a label like '3a)' or '3.', where such a number is believed."""
    match = _NUMBERED.match(start)
    if not match or not any(_number(each) == match["number"] for each in known):
        return None
    part, end = _known_part(match, known)
    after = re.compile(r"\s*(?:[.):*_\]]|$)").match(start, end)
    title = heading and re.compile(r"\s+[A-ZÄÖÜ]").match(start, end)
    believed = bool(part) or loud or line.first
    return _Found(match["number"], part, end, "number") if believed and (after or title) else None


def _part_alone(start: str, known: Set[str], above: Label | None) -> _Found | None:
    """Return a label like '(b)' under a problem that has this part, if it comes after the part above."""
    match = _PART_ALONE.match(start)
    if not match or not above:
        return None
    part = str(match["worded"] or match["round"] or match["bare"]).lower()
    forward = part > above.part and above.number + part in known
    return _Found(above.number, part, match.end(), above.rank, f" of {above.number}") if forward else None


def _known_part(match: re.Match[str], known: Set[str]) -> tuple[str, int]:
    """Return the part named, if the problem has it, and where the label ends."""
    part = str(match["round"] or match["bare"] or "").lower()
    if part and match["number"] + part in known:
        return part, match.end("round") + 1 if match["round"] else match.end("bare")
    return "", match.end("number")


def _label(found: _Found, body: str, line: Line, known: Set[str], *, heading: bool) -> Label:
    rest = body[found.end :]
    ids = _ids(found.number, found.part, known)
    while another := _ANOTHER.match(rest):
        ids += _ids(another[1], (another[2] or "").lower(), known)
        rest = rest[another.end() :]
    words = body[: len(body) - len(rest)].strip(" *_#<>!-") + found.under
    rank = "comment" if line.comment and found.rank != "marker" else found.rank
    return Label(ids, found.number, found.part, rank, words, rest.lstrip(" \t*_:.)-–—").rstrip(" *_"), heading)


def _ids(number: str, part: str, known: Set[str]) -> tuple[str, ...]:
    """Return the problems meant: the part named, else all parts of the problem, else an unknown problem."""
    if part and number + part in known:
        return (number + part,)
    return tuple(sorted(each for each in known if _number(each) == number)) or (number,)


def _number(problem: str) -> str:
    return problem.rstrip(_LETTERS)
