"""Published data sets take the place of the small ones whole, checked, and without what is held out."""

from __future__ import annotations

import gzip
import hashlib
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from grader import course as courses
from grader.authoring import data
from grader.errors import UsageError
from grader.mirror import read

NAMES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def idx(array: np.ndarray) -> bytes:
    return gzip.compress(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes())


def arrays(folder: Path) -> list[np.ndarray]:
    return [data._idx(folder / name) for name in NAMES]


@pytest.fixture()
def published(tmp_path):
    """A folder with a data set as its authors publish it: 100 images, the first pixel their label."""
    folder = tmp_path / "elsewhere" / "deep"
    folder.mkdir(parents=True)
    labels = np.arange(100, dtype=np.uint8)
    images = np.zeros((100, 2, 2), dtype=np.uint8)
    images[:, 0, 0] = labels
    for name, array in zip(NAMES, (images, labels), strict=True):
        (folder / name).write_bytes(idx(array))
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture()
def address(published):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(published)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture()
def course(tmp_path, published, address):
    folder = tmp_path / "course"
    for name in ("rubrics", "reference", "data/small"):
        (folder / name).mkdir(parents=True)
    parts = "".join(
        f'[[set.file]]\nname = "{name}"\nsize = {len((published / name).read_bytes())}\n'
        f'md5 = "{hashlib.md5((published / name).read_bytes()).hexdigest()}"\n'
        for name in NAMES
    )
    held = f'[set.held_out]\nimages = "{NAMES[0]}"\nlabels = "{NAMES[1]}"\ncount = 10\nto = "held.npz"\n'
    table = '[[file]]\naddress = "http://a.org/"\npath = "small/"\n[[set]]\nname = "small"\nhomeworks = ["hw1"]\n'
    (folder / "data" / "mirror.toml").write_text(f'{table}address = "{address}"\n{parts}{held}')
    (folder / "data" / "small" / NAMES[0]).write_bytes(b"ours")
    return folder


def installed(folder: Path) -> bool:
    return (folder / "data" / "small" / NAMES[0]).read_bytes() != b"ours"


def run(folder: Path, action: str = "list", source: Path | None = None, homework: str = "") -> str:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with console.file:
        assert data.show(action, source, homework, courses.read(folder), console) == 0
        return console.export_text()


def check_held_out(folder: Path) -> None:
    images, labels = arrays(folder / "data" / "small")
    with np.load(folder / "reference" / "held.npz", allow_pickle=False) as held:
        assert len(held["labels"]) == 10
        assert np.array_equal(held["images"][:, 0, 0], held["labels"])
        assert not set(held["labels"]) & set(labels)
    assert len(labels) == 90
    assert np.array_equal(images[:, 0, 0], labels)
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["mirror.toml", "small"]
    mirror = read(folder)
    assert mirror is not None
    assert len(mirror.files) == 2


def test_fetching_installs_what_is_published_less_what_is_held_out(course):
    said = run(course, "fetch", homework="1")
    assert "2 files as published; 10 test examples are held out" in said
    check_held_out(course)


def test_importing_finds_files_by_their_digests_wherever_they_lie(course, published):
    (published.parent / NAMES[0]).write_bytes(b"another set's file of the same name")
    assert "as published" in run(course, "import", published.parent)
    check_held_out(course)


def test_a_changed_file_is_refused_and_changes_nothing(course, published):
    (published / NAMES[1]).write_bytes(idx(np.zeros(100, dtype=np.uint8)))
    with pytest.raises(UsageError, match=r"is not the file that mirror\.toml names"):
        run(course, "fetch")
    with pytest.raises(UsageError, match="holds no whole data set"):
        run(course, "import", published)
    assert not installed(course)
    assert not (course / "reference" / "held.npz").exists()
    assert sorted(path.name for path in (course / "data").iterdir()) == ["mirror.toml", "small"]


def test_a_server_that_does_not_answer_is_a_sentence(course, published):
    (published / NAMES[1]).unlink()
    with pytest.raises(UsageError, match=r"cannot be fetched: .*grade data import"):
        run(course, "fetch")
    assert not installed(course)


def test_what_is_there_is_listed(course):
    (line,) = [line for line in run(course).splitlines() if NAMES[0] in line]
    assert line.split()[:5] == [f"small/{NAMES[0]}", "0.0", "kB", "1", "hw1"]
    assert "not the published file" in line


@pytest.mark.parametrize(
    ("action", "source", "homework", "said"),
    [
        ("fetsch", None, "", "there are"),
        ("import", None, "", "A folder is named"),
        ("fetch", Path("/tmp"), "", "A folder is named"),
        ("import", Path("/nowhere"), "", "is not a folder"),
        ("fetch", None, "9", "No data set is for homework '9'; there are some for: hw1"),
    ],
)
def test_bad_use_is_a_sentence(course, action, source, homework, said):
    with pytest.raises(UsageError, match=said):
        run(course, action, source, homework)


def test_a_course_without_data_is_told_so(tmp_path):
    for name in ("rubrics", "reference"):
        (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="has no data"):
        run(tmp_path)
