"""Gradescope's export of all submissions: `submission_metadata.yml` beside one folder for each active submission.

Theory of operation. The metadata is YAML that Ruby wrote: keys are symbols (':submitters'), times are times, and the
whole `results.json` of every submission stands in it. It is read by a loader that knows text, lists and mappings and
nothing else: no tag makes an object, no number or date is guessed, no mapping is merged into another; an alias is the
same object again, so it takes no room however often it is named. Only a few places of the tree are looked at, each
bounded. Whatever is odd there costs a remark and not a submission: a folder that the metadata does not name is a
submission by its folder's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from grader.intake.folder import Listing
from grader.intake.hand import Hand, from_folder
from grader.intake.names import natural, shown
from grader.records import Account

METADATA = "submission_metadata.yml"
_MOST_BYTES = 1 << 30
_MOST_PEOPLE = 50
_DEEPEST = 200
_FOLDER = re.compile(r"submission_(\d{1,18})")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]+(\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?\s*(?:(Z|UTC)|([+-])(\d\d):?(\d\d)?)?", re.IGNORECASE
)


@dataclass(frozen=True)
class Entry:
    """What the metadata says of one submission."""

    accounts: tuple[Account, ...] = ()
    submitted_at: str = ""
    earlier: tuple[str, ...] = ()
    """Times of earlier submissions, '' where one is not told."""
    replaced: tuple[str, ...] = ()
    """Numbers of the earlier submissions."""
    remarks: tuple[str, ...] = ()
    extra_data: Mapping[str, object] = field(default_factory=dict)
    """What a result held for ourselves, numbers as text."""


def is_export(found: Listing) -> bool:
    """Return whether a folder is such an export."""
    return any(path.name == METADATA for path in found.files)


def hands(found: Listing, scratch: Path, remarks: list[str]) -> list[Hand]:
    """Return one hand for each active submission; `remarks` gets what belongs to none of them."""
    entries = _entries(next(path for path in found.files if path.name == METADATA), remarks)
    remarks += found.remarks
    remarks += [
        f"{shown(path.name)} belongs to no submission and is left out." for path in found.files if path.name != METADATA
    ]
    folders = {path.name: path for path in found.folders}
    replaced = {f"submission_{number}" for entry in entries.values() for number in entry.replaced} - set(entries)
    remarks += [f"{name} is an earlier submission and is left out." for name in sorted(replaced & set(folders))]
    names = sorted({*entries, *folders} - replaced, key=natural)
    return [_hand(name, entries.get(name), folders.get(name), scratch) for name in names]


def _hand(name: str, entry: Entry | None, folder: Path | None, scratch: Path) -> Hand:
    hand = from_folder(folder, scratch) if folder else Hand(name, remarks=(f"The export holds no files of {name}.",))
    if entry is None:
        return replace(hand, name=shown(name)).after(f"{METADATA} does not tell whose this is.")
    people = ", ".join(account.name or account.email or account.sid for account in entry.accounts)
    hand = replace(
        hand,
        name=people or shown(name),
        accounts=entry.accounts,
        submitted_at=entry.submitted_at,
        extra_data=entry.extra_data,
    )
    return replace(hand, remarks=(*hand.remarks, *entry.remarks, *_on_earlier(entry)))


def _on_earlier(entry: Entry) -> tuple[str, ...]:
    """Return a remark on earlier submissions, if there were any."""
    if not entry.earlier:
        return ()
    count, last = len(entry.earlier), max(entry.earlier)
    before = "An earlier submission" if count == 1 else f"{count} earlier submissions"
    when = f"{', ' if count == 1 else ', the last '}of {last}," if last else ""
    which = f" of {entry.submitted_at}" if entry.submitted_at else ""
    return (f"{before}{when} gave way to the active one{which}.",)


# ------------------------------------------------------------------------------------------------- the metadata


def _entries(path: Path, remarks: list[str]) -> dict[str, Entry]:
    """Return what the metadata says, by folder."""
    tree, complaint = _tree(path)
    if complaint:
        remarks.append(f"{METADATA} {complaint}; submissions are named by their folders.")
    named: dict[str, Entry] = {}
    for name, told in tree.items():
        if not isinstance(name, str) or not (match := _FOLDER.fullmatch(name)):
            remarks.append(f"{METADATA} holds {shown(str(name)[:200])!r}, which is no submission.")
        else:
            named[name] = _entry(match[1], told)
    return named


def _tree(path: Path) -> tuple[Mapping[Any, Any], str]:
    """Return the mapping in a file of metadata, and why there is none if so."""
    import yaml

    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}, f"is larger than {_MOST_BYTES >> 20} MB"
        tree = _loaded(path)
    except OSError as error:
        return {}, f"cannot be read ({error.strerror})"
    except (yaml.YAMLError, ValueError) as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        place = f"line {mark.line + 1}: " if mark else ""
        return {}, f"is not whole YAML ({shown(f'{place}{problem}'.splitlines()[0])})"
    return (tree, "") if isinstance(tree, dict) else ({}, "holds no submissions")


def _loaded(path: Path) -> object:
    """Return what a YAML file holds, as text, lists and mappings; raise YAMLError or ValueError if that is nothing.

    The loader in C recurses without looking and would overflow the stack: so the depth is measured before it is used.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    depth = 0
    with path.open("rb") as source:
        for event in yaml.parse(source, loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ValueError("nested too deeply")
        source.seek(0)
        return yaml.load(source, loader)


def _entry(number: str, told: object) -> Entry:
    """Return one submission's entry; each thing that is missing or odd is a remark."""
    people, earlier = _listed(told, "submitters"), _listed(told, "history")
    accounts = [_account(person, number) for person in people[:_MOST_PEOPLE]]
    known = tuple(account for account in accounts if account.name or account.email or account.sid)
    said, at = _text(told, "created_at"), time_of(_text(told, "created_at"))
    remarks = []
    if not known:
        remarks.append(f"{METADATA} names nobody for submission_{number}.")
    elif len(known) < len(people):
        remarks.append(f"{METADATA} names {len(people)} people for submission_{number}, {len(known)} of them readably.")
    if not at:
        remarks.append(f"{METADATA} tells no time for submission_{number}{f' ({shown(said)!r})' if said else ''}.")
    times = tuple(time_of(_text(one, "created_at")) for one in earlier)
    extra_data = _value(_value(told, "results"), "extra_data")
    kept = extra_data if isinstance(extra_data, dict) else {}
    return Entry(known, at, times, tuple(_text(one, "id") for one in earlier), tuple(remarks), kept)


def _account(person: object, number: str) -> Account:
    name, sid, email = (_text(person, key) for key in ("name", "sid", "email"))
    name, sid, email = (shown(text) if text else "" for text in (name, sid, email))
    return Account(name, sid, email, number, "gradescope")


def _value(told: object, key: str) -> object:
    """Return what stands under a key, be it written as a Ruby symbol or plainly; None if nothing does."""
    if not isinstance(told, dict):
        return None
    return told.get(f":{key}", told.get(key))


def _text(told: object, key: str) -> str:
    """Return the text under a key; '' for what is missing, empty, null or no text."""
    found = _value(told, key)
    text = found[:1000].strip() if isinstance(found, str) else ""
    return "" if text in ("~", "null") else text


def _listed(told: object, key: str) -> Sequence[object]:
    found = _value(told, key)
    return found if isinstance(found, list) else ()


def time_of(text: str) -> str:
    """Return a time as ISO 8601 in UTC, '' if it is none; without a zone it is UTC, as in YAML."""
    match = _TIME.fullmatch(text)
    if not match:
        return ""
    day, clock, fraction, _, sign, hours, minutes = match.groups()
    away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        there = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0').ljust(6, '0')}")
        return (there - away).replace(tzinfo=timezone.utc).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""
