"""Text in code: comments, strings that stand alone, and strings that are given a name."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

_LITERAL = re.compile(
    r"""(?P<prefix>[a-z]*)(?P<quote>'{3}|"{3}|'|")(?P<text>.*)(?P=quote)""", re.IGNORECASE | re.DOTALL
)
_TELLING = re.compile(r"\d|\b[a-z]\)|.{60}|\S\n.*\S", re.IGNORECASE)
"""Text that may hold a label or part of an answer; a short remark on the code beside it does not."""
_RULE = re.compile(r"[\W_]*")
_LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.COMMENT}


def passages(source: str) -> Iterator[list[str]]:
    """Yield the lines of each run of comments, and of each string that stands alone at the left margin."""
    for block in _blocks(source):
        if _TELLING.search("\n".join(block)):
            yield [*block, ""]


def _blocks(source: str) -> Iterator[list[str]]:
    """Yield the lines of each run of comments and of each string."""
    before = tokenize.NEWLINE
    comments: list[str] = []
    last = 0
    for token in _tokens(source):
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#"):
            if comments and token.start[0] != last + 1:
                yield comments
                comments = []
            line = token.string.lstrip("#").strip()
            comments.append("" if _RULE.fullmatch(line) else line)
            last = token.start[0]
        elif token.type == tokenize.STRING and before in _LAYOUT and token.start[1] == 0:
            yield comments
            comments = []
            yield _text(token.string).split("\n")
        before = token.type
    yield comments


def named_strings(source: str) -> Iterator[tuple[str, str]]:
    """Yield the name and text of every `name = "text"` at the left margin."""
    recent: list[tokenize.TokenInfo] = []
    for token in _tokens(source):
        if token.type == tokenize.STRING and [each.string for each in recent[1:]] == ["="] and recent[0].start[1] == 0:
            yield recent[0].string, _text(token.string)
        recent = [] if token.type in _LAYOUT else [*recent[-2:], token]


@lru_cache(maxsize=64)
def _tokens(source: str) -> tuple[tokenize.TokenInfo, ...]:
    """Return the tokens up to where the code breaks off; cells are read several times in a row."""
    found: list[tokenize.TokenInfo] = []
    with suppress(tokenize.TokenError, SyntaxError):
        found.extend(tokenize.generate_tokens(io.StringIO(source).readline))
    return tuple(found)


def _text(literal: str) -> str:
    """Return what stands between the quotes, backslashes as typed: in a proof they are LaTeX, not escapes."""
    match = _LITERAL.fullmatch(literal)
    return match["text"] if match and "b" not in match["prefix"].lower() else ""
