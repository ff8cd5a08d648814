"""Students' text is shown as it is: no mark-up of theirs counts, none of it is lost."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.gradescope.markdown import literal
from grader.report.text import plain

RENDERERS = (MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False}))
TEXTS = st.text(alphabet=st.one_of(st.sampled_from("`*_-+=#<>&[]()!|~$^\\:./@ \n\t1ab"), st.characters()), max_size=60)


def shown(renderer: MarkdownIt, markdown: str) -> tuple[str, set[str]]:
    """Return the text a reader sees, and the kinds of mark-up in it."""
    kinds, words = set(), []
    for block in renderer.parse(markdown):
        kinds.add(block.type)
        for piece in block.children or ():
            kinds.add(piece.type)
            words.append("\n" if piece.type in ("hardbreak", "softbreak") else piece.content)
    return "".join(words), kinds - {"paragraph_open", "paragraph_close", "inline", "text", "hardbreak", "code_inline"}


def flat(text: str) -> str:
    return re.sub(r"[\s`]+", "", text)


@given(TEXTS)
@example("1. list")
@example("<img src=x onerror=alert(1)>")
@example("&lt;b&gt; &#60;")
@example("``a` `b``")
@example("`a\\`*b*`")
@example("    indented")
@example("a\n===\nb\n---")
@example("[a](javascript:alert(1)) ![b](http://x.y/z.png)")
@example("https://example.org www.example.org me@example.org")
@example("[x]: http://a.b\n\n[x]")
def test_text_is_shown_and_nothing_else(text):
    for renderer in RENDERERS:
        seen, markup = shown(renderer, literal(text))
        assert not markup
        assert flat(seen) == flat(plain(text))


def test_names_between_backticks_are_code():
    _, markup = shown(RENDERERS[0], literal("`relu_1` is not there."))
    assert not markup
    assert "<code>relu_1</code>" in RENDERERS[0].render(literal("`relu_1` is not there."))


@pytest.mark.parametrize("text", ["", " \n\t\n "])
def test_nothing_stays_nothing(text):
    assert literal(text) == ""


def test_folders_of_this_machine_are_not_told():
    assert "site-packages" in literal("/srv/env/lib/python3.11/site-packages/torch/nn.py")
    assert "/opt" not in literal("/srv/env/lib/python3.11/site-packages/torch/nn.py")
