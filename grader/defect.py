"""An error of ours that nobody foresaw: the person reads one sentence, the traceback goes to a file."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

LOG = "defects.log"


def note(error: BaseException, folder: Path | None = None) -> str:
    """Write the traceback at the end of `LOG` in `folder` and return one sentence that says where it is."""
    path = (folder or Path(tempfile.mkdtemp(prefix="grader-"))) / LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.writelines(traceback.format_exception(type(error), error, error.__traceback__))
    return f"This is a defect of the grader ({type(error).__name__}); what to report is in {path.resolve()}."
