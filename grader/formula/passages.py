"""Formulas in running text: what stands between dollars, in code spans, or as plain words with an equals sign.

A chain is `a = b = c`, cut at its equals signs; a side that cannot be read keeps its place and has no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from grader.formula.notation import plain, spelt_out
from grader.formula.reading import NotAFormula, Vocabulary, readings
from grader.formula.tree import Expression, symbols

MOST = 500
"""Chains of one text that are looked at."""
LONGEST = 100_000
"""Characters of one text that are looked at."""
_MATH = re.compile(
    r"\$\$(?P<display>.{1,4000}?)\$\$|\\\[(?P<bracket>.{1,4000}?)\\\]|\\\((?P<round>.{1,4000}?)\\\)"
    r"|\\begin\{(?P<kind>equation|align|aligned|gather|eqnarray|multline)\*?\}(?P<block>.{1,4000}?)\\end\{(?P=kind)\*?\}"
    r"|\$(?P<dollar>[^$\n]{1,2000})\$|`(?P<code>[^`\n]{1,500})`",
    re.DOTALL,
)
_EQUALS = re.compile(
    r"={1,3}|:=|≈|≃|∝|~(?=\s)|⟹|⇒|→|\\(?:approx|simeq|sim|propto|equiv|implies|Rightarrow|Longrightarrow|rightarrow|to|iff"
    r"|Leftrightarrow|coloneqq|triangleq|doteq|overset\{[^{}]{0,40}\}\{=\}|stackrel\{[^{}]{0,40}\}\{=\})(?![A-Za-z])"
)
_APART = re.compile(r"\\\\|;|\\quad|\\qquad|(?<!\\),(?!\\)(?=\s)|\\text\s*\{\s*(?:and|or|so|hence|thus|with)\s*\}")
_PLAIN = re.compile(r"[^\W\d]\w*|[\d.]+|.", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^{}]{0,20}\}")


@dataclass(frozen=True)
class Chain:
    """What is said to be equal, side by side."""

    sides: tuple[tuple[Expression, ...], ...]
    """For each side its readings, none where it could not be read."""
    text: str
    """As written, cut to size."""


def chains(text: str, vocabulary: Vocabulary) -> tuple[Chain, ...]:
    """Return the chains of a text, in order; those that say something with a known name or an equals sign."""
    return tuple(islice(_chains(text[:LONGEST], vocabulary), MOST))


def chain(text: str, vocabulary: Vocabulary) -> Chain:
    """Return what a text is that is a formula from end to end, in any notation."""
    found = _MATH.fullmatch(text.strip())
    inner = found[found.lastgroup or 0] if found and found.lastgroup != "kind" else text
    said = re.fullmatch(r"\s*Eq\((?P<left>.+),(?P<right>[^,]+)\)\s*", inner[:4000])  # as SymPy writes an equation
    parts = [said["left"], said["right"]] if said else _EQUALS.split(_unframed(inner[:4000]))
    return Chain(
        tuple(_readings(part, vocabulary, latex=found is not None) for part in parts), " ".join(text.split())[:120]
    )


def _chains(text: str, vocabulary: Vocabulary) -> Iterator[Chain]:
    place = 0
    for found in _MATH.finditer(text):
        yield from _in_words(text[place : found.start()], vocabulary)
        place = found.end()
        inner = found[found.lastgroup or 0] if found.lastgroup != "kind" else found["block"]
        latex = found.lastgroup != "code"
        for part in _APART.split(_unframed(_ENVIRONMENT.sub(" ", inner))):
            yield from _chain(part, vocabulary, latex=latex)
    yield from _in_words(text[place:], vocabulary)


def _unframed(text: str) -> str:
    """Return LaTeX without the frames around results, whose braces would hide their equals signs."""
    while frame := re.search(r"\\(?:boxed|fbox|underline|mathbf|bm)\s*\{", text):
        depth, end = 1, frame.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        text = f"{text[: frame.start()]} {text[frame.end() : end - 1]} {text[end:]}"
    return text


def _chain(text: str, vocabulary: Vocabulary, *, latex: bool) -> Iterator[Chain]:
    """Yield the one chain that a piece of mathematics is, unless nothing of it can be read."""
    sides = tuple(_readings(side, vocabulary, latex=latex) for side in _EQUALS.split(text[:4000]))
    if any(sides):
        yield Chain(sides, " ".join(text.split())[:120])


def _readings(text: str, vocabulary: Vocabulary, *, latex: bool) -> tuple[Expression, ...]:
    try:
        return readings(plain(text.strip(" .,:\n\t&"), vocabulary, latex=latex), vocabulary)
    except NotAFormula:
        return ()


def _in_words(text: str, vocabulary: Vocabulary) -> Iterator[Chain]:
    """Yield what is written without any markup: runs of known names, numbers and signs that hold an equals sign."""
    for line in spelt_out(text).splitlines():
        run: list[str] = []
        for token in [*(match.group() for match in _PLAIN.finditer(line[:2000])), "\n"]:
            if _belongs(token, vocabulary):
                run.append(token)
                continue
            yield from _run("".join(run), vocabulary)
            run = []


def _belongs(token: str, vocabulary: Vocabulary) -> bool:
    """Return whether a token of running text may be part of a formula."""
    if token[0].isalpha() or token[0] == "_":
        return token == "sqrt" or vocabulary.meaning(token) is not None
    return re.fullmatch(r"[-+*/^()=≈ \t]+|[\d.]*\d[\d.]*", token) is not None


def _run(text: str, vocabulary: Vocabulary) -> Iterator[Chain]:
    """Yield a run as a chain if it says that something is something."""
    if not re.search("[=≈]", text) and not re.search(r"\w\s*[*/^]", text):
        return
    for chain in _chain(text.strip(" -+*/^="), vocabulary, latex=False):
        if any(any(True for _ in symbols(each)) for side in chain.sides for each in side) or len(chain.sides) > 1:
            yield chain
