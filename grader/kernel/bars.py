"""Progress bars that show nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from .sealed import seal

seal(globals())


class Progress(ModuleType):
    """`tqdm`, or one of its modules."""

    @staticmethod
    def trange(*arguments: int, **keywords: Any) -> Bar:
        """Return a range with the manners of a bar."""
        return Bar(range(*arguments), **keywords)

    @property
    def tqdm(self) -> type[Bar]:
        """The bar itself."""
        return Bar

    tqdm_notebook = tqdm
    tnrange = trange


class Bar:
    """An iterable with the manners of a progress bar."""

    def __init__(self, iterable: Iterable[Any] | None = None, *_: Any, total: Any = None, **__: Any) -> None:
        """Go through `iterable`, if there is one."""
        self.iterable = iterable
        self.total = total if total is not None or not hasattr(iterable, "__len__") else len(iterable)  # type: ignore[arg-type]
        self.n: Any = 0
        self.format_dict: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Any]:
        for each in self.iterable or ():
            yield each
            self.n += 1

    def __len__(self) -> int:
        return len(self.iterable) if hasattr(self.iterable, "__len__") else int(self.total or 0)  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def update(self, n: Any = 1) -> None:
        """Count."""
        self.n += n

    def close(self, *_: Any, **__: Any) -> None:
        """Show nothing."""

    set_description = set_description_str = set_postfix = set_postfix_str = refresh = reset = close
    clear = display = unpause = moveto = close
    pandas = staticmethod(lambda *_, **__: None)
    write = staticmethod(print)
