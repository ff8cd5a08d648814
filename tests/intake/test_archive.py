"""Zips, unpacked without trust."""

import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake.archive import Room, unpack
from grader.intake.unreadable import Unreadable

ROOM = Room(files=50, size=30 << 20)


def write(path: Path, members: list[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members:
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return path


def inside(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def into(tmp_path: Path) -> Path:
    (tmp_path / "box" / "into").mkdir(parents=True)
    return tmp_path / "box" / "into"


@pytest.mark.parametrize("name", ["../out.py", "/abs.py", "a/../../out.py", "C:/x.py", "..\\out.py", "\\x.py"])
def test_nothing_is_written_outside(tmp_path, into, name):
    remarks = unpack(write(tmp_path / "a.zip", [(name, b"1"), ("ok.py", b"2")]), into, ROOM)
    assert inside(tmp_path / "box") == ["into/ok.py"]
    assert len(remarks) == 1


def test_links_are_left_out(tmp_path, into):
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    remarks = unpack(write(tmp_path / "a.zip", [(link, b"/etc/passwd"), ("ok.py", b"2")]), into, ROOM)
    assert inside(into) == ["ok.py"]
    assert "link.py in a.zip points outside the archive or is a link" in remarks[0]


def test_a_bomb_is_stopped(tmp_path, into):
    bomb = write(tmp_path / "a.zip", [("zeros.py", b"\0" * (25 << 20))])
    with pytest.raises(Unreadable, match="grows too large"):
        unpack(bomb, into, ROOM)
    assert sum(path.stat().st_size for path in into.rglob("*")) < (20 << 20)


def test_too_many_files_are_refused(tmp_path, into):
    with pytest.raises(Unreadable, match="holds 51 files"):
        unpack(write(tmp_path / "a.zip", [(f"{place}.py", b"") for place in range(51)]), into, ROOM)


def test_a_locked_zip_is_said(tmp_path, into):
    content = bytearray(write(tmp_path / "a.zip", [("a.py", b"1")]).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Unreadable, match="password"):
        unpack(tmp_path / "a.zip", into, ROOM)


def test_names_of_every_kind_find_a_place(tmp_path, into):
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = write(tmp_path / "a.zip", [("x" * 400 + ".py", b"1"), ("a", b"2"), ("a/b.py", b"3"), ("a", b"4")])
    unpack(archive, into, ROOM)
    assert len(inside(into)) == 3


def test_utf_8_names_without_the_flag_are_read_right(tmp_path, into):
    content = write(tmp_path / "a.zip", [("Zoe..py", b"1")]).read_bytes().replace(b"Zoe..py", "Zoë.py".encode())
    (tmp_path / "a.zip").write_bytes(content)
    unpack(tmp_path / "a.zip", into, ROOM)
    assert inside(into) == ["Zoë.py"]


def _valid() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada/p1.py", "print(1)\n" * 50)
        archive.writestr("ada/p2.py", "print(2)\n" * 50)
    return target.getvalue()


VALID = _valid()


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.binary(min_size=1, max_size=4)), max_size=6))
def test_any_damage_ends_in_a_sentence_or_in_files(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("damage")
    content = bytearray(VALID)
    for place, new in changes:
        content[place : place + len(new)] = new
    (folder / "a.zip").write_bytes(content)
    (folder / "into").mkdir()
    try:
        unpack(folder / "a.zip", folder / "into", ROOM)
    except Unreadable as error:
        assert str(error).startswith("a.zip")
    assert {path.name for path in folder.iterdir()} == {"a.zip", "into"}
