"""An error that nobody foresaw: the person reads one sentence; the traceback of one that is ours goes to a file."""

from __future__ import annotations

import errno
import tempfile
import traceback
from pathlib import Path

LOG = "defects.log"
_MACHINES = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_RIGHTS = {errno.EACCES, errno.EPERM}


def note(error: BaseException, folder: Path | None = None) -> str:
    """Write the traceback at the end of `LOG` in `folder` and return one sentence that says where it is.

    What a machine refuses that is full or broken is no defect and has a sentence alone.
    """
    if isinstance(error, OSError) and error.errno in _MACHINES:
        return f"The machine refuses to go on: {refusal(error)}."
    try:
        path = _logged(error, folder or Path(tempfile.mkdtemp(prefix="grader-")))
    except OSError as unwritten:
        return f"This is a defect of the grader ({type(error).__name__}: {error}; no log: {refusal(unwritten)})."
    return f"This is a defect of the grader ({type(error).__name__}); what to report is in {path.resolve()}."


def _logged(error: BaseException, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.writelines(traceback.format_exception(type(error), error, error.__traceback__))
    return folder / LOG


def is_machines(error: OSError) -> bool:
    """Tell whether a machine that is full, broken or not ours is to blame, and not what a file is called or holds."""
    return error.errno in _MACHINES | _RIGHTS


def refusal(error: OSError) -> str:
    """Return what the machine said, and of which file."""
    said = error.strerror or type(error).__name__
    return f"{said} ({error.filename})" if error.filename else said
