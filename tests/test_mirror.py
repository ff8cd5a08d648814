"""The course's mirror: its table is read strictly, and what lies in it is what its addresses say."""

import gzip
import importlib.util
import struct
from pathlib import Path

import numpy as np
import pytest

from grader import mirror
from grader.errors import RubricError

HERE = Path(__file__).parents[1]
FASHION = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"


def course(folder: Path, table: str, **files: bytes) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "mirror.toml").write_text(table)
    for name, content in files.items():
        path = folder / "data" / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def idx(path: Path) -> np.ndarray:
    data = gzip.decompress(path.read_bytes())
    zero, kind, axes = struct.unpack(">HBB", data[:4])
    assert (zero, kind) == (0, 8)
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    return np.frombuffer(data[4 + 4 * axes :], dtype=np.uint8).reshape(shape)


def test_a_course_without_data_has_no_mirror(tmp_path):
    assert mirror.read(tmp_path) is None


def test_an_address_of_a_folder_stands_for_every_file_in_it(tmp_path):
    table = (
        '[[file]]\naddress = "http://a.org/x/"\npath = "set/"\n[[file]]\naddress = "https://b.org/y"\npath = "one"\n'
    )
    found = mirror.read(course(tmp_path, table, set__p=b"1", set__q=b"2", one=b"3"))
    assert found is not None
    assert found.files == (("http://a.org/x/p", "set/p"), ("http://a.org/x/q", "set/q"), ("https://b.org/y", "one"))


def test_a_file_that_is_not_there_is_not_offered(tmp_path):
    found = mirror.read(course(tmp_path, '[[file]]\naddress = "http://a.org/x"\npath = "nothing"\n'))
    assert found is not None
    assert found.files == ()


def test_a_set_is_for_the_homeworks_it_names(tmp_path):
    files = "".join(
        f'[[file]]\naddress = "http://a.org/{name}/"\npath = "{name}/"\n' for name in ("own", "all", "none")
    )
    sets = '[[set]]\nname = "own"\nhomeworks = ["hw1", "hw2"]\n[[set]]\nname = "all"\n'
    found = mirror.read(course(tmp_path, files + sets, own__x=b"1", all__x=b"2", none__x=b"3"))
    assert found is not None
    assert found.offered_to("hw2") == found
    assert [path for _, path in found.offered_to("hw3").files] == ["all/x", "none/x"]
    assert found.offered_to("hw3").digest != found.digest


@pytest.mark.parametrize(
    ("address", "path", "said"),
    [
        ("ftp://a.org/x", "x", "starts with http"),
        ("http://a.org/x", "../x", "without '..'"),
        ("http://a.org/x", "/etc/passwd", "without '..'"),
        ("http://a.org/x", "", "without '..'"),
        ("http://a.org/x/", "x", "both end in '/'"),
        ("http://a.org/x", "x/", "both end in '/'"),
    ],
)
def test_a_wrong_table_is_refused_in_one_line(tmp_path, address, path, said):
    with pytest.raises(RubricError, match=said) as caught:
        mirror.read(course(tmp_path, f'[[file]]\naddress = "{address}"\npath = "{path}"\n'))
    assert "file 1" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_its_digest_changes_with_what_it_holds(tmp_path):
    table = '[[file]]\naddress = "http://a.org/x"\npath = "x"\n'
    one, two = (mirror.read(course(tmp_path / name, table, x=name.encode())) for name in ("one", "two"))
    assert one is not None
    assert two is not None
    assert one.digest != two.digest
    assert one.copied(tmp_path / "copy").digest == one.digest


def test_a_copy_holds_what_is_offered_and_nothing_else(tmp_path):
    table = '[[file]]\naddress = "http://a.org/x"\npath = "set/x"\n'
    found = mirror.read(course(tmp_path / "course", table, set__x=b"1", set__secret=b"2"))
    assert found is not None
    found.copied(tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").rglob("*") if path.is_file()] == ["index.json", "x"]


# ------------------------------------------------------------------------------------------------- the course's own


def test_the_courses_own_files_are_in_the_formats_of_the_real_ones():
    found = mirror.read(HERE)
    assert found is not None
    offered = dict(found.files)
    for name in ("fashion", "mnist"):
        for part, most in (("train", 60_000), ("t10k", 10_000)):
            images = idx(HERE / "data" / name / f"{part}-images-idx3-ubyte.gz")
            labels = idx(HERE / "data" / name / f"{part}-labels-idx1-ubyte.gz")
            assert images.shape == (len(labels), 28, 28)
            assert 100 < len(labels) <= most
            assert set(labels) == set(range(10))
            assert (images.min(), images.max()) == (0, 255)
    assert offered[FASHION + "train-images-idx3-ubyte.gz"] == "fashion/train-images-idx3-ubyte.gz"
    assert sum(path.stat().st_size for path in (HERE / "data").rglob("*") if path.is_file()) < 1_500_000


def test_keras_finds_the_same_digits():
    with np.load(HERE / "data" / "mnist" / "mnist.npz", allow_pickle=False) as digits:
        for part, file in {"x_train": "train-images-idx3", "y_test": "t10k-labels-idx1"}.items():
            assert np.array_equal(digits[part], idx(HERE / "data" / "mnist" / f"{file}-ubyte.gz"))


def test_the_script_that_made_them_makes_them_again():
    drawing = importlib.util.spec_from_file_location("silhouettes", HERE / "reference" / "silhouettes.py")
    assert drawing is not None
    assert drawing.loader is not None
    silhouettes = importlib.util.module_from_spec(drawing)
    drawing.loader.exec_module(silhouettes)
    images, labels = silhouettes.images(silhouettes.GARMENTS, 500, (2025, 2), shaded=True)
    with np.load(HERE / "reference" / "fashion.npz", allow_pickle=False) as held:
        assert np.array_equal(held["labels"], labels)
        assert np.mean(held["images"] != images) < 1e-3


def test_images_that_answers_are_judged_on_are_not_among_those_that_students_see():
    with np.load(HERE / "reference" / "fashion.npz", allow_pickle=False) as held:
        kept = {image.tobytes() for image in held["images"]}
    for part in ("train", "t10k"):
        seen = idx(HERE / "data" / "fashion" / f"{part}-images-idx3-ubyte.gz")
        assert not kept & {image.tobytes() for image in seen}
