"""The one thing intake and notebook reading raise about a hand-in."""

from __future__ import annotations


class Unreadable(Exception):
    """A file that cannot be taken as code; the message is one sentence for the student."""

    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
        return str(self)
