"""Stand-ins for packages that are not here: Colab's, progress bars, and those that are imported but hardly used.

An import of an absent package at the head of a notebook would take the whole cell along. So a short list of packages
can be imported by the student's own code, and fail only where they are first used, with the sentence that an import
gives. Where the student's code is prepared for the failure (`except ImportError`), it is given the failure; and no
library is ever led to believe that a package is there.
"""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, NoReturn

from .sealed import seal

seal(globals())

Note = Callable[[str], None]
ABSENT = ("sklearn", "seaborn", "pandas", "torchvision", "torchsummary", "torchviz", "tensorflow")
_COLAB = ("google", "google.colab", "google.colab.drive", "google.colab.files")
_PROGRESS = ("tqdm", "tqdm.auto", "tqdm.notebook")
_PREPARED = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


def install(note: Note) -> None:
    """Stand in for the packages on the list, where they are not there."""
    sys.meta_path.append(_Finder(note))
    sys.meta_path.insert(0, _Notebook(note))


class _Finder(MetaPathFinder):
    """Asked last: finds what nobody else has found, if it is on the list."""

    def __init__(self, note: Note) -> None:
        """Note in `note` what is used."""
        self._note = note

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return a spec for a stand-in, or None."""
        if fullname in _COLAB or fullname in _PROGRESS:
            return ModuleSpec(fullname, _Loader(self._note), is_package=True)
        root = fullname.partition(".")[0]
        if root in ABSENT and PathFinder.find_spec(root) is None and _asked_by_student_unprepared():
            return ModuleSpec(fullname, _Loader(self._note), is_package=True)
        return None


class _Notebook(_Finder):
    """Asked first: `tqdm.notebook` needs widgets, which nobody would see; plain bars will do."""

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return a spec for `tqdm.notebook` alone."""
        return ModuleSpec(fullname, _Loader(self._note), is_package=True) if fullname == "tqdm.notebook" else None


class _Loader(Loader):
    """Makes a stand-in."""

    def __init__(self, note: Note) -> None:
        """Note in `note` what is used."""
        self._note = note

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in of a package."""
        if spec.name in _COLAB:
            self._note("google.colab is not here; its drive and files were stood in for by nothing.")
            return _Colab(spec.name)
        if spec.name in _PROGRESS:
            return _Progress(spec.name)
        return _Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


class _Colab(ModuleType):
    """Mounts nothing, uploads nothing."""

    def mount(self, *_: Any, **__: Any) -> None:
        """Mount nothing."""

    def upload(self, *_: Any, **__: Any) -> dict[str, bytes]:
        """Return no files."""
        return {}

    download = view = flush_and_unmount = mount


class _Progress(ModuleType):
    """Progress bars that show nothing."""

    @staticmethod
    def trange(*arguments: int, **_: Any) -> _Bar:
        """Return a range with the manners of a bar."""
        return _Bar(range(*arguments))

    @property
    def tqdm(self) -> type[_Bar]:
        """The bar itself."""
        return _Bar

    tqdm_notebook = tqdm


class _Bar:
    """An iterable with the manners of a progress bar."""

    def __init__(self, iterable: Iterable[Any] = (), **_: Any) -> None:
        """Go through `iterable`."""
        self._iterable = iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)  # type: ignore[arg-type]

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, *_: Any, **__: Any) -> None:
        """Show nothing."""

    close = set_description = set_postfix = set_postfix_str = refresh = reset = update
    write = staticmethod(print)


class _Absent(ModuleType):
    """A package that is not here: it has every name, and none of them works."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Unusable(self.__name__.partition(".")[0])


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
    if frame.f_globals.get("__name__") != "__main__":
        return False
    return not _is_prepared("".join(linecache.getlines(frame.f_code.co_filename)), frame.f_lineno)


_IMPORTING = ("importlib", f"{__package__}.")


def _is_prepared(source: str, line: int) -> bool:
    """Tell whether a line stands in a `try` that catches the failure of an import."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    around = [node for node in tries if node.body[0].lineno <= line <= (node.body[-1].end_lineno or line)]
    return any(_catches(handler.type) for node in around for handler in node.handlers)


def _catches(kind: ast.expr | None) -> bool:
    """Tell whether a handler of this kind catches the failure of an import."""
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(each is None or (isinstance(each, ast.Name) and each.id in _PREPARED) for each in kinds)
