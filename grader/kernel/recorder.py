"""Notes trainings."""

from __future__ import annotations

from typing import Any

from .sealed import seal

seal(globals())


class Recorder:
    """What was seen of trainings."""

    def find(self, key: str) -> Any:
        """Return the object behind an id, or None."""
        return None

    def models(self) -> list[tuple[str, Any]]:
        """Return the models seen at work."""
        return []

    def stop(self) -> None:
        """Note nothing from now on."""

    def trainings(self) -> list[dict[str, Any]]:
        """Return what was noted."""
        return []


def install() -> Recorder:
    """Return a recorder at work."""
    return Recorder()
