"""Numbers and matrices of computer algebra cross as plain ones; expressions with symbols stay what they are."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from grader import wire
from grader.kernel import algebra
from grader.kernel.values import Encoder
from grader.student import Opaque

sympy = pytest.importorskip("sympy")
mpmath = pytest.importorskip("mpmath")
x = sympy.Symbol("x")


def crossed(value):
    encoder = Encoder()
    node = json.loads(json.dumps(encoder.node(value)))
    return wire.decode(node, encoder.buffers)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (sympy.Rational(1, 4), 0.25),
        (sympy.Integer(4353), 4353.0),
        (sympy.log(2), np.log(2)),
        (sympy.pi / 4, np.pi / 4),
        (sympy.Float("0.1", 50), 0.1),
        (sympy.oo, np.inf),
        (mpmath.mpf("0.1"), 0.1),
        (mpmath.pi, np.pi),
    ],
    ids=str,
)
def test_numbers_are_numbers(value, number):
    assert crossed(value) == number and type(crossed(value)) is float


@pytest.mark.parametrize(
    "table",
    [
        sympy.Matrix,
        sympy.ImmutableMatrix,
        sympy.SparseMatrix,
        sympy.Array,
        mpmath.matrix,
        lambda rows: np.array(sympy.Matrix(rows)),
        lambda rows: [[sympy.Float(each) for each in row] for row in rows],
    ],
)
def test_matrices_are_arrays(table):
    found = crossed({"W": table([[1, 2.5, 0], [0, 4, 0.25]])})["W"]
    assert np.array_equal(np.asarray(found, dtype=float), [[1, 2.5, 0], [0, 4, 0.25]])


@pytest.mark.parametrize(
    "value",
    [x, 2 * x, sympy.I, sympy.zoo, sympy.Matrix([[1, x]]), sympy.MatrixSymbol("A", 2, 2), mpmath.mpc(1, 2)],
    ids=str,
)
def test_what_is_no_plain_number_stays_what_it_is(value):
    assert crossed(value) == Opaque(type(value).__name__)


def test_a_library_of_the_students_own_may_be_anything(monkeypatch):
    class Poisoned(sympy.Integer):
        def __float__(self):
            raise RecursionError

    assert crossed(Poisoned(3)) == Opaque("Poisoned")
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert crossed(sympy.Matrix([[1]])) == Opaque("MutableDenseMatrix")
    monkeypatch.setitem(sys.modules, "sympy", object())
    assert crossed(sympy.Matrix([[1]])) == Opaque("MutableDenseMatrix")


def test_nothing_is_imported_for_it():
    program = (
        "import sys; from grader.kernel.values import Encoder; Encoder().node([object()]);"
        "print('sympy' in sys.modules, 'mpmath' in sys.modules)"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["False", "False"]
    assert algebra.plain(object()) is None
