"""Colab's own package, for notebooks that were written there: Drive is an empty folder, nothing goes up or down."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from .sealed import seal

seal(globals())

Note = Callable[[str], None]
PACKAGES = ("google", "google.colab")


class Colab(ModuleType):
    """`google.colab` or one of its modules: whatever is called does nothing, but for Drive and uploads."""

    def __init__(self, name: str, note: Note) -> None:
        """Be the module of this name."""
        super().__init__(name)
        self._note = note

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        full = f"{self.__name__}.{name}"
        if self.__name__ in PACKAGES:
            return sys.modules.setdefault(full, Colab(full, self._note))
        known = {"google.colab.drive.mount": self._mount, "google.colab.files.upload": self._upload}
        return known.get(full) or self._nothing(full)

    def _mount(self, mountpoint: object = "/content/drive", *_: Any, **__: Any) -> None:
        """Make the folder that Drive would be in."""
        folder = Path(str(mountpoint)) / "MyDrive"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            self._note("Google Drive is not here: drive.mount() did nothing.")
        else:
            self._note("Google Drive is not here: drive.mount() made an empty folder.")

    def _upload(self, *_: Any, **__: Any) -> Uploaded:
        """Return what lies beside the notebook, by the names that are asked for."""
        self._note("files.upload() uploaded nothing: files that were handed in are there already.")
        return Uploaded()

    def _nothing(self, full: str) -> Callable[..., None]:
        """Return a function that does nothing and says so."""

        def nothing(*_: Any, **__: Any) -> None:
            self._note(f"{full}() did nothing: Google Colab is not here.")

        return nothing


class Uploaded(dict[str, bytes]):
    """An empty upload, in which a file that was handed in is found all the same."""

    def __missing__(self, name: str) -> bytes:
        """Return a file of the working folder; raises FileNotFoundError."""
        return Path(Path(str(name)).name).read_bytes()
