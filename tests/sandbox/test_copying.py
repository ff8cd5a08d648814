"""Copying into a box: as root, from a hostile tree, onto a hostile tree."""

import os

import pytest

from grader.kernel.copying import copy_in

ME = os.getuid(), os.getgid()


@pytest.fixture()
def places(tmp_path):
    for name in ("handed_in", "home"):
        (tmp_path / name).mkdir()
    (tmp_path / "secret").write_text("reference")
    return tmp_path / "handed_in", tmp_path / "home", tmp_path / "secret"


def test_files_and_folders_arrive_whole(places):
    handed_in, home, _ = places
    (handed_in / "data/deep").mkdir(parents=True)
    (handed_in / "data/deep/x.bin").write_bytes(bytes(range(256)) * 9000)
    (handed_in / "ex.ipynb").write_text("{}")
    copy_in([(str(handed_in / "data"), "data"), (str(handed_in / "ex.ipynb"), "a/b/ex.ipynb")], home, *ME)
    assert (home / "data/deep/x.bin").read_bytes() == bytes(range(256)) * 9000
    assert (home / "a/b/ex.ipynb").read_text() == "{}"
    assert (home / "a/b/ex.ipynb").stat().st_mode & 0o777 == 0o600


def test_a_link_is_copied_as_a_link(places):
    handed_in, home, secret = places
    (handed_in / "data").mkdir()
    for link in (handed_in / "notes.txt", handed_in / "data/notes.txt"):
        link.symlink_to(secret)
    copy_in([(str(handed_in / "notes.txt"), "notes.txt"), (str(handed_in / "data"), "data")], home, *ME)
    assert (home / "notes.txt").readlink() == secret
    assert (home / "data/notes.txt").readlink() == secret


def test_a_link_to_a_folder_is_not_written_through(places):
    handed_in, home, secret = places
    (handed_in / "out").symlink_to(secret.parent)
    (handed_in / "x").write_text("mine")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        copy_in([(str(handed_in / "out"), "out"), (str(handed_in / "x"), "out/x")], home, *ME)
    assert not (secret.parent / "x").exists()


def test_a_link_is_not_overwritten_through(places):
    handed_in, home, secret = places
    (handed_in / "out").symlink_to(secret)
    (handed_in / "x").write_text("mine")
    with pytest.raises(FileExistsError):
        copy_in([(str(handed_in / "out"), "x"), (str(handed_in / "x"), "x")], home, *ME)
    assert secret.read_text() == "reference"


def test_pipes_are_left_out(places):
    handed_in, home, _ = places
    os.mkfifo(handed_in / "pipe")
    copy_in([(str(handed_in / "pipe"), "pipe")], home, *ME)
    assert not list(home.iterdir())


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out", "", "."])
def test_a_name_that_leads_out_is_refused(places, name):
    handed_in, home, _ = places
    (handed_in / "x").write_text("mine")
    with pytest.raises(ValueError, match="not a name inside a folder"):
        copy_in([(str(handed_in / "x"), name)], home, *ME)
