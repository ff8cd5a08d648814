import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.text import clipped, counted, duration, encodable, line, listed, number, plain, size

ANY = st.text(st.characters(exclude_categories=()), max_size=80)


@given(ANY)
def test_plain_text_holds_nothing_that_hides_or_reorders(text):
    shown = plain(text)
    assert plain(shown) == shown
    shown.encode()
    for character in shown:
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(character) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )


def test_plain_text_keeps_what_people_write():
    for text in ("Łukasz Żak", "שלום", "محمد\u200cی", "👩\u200d🔬", "a\n\tb", "e\u0301"):
        assert plain(text) == text
    assert plain("a\r\nb") == "a\nb"


def test_plain_text_shows_a_sign_for_what_it_took_out():
    assert plain("\x1b[31mred\x07\x7f") == "␛[31mred␇␡"
    assert plain("gpj\u202eexe.\ud800") == "gpj\ufffdexe.\ufffd"


@given(ANY)
def test_a_line_is_one_short_line(text):
    assert len(line(text, 20)) <= 20
    assert "\n" not in line(text) and "\t" not in line(text)


@given(ANY)
def test_encodable_changes_only_what_no_file_can_hold(text):
    encodable(text).encode()
    if all(unicodedata.category(character) != "Cs" for character in text):
        assert encodable(text) == text


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (2.0, "2"), (1.5, "1.5"), (1 / 3, "0.333"), (0.1 + 0.2, "0.3"), (-0.0001, "0")]
)
def test_points(value, written):
    assert number(value) == written


def test_counted():
    assert counted(1, "point") == "1 point"
    assert counted(0.5, "point") == "0.5 points"
    assert counted(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3840, "1 h 4 min"),
    ],
)
def test_duration(seconds, written):
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("count", "written"), [(12, "12 bytes"), (1500, "1.5 kB"), (312_000_000, "312 MB"), (3_221_225_472, "3.2 GB")]
)
def test_size(count, written):
    assert size(count) == written


def test_clipped_says_how_much_is_missing():
    assert clipped("abc", 3) == "abc"
    assert clipped("a" * 2003, 3) == "aaa\n… 2,000 more characters"


def test_listed():
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
