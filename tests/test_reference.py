"""References are loaded by name, and held against their rubric before anything runs."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from grader.assignment import Assignment, Claim, Limits, Problem
from grader.errors import RubricError
from grader.expect.expectation import Expectation, Mistake
from grader.reference import join, load

HEAD = "from grader.expect.expectation import Expectation, Mistake\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "hw1.py"
    path.write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(RubricError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


def test_expectations_learn_their_names(tmp_path):
    found = load(written(tmp_path, "net = Expectation()\n_own = Expectation()\nother = 3\n"))
    assert {name: one.name for name, one in found.items()} == {"net": "net", "_own": "_own"}


def test_each_load_is_fresh(tmp_path):
    first = load(written(tmp_path, "net = Expectation()"))
    second = load(written(tmp_path, "fit = Expectation()\nfit.x = 1"))
    assert set(first) == {"net"}
    assert set(second) == {"fit"}


def test_what_a_mistake_meets_goes_by_the_name_of_what_is_right(tmp_path):
    text = "net = Expectation()\nnet.mistakes += [Mistake('a', abs, 'x.', meets=Expectation())]"
    (known,) = load(written(tmp_path, text))["net"].mistakes
    assert (known.meets.name, known.meets.folder) == ("net", tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (1", ", line 2: '(' was never closed."),
        ("\nimport no_such_module_at_all", ", line 3: ModuleNotFoundError: No module named"),
        ("def f():\n    1 / 0\nf()", ", line 3: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", ", line 2: SystemExit: 3"),
        ("raise ValueError('two\\nlines')", ", line 2: ValueError: two"),
        ("net = Expectation()\n\nnet = Expectation()", ", line 4: 'net' is already declared in line 2."),
        ("net = Expectation()\nfit = net", ", line 3: 'net' and 'fit' are the same expectation"),
        (
            "net = Expectation()\nnet.mistakes += [Mistake('a', abs, 'x.'), Mistake('a', abs, 'y.')]",
            "two known mistakes",
        ),
        (
            "net = Expectation()\nnet.parts = ('rule',)\nnet.mistakes += [Mistake('a', abs, 'x.', 'ruel')]",
            "the mistake 'a' is of 'ruel', which is no part of 'net'; its parts are rule. Did you mean 'rule'?",
        ),
        ("x = 1\0", ": "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, said):
    assert said in refusal(tmp_path, text)


SQUARE = """
from grader.expect import Network, Normal, Recipe, Trained, Value, equals, gradient, holds, mistake, normal

@equals(inputs=normal(5))
def square(x):
    return x * x

def plain(x):
    return x

