"""Finding the function for one scheme, where each scheme has a function of its own: `he_init(n_in, n_out)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.expect.search import CANDIDATES, Taken, bare
from grader.student import Seen, Student

SIZES = 2
"""Arguments of such a function: the numbers of inputs and of outputs."""
Answers = Callable[[Taken], bool]


@dataclass(frozen=True)
class Scheme:
    """What is looked for: a scheme's names, those of the others, and names that were given out for something else."""

    wanted: str
    words: Sequence[str]
    rivals: Sequence[str]
    others: frozenset[str]


def of_scheme(student: Student, scheme: Scheme, weights: Answers, lawful: Answers) -> Taken | None:
    """Return the function for a scheme, or None.

    First those whose draws are `lawful`: if the name has a part that means the scheme, or none that means another. Then
    one whose name says so and that makes `weights` at all, since what it makes is then this scheme's wrong answer.
    """
    given = {bare(name) for name in scheme.others}
    seen = [each for each in student.survey() if _fits(each) and bare(each.handle.name) not in given]
    named = [each for each in seen if _speaks(each, scheme.words)]
    unnamed = [each for each in seen if not _speaks(each, (*scheme.words, *scheme.rivals))]
    for candidates, right, why in (
        (named, lawful, "its name has the scheme"),
        (unnamed, lawful, "its draws are the rule's"),
        (named, weights, "its name has the scheme"),
    ):
        for each in reversed(candidates[-CANDIDATES:]):
            title = each.handle.name
            taken = Taken(each.handle, title, each.parameters, f"Looked for `{scheme.wanted}`, took `{title}`: {why}.")
            if right(taken):
                return taken
    return None


def _speaks(seen: Seen, words: Sequence[str]) -> bool:
    return any(speaks_of(seen.handle.name, word) for word in words)


def speaks_of(name: str, word: str) -> bool:
    """Tell whether a word is a part of a name: 'he' of 'he_init' and 'initHe', not of 'the_init'."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    wanted = re.findall(r"[a-z]+", word)
    low = [part.casefold() for part in parts]
    return any(low[at : at + len(wanted)] == wanted for at in range(len(low)))


def _fits(seen: Seen) -> bool:
    """Tell whether a function can be called with two numbers."""
    if seen.kind != "function":
        return False
    needed = [name for name in seen.parameters if name[-1] != "=" and name[0] != "*"]
    open_ended = any(name[0] == "*" for name in seen.parameters)
    return len(needed) <= SIZES and (open_ended or len(seen.parameters) >= SIZES)
