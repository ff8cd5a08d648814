"""A name that is not there because this machine lacks something is not the student's mistake."""

from __future__ import annotations

import pytest

from grader.execute.consequences import bound, traced
from grader.records import CellError, CellRun

MODULE = CellError("ModuleNotFoundError", "No module named 'torchvision'", blame="environment")


def cell(number, source, error=None):
    return CellRun(number, "code", source, error=error)


def unknown(name):
    return CellError("NameError", f"name '{name}' is not defined")


def blames(*cells):
    return [one.error.blame if one.error else "" for one in traced(cells)]


def test_what_follows_from_a_lack_is_the_environments_too():
    cells = (
        cell(1, "%matplotlib inline\nfrom torchvision import datasets as d\nimport a.b", MODULE),
        cell(2, "train = d.MNIST('.')\nfor batch in train:\n    last = batch", unknown("d")),
        cell(3, "x = 1"),
        cell(4, "print(last)", unknown("last")),
        cell(5, "a.b.c()", unknown("a")),
    )
    assert blames(*cells) == ["environment", "environment", "", "environment", "environment"]


@pytest.mark.parametrize(
    "cells",
    [
        (cell(1, "import torchvision", MODULE), cell(2, "print(tset)", unknown("tset"))),
        (cell(1, "tset = 1 / 0", CellError("ZeroDivisionError", "")), cell(2, "tset", unknown("tset"))),
        (cell(1, "tset", unknown("tset")), cell(2, "from torchvision import tset", MODULE)),
        (cell(1, "def f():\n    tset = 1\nimport b", MODULE), cell(2, "tset", unknown("tset"))),
        (
            cell(1, "from b import tset", MODULE),
            cell(2, "tset + ''", CellError("TypeError", "name 'tset' is not defined")),
        ),
    ],
)
def test_everything_else_stays_the_students(cells):
    assert "student" in blames(*cells)


@pytest.mark.parametrize("source", ["%%time\nx = 1", "a b", "x" * 30_000])
def test_a_cell_that_cannot_be_parsed_binds_nothing(source):
    assert list(bound(source)) == []


def test_it_is_so_in_a_record(laboratory):
    record = laboratory.record("import sklearn_of_old as old", "data = old.load()", "print(data)", "print(other)")
    assert [one.error.blame for one in record.cells] == ["environment", "environment", "environment", "student"]
