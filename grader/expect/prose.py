"""The written answer to a claim's problem, read for formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.expect.expectation import Ask
from grader.expect.numerals import numerals
from grader.expect.said import Said, of_chain
from grader.formula import Point, Vocabulary, chains
from grader.student import Student

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z$])|\n\s*\n")

_HEADING = re.compile(r"^\s*#.*$", re.MULTILINE)
_MATHEMATICS = re.compile(r"[=$^\\²σ]")


@dataclass(frozen=True)
class Prose:
    """A written answer."""

    text: str
    place: str
    """'the written answer (by the heading "2a")'."""
    vocabulary: Vocabulary

    @property
    def where(self) -> str:
        """Return the place as a sentence starts with it."""
        return self.place[:1].upper() + self.place[1:]

    def said(self, points: Sequence[Point]) -> list[Said]:
        """Return the formulas in it, in order."""
        return [of_chain(each, points, self.where) for each in chains(self.text, self.vocabulary)]

    def about(self, words: Sequence[str], count: int) -> list[Said]:
        """Return the numbers in statements that hold one of these words."""
        told = [each for each in _SENTENCE.split(self.text) if any(word in each.casefold() for word in words)]
        found = [float(each) for statement in told for each in numerals(statement.replace("$", " "))]
        return [Said((((each,) * count,),), f"{each:g}", self.where) for each in found]


def prose(student: Student, ask: Ask, vocabulary: Vocabulary) -> Prose | None:
    """Return the written answer to the claim's problem, or all text if none is labelled and it may hold a formula."""
    mine = ask.answers.get(ask.problem)
    if mine is not None:
        return Prose(mine.text, f"the written answer ({mine.how})", vocabulary)
    if ask.answers:
        return None
    texts = [cell.source for file in student.files for cell in file.cells if cell.kind == "text"]
    text = "\n\n".join(texts)
    return Prose(text, "the text cells", vocabulary) if _may_hold_a_formula(text) else None


def _may_hold_a_formula(text: str) -> bool:
    """Return whether there is a sign of mathematics, or a number that is not part of a heading."""
    return bool(_MATHEMATICS.search(text) or re.search(r"\d", _HEADING.sub("", text)))
