"""Notebooks and scripts as cells, from well-formed to hostile."""

import errno
import json
import os
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import GraderFault
from grader.intake import Unreadable
from grader.notebook import Document, read


def reading(tmp_path: Path, content: str | bytes, name: str = "hw3.ipynb") -> Document:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, name)


def notebook(*cells: object, **metadata: object) -> str:
    return json.dumps({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def code(source: object, **metadata: object) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}


def sources(document: Document) -> list[str]:
    return [cell.source for cell in document.cells]


def refusal(tmp_path: Path, content: str | bytes, name: str = "hw3.ipynb") -> str:
    with pytest.raises(Unreadable) as raised:
        reading(tmp_path, content, name)
    assert name in raised.value.sentence
    assert "\n" not in raised.value.sentence
    return raised.value.sentence


# ------------------------------------------------------------------------------------------------- notebooks


def test_cells_have_numbers_kinds_sources_and_tags(tmp_path):
    text = {"cell_type": "markdown", "source": ["## Problem 3\n", "Proof."], "metadata": {"tags": ["q3a"]}}
    found = reading(tmp_path, notebook(code(["x = 1\n", "y = 2"]), text, code("", nbgrader={"grade_id": "q4"})))
    assert sources(found) == ["x = 1\ny = 2", "## Problem 3\nProof.", ""]
    assert [(cell.number, cell.kind, cell.tags) for cell in found.cells] == [
        (1, "code", ()),
        (2, "text", ("q3a",)),
        (3, "code", ("q4",)),
    ]


def test_format_3_gives_the_cells_that_nbformat_converts_it_to(tmp_path):
    old = nbformat.v3.new_notebook(
        worksheets=[
            nbformat.v3.new_worksheet(
                cells=[
                    nbformat.v3.new_heading_cell("Problem 3", level=2),
                    nbformat.v3.new_text_cell("markdown", "Proof."),
                    nbformat.v3.new_code_cell("x = 1\ny = 2"),
                    nbformat.v3.new_text_cell("raw", "raw"),
                ]
            )
        ]
    )
    found = reading(tmp_path, json.dumps(old))
    assert sources(found) == [cell.source for cell in nbformat.convert(old, 4).cells]
    assert [cell.kind for cell in found.cells] == ["text", "text", "code", "text"]
    assert found.remarks == ("hw3.ipynb is in an old notebook format (3).",)


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "julia", "name": "julia-1.9"}}, "Julia"),
        ({"language_info": {"name": "R"}}, "R"),
        ({"kernelspec": {"name": "ir"}}, "R"),
    ],
)
def test_other_languages_are_refused(tmp_path, metadata, language):
    assert refusal(tmp_path, notebook(code("x <- 1"), **metadata)) == (
        f"hw3.ipynb is a notebook in {language}; only Python is run."
    )


@pytest.mark.parametrize(
    "metadata",
    [{}, {"kernelspec": {"name": "conda-env-dl-py"}}, {"language_info": {"name": "ipython"}}, {"kernelspec": 3}],
)
def test_python_by_any_name_is_read(tmp_path, metadata):
    assert reading(tmp_path, notebook(code("x"), **metadata)).remarks == ()


def test_python_2_is_read_with_a_remark(tmp_path):
    found = reading(tmp_path, notebook(code("print 1"), kernelspec={"name": "python2", "language": "python"}))
    assert "Python 2" in found.remarks[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        (" \n ", "is empty"),
        (b"%PDF-1.7 \x00\xff", "a PDF document"),
        (b"PK\x03\x04....", "a zip file or an office document"),
        ("<!DOCTYPE html><html>", "is a web page"),
        ("version https://git-lfs.github.com/spec/v1", "only a pointer"),
        ("once upon a time", "does not begin like one"),
        ('{"cells": [{"cell_type": "code", "source": "x = 1', "breaks off at line 1"),
        ('{"cells": [\n<<<<<<< HEAD\n]}', "unresolved conflicts"),
        ('{"cells": [\n}', "is damaged at line 2"),
        ("[1, 2]", "holds a list instead of cells"),
        ('{"a": 1}', "has no cells"),
        ('{"cells": 5}', "has no cells"),
        ("[" * 100_000, "nested without end"),
        ('{"cells": ' + "[" * 100_000, "nested without end"),
        ('{"cells": [], "n": ' + "9" * 10_000 + "}", "number without end"),
        (notebook(*[code("x")] * 5001), "holds 5001 cells"),
        (notebook(code("x" * 5_000_001)), "more than 5 million characters"),
    ],
)
def test_what_is_no_notebook_is_one_sentence(tmp_path, content, says):
    assert says in refusal(tmp_path, content)


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "hw3.ipynb"
    with path.open("wb") as target:
        target.truncate(300_000_000)
    with pytest.raises(Unreadable, match="too large \\(300 MB; up to 50 MB are read\\)"):
        read(path, "hw3.ipynb")


