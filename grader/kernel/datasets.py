"""The loaders of `keras.datasets` where Keras is not here: they read the files of the course's offline mirror.

Many notebooks import TensorFlow for nothing else. The stand-in of the package is given these loaders and
`to_categorical`; every other name of it fails where it is used, as that of any package that is not here.
"""

from __future__ import annotations

import gzip
import io
import sys
import urllib.request
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from .sealed import seal

seal(globals())

Note = Callable[[str], None]
SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_PARTS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
_ROOTS = {"keras": "", "tensorflow": ".keras"}
Arrays = tuple[tuple[Any, Any], tuple[Any, Any]]


def lend(module: ModuleType, note: Note) -> None:
    """Give the stand-in of `keras` or `tensorflow`, just made, its loaders of data sets."""
    if module.__name__ not in _ROOTS:
        return
    keras = module.__name__ + _ROOTS[module.__name__]
    names = {
        "datasets.mnist": {"load_data": _loader(note, _mnist)},
        "datasets.fashion_mnist": {"load_data": _loader(note, _fashion)},
        "utils": {"to_categorical": to_categorical},
        "utils.np_utils": {"to_categorical": to_categorical},
    }
    for path, functions in names.items():
        _plant(module, f"{keras}.{path}", functions)


def _plant(root: ModuleType, full: str, functions: Mapping[str, Any]) -> None:
    """Put a module with these functions below the stand-in, with the modules between."""
    above, name = root, root.__name__
    for part in full.removeprefix(f"{name}.").split("."):
        name = f"{name}.{part}"
        below = sys.modules.get(name) or type(root)(name)
        sys.modules[name] = vars(above)[part] = below
        below.__path__ = []
        above = below
    vars(above).update(functions)


def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = "float32") -> Any:
    """Return one-hot rows for integer labels."""
    labels = np.asarray(y, dtype=int)
    labels = labels[..., 0] if labels.ndim > 1 and labels.shape[-1] == 1 else labels
    return np.eye(num_classes or int(labels.max()) + 1, dtype=dtype)[labels]


def _loader(note: Note, load: Callable[[], Arrays]) -> Callable[..., Arrays]:
    """Return `load_data`, which says that it is ours."""

    def load_data(path: str = "") -> Arrays:  # noqa: ARG001 - where Keras would keep it
        note("Keras is not here; its data set was read from the course's offline mirror.")
        return load()

    return load_data


def _mnist() -> Arrays:
    """Return the training and test sets of `mnist.npz`."""
    with np.load(io.BytesIO(_fetched("mnist.npz")), allow_pickle=False) as parts:
        return (parts["x_train"], parts["y_train"]), (parts["x_test"], parts["y_test"])


def _fashion() -> Arrays:
    """Return the training and test sets of the four IDX files."""
    images, labels, test_images, test_labels = (_idx(_fetched(f"{part}-ubyte.gz")) for part in _PARTS)
    return (images, labels), (test_images, test_labels)


def _fetched(name: str) -> bytes:
    """Return a file, from wherever downloads come; raises URLError."""
    with urllib.request.urlopen(SOURCE + name) as answer:
        data: bytes = answer.read()
        return data


def _idx(packed: bytes) -> Any:
    """Return the array of bytes in a compressed IDX file."""
    data = gzip.decompress(packed)
    sizes = np.frombuffer(data, ">i4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes).copy()
