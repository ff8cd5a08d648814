"""Tables are read as spreadsheet programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import spreadsheet
from grader.errors import UsageError

TEXT = "name;points\r\nÄnne;1,5\r\n"


def cells(folder: Path, data: bytes) -> list[tuple[str, ...]]:
    path = folder / "t.csv"
    path.write_bytes(data)
    return [line.cells for line in spreadsheet.read(path)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("text", [TEXT, TEXT.replace(";", "\t"), "sep=;\r\n" + TEXT, TEXT.replace("\r\n", "\n")])
def test_every_encoding_and_separator_of_excel_is_read(tmp_path, encoding, text):
    assert cells(tmp_path, text.encode(encoding)) == [("name", "points"), ("Änne", "1,5")]


def test_utf_16_from_the_other_end(tmp_path):
    assert cells(tmp_path, b"\xfe\xff" + TEXT.encode("utf-16-be"))[1] == ("Änne", "1,5")


def test_a_declared_separator_is_believed(tmp_path):
    assert cells(tmp_path, b"sep=|\na,b|c\n") == [("a,b", "c")]


def test_lines_without_a_word_are_left_out_and_counted(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'a,b\n\n , \n"1\n2",3\n')
    assert spreadsheet.read(tmp_path / "t.csv") == (
        spreadsheet.Line(1, ("a", "b")),
        spreadsheet.Line(5, ("1\n2", "3")),
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04\x00", "is a workbook: save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0", "is a workbook"),
        (b"a,b\n\x81,\xff\n", "is not a CSV file"),
        (b"a\n" + b"x" * 200_000, "line 2: field larger"),
    ],
)
def test_what_is_no_table_is_refused_in_a_line(tmp_path, data, said):
    with pytest.raises(UsageError, match=said) as refused:
        cells(tmp_path, data)
    assert "\n" not in str(refused.value)


def test_no_such_table(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        spreadsheet.read(tmp_path / "none.csv")
