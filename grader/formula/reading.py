"""A formula's text, cut into tokens and read by recursive descent; what is not on the list is refused.

'1/2n' can be read in two ways: as (1/2)n, as a program would, and as 1/(2n), as on paper. `readings` returns both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from grader.formula.tree import Expression, Number, Operation, Symbol
from grader.formula.values import FUNCTIONS, SEVERAL

LONGEST = 2000
"""Characters of one formula."""
TOKENS, DEPTH = 300, 40
"""Bounds on its size and its nesting."""
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,30}(?:\.\d{0,30})?(?:[eE][-+]?\d{1,2}(?!\d))?|\.\d{1,30})"
    r"|(?P<name>[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){0,3})|(?P<sign>\*\*|[-+*/^()\[\],]))",
    re.ASCII,
)
_MODULES = ("np.", "numpy.", "math.", "torch.", "sp.", "sympy.", "jnp.")


class NotAFormula(ValueError):
    """A text that cannot be read as a formula; the message says why."""


def bare(name: str) -> str:
    """Return a name without the things in which styles differ: case and underscores."""
    return name.replace("_", "").casefold()


@dataclass(frozen=True)
class Vocabulary:
    """The names a formula may use."""

    symbols: tuple[str, ...] = ()
    also: Mapping[str, Expression] = field(default_factory=dict)
    """Other names, by their bare form, and what each stands for: 'fanin' is n_in, 'sigma2' is sigma^2."""

    @classmethod
    def of(cls, symbols: Sequence[str], also: Mapping[str, str] | None = None) -> Vocabulary:
        """Return the vocabulary of these symbols, and of other names for formulas in them."""
        plain = cls(tuple(symbols), {bare(name): Symbol(name) for name in symbols})
        return cls(plain.symbols, {**plain.also, **{bare(k): parse(v, plain) for k, v in (also or {}).items()}})

    def meaning(self, name: str) -> Expression | None:
        """Return what a name stands for, or None."""
        return self.also.get(bare(name))


def parse(text: str, vocabulary: Vocabulary) -> Expression:
    """Return the formula that a text is, read as a program would; raise `NotAFormula`."""
    return _Reader(_tokens(text), vocabulary, tight=False).whole()


def readings(text: str, vocabulary: Vocabulary) -> tuple[Expression, ...]:
    """Return one tree, or two where an implied product follows a division; raise `NotAFormula`."""
    tokens = _tokens(text)
    found = [_Reader(tokens, vocabulary, tight=tight).whole() for tight in (False, True)]
    return tuple(dict.fromkeys(found))


def _tokens(text: str) -> list[str]:
    """Return numbers, names and signs, in order."""
    if len(text) > LONGEST:
        raise NotAFormula("it is too long")
    tokens, place, text = [], 0, text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotAFormula(f"{text[place : place + 20].strip()!r} cannot be read")
        tokens.append(match[match.lastgroup or 0])
        place = match.end()
        if len(tokens) > TOKENS:
            raise NotAFormula("it is too long")
    return tokens


@dataclass
class _Reader:
    """Recursive descent over the tokens."""

    tokens: Sequence[str]
    vocabulary: Vocabulary
    tight: bool
    """Whether an implied product binds more tightly than a division."""
    place: int = 0
    depth: int = 0

    def whole(self) -> Expression:
        """Return the tree of all tokens."""
        found = self._sum()
        if self._next():
            raise NotAFormula(f"{self._next()!r} is not expected there")
        return found

    def _next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _take(self, *signs: str) -> str:
        """Return the next token and pass it, if it is one of these; else ''."""
        found = self._next()
        if not found or found not in signs:
            return ""
        self.place += 1
        return found

    def _sum(self) -> Expression:
        found = self._term()
        while sign := self._take("+", "-"):
            found = Operation(sign, (found, self._term()))
        return found

    def _term(self) -> Expression:
        found = self._product() if self.tight else self._signed()
        while sign := self._take("*", "/") or ("implied" if not self.tight and self._implied() else ""):
            operand = self._product() if self.tight else self._signed()
            found = Operation("*" if sign == "implied" else sign, (found, operand))
        return found

    def _product(self) -> Expression:
        """Return factors that stand side by side."""
        found = self._signed()
        while self._implied():
            found = Operation("*", (found, self._power()))
        return found

    def _implied(self) -> bool:
        """Return whether a factor follows without a sign: a name or a bracket, never a number."""
        return bool(self._next()) and (self._next() in "([" or self._next()[0].isalpha())

    def _signed(self) -> Expression:
        self.depth += 1
        if self.depth > DEPTH:
            raise NotAFormula("it is nested too deeply")
        sign = self._take("+", "-")
        found = self._signed() if sign else self._power()
        self.depth -= 1
        return Operation("neg", (found,)) if sign == "-" else found

    def _power(self) -> Expression:
        found = self._atom()
        return Operation("^", (found, self._signed())) if self._take("^", "**") else found

    def _atom(self) -> Expression:
        token = self._next()
        self.place += 1
        if not token:
            raise NotAFormula("it ends too early")
        if token in "([":
            return self._bracket()
        if token[0].isdigit() or token[0] == ".":
            return Number(Fraction(token))
        if token[0].isalpha() or token[0] == "_":
            return self._name(token)
        raise NotAFormula(f"{token!r} is not expected there")

    def _bracket(self) -> Expression:
        found = self._sum()
        if not self._take(")", "]"):
            raise NotAFormula("a bracket is not closed")
        return found

    def _name(self, token: str) -> Expression:
        known = self.vocabulary.meaning(token)
        if known is not None:
            return known
        function = next((token[len(m) :] for m in _MODULES if token.startswith(m)), token)
        if function == "pi" or function not in FUNCTIONS or not self._take("("):
            raise NotAFormula(f"{token!r} is not one of its symbols")
        operands = [self._sum()]
        while self._take(","):
            operands.append(self._sum())
        if not self._take(")") or (len(operands) > 1) != (function in SEVERAL):
            raise NotAFormula(f"{function} has other arguments")
        return Operation(function, tuple(operands))
