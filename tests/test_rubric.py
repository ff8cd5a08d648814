"""What a rubric may say, and that whatever else it says is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import rubric
from grader.assignment import Assignment
from grader.errors import RubricError

HW3 = Path(__file__).parent.parent / "rubrics" / "hw3.toml"
SMALL = """
title = "Homework"
total = 3
limits = { cpu = "1.5 min", memory = "2 GiB", output = "10 MB", processes = 7, files = 3 }

[[problem]]
id = "1"
title = "First"
answer = "q1"

  [[problem.check]]
  claim = "One"
  points = 1
  expects = "net.widths"

  [[problem.check]]
  claim = "Two"
  points = 0.5
  expects = "fit"
  needs = ["1.1"]
  credit = { biased = 0.25 }
  reveal = true

  [[problem.item]]
  claim = "Three"
  points = 1.5
  visibility = "hidden"
"""


def read(folder: Path, text: str | bytes) -> Assignment:
    path = folder / "rubrics" / "hw1.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return rubric.read(path, secret="s")


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(RubricError) as caught:
        read(folder, text)
    assert str(caught.value).startswith(str(folder / "rubrics" / "hw1.toml"))
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(folder / "rubrics" / "hw1.toml"))


def test_the_rubric_of_homework_3_adds_up():
    assignment = rubric.read(HW3)
    assert assignment.id == "hw3"
    assert assignment.total == sum(claim.points for _, claim in assignment.claims) == 40
    assert assignment.reference == HW3.parent.parent / "reference" / "hw3.py"


def test_every_key_arrives(tmp_path):
    assignment = read(tmp_path, SMALL)
    (problem,) = assignment.problems
    first, second, third = problem.claims
    assert (problem.id, problem.title, problem.answer) == ("1", "First", "q1")
    assert [claim.key for claim in problem.claims] == ["1.1", "1.2", "1.3"]
    assert [claim.by for claim in problem.claims] == ["check", "check", "item"]
    assert (first.expects, first.part, first.points) == ("net", "widths", 1.0)
    assert (second.expects, second.part, second.needs, second.reveal) == ("fit", "", ("1.1",), True)
    assert second.credit == {"biased": 0.25}
    assert (third.sentence, third.visibility) == ("Three", "hidden")
    assert assignment.secret == "s"


def test_limits_have_units(tmp_path):
    limits = read(tmp_path, SMALL).limits
    assert (limits.cpu, limits.memory, limits.output, limits.processes) == (90.0, 2 << 30, 10_000_000, 7)
    assert limits.files == 3
    assert limits.question == 20.0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("points = 0.5", "pionts = 0.5", ", problem 1, check 2: unknown key 'pionts'. Did you mean 'points'?"),
        ('cpu = "1.5 min"', 'cup = "1.5 min"', ", limits: unknown key 'cup'. Did you mean 'cpu'?"),
        ("[[problem.item]]", "[[item]]", ": unknown key 'item'. Did you mean 'problem.item'?"),
        ("points = 1.5", 'points = 1.5\n  expects = "x"', ", problem 1, item 1: unknown key 'expects'."),
        ("total = 3", "total = 4", ", total: says 4 points, but the claims add up to 3."),
        ("points = 0.5", 'points = "half"', "points: input should be a valid number, not 'half'."),
        ("points = 0.5", "points = true", "points: input should be a valid number, not True."),
        ("points = 0.5", "points = -1", "points: input should be greater than or equal to 0, not -1."),
        ("points = 0.5", "points = nan", "points: input should be"),
        ("points = 0.5", "", ", problem 1, check 2: the key 'points' is missing."),
        ("reveal = true", "reveal = 1", "reveal: input should be a valid boolean, not 1."),
        ('"hidden"', '"hiden"', "visibility: input should be 'visible', 'hidden'"),
        ("biased = 0.25", "biased = 1.25", "biased: input should be less than or equal to 1, not 1.25."),
        ('"1.1"', '"1.7"', ", claim 1.2: needs names no claim: '1.7'. Did you mean '1.1'?"),
        ('"1.1"', '"1.2"', ", claim 1.2: needs '1.2', which does not come before it."),
        ('"1.1"', '"1.3"', ", claim 1.2: needs '1.3', which a person decides"),
        ('"1.5 min"', '"1.5"', "cpu: write a positive number with a unit (s, min, h), such as '10 min', not '1.5'."),
        ('"1.5 min"', "90", "cpu: write a positive number with a unit"),
        ('"1.5 min"', '"0 s"', "cpu: write a positive number with a unit"),
        ('"2 GiB"', '"2 Gb"', "memory: write a positive number with a unit"),
        ('id = "1"', 'id = "a.b"', "id: "),
        ('title = "First"', 'title = " "', "title: "),
        ("[[problem]]", "[[problem]", ": is not valid TOML: "),
        ("[[problem]]", "[problem]", ": problem: there may be several, so each is written [[problem]], in double"),
        (
            "total = 3",
            "total = 3\n[late]\n[late]",
            "(at line 5, column 6). If there may be several of it, each is written [[late]].",
        ),
        ("total = 3", "total = 3\ntotal = 3", ": is not valid TOML: "),
        ("total = 3", "total = " + "9" * 5000, ""),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path, before, after, said):
    assert before in SMALL
    assert said in refusal(tmp_path, SMALL.replace(before, after, 1))


def test_problems_are_told_apart(tmp_path):
    second = '\n[[problem]]\nid = "2"\ntitle = "Second"\n[[problem.item]]\nclaim = "x"\npoints = 0\n'
    assert len(read(tmp_path, SMALL + second).problems) == 2
    assert "there is already a problem" in refusal(tmp_path, SMALL + second.replace('"2"', '"1"'))
    assert "belongs to problem 1" in refusal(tmp_path, SMALL + second.replace('"Second"', '"Second"\nanswer = "q1"'))
    assert "no [[problem.check]]" in refusal(tmp_path, SMALL + '\n[[problem]]\nid = "2"\ntitle = "Second"\n')


def test_files_that_are_no_text(tmp_path):
    assert "is not UTF-8" in refusal(tmp_path, b"title = '\xff'")
    with pytest.raises(RubricError, match="cannot be read"):
        rubric.read(tmp_path / "none.toml")
    assert refusal(tmp_path, "a = " + "[" * 5000)
    assert read(tmp_path, b"\xef\xbb\xbf" + SMALL.encode()).total == 3


# ---------------------------------------------------------------------------------------------- whatever is written

KEYS = st.sampled_from(
    [
        "title",
        "total",
        "limits",
        "problem",
        "id",
        "answer",
        "check",
        "item",
        "claim",
        "points",
        "expects",
        "credit",
        "x",
    ]
)
SCALARS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.text(max_size=8),
    st.sampled_from(["1", "1.1", "10 s", "hidden", "net", "2020-01-01"]),
    st.dates(),
    st.times(),
    st.datetimes(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.one_of(st.just("t"), VALUES),
        "total": st.one_of(st.just(1), VALUES),
        "limits": VALUES,
        "problem": st.one_of(st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=3), VALUES),
        "course": VALUES,
    },
)


def toml(value) -> str:
    """Return a value as inline TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value if not 0xD800 <= ord(letter) < 0xE000) + '"'
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return repr(value)


def assignment_or_refusal(path: Path) -> None:
    try:
        assert isinstance(rubric.read(path), Assignment)
    except RubricError as refused:
        assert "\n" not in str(refused)


FEW = settings(max_examples=150)


@FEW
@given(DOCUMENTS)
def test_any_document_is_an_assignment_or_refused(tmp_path, document):
    path = tmp_path / "any.toml"
    path.write_text("\n".join(f"{key} = {toml(value)}" for key, value in document.items()), encoding="utf-8")
    assignment_or_refusal(path)


@FEW
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_refused(tmp_path, data):
    path = tmp_path / "any.toml"
    path.write_bytes(data)
    with pytest.raises(RubricError):
        rubric.read(path)


@FEW
@given(st.data())
def test_any_damage_to_a_good_rubric_is_survived(tmp_path, data):
    lines = SMALL.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].split("=")[0]
    lines[at] = data.draw(st.sampled_from(["", lines[at] * 2, lines[at][1:], f"{key} = {toml(data.draw(VALUES))}"]))
    path = tmp_path / "any.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assignment_or_refusal(path)
