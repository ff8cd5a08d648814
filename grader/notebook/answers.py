"""Written answers: which text of a submission answers which problem.

Text cells are read from the top, and text belongs to the last label above it (`labels`), over cells of code as well. A
cell's own tag is a label too. Where no text cell answers a problem, comments and strings in code are read the same way.
What was found, and how, is shown to the person who marks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from grader.assignment import Problem
from grader.notebook.comments import named_strings, passages
from grader.notebook.document import Document
from grader.notebook.labels import RANKS, Label, Line, label
from grader.records import WrittenAnswer

_LONGEST = 100_000
"""Characters kept of one answer."""
_TITLE = 60
"""Characters of a heading after its label; more than a title has, so it is the answer."""
_STEP = 80
"""Characters of a comment that numbers a step of the program ('2) train'); a longer one may number a problem."""
_PLACEHOLDER = re.compile(
    r"[\W_]*(?:todo|tbd|(?:(?:double.?click|type|write|put|enter|insert|fill in|add|your)\b.{0,40})?"
    r"\byour (?:written )?(?:answer|solution|proof|comment|text|explanation)s?(?: goes)?(?: here)?)?[\W_]*",
    re.IGNORECASE | re.DOTALL,
)
_HOW = {
    "tag": "by the tag {}",
    "marker": "by the marker {}",
    "heading": 'by the heading "{}"',
    "number": 'by the number "{}"',
    "comment": 'by the comment "{}"',
}


@dataclass
class _Passage:
    """Text under one label, while it is being gathered."""

    label: Label
    file: str
    lines: list[str] = field(default_factory=list)
    code: bool = False
    """Whether it stands in comments or in strings."""

    @property
    def text(self) -> str:
        """The text without its title, or the title where that is all and long enough to be an answer."""
        body = "\n".join(self.lines).strip()
        rest = self.label.rest
        if self.label.heading and (body or len(rest) < _TITLE):
            return body
        return f"{rest}\n{body}".strip()


def written_answers(documents: Sequence[Document], problems: Sequence[Problem]) -> dict[str, WrittenAnswer]:
    """Return the written answers found, by problem id, for the problems that ask for one."""
    known = {problem.id.lower() for problem in problems}
    tags = {tag: problem.id.lower() for problem in problems for tag in _tags(problem)}
    found = [passage for document in documents for passage in _passages(document, known, tags)]
    answers = {problem.id: _answer(problem.id, found) for problem in problems if problem.answer}
    return {problem: answer for problem, answer in answers.items() if answer}


def _tags(problem: Problem) -> tuple[str, ...]:
    """Return what a cell may be tagged with to answer a problem."""
    starts = ("q", "p", "problem", "exercise", "question", "answer", "")
    return (_bare(problem.answer), *(f"{start}{problem.id.lower()}" for start in starts))


def _bare(tag: str) -> str:
    return re.sub(r"[\W_]", "", tag.lower())


def _passages(document: Document, known: Set[str], tags: dict[str, str]) -> Iterator[_Passage]:
    """Yield the labelled text of one document: of its text cells, then of its code."""
    yield from _under_labels(document, _text_lines(document, tags), known)
    for cell in document.cells:
        if cell.kind == "code":
            for name, text in named_strings(cell.source):
                if _bare(name) in tags:
                    yield _Passage(_tag_label(name, tags[_bare(name)], "comment"), document.name, [text], code=True)
    for passage in _under_labels(document, _code_lines(document, tags), known):
        yield replace(passage, code=True)


def _under_labels(document: Document, lines: Iterable[Line | Label], known: Set[str]) -> Iterator[_Passage]:
    """Yield what stands under each label; what stands above the first belongs to none."""
    passage: _Passage | None = None
    for line in lines:
        new = line if isinstance(line, Label) else label(line, passage.label if passage else None, known)
        if new and not (
            passage and passage.label.rank == "tag" and new.rank != "tag" and set(new.ids) & set(passage.label.ids)
        ):
            if passage:
                yield passage
            passage = _Passage(new, document.name)
        elif passage and isinstance(line, Line):
            passage.lines.append(line.text)
    if passage:
        yield passage


def _text_lines(document: Document, tags: dict[str, str]) -> Iterator[Line | Label]:
    for cell in document.cells:
        tag = next((tag for tag in cell.tags if _bare(tag) in tags), "")
        if cell.kind == "text":
            if tag:
                yield _tag_label(tag, tags[_bare(tag)], "tag")
            lines = cell.source.split("\n")
            started = next((place for place, line in enumerate(lines) if line.strip()), 0)
            yield from (Line(line, first=place == started) for place, line in enumerate(lines))
            yield Line("")


def _code_lines(document: Document, tags: dict[str, str]) -> Iterator[Line | Label]:
    for cell in document.cells:
        if cell.kind == "code":
            tag = next((tag for tag in cell.tags if _bare(tag) in tags), "")
            if tag:
                yield _tag_label(tag, tags[_bare(tag)], "tag")
            for block in passages(cell.source):
                told = len("".join(block)) > _STEP
                yield from (Line(line, first=told and not place, comment=True) for place, line in enumerate(block))


def _tag_label(tag: str, problem: str, rank: str) -> Label:
    number = problem.rstrip("abcdefghijklmnopqrstuvwxyz")
    return Label((problem,), number, problem[len(number) :], rank, tag, "")


def _answer(problem: str, found: Sequence[_Passage]) -> WrittenAnswer | None:
    """Return the answer under the surest labels that have text, those of this part before those of all parts."""
    mine = [
        passage
        for passage in found
        if problem.lower() in passage.label.ids and not _PLACEHOLDER.fullmatch(passage.text[:300])
    ]
    if not mine:
        return None
    best = min(_order(passage) for passage in mine)
    chosen = [passage for passage in mine if _order(passage) == best]
    text = "\n\n".join(passage.text for passage in chosen)
    how = _HOW[chosen[0].label.rank].format(chosen[0].label.words)
    shared = " (several parts together)" if best[0] else ""
    markdown = not all(passage.code for passage in chosen)
    return WrittenAnswer(problem, text[:_LONGEST], how + shared, chosen[0].file, markdown)


def _order(passage: _Passage) -> tuple[bool, int]:
    return len(passage.label.ids) > 1, RANKS.index(passage.label.rank)
