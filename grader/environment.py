"""The Python that students' code runs in: where it is, and what is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from grader import __version__
from grader.errors import UsageError

_ASK = """
import json, platform
from importlib.metadata import PackageNotFoundError, version
found = {"python": platform.python_version()}
for name in ("numpy", "torch", "matplotlib", "ipykernel"):
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def interpreter(*asked: Path | None) -> Path:
    """Return the first interpreter that was asked for, else the grader's own; raise UsageError if it cannot run."""
    python = next((path for path in asked if path is not None), Path(sys.executable))
    # Made absolute but not resolved: the python of a virtual environment is a link whose place tells the environment.
    python = Path(os.path.abspath(python.expanduser()))  # noqa: PTH100
    if not os.access(python, os.X_OK) or python.is_dir():
        raise UsageError(f"There is no Python at {python}.")
    return python


@cache
def versions(python: Path) -> dict[str, str]:
    """Return the versions of Python and of what matters most in an environment, and our own."""
    try:
        asked = subprocess.run([python, "-I", "-c", _ASK], capture_output=True, check=True, timeout=60)
        found: dict[str, str] = json.loads(asked.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise UsageError(f"{python} does not run as a Python interpreter: {error}.") from None
    return {"grader": __version__, **found}
