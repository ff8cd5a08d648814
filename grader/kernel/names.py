"""The student's global names: which are theirs, and what 'model.l1.weight' or 'weights[0]' leads to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .failures import absent, raised
from .sealed import seal

seal(globals())

_PATH = re.compile(r"(?P<root>[^\W\d]\w*)(?P<steps>(?:\.[^\W\d]\w*|\[(?:-?\d{1,9}|'[^']*'|\"[^\"]*\")\])*)")
_STEP = re.compile(r"\.(?P<attribute>[^\W\d]\w*)|\[(?P<index>-?\d+)\]|\[['\"](?P<key>.*?)['\"]\]")
HIDDEN = ("In", "Out", "exit", "quit", "get_ipython")
MOST = 2000
"""Names that are looked at."""


class Names:
    """A namespace, less what stood in it before the student's first line."""

    def __init__(self, namespace: dict[str, Any], seen_at_work: Callable[[str], Any]) -> None:
        """Remember what is there already; `seen_at_work` gives the object behind a recorder's id, or None."""
        self.namespace = namespace
        self._before = dict(namespace)
        self._seen_at_work = seen_at_work

    def own(self) -> list[tuple[str, Any]]:
        """Return the student's names with their values: no modules, no underscores, nothing of IPython's."""
        found = [(name, value) for name, value in list(dict.items(self.namespace)) if self._is_own(name, value)]
        return found[:MOST]

    def _is_own(self, name: Any, value: Any) -> bool:
        """Tell whether the student bound this name."""
        if type(name) is not str or str.startswith(name, "_") or name in HIDDEN or len(name) > 200:
            return False
        return not issubclass(type(value), ModuleType) and self._before.get(name, self) is not value

    def resolve(self, path: str) -> Any:
        """Return what a recorder's id or a path leads to; a `Refusal` if nothing."""
        found = self._seen_at_work(path)
        if found is not None:
            return found
        match = _PATH.fullmatch(path)
        value = self._seen_at_work(match["root"]) if match else None
        if match is None or (value is None and match["root"] not in self.namespace):
            raise absent(path, self._near(match["root"] if match else path))
        value = self.namespace[match["root"]] if value is None else value
        for step in _STEP.finditer(match["steps"]):
            value = self._follow(value, step, path)
        return value

    def _follow(self, value: Any, step: re.Match[str], path: str) -> Any:
        """Return an attribute, item or entry; code of the student's may run here."""
        try:
            if step["attribute"] is not None:
                return getattr(value, step["attribute"])
            return value[int(step["index"]) if step["index"] is not None else step["key"]]
        except (AttributeError, LookupError, TypeError):
            raise absent(path) from None
        except BaseException as error:  # noqa: BLE001 - a property of the student's may raise anything
            raise raised(error, self.namespace) from None

    def _near(self, name: str) -> tuple[str, ...]:
        """Return the student's names most like one that is not there."""
        own = {str.lower(known): known for known, _ in self.own()}
        return tuple(own[like] for like in difflib.get_close_matches(name.lower()[:200], own, 5, 0.5))
