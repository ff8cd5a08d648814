"""`exit()`, `quit()` and `sys.exit()` in a cell: the kernel stays, since what was built before is still to be asked."""

from __future__ import annotations

import warnings
from typing import Any


def forbid(shell: Any) -> None:
    """Let a shell take no leave; `sys.exit()` ends its cell all the same, without advice on how to end more."""
    shell.ask_exit = _stay
    warnings.filterwarnings("ignore", message="To exit: use")


def _stay() -> None:
    """Do nothing."""
