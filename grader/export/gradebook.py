"""A course's gradebook as its platform exported it, and whose row is whose."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import spreadsheet
from grader.errors import UsageError
from grader.export.grades import Entry
from grader.records import Account
from grader.report.text import line

Row = Mapping[str, str]


@dataclass(frozen=True)
class Gradebook:
    """A table with a header."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Person:
    """What a gradebook's row says of whom it is, '' or () for what it does not say."""

    number: str = ""
    names: tuple[str, ...] = ()
    """The name, in as many ways as the row writes it."""
    others: tuple[str, ...] = ()
    """Logins, e-mail addresses and numbers of the university: each is one person's."""


@dataclass(frozen=True)
class Matches:
    """Which submission fills which row."""

    found: Mapping[int, Entry]
    complaints: tuple[str, ...]
    """A sentence for each submission without a row, and for each row that two submissions want."""


def read(path: Path, needed: Sequence[str]) -> Gradebook:
    """Return a gradebook that has the `needed` columns. Raises UsageError."""
    lines = [line.cells for line in spreadsheet.read(path)]
    header = lines[0] if lines else ()
    if missing := [name for name in needed if name not in header]:
        raise UsageError(f"{path} has no column {missing[0]!r}: is it the gradebook as the platform exports it?")
    return Gradebook(header, tuple(dict(zip(header, (*row, *[""] * len(header)), strict=False)) for row in lines[1:]))


def matched(entries: Iterable[Entry], people: Sequence[Person], platform: str) -> Matches:
    """Return the rows of `people` that submissions fill; where there is any doubt a row is nobody's."""
    wanted: dict[int, list[Entry]] = defaultdict(list)
    complaints = []
    find = _finder(people, platform)
    for entry in entries:
        for account in entry.accounts or (Account(name=entry.name),):
            rows = find(account)
            if len(rows) == 1:
                wanted[rows.pop()].append(entry)
            else:
                who = line(account.name or account.email or account.number or entry.name, 80)
                complaints.append(
                    f"{who} ({entry.student}) fits {len(rows)} rows of the gradebook; none is filled."
                    if rows
                    else f"{who} ({entry.student}) fits no row of the gradebook."
                )
    for row, several in wanted.items():
        if len(several) > 1:
            students = " and ".join(entry.student for entry in several)
            who = line(next(iter(people[row].names), people[row].number), 80)
            complaints.append(f"{who} handed in as {students}; the row is not filled.")
    return Matches({row: found[0] for row, found in wanted.items() if len(found) == 1}, tuple(complaints))


def _finder(people: Sequence[Person], platform: str) -> Callable[[Account], set[int]]:
    """Return what finds the rows that an account may mean: those of the surest sign that any row bears."""
    by_number = _index((row, [person.number]) for row, person in enumerate(people))
    by_other = _index((row, map(str.casefold, person.others)) for row, person in enumerate(people))
    by_name = _index((row, _spellings(person.names)) for row, person in enumerate(people))

    def find(account: Account) -> set[int]:
        signs = [account.sid, account.email, account.name if not account.platform else ""]
        ways = (
            [by_number.get(account.number, set())] if account.platform == platform and account.number else [],
            [by_other.get(sign.casefold(), set()) for sign in signs if sign],
            [by_name.get(spelling, set()) for spelling in _spellings([account.name])],
        )
        return next((set[int]().union(*way) for way in ways if any(way)), set())

    return find


def _index(signs: Iterable[tuple[int, Iterable[str]]]) -> dict[str, set[int]]:
    index: dict[str, set[int]] = defaultdict(set)
    for row, theirs in signs:
        for sign in theirs:
            if sign:
                index[sign].add(row)
    return dict(index)


def _spellings(names: Iterable[str]) -> set[str]:
    """Return what is the same for 'Lovelace, Ada', 'Ada Lovelace' and Canvas's 'lovelaceada'."""
    found = set()
    for name in names:
        letters = unicodedata.normalize("NFKC", name).casefold()
        words = re.findall(r"\w+", letters.replace("_", " "))
        if words:
            found |= {" ".join(sorted(words)), "".join(words)}
    return found
