"""Progress bars that show nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from .sealed import seal

seal(globals())


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


class Progress(ModuleType):
    """`tqdm`, or one of its modules."""

    def __init__(self, name: str, note: Callable[[str], None]) -> None:
        """Be the module of this name; a sentence is noted when a bar is made."""
        super().__init__(name)

        class Noted(Bar):
            def __init__(self, *arguments: Any, **keywords: Any) -> None:
                note("The progress bars of tqdm showed nothing: there is no browser for them, or no tqdm, here.")
                super().__init__(*arguments, **keywords)

        self.tqdm = self.tqdm_notebook = Noted
        self.trange = self.tnrange = lambda *arguments, **keywords: Noted(range(*arguments), **keywords)