def test_a_pipe_does_not_hang(tmp_path):
    import os

    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(Unreadable, match="not an ordinary file"):
        read(tmp_path / "a.py", "a.py")


@pytest.mark.parametrize(
    "cell",
    [None, 3, [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": 5}, {"cell_type": 3, "source": "x"}],
)
def test_odd_cells_are_empty_with_a_remark(tmp_path, cell):
    found = reading(tmp_path, notebook(code("x = 1"), cell))
    assert sources(found) == ["x = 1", ""]
    assert found.remarks == ("Cell 2 of hw3.ipynb cannot be read and is taken as empty text.",)


def test_a_notebook_without_code_is_read_with_a_remark(tmp_path):
    assert reading(tmp_path, notebook()).remarks == ("hw3.ipynb holds no code.",)


@pytest.mark.parametrize("content", ["# nothing yet\n", "# %% [markdown]\n# Problem 3a\n"])
def test_a_script_without_code_is_remarked_on(tmp_path, content):
    assert reading(tmp_path, content, "hw3.py").remarks == ("hw3.py holds no code.",)
    assert reading(tmp_path, content + "\n# %%\nx = 1\n", "hw3.py").remarks == ()


def test_that_there_is_no_code_is_said_first(tmp_path):
    assert reading(tmp_path, notebook({"source": 3})).remarks[0] == "hw3.ipynb holds no code."


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_a_file_that_the_machine_refuses_is_a_fault(tmp_path, monkeypatch, number):
    def refuses(*_):
        raise OSError(number, os.strerror(number))

    (tmp_path / "hw3.py").write_text("x = 1")
    monkeypatch.setattr(os, "open", refuses)
    with pytest.raises(GraderFault, match=r"hw3\.py could not be read here: "):
        read(tmp_path / "hw3.py", "hw3.py")


def test_sources_can_always_be_encoded(tmp_path):
    found = reading(tmp_path, '{"cells": [{"cell_type": "code", "source": "s = \'\\ud800\\u0000\'"}]}')
    assert sources(found) == ["s = '?'"]


def test_repeated_keys_do_no_harm(tmp_path):
    assert sources(
        reading(tmp_path, '{"cells": 3, "cells": [{"cell_type": "code", "source": "1", "source": "2"}]}')
    ) == ["2"]


def test_a_text_is_one_cell(tmp_path):
    found = reading(tmp_path, "# Problem 3\r\n\r\nProof.", "answers.md")
    assert [(cell.kind, cell.source) for cell in found.cells] == [("text", "# Problem 3\n\nProof.")]


def test_a_notebook_called_a_script_is_a_notebook(tmp_path):
    assert sources(reading(tmp_path, notebook(code("x = 1")), "hw3.py")) == ["x = 1"]


# ------------------------------------------------------------------------------------------------- encodings


@pytest.mark.parametrize(
    ("content", "remarks"),
    [
        ("name = 'Zoë'".encode(), 0),
        ("name = 'Zoë'".encode("utf-8-sig"), 0),
        ("name = 'Zoë'".encode("utf-16"), 1),
        ("name = 'Zoë'".encode("utf-16-le"), 1),
        ("name = 'Zoë'".encode("latin-1"), 1),
        ("name = 'Zoë'".encode("cp1252"), 1),
    ],
)
def test_scripts_in_any_encoding_are_read(tmp_path, content, remarks):
    found = reading(tmp_path, content, "hw3.py")
    assert sources(found) == ["name = 'Zoë'"]
    assert len(found.remarks) == remarks


def test_a_declared_encoding_is_believed_if_text_is_written_in_it(tmp_path):
    found = reading(tmp_path, "# coding: gbk\nname = '李'".encode("gbk"), "hw3.py")
    assert "李" in sources(found)[0]
    assert "李" in sources(reading(tmp_path, "# coding: unicode_escape\nname = '李'".encode(), "hw3.py"))[0]
    assert "x" in sources(reading(tmp_path, "# coding: nonsense\nx = 1", "hw3.py"))[0]


def test_line_ends_and_null_characters_are_mended(tmp_path):
    found = reading(tmp_path, b"x = 1\r\ny = 2\rz = \x003", "hw3.py")
    assert sources(found) == ["x = 1\ny = 2\nz = 3"]
    assert "null characters" in found.remarks[0]


# ------------------------------------------------------------------------------------------------- scripts


def test_a_script_is_cut_at_compound_statements(tmp_path):
    found = reading(
        tmp_path,
        "import a\nx = 1\n\n# above\ndef f():\n    pass\n\ny = 2\nfor i in x:\n    y += 1\nz = 3\n# end",
        "a.py",
    )
    assert sources(found) == [
        "import a\nx = 1",
        "# above\ndef f():\n    pass",
        "y = 2",
        "for i in x:\n    y += 1",
        "z = 3\n# end",
    ]
    assert [cell.line for cell in found.cells] == [1, 3, 7, 9, 11]


def test_drawing_stays_together(tmp_path):
    drawing = "plt.plot(x)\nwith no_grad():\n    plt.plot(y)\nplt.show()"
    assert sources(reading(tmp_path, f"{drawing}\nfor i in x:\n    pass", "a.py"))[0] == drawing


def test_the_main_body_is_cut_too(tmp_path):
    text = 'def f(): pass\n# go\nif __name__ == "__main__":\n    x = """\ntext\n"""\n'
    text += "    # two\n    y = f(\n)\n    for i in x: pass\nz = 1"
    assert sources(reading(tmp_path, text, "a.py")) == [
        "def f(): pass",
        '# go\nif __name__ == "__main__":\n    x = """\ntext\n"""',
        'if __name__ == "__main__":\n    # two\n    y = f(\n)',
        'if __name__ == "__main__":\n    for i in x: pass',
        "z = 1",
    ]


@pytest.mark.parametrize(
    "main", ['if __name__ == "__main__": f()', 'if __name__ == "__main__":\n    f()\nelse:\n    g()']
)
def test_other_main_blocks_stay_whole(tmp_path, main):
    assert sources(reading(tmp_path, main, "a.py")) == [main]


def test_a_syntax_error_costs_only_its_own_statement(tmp_path):
    text = "x = [\n1,\n2,\n]\n@a\ndef f():\n    '''\ntext\n    '''\n# why\ndef broken(x)\n    return 1\n\n"
    text += "y = 2\n%matplotlib inline\nz = 3"
    assert sources(reading(tmp_path, text, "a.py")) == [
        "x = [\n1,\n2,\n]",
        "@a\ndef f():\n    '''\ntext\n    '''",
        "# why\ndef broken(x)\n    return 1",
        "y = 2",
        "%matplotlib inline",
        "z = 3",
    ]


def test_python_2_tabs_are_read_as_python_2_did(tmp_path):
    assert len(reading(tmp_path, "def f():\n        if 1:\n\t    return 1\nx = 1", "a.py").cells) == 2


def test_percent_cells_are_the_students_own(tmp_path):
    text = '# %% [markdown]\n# ## Problem 3\n# Proof.\n\n# %% tags=["q4"]\nx = 1\ndef f(): pass\n\n'
    text += "#%%\n# %matplotlib inline\ny = 2\n"
    found = reading(tmp_path, text, "a.py")
    assert [(cell.kind, cell.source, cell.tags) for cell in found.cells] == [
        ("text", "## Problem 3\nProof.", ()),
        ("code", "x = 1\ndef f(): pass", ("q4",)),
        ("code", "%matplotlib inline\ny = 2", ()),
    ]


def test_percent_cells_are_those_that_jupytext_sees(tmp_path):
    jupytext = pytest.importorskip("jupytext")
    text = (Path(__file__).parents[1] / "sample_submissions/hw3/ines_percent_cells.py").read_text(encoding="utf-8")
    text += '# %% a title [markdown] tags=["q7", "x"]\n"""\nIn a string.\n"""\n# %%\n# %%time\n# !ls\nx = 1\n'
    theirs = [cell for cell in jupytext.reads(text, fmt="py:percent").cells if cell.source]
    found = [cell for cell in reading(tmp_path, text, "a.py").cells if cell.source]
    assert [cell.source for cell in found] == [cell.source for cell in theirs]
    assert [cell.kind == "code" for cell in found] == [cell.cell_type == "code" for cell in theirs]
    assert [cell.tags for cell in found] == [tuple(cell.metadata.get("tags", ())) for cell in theirs]


@pytest.mark.parametrize(
    "odd", ["# %% tags={}", '# %% {"a":', "# %% tags=[3]", "# ---\n# %%\n# ---", "# %%%% sub", "#%%"]
)
def test_odd_marks_are_marks(tmp_path, odd):
    assert sources(reading(tmp_path, f"x = 1\n{odd}\ny = 2", "a.py"))[-1].endswith("y = 2")


def test_too_many_statements_end_in_one_cell(tmp_path):
    found = reading(tmp_path, "def f(): pass\n" * 2500, "a.py")
    assert len(found.cells) == 2000
    assert sum(source.count("def") for source in sources(found)) == 2500


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                "x = 1",
                "def f(x):",
                "    return x",
                "'''",
                "# %%",
                "# %% [markdown]",
                "]",
                "y = [",
                "",
                "if x:",
                "\t\tz",
                "else:",
                "a;b",
                "plt.show()",
                "if __name__ == '__main__':",
                "# c",
                "\\",
                "\x0c",
                "# %% {",
                '# %% tags="a',
            ]
        )
    ),
    st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
