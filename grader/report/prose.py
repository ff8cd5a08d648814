"""Students' Markdown, LaTeX and HTML, made fit to be shown.

Theory of operation. Markdown goes through markdown-it, with mathematics in dollars or amsmath environments; LaTeX
becomes MathML, so that a page needs neither a script nor a font from elsewhere. Whatever comes out, ours or the
student's, then passes one strict allowlist. latex2mathml does not escape text within a formula, so its output is as
untrusted as its input; nothing may be inserted after the allowlist.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from latex2mathml import converter, exceptions
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from grader.report import allowlist
from grader.report.text import clipped, plain

LONGEST_TEXT = 60_000
"""Characters of one text that are rendered, besides pictures."""
LARGEST_PICTURES = 1_500_000
"""Characters of the pictures within one text: Colab puts a pasted picture, a photographed proof, into the text."""
LONGEST_FORMULA = 3_000

_DEEPER = 3
"""How many levels a student's headings move down, to stand below those of the page."""
_NUMBERED = re.compile(r"\\(begin|end)\{(align|equation|gather|multline|eqnarray|alignat|flalign)\}")
_EMBEDDED = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+")
_SILENT = re.compile(r"\\(?:label\{[^{}]*\}|(?:nonumber|notag|hfill|qed)(?![A-Za-z]))")
_UNKNOWN_COMMAND = re.compile(r"<m[io][^>]*>\\[A-Za-z]+")

_BROKEN: tuple[type[Exception], ...] = (
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What latex2mathml raises on LaTeX it cannot read: its own errors, and those of the code beneath them."""


def from_markdown(text: str) -> Markup:
    """Return a student's Markdown with LaTeX as safe HTML."""
    return Markup(_from_markdown(plain(_fitting(text))))


def from_plain(text: str) -> Markup:
    """Return text that is no Markdown, line by line and sign by sign; only formulas in dollars are set as such.

    In a comment `> 0` is no quotation, `W*x*y` has two signs of multiplication, and `x_1` an index.
    """
    return Markup(allowlist.cleaned(_plain_parser().render(plain(clipped(text, LONGEST_TEXT)))))


def from_html(html: str) -> Markup:
    """Return a student's HTML with everything taken out that is not plain text structure."""
    return Markup(allowlist.cleaned(plain(clipped(html, LONGEST_TEXT))))


def formula(latex: str, *, display: bool) -> str:
    """Return MathML, still untrusted; LaTeX that cannot be read comes back as its own source."""
    source = f"<code>{escape(latex.strip())}</code>"
    if len(latex) > LONGEST_FORMULA:
        return source
    try:
        mathml = converter.convert(_readable(latex), display="block" if display else "inline")
    except _BROKEN:
        return source
    return source if _UNKNOWN_COMMAND.search(mathml) else mathml


def _fitting(text: str) -> str:
    """Return a text cut to size; its pictures stay if they are small enough, and else are named."""
    words = _EMBEDDED.sub("", text)
    if len(words) <= LONGEST_TEXT and len(text) - len(words) <= LARGEST_PICTURES:
        return text
    return clipped(_EMBEDDED.sub("too-large", text), LONGEST_TEXT)


@lru_cache(maxsize=512)
def _from_markdown(text: str) -> str:
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _DEEPER)}"
    return allowlist.cleaned(parser.renderer.render(tokens, parser.options, {}))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_labels=False, double_inline=True, renderer=_dollars)
    parser.use(amsmath_plugin, renderer=lambda latex: formula(latex, display=True))
    parser.add_render_rule("image", _image)
    return parser


@lru_cache(maxsize=1)
def _plain_parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True}).enable("newline")
    parser.use(dollarmath_plugin, allow_labels=False, allow_digits=False, double_inline=True, renderer=_dollars)
    return parser.use(amsmath_plugin, renderer=lambda latex: formula(latex, display=True))


def _dollars(latex: str, options: dict[str, Any]) -> str:
    return formula(latex, display=bool(options.get("display_mode")))


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """Show a picture that is part of the text; name one that would have to be fetched."""
    token = tokens[index]
    described = escape(renderer.renderInlineAsText(token.children or [], options, env))
    source = str(token.attrs.get("src", ""))
    if allowlist.PICTURE.fullmatch(source):
        return f'<img src="{escape(source)}" alt="{described or "Picture"}">'
    return f"<em>[picture not shown: {described or 'without a description'}]</em>"


def _readable(latex: str) -> str:
    """Return the formula without what has no meaning outside a paper: equation numbers, labels, end-of-proof signs."""
    starred = _NUMBERED.sub(r"\\\1{\2*}", latex)
    return _SILENT.sub(" ", starred.replace(r"\operatorname*", r"\operatorname"))
