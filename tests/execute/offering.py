"""A course's offline mirror for tests, and a sandbox in which notebooks find it."""

from __future__ import annotations

import gzip
import json
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grader import mirror
from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission

SITE = "https://data.example.org/"
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
FASHION = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"


def idx(array):
    """The bytes of an array in a compressed IDX file."""
    sizes = np.array(array.shape, ">i4").tobytes()
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes())


def offered(folder: Path) -> mirror.Mirror:
    """A mirror of one text, and of a data set of five images to train with and three to test with."""
    (folder / "data" / "fashion").mkdir(parents=True)
    (folder / "data" / "points.csv").write_text("1,2\n")
    for name, count in (("train", 5), ("t10k", 3)):
        images, labels = np.arange(count * 784).reshape(count, 28, 28) % 251, np.arange(count)
        (folder / "data" / "fashion" / f"{name}-images-idx3-ubyte.gz").write_bytes(idx(images))
        (folder / "data" / "fashion" / f"{name}-labels-idx1-ubyte.gz").write_bytes(idx(labels))
    table = {SITE + "points.csv": "points.csv", KERAS: "fashion/", FASHION: "fashion/"}
    lines = [
        f"[[file]]\naddress = {json.dumps(address)}\npath = {json.dumps(path)}\n" for address, path in table.items()
    ]
    (folder / "data" / "mirror.toml").write_text("\n".join(lines))
    found = mirror.read(folder)
    assert found is not None
    return found


@contextmanager
def desk(folder, **settings):
    """What runs cells with a mirror at hand and returns the record."""
    with Sandbox(Settings(mirror=offered(folder), **settings)) as sandbox:

        def record(*sources):
            cells = tuple(Cell(place, "code", source) for place, source in enumerate(sources, 1))
            with sandbox.run(
                Submission("s", "S", ()), [Document("w.ipynb", cells, "python")], Limits(), seed=1
            ) as finished:
                return finished.files[0]

        yield record


def printed(record):
    return [
        "".join(output.content for output in cell.outputs if output.kind in ("text", "note")) for cell in record.cells
    ]


def errors(record):
    return [(cell.error.kind, cell.error.blame) for cell in record.cells if cell.error]
