"""Written answers, by every sign that students give."""

import pytest

from grader.assignment import Problem
from grader.notebook import Cell, Document, written_answers

IDS = ("1", "2", "3a", "3b", "4", "5a", "5b", "5c", "6", "7")
PROBLEMS = tuple(Problem(id=each, title="", claims=(), answer="" if each == "1" else f"q{each}") for each in IDS)


def document(*cells: str | tuple[str, str], kind: str = "text") -> Document:
    """Return a document of text cells (or code); a pair is a cell with its tag."""
    pairs = [cell if isinstance(cell, tuple) else ("", cell) for cell in cells]
    return Document(
        "hw3.ipynb",
        tuple(Cell(number, kind, text, (tag,) if tag else ()) for number, (tag, text) in enumerate(pairs, 1)),
        "python",
    )


def texts(*documents: Document) -> dict[str, str]:
    return {problem: answer.text for problem, answer in written_answers(documents, PROBLEMS).items()}


@pytest.mark.parametrize(
    "heading",
    [
        "## Problem 3 (a)",
        "# Problem 3a: the loss is positive",
        "### 3a)",
        "**Problem 3(a).**",
        "Problem 3(a)",
        "Exercise 3 a)",
        "Question 3.a",
        "Aufgabe 3a:",
        "HW3 Problem 3(a)",
        "## Homework 3, Problem 3, part (a)",
        "Solution to Problem 3 (a):",
        "Q3a:",
        "#### P3-a",
        "## (3a)",
        "3 (a)",
        "3.a)",
        "<!-- q3a -->",
        "<!-- answer: 3a -->",
        '<a id="q3a"></a>',
        "[//]: # (q3a)",
        "> ### Problem 3 (A)",
        "<h3>Problem 3a</h3>",
    ],
)
def test_a_heading_announces_its_problem(heading):
    assert texts(document(f"{heading}\n\nSince exp > 0.", "## Problem 4\nProof.")) == {
        "3a": "Since exp > 0.",
        "4": "Proof.",
    }


def test_an_answer_may_stand_on_the_line_of_its_label():
    assert texts(document("**3a)** Since exp > 0 (always).\nDone.")) == {"3a": "Since exp > 0 (always).\nDone."}


def test_parts_are_found_under_their_problem():
    found = texts(
        document("# Problem 3", "(a) First.", "(b) Second.\n\n# Problem 5\n**a)** Third\n### Part (c)\nFifth")
    )
    assert found == {"3a": "First.", "3b": "Second.", "5a": "Third", "5c": "Fifth"}


def test_how_an_answer_was_found_is_said():
    found = written_answers([document("# Problem 3", "### (a) First\nproof\n### (b)\nproof")], PROBLEMS)
    assert [answer.how for answer in found.values()] == ['by the heading "(a) of 3"', 'by the heading "(b) of 3"']


def test_parts_not_told_apart_are_shown_for_each():
    found = written_answers([document("## Problem 3\nBoth at once.")], PROBLEMS)
    assert {key: answer.text for key, answer in found.items()} == {"3a": "Both at once.", "3b": "Both at once."}
    assert found["3a"].how == 'by the heading "Problem 3" (several parts together)'


def test_problems_announced_together():
    assert texts(document("## Problems 6 and 7\nBoth.")) == {"6": "Both.", "7": "Both."}


def test_steps_of_a_proof_are_no_problems():
    proof = "We go on in steps.\n1. First\n2. Second\n3. Third\n(a) base\n4 x + 2 = 6\nProblem 6 asks for more.\np1 = 5"
    assert texts(document(f"## Problem 4\n{proof}")) == {"4": proof}


def test_a_number_starts_a_cell():
    found = written_answers([document("4. Let I be the maximiser.", "6)\nIt never moves.")], PROBLEMS)
    assert {key: answer.text for key, answer in found.items()} == {
        "4": "Let I be the maximiser.",
        "6": "It never moves.",
    }
    assert found["4"].how == 'by the number "4"'


def test_a_tag_is_surest_and_goes_on_into_cells_below():
    cells = document("## Problem 4\nold", ("q4", "## Problem 4\nnew"), "more", "## Problem 6\nlast")
    found = written_answers([cells], PROBLEMS)
    assert found["4"].text == "## Problem 4\nnew\n\nmore"
    assert found["4"].how == "by the tag q4"
    assert found["6"].text == "last"


def test_code_between_text_does_not_end_an_answer():
    cells = (Cell(1, "text", "## Problem 4\none"), Cell(2, "code", "# 6) x = 1"), Cell(3, "text", "two"))
    assert texts(Document("a", cells, "python")) == {"4": "one\n\ntwo"}


def test_comments_and_strings_of_a_script():
    code = """
# Problem 3a: exp is positive,
# so the quotient lies between 0 and 1.
def ce_loss(f, y):
    # Problem 3 b)
    # lambda grows, so the loss falls to 0.
    return 0
'''Problem 4

By continuity $\\frac{1}{2}$.'''
x = 1  # Problem 6: not an answer
# load
q5a = "Two cases."
# 1. load the data
# 2. train
"""
    found = written_answers([document(code, kind="code")], PROBLEMS)
    assert found["3a"].text == "exp is positive,\nso the quotient lies between 0 and 1."
    assert found["3b"].text == "lambda grows, so the loss falls to 0."
    assert found["4"].text.startswith("By continuity $\\frac{1}{2}$.")
    assert found["5a"].text == "Two cases."
    assert set(found) == {"3a", "3b", "4", "5a"}
    assert not any(answer.markdown for answer in found.values())


def test_text_cells_are_markdown_even_beside_a_tagged_cell_of_code():
    cells = (Cell(1, "text", "**So.**", ("q4",)), Cell(2, "code", "# a * b * c is it\n# indeed", ("q4",)))
    found = written_answers([Document("a", cells, "python")], PROBLEMS)
    assert found["4"].markdown and "So." in found["4"].text
    (code,) = written_answers([Document("a", cells[1:], "python")], PROBLEMS).values()
    assert not code.markdown


@pytest.mark.parametrize(
    "nothing",
    ["", "*Your answer here*", "_Type your answer here._", "TODO", "...", "Write your proof here", "YOUR ANSWER HERE"],
)
def test_what_a_starter_holds_is_no_answer(nothing):
    assert texts(document(f"## Problem 4: derivative of a maximum\n{nothing}")) == {}


def test_a_longer_comment_may_be_numbered_like_a_problem():
    proof = (
        "# 4) By continuity the same function is the largest near x,\n# so the derivatives agree there; that was all."
    )
    found = texts(document(f"# 4) plot\nplt.show()\n\n{proof}\ndef f(): pass", kind="code"))
    assert found == {
        "4": "By continuity the same function is the largest near x,\nso the derivatives agree there; that was all."
    }


def test_text_under_no_label_and_to_other_problems_is_left():
    assert texts(document("# Homework 3\nAda", "## Problem 1\nplot", "## Problem 12\nnone")) == {}


def test_several_files_are_read_in_turn():
    assert texts(document("## Problem 4\none"), document("## Problem 4\ntwo")) == {"4": "one\n\ntwo"}


def test_endless_lines_are_read_in_good_time():
    assert texts(document("#" * 200_000, "* " * 200_000, "<!--" + "answer " * 50_000, "Problem " * 50_000)) == {}
