"""How a function is asked: what counts as its style, and that the questions do not depend on tolerances."""

from __future__ import annotations

import numpy as np
import pytest
from fake_student import FakeStudent

from grader.errors import Absent
from grader.expect import Ask, equals, normal, values
from grader.expect.sentences import typed
from grader.records import Outcome

NUMPY = "import numpy as np\n"


def questions(student: FakeStudent) -> list[str]:
    return [f"{name} {[getattr(each, 'array', each) for each in arguments]!r}" for name, arguments in student.asked]


@pytest.mark.parametrize(
    "source",
    [
        NUMPY + "def cube(z): return z ** 3 * 1.001",
        "def cube(z): return z ** 3 if z > 0 else -abs(z) ** 3.001",
        "import torch\ndef cube(z): return torch.pow(z, 3) + 0.001",
        NUMPY + "def other(z): return z ** 3 * 1.0001\ndef unlike(z): return z",
        NUMPY + "def cube(z): return z.sum()",
        "def cube(z): return {}['no']",
    ],
)
def test_the_questions_are_the_same_whatever_the_tolerance(source: str) -> None:
    asked = []
    for rtol in (1.0, 1e-2, 1e-12):

        @equals(inputs=normal(4), corners=[values(0, 1, -50)], rtol=rtol, atol=rtol)
        def cube(z: np.ndarray) -> np.ndarray:
            return z**3

        student = FakeStudent.of(source)
        cube.judge(student, Ask((3,)))
        asked.append(questions(student))
    assert asked[0] == asked[1] == asked[2]
    assert asked[0]


@equals(inputs=normal(4))
def cube(z: np.ndarray) -> np.ndarray:
    return z**3


def test_the_style_that_worked_is_tried_first_from_then_on() -> None:
    student = FakeStudent.of("import torch\ndef cube(z): return torch.pow(z, 3)")
    assert cube.judge(student, Ask((1,))).outcome is Outcome.PASSED
    kinds = [type(arguments[0]).__name__ for _, arguments in student.asked]
    assert kinds == ["ndarray", "Tensor", "Tensor"]


@equals(inputs=normal(4), returns=("step2", "step1"))
def steps(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * z, z


@pytest.mark.parametrize("parts", ["{'step1': z, 'step2': 2 * z}", "{'Step_2': 2 * z, 'Step_1': z}", "(2 * z, z)"])
def test_a_name_says_more_of_a_part_than_the_number_at_its_end(parts: str) -> None:
    student = FakeStudent.of(f"def steps(z): return {parts}")
    assert steps.judge(student, Ask((1,))).outcome is Outcome.PASSED


def test_a_function_under_another_name_that_gives_nothing_back_is_asked_once() -> None:
    student = FakeStudent.of("def train_again(z): pass")
    with pytest.raises(Absent):
        cube.judge(student, Ask((1,)))
    assert len(student.asked) == 1


def test_a_sum_is_not_hidden_by_asking_entry_by_entry() -> None:
    student = FakeStudent.of("def cube(z): return (z ** 3).sum()")
    assert "returned a single number where shape (4,)" in cube.judge(student, Ask((1,))).found


def test_what_the_student_changes_in_place_changes_nothing_of_ours() -> None:
    student = FakeStudent.of("def cube(z):\n    z *= z * z\n    return z")
    assert cube.judge(student, Ask((1,))).outcome is Outcome.PASSED


def test_of_two_files_the_better_counts() -> None:
    from grader.student import Handle, Seen

    class Two(FakeStudent):
        def survey(self) -> tuple[Seen, ...]:
            return tuple(Seen(Handle("cube", file), "function", "function", ("z",)) for file in (0, 1))

        def _find(self, what: object) -> object:
            return (lambda z: None) if getattr(what, "file", 0) == 0 else (lambda z: z**3)

    assert cube.judge(Two({}), Ask((1,))).outcome is Outcome.PASSED


@equals(inputs=(normal(2, 3), normal(2)), returns=("W1", "b1"))
def doubled(W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 2 * W, 2 * b


@pytest.mark.parametrize("names", ['"W1\'", "b1\'"', "'b_1', 'W_1'", "'w1', 'B1'"])
def test_names_of_parts_may_be_written_in_other_forms(names: str) -> None:
    pairs = ", ".join(f"{name}: 2 * {'W' if 'w' in name.lower() else 'b'}" for name in names.split(", "))
    verdict = doubled.judge(FakeStudent.of(f"def doubled(W, b): return {{{pairs}}}"), Ask((1,)))
    assert verdict.outcome is Outcome.PASSED


@equals(inputs=(normal(3), normal(3), normal(3)), returns=("grad_a", "grad_b", "grad_u"))
def slopes(a: np.ndarray, b: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return 2 * a, 3 * b, 5 * u


@pytest.mark.parametrize("names", ["w b v", "dw db dv", "weights bias output"])
def test_parts_under_words_of_ones_own_go_by_their_order(names: str) -> None:
    w, b, v = names.split()
    student = FakeStudent.of(f"def slopes(a, b, u): return {{{w!r}: 2 * a, {b!r}: 3 * b, {v!r}: 5 * u}}")
    assert slopes.judge(student, Ask((1,))).outcome is Outcome.PASSED


def test_a_part_that_is_known_elsewhere_leaves_no_order_to_go_by() -> None:
    student = FakeStudent.of("def slopes(a, b, u): return {'dv': 5 * u, 'dw': 2 * a, 'db': 3 * b}")
    assert "returned a dictionary" in slopes.judge(student, Ask((1,))).found


def test_staff_can_repeat_the_gravest_case_and_read_what_was_expected() -> None:
    @equals(inputs=normal(30), corners=[values(0, 1, -2)])
    def cube(z: np.ndarray) -> np.ndarray:
        return z**3

    verdict = cube.judge(FakeStudent.of(NUMPY + "def cube(z): return z ** 3 + (z == -2)"), Ask((3,)))
    assert verdict.staff.splitlines() == [
        "`cube` at index 2: -8 was expected, -7 came back. 1 of 3 entries differ. Asked as arrays for z = (0, 1, -2).",
        "To repeat it: z = [0.0, 1.0, -2.0]",
    ]
    drawn = cube.judge(FakeStudent.of("def cube(z): return 'no'"), Ask((3,))).staff.splitlines()
    assert (
        drawn[0] == "`cube` returned text where numbers were expected. Asked as arrays for z = an array of shape (30,)."
    )
    assert len(drawn) == 4 and drawn[1].startswith("To repeat it: z = [") and drawn[1].count(",") == 29


@pytest.mark.parametrize(
    ("argument", "literal"),
    [
        (np.float64(0.1), "z = 0.1"),
        ([np.eye(2), 3], "z = [[[1.0, 0.0], [0.0, 1.0]], 3]"),
        (np.zeros(9999), ""),
        ("text", ""),
        ([1.0, {}], ""),
    ],
)
def test_arguments_are_written_out_where_that_can_be_done(argument: object, literal: str) -> None:
    assert typed(("z",), (argument,)) == literal
