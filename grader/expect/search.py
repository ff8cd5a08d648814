"""Finding a function of the student's: by name, by a name that differs in form, by behaviour, by signature.

Nothing is taken silently: unless the name is exactly the one asked for, `Taken.remark` says what was looked for and
what was taken. The order of questions depends on answers only, never on a tolerance, so that a recording replays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from grader.errors import Absent
from grader.student import Handle, Seen, Student

CALLABLE = ("function", "module", "other")
CANDIDATES = 12
"""How many functions under other names are tried out."""
ENTRY = "main"
"""What a program is called that is started: whatever it is handed, it may train for minutes, and it answers nothing."""


@dataclass(frozen=True)
class Taken:
    """The thing that will be called."""

    what: str | Handle
    title: str
    """As the student wrote it."""
    parameters: tuple[str, ...] = ()
    """As in `Seen.parameters`; empty if unknown."""
    remark: str = ""

    @property
    def needs(self) -> int:
        """Return how many positional arguments it cannot do without, as far as is known."""
        return sum(not name.endswith("=") and not name.startswith("*") for name in self.parameters)

    @property
    def capacity(self) -> int | None:
        """Return how many positional arguments it takes, or None if that is not known or not bounded."""
        if not self.parameters or any(name.startswith("*") for name in self.parameters):
            return None
        return len(self.parameters)


@dataclass(frozen=True)
class Wanted:
    """What is looked for."""

    names: tuple[str, ...]
    """The first is the one students were given."""
    parameters: tuple[str, ...]
    """Of the reference."""
    defaults: tuple[object, ...] = ()
    """Of the last of them."""
    others: frozenset[str] = frozenset()
    """Names that students were given for something else."""

    @property
    def required(self) -> int:
        """Return how many of them have no default."""
        return len(self.parameters) - len(self.defaults)

    def fits(self, seen: Seen) -> bool:
        """Return whether a call with the reference's arguments could succeed."""
        if not seen.parameters:  # unknown, unless it is written in Python: then there are none
            return seen.type_name != "function"
        if any(name.startswith("*") for name in seen.parameters):
            return True
        return _taken(seen).needs <= len(self.parameters) and len(seen.parameters) >= self.required

    def may_be(self, seen: Seen) -> bool:
        """Return whether what bears one of the names may be it: if not the name given out, the arguments decide."""
        return bare(seen.handle.name) == bare(self.names[0]) or self.fits(seen)

    def too_short(self, seen: Seen) -> bool:
        """Return whether it takes fewer arguments than it would be called with."""
        if not seen.parameters:
            return seen.type_name == "function"
        capacity = _taken(seen).capacity
        return capacity is not None and capacity < self.required


def search(student: Student, wanted: Wanted, behaves: Callable[[Taken], bool]) -> tuple[Taken, ...]:
    """Return what to call; several only if several files define the same name. Raises `Absent`."""
    everything = student.survey()
    seen = [each for each in everything if each.kind in CALLABLE]
    named = [each for each in seen if wanted.may_be(each)]
    found = _by_name(named, wanted) or _by_form(named, wanted) or _by_owner(everything, wanted)
    if found:
        return found
    taken = {ENTRY, *map(bare, wanted.others)}
    others = [
        each for each in seen if each.kind == "function" and bare(each.handle.name) not in taken and wanted.fits(each)
    ]
    found = _by_behaviour(others[-CANDIDATES:], wanted, behaves) or _by_signature(others, wanted)
    found = found or _by_form([each for each in seen if not wanted.too_short(each)], wanted)
    if found:
        return found
    raise Absent(f"a function `{wanted.names[0]}`", tuple(_near(wanted, everything)), wanted.names)


def near(names: Sequence[str], present: Sequence[str]) -> list[str]:
    """Return up to three present names that resemble one of the wanted ones."""
    close = [each for name in names for each in get_close_matches(name, present, n=3, cutoff=0.6)]
    return list(dict.fromkeys(close))[:3]


def _near(wanted: Wanted, seen: Sequence[Seen]) -> list[str]:
    """Return what resembles the wanted name, each with what it is; a class is not enough, an instance is needed."""
    kinds = {each.handle.name: each.kind for each in seen}
    forms = {bare(name) for name in wanted.names}
    same = [name for name in kinds if bare(name) in forms]
    close = list(dict.fromkeys([*same, *near(wanted.names, list(kinds))]))[:3]
    return [f"{kinds[name]} `{name}`" for name in close]


def bare(name: str) -> str:
    """Return a name without the things in which styles differ: case and underscores."""
    return re.sub(r"[\W_]", "", name).casefold()


def _by_name(seen: Sequence[Seen], wanted: Wanted) -> tuple[Taken, ...]:
    for name in wanted.names:
        found = [_taken(each) for each in seen if each.handle.name == name]
        if found:
            remark = "" if name == wanted.names[0] else _said(wanted, name, "another name for it")
            return tuple(replace(each, remark=remark) for each in found)
    return ()


def _by_form(seen: Sequence[Seen], wanted: Wanted) -> tuple[Taken, ...]:
    forms = {bare(name) for name in wanted.names}
    found = [each for each in seen if bare(each.handle.name) in forms]
    return tuple(_taken(each, _said(wanted, each.handle.name, "the same name in another form")) for each in found)


def _by_owner(seen: Sequence[Seen], wanted: Wanted) -> tuple[Taken, ...]:
    """Return a method of that name of some object or class of the student's."""
    path = member_path(seen, wanted.names)
    return (Taken(path, path, remark=_said(wanted, path, "a method of that name")),) if path else ()


def member_path(seen: Sequence[Seen], names: Sequence[str]) -> str:
    """Return 'Solution.relu', where the student put something under one of these names into an object or a class."""
    owners = [each for kind in ("other", "class") for each in seen if each.kind == kind]  # instances first
    found = (f"{owner.handle.name}.{name}" for owner in owners for name in names if name in owner.members)
    return next(found, "")


def _by_behaviour(seen: Sequence[Seen], wanted: Wanted, behaves: Callable[[Taken], bool]) -> tuple[Taken, ...]:
    for each in reversed(seen):
        taken = _taken(each, _said(wanted, each.handle.name, "it answers as asked at a first input"))
        if behaves(taken):
            return (taken,)
    return ()


def _by_signature(seen: Sequence[Seen], wanted: Wanted) -> tuple[Taken, ...]:
    """Return the only function with the same parameters, or the only one whose name contains the wanted one."""
    same = [each for each in seen if _stripped(each.parameters) == wanted.parameters[: len(each.parameters)]]
    if len(same) == 1 and len(same[0].parameters) > 1:
        return (_taken(same[0], _said(wanted, same[0].handle.name, "it has the same parameters")),)
    holding = [each for each in seen if any(bare(name) in bare(each.handle.name) for name in wanted.names)]
    if len(holding) == 1:
        return (_taken(holding[0], _said(wanted, holding[0].handle.name, "its name contains the other")),)
    return ()


def _stripped(parameters: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.rstrip("=") for name in parameters)


def _taken(seen: Seen, remark: str = "") -> Taken:
    return Taken(seen.handle, seen.handle.name, seen.parameters, remark)


def _said(wanted: Wanted, name: str, why: str) -> str:
    return f"Looked for `{wanted.names[0]}`, took `{name}`: {why}."
