"""Names that libraries have dropped since many notebooks were written: they mean what they meant."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from .imports import when_imported
from .sealed import seal

seal(globals())

Note = Callable[[str], None]


def install(note: Note) -> None:
    """Bring back what NumPy, torch and matplotlib had."""
    when_imported("numpy", lambda numpy: _bring_back_names(numpy, note))
    when_imported("torch.utils.data.dataloader", lambda loading: _bring_back_next(loading, note))
    when_imported("matplotlib.style", lambda style: _bring_back_styles(style, note))
    when_imported("matplotlib.cm", lambda colours: _bring_back_maps(colours, note))


_ITEM: Callable[[Any], Any] = lambda array: array.item()  # noqa: E731 - what np.asscalar was
_REMOVED: dict[str, Any] = {"asscalar": _ITEM, "int": int, "float": float, "bool": bool, "complex": complex, "str": str}
_REMOVED |= {"object": object, "long": int, "unicode": str, "math": math}
_REMOVED |= dict.fromkeys(("Inf", "infty", "PINF", "Infinity"), float("inf")) | {"NINF": float("-inf")}
_REMOVED |= {"NaN": float("nan"), "NAN": float("nan"), "PZERO": 0.0, "NZERO": -0.0}
_RENAMED = {"product": "prod", "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "float_": "float64"}
_RENAMED |= {"complex_": "complex128", "row_stack": "vstack", "trapz": "trapezoid", "in1d": "isin", "unicode_": "str_"}
_RENAMED |= {"round_": "round", "mat": "asmatrix", "string_": "bytes_", "bool8": "bool_", "object0": "object_"}
_RENAMED |= {
    "int0": "intp",
    "uint0": "uintp",
    "float96": "longdouble",
    "cfloat": "complex128",
    "longfloat": "longdouble",
}
_RENAMED |= {"singlecomplex": "complex64"}
_EXCEPTIONS = ("VisibleDeprecationWarning", "ComplexWarning", "RankWarning", "AxisError", "TooHardError")


def _bring_back_names(numpy: Any, note: Note) -> None:
    """Let names that NumPy has removed mean what they meant."""
    original = vars(numpy).get("__getattr__")

    def __getattr__(name: str) -> Any:
        found = _meant(numpy, name)
        if found is not None:
            note(f"np.{name} is gone from NumPy; it was read as what it used to be.")
            return found
        if original is not None:
            return original(name)
        raise AttributeError(f"module 'numpy' has no attribute {name!r}")

    numpy.__getattr__ = __getattr__


def _meant(numpy: Any, name: str) -> Any:
    """Return what a removed name stood for, or None."""
    if name in _EXCEPTIONS:
        return getattr(getattr(numpy, "exceptions", None), name, None)
    if name == "msort":
        return lambda array: numpy.sort(array, axis=0)
    return _REMOVED.get(name, getattr(numpy, _RENAMED[name], None) if name in _RENAMED else None)


def _bring_back_next(loading: Any, note: Note) -> None:
    """Give the iterator of a DataLoader its method `next`."""

    def following(batches: Iterator[Any]) -> Any:
        note("iter(loader).next() is gone from torch; it was read as next(iter(loader)).")
        return next(batches)

    loading._BaseDataLoaderIter.next = following


def _bring_back_styles(style: Any, note: Note) -> None:
    """Let 'seaborn' and its variants name the style that they became."""
    original = style.use

    def current(name: Any) -> Any:
        became = f"seaborn-v0_8{name.removeprefix('seaborn')}" if type(name) is str else ""
        if type(name) is not str or not name.startswith("seaborn") or name in style.available:
            return name
        if became in style.available:
            note(f"The plotting style {name!r} is gone from matplotlib; {became!r} was used.")
        return became

    def use(styles: Any) -> None:
        original([current(each) for each in styles] if type(styles) in (list, tuple) else current(styles))

    style.use = use


def _bring_back_maps(colours: Any, note: Note) -> None:
    """Give `matplotlib.cm` its function `get_cmap`."""

    def get_cmap(name: Any = None, lut: int | None = None) -> Any:
        from matplotlib import pyplot

        note("matplotlib.cm.get_cmap is gone; plt.get_cmap was used.")
        return pyplot.get_cmap(name, lut)

    if not hasattr(colours, "get_cmap"):
        colours.get_cmap = get_cmap
