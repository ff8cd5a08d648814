"""Zip files whose bytes depend on what is in them and on nothing else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

from grader.store import EPOCH


def packed(files: Mapping[str, bytes], executable: Iterable[str] = ()) -> bytes:
    """Return a zip of these files in the order of their names."""
    whole, programs = io.BytesIO(), set(executable)
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, so that modes count, wherever this runs
            entry.external_attr = (0o100755 if name in programs else 0o100644) << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=9)
    return whole.getvalue()