def test_any_script_is_read_and_no_line_is_lost(tmp_path_factory, lines, encoding):
    path = tmp_path_factory.mktemp("script") / "a.py"
    path.write_bytes("\n".join(lines).encode(encoding))
    try:
        found = read(path, "a.py")
    except Unreadable:
        assert not "".join(lines).strip()
        return
    if not any(line.startswith("# %%") for line in lines):
        seen = [line for source in sources(found) for line in source.split("\n")]
        for line in lines:
            assert line in seen or not line.strip()


@settings(max_examples=300)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats()
        | st.integers()
        | st.text(max_size=5)
        | st.sampled_from(["code", "markdown", "x = 1"]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "cells",
                        "cell_type",
                        "source",
                        "metadata",
                        "tags",
                        "worksheets",
                        "input",
                        "level",
                        "kernelspec",
                        "name",
                        "language",
                        "language_info",
                        "version",
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=25,
    )
)
def test_any_json_is_cells_or_a_sentence(tmp_path_factory, root):
    path = tmp_path_factory.mktemp("notebook") / "a.ipynb"
    path.write_text(json.dumps(root))
    try:
        for cell in read(path, "a.ipynb").cells:
            assert cell.source.encode() is not None
    except Unreadable as error:
        assert "a.ipynb" in error.sentence


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(["a.py", "a.ipynb", "a.md", "a.ipynb.txt", "a.pdf"]))
def test_any_bytes_are_cells_or_a_sentence(tmp_path_factory, data, name):
    path = tmp_path_factory.mktemp("bytes") / "file"
    path.write_bytes(data)
    try:
        assert all(cell.source.encode() is not None for cell in read(path, name).cells)
    except Unreadable as error:
        assert error.sentence.startswith(name)