three = Value(3)
net = Network((1, 2, 1))
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@equals\ndef f(x): ...", "TypeError: write @equals(inputs=…): at which inputs it is called"),
        ("@equals()\ndef f(x): ...", "TypeError: write @equals(inputs=…): at which inputs it is called"),
        (
            "@equals(inputs=normal(5), name=('g',))\ndef f(x): ...",
            "TypeError: Function() got an unexpected keyword argument 'name'. Did you mean 'names'?",
        ),
        ("@equals(inputs=(normal(5), 3))\ndef f(x): ...", "TypeError: f takes (x), and 2 given as inputs"),
        ("@equals(inputs=3, corners=[(1, 2)])\ndef f(x): ...", "TypeError: f takes (x), and 2 given as inputs"),
        ("@equals(inputs=3)\ndef f(x, y): ...", "TypeError: f takes (x, y), and 1 given as inputs or as a corner"),
        ("@mistake(plain, 's')\ndef f(x): ...", "TypeError: a mistake is of something declared, by @equals or as a"),
        ("@mistake('square', 's')\ndef f(x): ...", "Network, say; 'square' is not"),
        (
            "@mistake(square, 's')\ndef f(): ...",
            "TypeError: the mistake 'f' has to take the arguments of the right one, (x)",
        ),
        ("@mistake(three, 's')\ndef f(x): ...", "TypeError: the mistake 'f' has to take no arguments"),
        ("Network((1, 2, 1), activation='swish')", "ValueError: no activation 'swish' is known; those that are: sigm"),
        (
            "Recipe(net, step=1, epochs=1, batch=1, rows=1, inputs=normal(3), labels=plain)",
            "TypeError: inputs is a law, Normal(0, 1) with a capital N; normal(…) draws",
        ),
        (
            "Recipe(3, step=1, epochs=1, batch=1, rows=1, inputs=Normal(0, 1), labels=plain)",
            "TypeError: what is trained is a Network(…) that the reference declares, not 3",
        ),
        ("Trained('net')", "TypeError: what is trained is a Network(…) that the reference declares, not 'net'"),
        ("Network(1, 2)", "TypeError: the widths of all layers are one tuple: Network((1, 16, 1))"),
        ("@gradient\ndef f(x): ...", "TypeError: write @gradient(of=…, inputs=…): of which function, and at which"),
        ("@gradient(of=plain)\ndef f(x): ...", "TypeError: write @gradient(of=…, inputs=…): of which function, and"),
        (
            "@gradient(of=plain, by='w', inputs=normal(3))\ndef f(x): ...",
            "TypeError: by='w' is no argument of f(x)",
        ),
        ("@holds\ndef f(): ...", "TypeError: the law f takes the student, and `ask` if it draws or calls functions"),
        ("Recipe(net, step=1)", "TypeError: Recipe() missing 5 required keyword-only arguments: 'epochs', 'batch'"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_where_it_stands(tmp_path, text, said):
    refused = refusal(tmp_path, SQUARE + text)
    assert refused.startswith(", line 14: ")
    assert said in refused


def test_inputs_may_be_drawn_whole_and_arguments_with_a_default_left_out(tmp_path):
    pair = "@equals(inputs=lambda rng: (1.0, 2.0), corners=[(3, 4)])\ndef f(x, y): ..."
    leaky = "@equals(inputs=normal(3))\ndef g(x, alpha=0.1): ..."
    assert {"f", "g"} <= set(load(written(tmp_path, f"{SQUARE}{pair}\n{leaky}")))


def test_what_is_no_expectation_may_be_bound_again(tmp_path):
    assert set(load(written(tmp_path, "x = 1\nx = 2\nnet = Expectation()"))) == {"net"}


def test_no_file(tmp_path):
    with pytest.raises(RubricError, match=r"cannot be read: No such file .* of one name: none\.toml and none\.py"):
        load(tmp_path / "none.py")


# ---------------------------------------------------------------------------------------------- join


class Parted(Expectation):
    parts = ("rule", "data")


def assignment(*claims: Claim) -> Assignment:
    return Assignment("hw1", "T", 1.0, Limits(), (Problem("1", "P", claims),), Path("r/hw1.toml"), Path("r/hw1.py"))


def claimed(expects: str = "net", part: str = "", **more: object) -> Assignment:
    return assignment(Claim("1.1", "S", 1.0, "check", expects, part, **more))


def expectations(**more: Expectation) -> dict[str, Expectation]:
    net = Expectation()
    net.mistakes.append(Mistake("biased", abs, "A bias."))
    return {"net": net, **more}


def test_what_fits_is_joined():
    join(claimed(credit={"biased": 0.5}), expectations(_hidden=Expectation()))
    join(assignment(Claim("1.1", "S", 1.0, "check", "t", "rule"), Claim("1.2", "S", 1.0, "item")), {"t": Parted()})


@pytest.mark.parametrize(
    ("asked", "given", "said"),
    [
        (
            claimed("nte"),
            {},
            "r/hw1.toml, claim 1.1: expects 'nte', which r/hw1.py does not declare. Did you mean 'net'?",
        ),
        (claimed("t", "rul"), {"t": Parted()}, "'t' has no part 'rul'; it has t.rule, t.data. Did you mean 'rule'?"),
        (
            claimed(reveal=True),
            {},
            "claim 1.1: reveals nothing: only the right number or formula is ever named, or what a law that takes",
        ),
        (
            claimed("t"),
            {"t": Parted()},
            "claim 1.1: 't' is judged in parts, each by a claim of its own: t.rule, t.data.",
        ),
        (claimed(part="x"), {}, "'net' has no part 'x'."),
        (
            claimed(credit={"bias": 0.5}),
            {},
            "credit for 'bias', which is no known mistake of 'net'. Did you mean 'biased'?",
        ),
        (
            claimed(),
            {"fit": Expectation()},
            "r/hw1.py: no claim in r/hw1.toml expects 'fit'; claim it, or begin its name",
        ),
    ],
)
def test_what_does_not_fit_is_refused(asked, given, said):
    with pytest.raises(RubricError) as caught:
        join(asked, expectations(**given))
    assert said in str(caught.value)


# ---------------------------------------------------------------------------------------------- siblings


def test_a_sibling_is_imported_by_its_name_and_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "shared.py").write_text(HEAD + "net = Expectation()\ndef double(x): return 2 * x\n")
    foreign = ModuleType("shared")
    monkeypatch.setitem(sys.modules, "shared", foreign)
    path = sys.path.copy()
    found = load(written(tmp_path, "from shared import double, net\nfit = Expectation()\nfit.x = double(2)"))
    assert set(found) == {"net", "fit"}
    assert vars(found["fit"])["x"] == 4
    assert sys.modules["shared"] is foreign
    assert sys.path == path


def test_two_courses_have_each_their_own(tmp_path):
    found = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "shared.py").write_text(f"number = {number}\n")
        path = written(folder, "import shared\nnet = Expectation()\nnet.number = lambda: shared.number")
        found.append(load(path)["net"])
    assert [vars(net)["number"]() for net in found] == [1, 2]
    assert "shared" not in sys.modules


def test_a_changed_sibling_is_read_again(tmp_path):
    path = written(tmp_path, "from shared import number\nnet = Expectation()\nnet.number = number")
    for number in (1, 20):
        (tmp_path / "shared.py").write_text(f"number = {number}\n")
        assert vars(load(path)["net"])["number"] == number


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(): 1 / 0\nf()\n", "shared.py, line 1: ZeroDivisionError: division by zero"),
        ("\nx = (1\n", "shared.py, line 2: SyntaxError: '(' was never closed"),
        ("import deeper\n", "deeper.py, line 1: ValueError: no"),
        ("from deeper import nothing\n", "deeper.py, line 1: ValueError: no"),
        ("import not_there_at_all\n", "shared.py, line 1: ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("number = 1\n", "hw1.py, line 2: ImportError: cannot import name 'double' from 'shared'"),
    ],
)
def test_an_error_in_a_sibling_names_its_file_and_line(tmp_path, text, said):
    (tmp_path / "shared.py").write_text(text)
    (tmp_path / "deeper.py").write_text("raise ValueError('no')\n")
    with pytest.raises(RubricError) as caught:
        load(written(tmp_path, "from shared import double"))
    assert str(caught.value).startswith(f"{tmp_path}/{said}")
    assert "shared" not in sys.modules
