"""The late rule: from when something was handed in, never from a clock."""

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from grader import rubric
from grader.assignment import LateRule
from grader.errors import RubricError
from grader.late import astray, extensions, idle, lateness
from grader.records import Account, Submission

DUE = datetime(2025, 2, 20, 23, 59, tzinfo=timezone.utc)
RULE = LateRule(DUE, grace=600, per_day=0.1, free_days=1, most=0.5)
ADA = Submission("ada", "Ada Byron", ())


def late(at, rule=RULE, **who):
    return lateness(rule, replace(ADA, submitted_at=at, **who))


@pytest.mark.parametrize(
    ("at", "days", "share"),
    [
        ("2025-02-20T10:00:00+00:00", 0, 0),
        ("2025-02-20T23:59:00+00:00", 0, 0),
        ("2025-02-21T00:09:00+00:00", 0, 0),  # within the grace
        ("2025-02-21T00:09:01+00:00", 1, 0),  # the free day
        ("2025-02-21T23:59:00Z", 1, 0),
        ("2025-02-21T23:59:01Z", 2, 0.1),
        ("2025-02-22T00:30:00+05:30", 1, 0),  # the zone counts
        ("2025-02-20T23:59:00-05:00", 1, 0),
        ("2025-02-24T12:00:00+00:00", 4, 0.3),
        ("2025-06-01T12:00:00+00:00", 101, 0.5),  # never more than the most
    ],
)
def test_days_and_shares(at, days, share):
    found = late(at)
    assert (found.days, found.share) == (days, pytest.approx(share))


@pytest.mark.parametrize("at", ["", "yesterday", "2025-02-28T10:00:00", "2025-99-28T10:00:00Z", "\0"])
def test_where_no_time_is_known_nothing_is_taken_off(at):
    found = late(at)
    assert (found.days, found.share) == (0, 0)
    assert "not known" in found.sentence


def test_an_extension_of_nobody_is_mentioned():
    rule = replace(RULE, extensions={"ADA": 1, "Bob": 1, "ada@example.org": 1, "Ada Biron": 2, "Zoe Zorn": 3})
    handed_in = [replace(ADA, members=("Bob",), accounts=(Account(email="ada@example.org"),))]
    assert list(idle(rule, handed_in)) == [
        "The extension for 'Ada Biron' is nobody's who handed in. Did you mean 'Ada Byron'?",
        "The extension for 'Zoe Zorn' is nobody's who handed in.",
    ]
    assert list(idle(None, handed_in)) == []


@pytest.mark.parametrize(
    ("table", "meant"),
    [
        ("[hw1]\n[hw2]", None),
        ("", None),
        ("[hw11]", " Did you mean [hw1]?"),
        ("[2]", " Did you mean [hw2]?"),
        ("[HW-1]", " Its homeworks are hw1, hw2."),
        ('"Ada Byron" = 3', " Its homeworks are hw1, hw2."),
    ],
)
def test_extensions_of_no_homework_are_mentioned(tmp_path, table, meant):
    path = tmp_path / "extensions.toml"
    path.write_text(table)
    said = list(astray(RULE, path, ("hw1", "hw2")))
    assert len(said) == (meant is not None)
    assert all(one.startswith("extensions.toml: ") and one.endswith(f"extends nothing.{meant}") for one in said)
    assert list(astray(None, path, ())) == [] == list(astray(RULE, tmp_path / "none.toml", ()))


def test_without_a_rule_there_is_no_lateness():
    assert late("2025-06-01T12:00:00Z", None) is None


@pytest.mark.parametrize("name", ["ada", "Ada Byron", "ada byron ", "Bob", "ada@example.org"])
def test_an_extension_is_found_by_any_name(name):
    rule = replace(RULE, extensions={name: 3, "someone": 90})
    accounts = (Account(email="ADA@example.org"),)
    found = late("2025-02-23T12:00:00Z", rule, members=("Ada", "Bob"), accounts=accounts)
    assert (found.days, found.share) == (0, 0)
    assert "(extended)" in found.sentence


def test_an_extension_may_be_a_time_and_never_shortens():
    rule = replace(RULE, extensions={"ada": datetime(2025, 3, 1, tzinfo=timezone.utc)})
    assert late("2025-03-04T12:00:00Z", rule).days == 4
    rule = replace(RULE, extensions={"ada": datetime(2025, 1, 1, tzinfo=timezone.utc)})
    assert late("2025-02-20T12:00:00Z", rule).days == 0


def test_the_sentence_says_what_is_taken_off():
    assert late("2025-02-23T12:00:00Z").sentence == (
        "Due 2025-02-20 23:59 +00:00; handed in 3 days late, 1 of them free: 20 % of the points earned are taken off."
    )


# ------------------------------------------------------------------------------------------------ files

RUBRIC = """
title = "T"
total = 1
{late}
[[problem]]
id = "1"
title = "P"
[[problem.item]]
claim = "C"
points = 1
"""


def course(tmp_path: Path, late: str, extended: str = "") -> Path:
    (tmp_path / "rubrics").mkdir()
    path = tmp_path / "rubrics" / "hw1.toml"
    path.write_text(RUBRIC.format(late=late))
    if extended:
        (tmp_path / "extensions.toml").write_text(extended)
    return path


def test_a_rubric_says_when_and_how_much(tmp_path):
    table = '[late]\ndue = 2025-02-20T23:59:00-05:00\ngrace = "10 min"\nper_day = 0.1\nfree_days = 2\nmost = 0.3'
    rule = rubric.read(course(tmp_path, table, '[hw1]\n"ada" = 2\n[hw2]\n"bob" = 1')).late
    assert rule is not None
    assert (rule.due.isoformat(), rule.grace, rule.per_day) == ("2025-02-20T23:59:00-05:00", 600, 0.1)
    assert (rule.free_days, rule.most, rule.extensions) == (2, 0.3, {"ada": 2})


def test_a_rubric_without_the_rule(tmp_path):
    assert rubric.read(course(tmp_path, "", "[hw1]\nada = 1")).late is None


@pytest.mark.parametrize(
    "said",
    ["", "due = 2025-02-20T23:59:00", "due = 2025-02-20", "due = 2025-02-20T23:59:00Z\nper_day = 10", 'due = "soon"'],
)
def test_a_rule_that_is_none_is_refused(tmp_path, said):
    with pytest.raises(RubricError, match=r"late|due|per_day"):
        rubric.read(course(tmp_path, f"[late]\n{said}"))


@pytest.mark.parametrize("text", ["hw1 = 3", '[hw1]\nada = "soon"', "[hw1]\nada = -1", "[hw1]\nada = true",
                                  "[hw1]\nada = 2025-02-20T23:59:00", "[hw1"])  # fmt: skip
def test_extensions_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "extensions.toml").write_text(text)
    with pytest.raises(RubricError):
        extensions(tmp_path / "extensions.toml", "hw1")
