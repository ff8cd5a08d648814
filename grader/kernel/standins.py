"""Stand-ins for packages that are not here: Colab's, progress bars, and those that are imported but hardly used.

An import of an absent package at the head of a notebook would take the whole cell along. So a short list of packages
can be imported by the student's own code, and fail only where they are first used, with the sentence that an import
gives. Where the student's code is prepared for the failure (`except ImportError`), it is given the failure; and no
library is ever led to believe that a package is there.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, NoReturn

from . import bars, colab, datasets
from .sealed import seal

seal(globals())

Note = Callable[[str], None]
Make = Callable[[str], ModuleType]
_WORDS = """
    sklearn seaborn pandas scipy cv2 skimage imageio plotly bokeh altair requests h5py sympy networkx statsmodels
    torchvision torchaudio torchtext torchsummary torchinfo torchviz torchmetrics torcheval pytorch_lightning lightning
    ignite fastai timm einops kornia captum tensorboard tensorboardX wandb mlflow optuna ray accelerate transformers
    tokenizers nltk spacy tensorflow tensorflow_datasets keras jax flax optax numba cupy xgboost lightgbm
    ipywidgets ipympl graphviz pydot gdown kaggle wget tabulate prettytable medmnist
"""
ABSENT = tuple(_WORDS.split())
_PROGRESS = ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook")
_PREPARED = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


def install_colab(note: Note) -> None:
    """Stand in for `google.colab`, for code that does not ask whether it is there."""

    def wanted(name: str) -> bool:
        return (name in colab.PACKAGES or name.startswith("google.colab.")) and _asked_by_student_unprepared()

    sys.meta_path.append(_Finder(wanted, lambda name: colab.Colab(name, note)))


def install_progress(note: Note) -> None:
    """Stand in for bars that need a browser, and for all of them where there are none."""

    def make(name: str) -> ModuleType:
        return bars.Progress(name, note)

    sys.meta_path.insert(0, _Finder(lambda name: name == "tqdm.notebook", make))
    sys.meta_path.append(_Finder(lambda name: name in _PROGRESS and _asked_by_student_unprepared(), make))


def install_absent(note: Note) -> None:
    """Let packages on the list be imported where they are not there, and fail where they are used."""

    def wanted(name: str) -> bool:
        root = name.partition(".")[0]
        return root in ABSENT and PathFinder.find_spec(root) is None and _asked_by_student_unprepared()

    def make(name: str) -> ModuleType:
        note(f"The package {name.partition('.')[0]} is not here; importing it was let pass, using it is not.")
        module = Absent(name)
        datasets.lend(module, note)
        return module

    def logs(name: str) -> bool:
        return name == "torch.utils.tensorboard" and PathFinder.find_spec("tensorboard") is None

    sys.meta_path.append(_Finder(wanted, make))
    sys.meta_path.insert(0, _Finder(logs, lambda name: Logs(name, note)))


class _Finder(MetaPathFinder, Loader):
    """Finds what is wanted, and makes a stand-in for it."""

    def __init__(self, wanted: Callable[[str], bool], make: Make) -> None:
        """Take both as functions of the module's full name."""
        self._wanted, self._make = wanted, make

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return a spec for a stand-in, or None."""
        return ModuleSpec(fullname, self, is_package=True) if self._wanted(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in."""
        return self._make(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


class Absent(ModuleType):
    """A package that is not here: it has every name, and none of them works."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unusable(self.__name__.partition(".")[0])


class Logs(ModuleType):
    """`torch.utils.tensorboard` without tensorboard: its writer takes everything and writes nothing."""

    def __init__(self, name: str, note: Note) -> None:
        """Be the module of this name; a sentence is noted when a writer is made."""
        super().__init__(name)

        class SummaryWriter:
            def __init__(self, *_: Any, **__: Any) -> None:
                note("Tensorboard is not here: its SummaryWriter wrote nothing.")

            def __enter__(self) -> SummaryWriter:
                return self

            def __exit__(self, *_: object) -> None:
                return None

            def __getattr__(self, name: str) -> Any:
                if name.startswith("__"):
                    raise AttributeError(name)
                return lambda *_, **__: None

        self.SummaryWriter = SummaryWriter


class _Unusable:
    """A name of a package that is not here."""

    def __init__(self, package: str) -> None:
        """Belong to `package`."""
        object.__setattr__(self, "_package", package)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        """Say that the package is not here."""
        package = object.__getattribute__(self, "_package")
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._refuse()

    __call__ = __iter__ = __getitem__ = __setattr__ = __mro_entries__ = __enter__ = __len__ = __bool__ = _refuse


def _asked_by_student_unprepared() -> bool:
    """Tell whether the import under way stands in the student's code, and not where its failure is awaited."""
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith(_IMPORTING):
        frame = frame.f_back
    file = frame.f_code.co_filename
    home = os.environ.get("HOME", "")
    if frame.f_globals.get("__name__") != "__main__" and not (home and file.startswith(home + os.sep)):
        return False
    return not _is_prepared("".join(linecache.getlines(file)), frame.f_lineno)


_IMPORTING = ("importlib", f"{__package__}.")


def _is_prepared(source: str, line: int) -> bool:
    """Tell whether a line imports all names there are, or stands in a `try` that catches the failure of an import."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    if any(isinstance(node, ast.ImportFrom) and node.lineno == line and _all_names(node) for node in ast.walk(tree)):
        return True
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    around = [node for node in tries if node.body[0].lineno <= line <= (node.body[-1].end_lineno or line)]
    return any(_catches(handler.type) for node in around for handler in node.handlers)


def _all_names(node: ast.ImportFrom) -> bool:
    """Tell whether an import is of `*`, which would bring no name of a package that is not here."""
    return [alias.name for alias in node.names] == ["*"]


def _catches(kind: ast.expr | None) -> bool:
    """Tell whether a handler of this kind catches the failure of an import."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(each is None or (isinstance(each, ast.Name) and each.id in _PREPARED) for each in kinds)
