"""The authors' guide: its homework is sound, and the command says what the guide says it does."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from grader import session
from grader.course import locate, open_homework
from grader.expect import Handmade, Step

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "author.md").read_text(encoding="utf-8")
SLIPS = re.compile(r"^\| `(\w+)`.*?\| (.*`) \|$", re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def said(folder: Path, *more: str) -> tuple[int, str]:
    """Return the exit code of the command for the guide's homework, and what it says, in one line."""
    for name, text in (("rubrics/hw9.toml", blocks("toml")), ("reference/hw9.py", [*blocks("python"), *more])):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n\n".join(text), encoding="utf-8")
    told = StringIO()
    console = Console(file=told, width=120, highlight=False)
    code = session.selfcheck(session.Order("9", course=folder, jobs=2), console)
    return code, flat(told.getvalue())


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.slow
def test_the_homework_of_the_guide_is_sound(tmp_path: Path) -> None:
    code, text = said(tmp_path)
    assert (code, text.split("hw9: ")[1]) == (0, "5 checks, 6 known mistakes, sound.")
    assert flat(blocks("text")[0]) in text


@pytest.mark.slow
def test_what_the_guide_says_of_a_mistake_that_is_not_caught(tmp_path: Path) -> None:
    code, text = said(tmp_path, *blocks("python not caught"))
    assert code == 1
    assert flat(blocks("text")[1]) in text
    assert text.split("hw9: ")[1] in GUIDE


def test_what_is_quoted_from_a_reference_stands_there() -> None:
    for name, quoted in re.findall(r"^```python from (\S+)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE):
        assert quoted in (ROOT / name).read_text(encoding="utf-8")


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
