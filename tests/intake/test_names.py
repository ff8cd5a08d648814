"""Keys of students, and what file names say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.names import keys, natural, relative, shown, student_part

ANY_TEXT = st.text(st.characters(codec=None), max_size=120)


def test_plain_names_are_their_own_keys():
    assert keys(["ada_p1", "Ben-2"]) == ("ada_p1", "Ben-2")


@pytest.mark.parametrize(
    ("name", "key"),
    [("Zoë Müller", "Zoe-Muller"), ("-rf", "rf"), ("a.b..c", "a-b-c"), ("<b>x</b>", "b-x-b"), ("../../etc", "etc")],
)
def test_names_are_cleaned(name, key):
    assert keys([name]) == (key,)


def test_lost_letters_are_made_up_for_by_a_digest():
    first, second, reserved, long = keys(["李明", "王芳", "con", "x" * 300])
    assert first != second
    assert reserved.startswith("con-")
    assert len(long) <= 60


def test_a_name_that_is_its_own_key_keeps_it_among_others_that_clean_alike():
    assert keys(["ada b", "ada-b"])[1] == "ada-b"
    assert keys(["ada b", "ada-b"]) == tuple(reversed(keys(["ada-b", "ada b"])))


@given(st.lists(ANY_TEXT, max_size=8))
def test_keys_are_safe_unique_and_the_same_again(names):
    found = keys(names)
    assert found == keys(names)
    assert len({key.casefold() for key in found}) == len(names)
    assert all(key.isascii() and key.strip("-_") == key and len(key) < 70 for key in found)
    assert all(character.isalnum() or character in "-_" for key in found for character in key)


@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_relative_paths_stay_inside(parts):
    path = relative(parts)
    assert not path.startswith("/")
    assert ".." not in path.split("/")
    path.encode()


@given(st.binary(max_size=50))
def test_any_file_name_can_be_shown(name):
    seen = shown(name.decode("utf-8", "surrogateescape"))
    assert seen.encode()
    assert seen.isprintable()


@pytest.mark.parametrize(
    ("stem", "who", "part"),
    [
        ("ada_p1", "ada", "1"),
        ("ada-hw3-2", "ada", "2"),
        ("ada lovelace HW3 problem 2a", "ada_lovelace", "2a"),
        ("p2", "", "2"),
        ("Aufgabe_3", "", "3"),
        ("team_2", "team_2", ""),
        ("student7", "student7", ""),
        ("adam", "adam", ""),
        ("hw3", "", ""),
    ],
)
def test_a_stem_names_a_student_and_a_part(stem, who, part):
    assert student_part(stem) == (who, part)


def test_natural_order():
    assert sorted(["p10", "p2", "p1"], key=natural) == ["p1", "p2", "p10"]
