"""`Text`: what the rules of a sheet ask of the writing: explanations beside the code, a word on help, typeset theory.

What it reads: text cells, comments and written answers, as they were handed in; nothing is asked of the kernel. How it
judges: only what is plainly there passes, only what is plainly absent is missing; in between a person looks. What is
written well is for people to say, so these claims are best worth nothing and shown as remarks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.expect.expectation import Ask, Expectation
from grader.expect.verdicts import missing, passed, pending
from grader.records import CellRun, FileRun, Verdict
from grader.student import Student

LONG_CODE = 6
"""Lines from which a cell of code is an answer that wants explaining."""
REACH = 2
"""How many cells away an explanation may stand."""
MOST_SHOWN = 6
"""Cells that are named."""
EXPLAINS = 8
"""Words of a text that explains something; a heading has fewer."""
READ = 20_000
"""Characters of each text in which mathematics is looked for."""
TYPESET = (".tex", ".typ")
"""Endings of files that can only be typeset."""
PAGES = (".pdf", ".docx", ".doc", ".odt", ".tex", ".typ", ".rtf", ".pages")
"""Endings of files in which answers are handed in that are not text of ours."""
_MATH = re.compile(
    r"\$(?=[^$\n]{0,500}?[\\^_=+*/<>\w])[^$\n]{1,500}\$|\$\$.{1,500}?\$\$|\\\(.{1,500}?\\\)|\\\[.{1,500}?\\\]"
    r"|\\begin\{(?:equation|align)",
    re.DOTALL,
)
"""Mathematics in LaTeX; what stands between its signs is bounded, since hostile text would be searched for hours."""
_PICTURE = re.compile(r"!\[[^\]]*\]\(|<img\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")


class Explained(Expectation):
    """Expects text near every longer cell of code."""

    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn
        """Return whether each longer cell of code of a notebook has text beside it."""
        cells = [(file, at) for file in student.files for at, cell in enumerate(file.cells) if _is_answer(cell)]
        if not cells:
            return missing("There is no code to explain.")
        every = [cell for file in student.files for cell in file.cells]
        if not any(_explains(cell.source) for cell in every if cell.kind == "text"):
            if any(_explains(" ".join(re.findall("#(.*)", cell.source))) for cell in every):
                return pending("There are comments in the code and no text cells; a person has to look.")
            return missing(
                "No text cell explains the code or its results.", "Say in text cells what the code does and shows."
            )
        bare = [f"{_cells(numbers)} of {file.name}" for file, numbers in _without_text(cells)]
        if bare:
            return pending(f"No text stands beside the code of {'; '.join(bare[:3])}; a person has to look.")
        return passed("Text stands beside every longer cell of code.")


class Mentions(Expectation):
    """Expects a sentence with one of these words in what was written."""

    def __init__(self, words: Sequence[str], what: str) -> None:
        """Declare the words, as regular expressions, and what they are about ('help and tools')."""
        super().__init__()
        self.words, self.what = re.compile("|".join(words), re.IGNORECASE), what

    def judge(self, student: Student, ask: Ask) -> Verdict:  # noqa: ARG002  # nothing is drawn
        """Return whether something is said of it, and quote it."""
        for sentence in _sentences(student):
            if self.words.search(sentence):
                return passed(f"It says of {self.what}: “{sentence.strip()[:160]}”")
        return missing(f"Nothing is said of {self.what}.", "Say so in a sentence, also where there was none.")


class Typeset(Expectation):
    """Expects that written answers are typeset: mathematics in LaTeX, no pictures of handwriting."""

    def judge(self, student: Student, ask: Ask) -> Verdict:
        """Return whether the mathematics is typeset; where that cannot be told, a person looks."""
        texts = [answer.text for answer in ask.answers.values()]
        texts += [cell.source for file in student.files for cell in file.cells if cell.kind == "text"]
        beside = [name for name in ask.beside if name.casefold().endswith(PAGES)]
        source = [name for name in beside if name.casefold().endswith(TYPESET)]
        if source:
            return passed(f"`{source[0]}` is typeset.")
        typeset = _MATH.search("\n".join(text[:READ] for text in texts)[: 20 * READ])
        if beside and not typeset:
            named = " and ".join(f"`{name}`" for name in beside[:2])
            return pending(f"{named} was handed in beside the code; a person sees whether it is typeset, not a scan.")
        if not any(text.strip() for text in texts):
            return pending("No typeset answers are among the files that were read; a person has to look.")
        if any(_PICTURE.search(text) for text in texts):
            return pending("Some answers are pictures; a person has to see whether they are handwritten.")
        if typeset:
            return passed("The mathematics is typeset.")
        return pending("The answers are plain text without typeset mathematics; a person has to look.")


def _without_text(cells: Sequence[tuple[FileRun, int]]) -> list[tuple[FileRun, list[int]]]:
    """Return the numbers of the cells that have no text beside them, by file."""
    found: dict[int, tuple[FileRun, list[int]]] = {}
    for file, at in cells:
        if not _beside(file, at):
            found.setdefault(id(file), (file, []))[1].append(file.cells[at].number)
    return list(found.values())


def _cells(numbers: Sequence[int]) -> str:
    """Return 'cell 7', 'cells 7 and 8' or 'cells 1, 2, 3 and 4 more'."""
    if len(numbers) == 1:
        return f"cell {numbers[0]}"
    shown = [str(each) for each in numbers[:MOST_SHOWN]]
    rest = len(numbers) - len(shown)
    last = f"{rest} more" if rest else shown.pop()
    return f"cells {', '.join(shown)} and {last}"


def _is_answer(cell: CellRun) -> bool:
    lines = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return cell.kind == "code" and len(lines) >= LONG_CODE


def _explains(text: str) -> bool:
    return len(re.findall(r"\w+", text[:20_000])) >= EXPLAINS


def _beside(file: FileRun, at: int) -> bool:
    """Return whether a text stands near a cell of code."""
    near = file.cells[max(0, at - REACH) : at + REACH + 1]
    return any(cell.kind == "text" and _explains(cell.source) for cell in near)


def _sentences(student: Student) -> Iterator[str]:
    """Yield the sentences of text cells, comments and texts in strings."""
    for file in student.files:
        for cell in file.cells:
            source = cell.source[:200_000]
            told = [source] if cell.kind == "text" else re.findall(r"#(.*)|[\"']{3}(.+?)[\"']{3}", source, re.DOTALL)
            for text in told:
                yield from _SENTENCE.split(text if isinstance(text, str) else " ".join(text))
