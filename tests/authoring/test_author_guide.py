"""The authors' guide: what it adds to a course that was made is sound, and commands say what the guide says they do."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from grader import session
from grader.authoring import new
from grader.course import locate, open_homework, read
from grader.errors import RubricError
from grader.expect import Handmade, Step

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "author.md").read_text(encoding="utf-8")
SLIPS = re.compile(r"^\| `(\w+)`.*?\| (.*`) \|$", re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


CLAIMS = """
  [[problem.check]]
  claim   = "scores(w, X) are the rows of X times w"
  points  = 1
  expects = "scores"

  [[problem.check]]
  claim   = "The slope rises with x"
  points  = 1
  expects = "rising"
"""
"""Of what the guide adds to the homework that `grade new` makes."""


def said(folder: Path, *more: str, claims: str = "") -> tuple[int, str]:
    """Return the exit code of the command for a new course with `more` in its reference, and what it says."""
    new.make(folder)
    rubric, reference = folder / "rubrics" / "hw1.toml", folder / "reference" / "hw1.py"
    worth = f"total  = {10 + claims.count('points')}"
    rubric.write_text(rubric.read_text(encoding="utf-8").replace("total  = 10", worth) + claims, encoding="utf-8")
    reference.write_text("\n\n".join((reference.read_text(encoding="utf-8"), *more)), encoding="utf-8")
    told = StringIO()
    console = Console(file=told, width=120, highlight=False)
    code = session.selfcheck(session.Order("1", course=folder, jobs=2), console)
    return code, flat(told.getvalue())


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_what_the_guide_adds_is_sound_and_the_command_says_what_it_says_there(tmp_path: Path) -> None:
    code, text = said(tmp_path, *blocks("python also"), claims=CLAIMS)
    assert (code, text.split("hw1: ")[1]) == (0, "9 checks, 10 known mistakes, sound.")
    assert flat(blocks("text")[0]) in text
    assert "falling: named, 0 of 1 point" in text


@pytest.mark.slow
def test_what_the_guide_says_of_a_mistake_that_is_not_caught(tmp_path: Path) -> None:
    code, text = said(tmp_path, *blocks("python not caught"))
    assert code == 1
    assert flat(blocks("text")[1]) in text
    assert text.split("hw1: ")[1] in GUIDE


def test_what_the_guide_says_of_a_claim_without_its_part(tmp_path: Path) -> None:
    new.make(tmp_path)
    rubric = tmp_path / "rubrics" / "hw1.toml"
    rubric.write_text(rubric.read_text(encoding="utf-8").replace('"training.rule"', '"training"'), encoding="utf-8")
    with pytest.raises(RubricError) as refused:
        open_homework(read(tmp_path), "1")
    assert flat(blocks("text refused")[0]) in str(refused.value)


def test_what_is_quoted_from_a_file_stands_there() -> None:
    quoted = re.findall(r"^```\w+ from (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert len(quoted) == 8
    for name, text in quoted:
        assert text in (ROOT / name).read_text(encoding="utf-8")


def test_the_slips_in_the_table_are_those_that_the_grader_names() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "grader" / "expect").rglob("*.py")))
    listed = {slip for _, slips in SLIPS.findall(GUIDE) for slip in re.findall(r"`(\w+)`", slips)}
    assert {slip for slip in listed if f'"{slip}"' not in source} == {"weights_never_move", "biases_never_move"}
    named = set(re.findall(r'mistake="(\w+)"', source))
    assert named <= listed


@pytest.mark.parametrize("homework", ["hw1", "hw3", "ex1", "ams"])
def test_a_program_is_called_as_a_slip_in_the_table_or_says_what_it_meets(homework: str) -> None:
    listed = {slip for _, slips in SLIPS.findall(GUIDE) for slip in re.findall(r"`(\w+)`", slips)}
    for each in open_homework(locate(ROOT), homework).expectations.values():
        for known in each.mistakes:
            if "handed_in = wrong()" in each.made(known, {}) and not isinstance(each, (Handmade, Step)):
                assert known.name in listed or known.meets, known
