from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.samples import HOSTILE, HOSTILE_MARKDOWN, png

from grader.report import allowlist, prose

HARMLESS = {"none", "block", "inline"}


class Reader(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def assert_harmless(html: str) -> None:
    reader = read(html)
    assert set(reader.tags) <= allowlist.TEXT | allowlist.MATHEMATICS
    for name, value in reader.attributes:
        assert not name.startswith("on") and name not in ("style", "class", "id", "srcset", "action", "formaction")
        if name == "href":
            assert value.lower().startswith(("http://", "https://", "mailto:"))
        if name == "src":
            assert value.startswith("data:image/") and "svg" not in value


def test_markdown_and_mathematics():
    html = prose.from_markdown("# Proof\n\n**So** $p_y > 0$, and\n\n$$\\frac{a}{b}$$\n\n| a |\n|---|\n| 1 |\n")
    assert "<h4>Proof</h4>" in html
    assert "<strong>So</strong>" in html
    assert '<math display="inline">' in html and "<msub><mi>p</mi><mi>y</mi></msub>" in html
    assert '<math display="block">' in html and "<mfrac>" in html
    assert "<td>1</td>" in html


def test_equations_outside_dollars():
    html = prose.from_markdown("\\begin{align}\na &= b \\label{x} \\\\\nc &= d \\nonumber\n\\end{align}\n")
    assert html.count("<mtr>") == 2
    assert "(1)" not in html and "label" not in html


def test_dollars_in_code_stay_dollars():
    assert "<math" not in prose.from_markdown("`echo $HOME $PATH`\n")


@pytest.mark.parametrize("latex", [r"\frac{1}{", r"\left( x", r"x^2^3", r"\unheardof{x}", "{" * 2000, "x" * 5000])
def test_broken_latex_is_shown_as_source(latex):
    shown = prose.formula(latex, display=False)
    assert shown == f"<code>{latex}</code>"


def test_a_less_than_sign_is_a_sign():
    assert "&lt;" in prose.from_markdown("$a < b$")
    assert "1 &lt; 2" in prose.from_markdown("1 < 2")


COMMENT = "The terms are\n> 0. So W*x*y, a_b_c and 5$ or 6$.\n- first\n1. second\n# third\n&lt; `c` **b** \\$"


def test_a_comment_keeps_every_sign_and_every_line():
    html = prose.from_plain(COMMENT)
    assert set(read(html).tags) == {"p", "br"}
    assert unescape(html).replace("<br>", "").strip() == f"<p>{COMMENT}</p>"


def test_a_formula_in_a_comment_is_set():
    html = prose.from_plain("so $p_y > 0$, and\n$$\\frac{a}{b}$$\n\\begin{align}a &= b\\end{align}")
    assert html.count("<math") == 3


@pytest.mark.parametrize(
    "text", [HOSTILE, HOSTILE_MARKDOWN, f"${HOSTILE}$", f"```\n{HOSTILE}\n```", f"[{HOSTILE}]({HOSTILE})"]
)
def test_hostile_text_becomes_harmless(text):
    assert_harmless(prose.from_markdown(text))
    assert_harmless(prose.from_plain(text))
    assert_harmless(prose.from_html(text))


PIECES = (
    r"""< > " ' = / $ $$ \text{ } { ` [ ]( ) ![ <!-- --> & <script> </script> <math> </math> <mtext> <svg> <style>"""
    r" </style> <img/src=x/onerror=a()> <table> <mglyph> <annotation-xml/encoding=text/html> javascript:a()"
    r" <![CDATA[ ]]> <a/href="
    r" <title> <noscript> <template> <p/onclick=a() \frac \href{javascript:a()}{x} \\ &lt; a"
)
FRAGMENTS = st.sampled_from([*PIECES.split(), " ", "\n", "\n\n", "```\n"])


@given(st.lists(FRAGMENTS, max_size=24).map("".join))
def test_no_mixture_gets_through(text):
    assert_harmless(prose.from_markdown(text))
    assert_harmless(prose.from_html(text))
    again = str(prose.from_html(prose.from_html(text)))
    assert again == str(prose.from_html(again)), "a second reading must not find anything new"


def test_pictures_within_the_text_are_shown_and_others_are_named():
    html = prose.from_markdown(f"![my proof](data:image/png;base64,{png()}) ![a cat](http://example.org/cat.png)")
    assert ("src", f"data:image/png;base64,{png()}") in read(html).attributes
    assert ("alt", "my proof") in read(html).attributes
    assert "picture not shown: a cat" in html and "example.org" not in html


def test_a_photographed_proof_is_shown_whole():
    photograph = "iVBORw0KGgo" + "A" * 900_000
    html = prose.from_markdown(f"My proof:\n\n![proof.png](data:image/png;base64,{photograph})\n\nThe end.")
    assert photograph in html and "The end." in html
    html = prose.from_markdown(f"My proof:\n\n![proof.png](data:image/png;base64,{photograph * 2})\n\nThe end.")
    assert "picture not shown: proof.png" in html and "The end." in html and len(html) < 1000


def test_links_tell_nothing_to_where_they_lead():
    assert ("rel", "noopener noreferrer nofollow") in read(prose.from_markdown("[a](https://example.org)")).attributes


@pytest.mark.parametrize(
    "text", ["[" * 60_000, "<div>" * 12_000, "$a " * 20_000, "a|b\n-|-\n" + "|\n" * 25_000, "`a" * 30_000]
)
def test_a_text_made_to_be_slow_is_not(text):
    from time import process_time

    started = process_time()
    prose.from_markdown(text)
    assert process_time() - started < 15


def test_a_long_text_is_cut():
    html = prose.from_markdown("word " * 20_000)
    assert "40,000 more characters" in html
