"""What nobody foresaw is one sentence; the traceback is kept where it can be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from grader import defect


def raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_a_defect_has_a_log(tmp_path):
    said = defect.note(raised(KeyError("x")), tmp_path / "results")
    assert said == f"This is a defect of the grader (KeyError); what to report is in {tmp_path}/results/defects.log."
    assert "KeyError: 'x'" in (tmp_path / "results" / "defects.log").read_text()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EMFILE, errno.EIO])
def test_a_machine_that_is_full_or_broken_is_no_defect(tmp_path, number):
    said = defect.note(raised(OSError(number, os.strerror(number), "/x/y")), tmp_path)
    assert said == f"The machine refuses to go on: {os.strerror(number)} (/x/y)."
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_cannot_be_written_does_not_hide_the_defect(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    said = defect.note(raised(KeyError("x")), tmp_path)
    assert said == "This is a defect of the grader (KeyError: 'x'; no log: No space left on device)."
