"""What is replaced so that honest code can run here."""

from __future__ import annotations

from typing import Any

from .sealed import seal

seal(globals())


def install(options: dict[str, Any]) -> list[str]:
    """Return the list in which each replacement will note a sentence when it is used."""
    return []
