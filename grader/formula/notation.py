r"""LaTeX and Unicode mathematics in the plain notation that `reading` takes: `\frac{2}{n_{in}}` becomes `((2)/(n_in))`.

Nothing is expanded or evaluated; a command that is not known becomes a name, which `reading` then refuses. In LaTeX
letters that stand side by side are a product, unless together they are a known name (`n_in` typed without braces).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from grader.formula.reading import LONGEST, NotAFormula, Vocabulary

_RAISED = {**{c: str(i) for i, c in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}, "⁻": "-", "⁺": "+"}
_SIGNS = str.maketrans({"·": "*", "×": "*", "∗": "*", "⋅": "*", "−": "-", "–": "-", "÷": "/", "∕": "/", "⁄": "/"})
_FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac")
_WORDS = (
    "text",
    "mathrm",
    "textrm",
    "mathit",
    "mathbf",
    "mathsf",
    "operatorname",
    "textit",
    "mbox",
    "rm",
    "textnormal",
)
_NOTHING = re.compile(
    r"left|right|[bB]igg?[lr]?|(?:display|text)style|q?quad|limits|boxed|tag|ensuremath|mathop|nonumber|notag|label"
)
_OPERATORS = {
    "cdot": "*",
    "times": "*",
    "ast": "*",
    "div": "/",
    "lbrace": "(",
    "rbrace": ")",
    "lbrack": "(",
    "rbrack": ")",
}
_DEPTH = 30


def plain(text: str, vocabulary: Vocabulary, *, latex: bool) -> str:
    """Return the text in plain notation; raise `NotAFormula` if it is too long or nested too deeply."""
    if len(text) > LONGEST:
        raise NotAFormula("it is too long")
    text = spelt_out(text)
    return _Latex(text, vocabulary).whole() if latex or "\\" in text or "{" in text else text


def spelt_out(text: str) -> str:
    """Return the text with Unicode's mathematics spelt out: σ² is sigma^2, nᵢₙ is n_in, √ is sqrt."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda run: f"^({''.join(_RAISED[c] for c in run.group())})", text)
    text = re.sub(
        "_?[ᵢₙₒᵤₜₐₑₓₕₖₗₘₚₛⱼᵣᵥ₀-₉]+", lambda run: "_" + unicodedata.normalize("NFKC", run.group().lstrip("_")), text
    )
    text = re.sub(r"√\s*(?=\()", "sqrt", text)
    text = re.sub("½", "(1/2)", text).translate(_SIGNS)
    return "".join(_letter(c) for c in text)


def _letter(c: str) -> str:
    """Return a Greek letter's name, another character without its dress ('𝜎' is 'σ' is 'sigma')."""
    if c.isascii():
        return c
    c = unicodedata.normalize("NFKC", c)
    name = unicodedata.name(c, "") if len(c) == 1 else ""
    greek = re.fullmatch(r"GREEK SMALL (?:LETTER )?(?:FINAL )?(\w+)(?: SYMBOL)?", name)
    return f" {greek[1].lower()}" if greek else c


@dataclass
class _Latex:
    """One pass over LaTeX, from the left."""

    text: str
    vocabulary: Vocabulary
    place: int = 0
    depth: int = 0

    def whole(self) -> str:
        """Return all of it in plain notation."""
        return self._until("")

    def _until(self, end: str) -> str:
        self.depth += 1
        if self.depth > _DEPTH:
            raise NotAFormula("it is nested too deeply")
        parts = []
        while self.place < len(self.text) and self.text[self.place] != end:
            parts.append(self._piece())
        self.place += 1
        self.depth -= 1
        return "".join(parts)

    def _piece(self) -> str:
        """Return the next piece in plain notation."""
        c = self.text[self.place]
        if c == "\\":
            return self._command()
        if c.isalpha():
            return self._letters()
        self.place += 1
        if c == "{":
            return f"({self._until('}')})"
        if c == "^":
            return f"^({self._group()})"
        return {"~": " ", "$": " ", "}": ")", "&": " "}.get(c, c)

    def _command(self) -> str:
        match = re.compile(r"\\([A-Za-z]+|.?)\s*", re.DOTALL).match(self.text, self.place)
        name = match[1] if match else ""
        self.place = match.end() if match else len(self.text)
        if name in _FRACTIONS:
            above = self._group()
            return f"(({above})/({self._group()}))"
        if name == "sqrt":
            return self._root()
        if name in _WORDS:
            return self._subscripted(re.sub(r"[^\w]", "", self._group()))
        if _NOTHING.fullmatch(name) or not name.isalpha():
            return "_" if name == "_" else {"{": "(", "}": ")"}.get(name, " ")
        return _OPERATORS.get(name) or self._subscripted(name)

    def _root(self) -> str:
        order = ""
        if self.text[self.place : self.place + 1] == "[":
            self.place += 1
            order = self._until("]")
        return f"({self._group()})^(1/({order}))" if order else f"sqrt({self._group()})"

    def _group(self) -> str:
        """Return what is in the braces that follow, or the one thing that follows."""
        while self.text[self.place : self.place + 1] == " ":
            self.place += 1
        if self.place >= len(self.text):
            raise NotAFormula("it ends too early")
        c = self.text[self.place]
        if c == "{":
            self.place += 1
            return self._until("}")
        if c == "\\":
            return self._command()
        self.place += 1
        return c

    def _letters(self) -> str:
        """Return a name: the longest run that is known, else a single letter."""
        run = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)?").match(self.text, self.place)
        for end in range(len(run[0]) if run else 0, 1, -1):
            if run and self.vocabulary.meaning(run[0][:end]) and not run[0][:end].endswith("_"):
                self.place += end
                return self._subscripted(run[0][:end])
        self.place += 1
        return self._subscripted(self.text[self.place - 1])

    def _subscripted(self, name: str) -> str:
        """Return a name with its subscript, which may follow the power: sigma^2_w is sigma_w^2."""
        before = self._script("_")
        power = self._script("^")
        subscript = re.sub(r"\W", "", before or self._script("_"))
        name += f"_{subscript}" if subscript else ""
        return f" {name}^({power}) " if power else f" {name} "

    def _script(self, sign: str) -> str:
        """Return what follows this sign, if it is there."""
        found = re.compile(rf"\s*\{sign}\s*").match(self.text, self.place)
        if not found:
            return ""
        self.place = found.end()
        return self._group()
