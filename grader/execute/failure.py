"""What stopped a cell, in the student's own terms, and whose fault it was.

The kernel's report is untrusted text. Frames of libraries and paths of this machine are left out; what remains is cut
to size. A missing module, data set, device or network is the environment's failure: it reads so in the report, and no
one loses points for what this machine lacks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Any

from grader.records import CellError

_LONGEST_MESSAGE, _LONGEST_TRACEBACK, _MOST_FRAMES = 2_000, 8_000, 60
_ESCAPE = re.compile(r"\x1b\[[0-9;?]{0,20}[a-zA-Z]|\x1b[^\[]?|[\x00-\x08\x0b-\x1f\x7f]")
_CELL = re.compile(r"^(?:Cell In|Input In) ?\[\d+\], line (\d+)(?:, in (\S+)|$|\s)")
_LIBRARY = re.compile(r"^File ")
_OWN_FOLDER = re.compile(r"^File (?:~/|/home/student/)(?!\.)")
_MACHINE_PATH = re.compile(r"(?:/[^\s:'\"<>()/]{1,200}){1,20}/(site-packages|dist-packages|lib/python3\.\d+)/")
"""Of folders that cannot be cut in two ways, and not too many: the text is hostile, and time has to be linear in it."""

_CELLS_FILE = re.compile(r"\(\d{1,20}\.py, (line \d{1,9})\)$")
"""The file that IPython makes of a cell is called by a number that means nothing to anybody."""
_ABSENT_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_NETWORK = {
    *("URLError", "HTTPError", "gaierror", "SSLError", "NewConnectionError", "MaxRetryError", "ConnectTimeout"),
    *("ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "ConnectionAbortedError"),
    *("RemoteDisconnected", "LocalEntryNotFoundError", "OfflineModeIsEnabled"),
}
_LACKING = re.compile(
    r"not compiled with CUDA|no NVIDIA driver|No CUDA GPUs|CUDA is not available|torch\.cuda\.is_available\(\) is False"
    r"|CUDA error|not linked with support for mps|MPS (?:device|backend)|Dataset not found|download=True"
    r"|urlopen error|Temporary failure in name resolution|Max retries exceeded|Network is unreachable"
    r"|no internet connection|Error downloading|offline mirror|GPU (?:device )?not found|Nobody is at the keyboard"
    r"|accelerator device when none is available|pinned memory allocator|Read-only file system|Cannot load backend"
    r"|'pip3?', 'install'",
    re.IGNORECASE,
)
_COLAB = "/content/"
"""Where nothing lies but what a program has put there."""
_INSISTS = re.compile(
    r"^-+>\s*\d+\s+assert\b.*\bis_available\(\)|\bis_available\(\).*\n+-+>\s*\d+\s+raise\b"
    r"|^-+>\s*\d+\s+.*\bis_available\(\).*:\s*raise\b",
    re.MULTILINE,
)
"""Code that will not go on without a graphics processor, in a frame of a traceback."""


def cell_error(content: Mapping[str, Any], own_files: Collection[str]) -> CellError:
    """Return what the kernel's reply says of a failed cell; `own_files` are the names handed in."""
    kind = plain(content.get("ename"), 200) or "Error"
    message = _CELLS_FILE.sub(r"(\1)", _shortened(plain(content.get("evalue"), _LONGEST_MESSAGE)))
    traceback = own_frames(_frames(content))
    lacking = _is_lacking(kind, message, own_files) or _INSISTS.search(traceback)
    return CellError(kind, message, traceback, "environment" if lacking else "student")


def plain(text: object, longest: int) -> str:
    """Return untrusted text without escape codes and control characters, cut to size."""
    if not isinstance(text, str):
        return ""
    clean = _ESCAPE.sub("", text[: 4 * longest]).encode(errors="replace").decode()
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def failing_line(content: Mapping[str, Any]) -> int | None:
    """Return the line of the cell (from 1) at which its own top level failed, if the traceback tells."""
    for frame in _frames(content):
        found = _CELL.match(frame)
        if found and found[2] in (None, "<module>"):
            return int(found[1][:9])
    return None


def own_frames(frames: list[str]) -> str:
    """Return a traceback without the frames of libraries and without paths of the machine."""
    kept = [frame for frame in frames if not _LIBRARY.match(frame) or _OWN_FOLDER.match(frame)]
    return plain(_shortened("\n".join(kept)), _LONGEST_TRACEBACK)


def _frames(content: Mapping[str, Any]) -> list[str]:
    """Return the traceback's parts as plain text, outermost first; the middle of a very long one is left out."""
    parts = content.get("traceback")
    lines = [plain(part, _LONGEST_TRACEBACK) for part in _ends(parts)] if isinstance(parts, list) else []
    return [line for part in lines for line in [part.strip("\n")] if line and not set(line) <= {"-"}]


def _ends(parts: list[object]) -> list[object]:
    """Return the first and last parts of a list that may be long."""
    half = _MOST_FRAMES // 2
    return parts if len(parts) <= _MOST_FRAMES else parts[:half] + parts[-half:]


def _shortened(text: str) -> str:
    """Return text in which a path to an installed package starts at the package."""
    return _MACHINE_PATH.sub("", text).replace("/home/student/", "~/")


def _is_lacking(kind: str, message: str, own_files: Collection[str]) -> bool:
    """Return whether this error is about something that the machine lacks."""
    if kind in ("ModuleNotFoundError", "ImportError"):
        return _lacks_module(message, own_files)
    if kind == "PermissionError":
        return True
    if kind == "FileNotFoundError" and _COLAB in message:
        return True
    if kind == "FileNotFoundError":
        return not any(PurePosixPath(name).name in message for name in own_files)
    return kind.rpartition(".")[2] in _NETWORK or bool(_LACKING.search(message))


def _lacks_module(message: str, own_files: Collection[str]) -> bool:
    """Return whether an import failed for a package that was not handed in."""
    found = _ABSENT_MODULE.search(message)
    name = found[1].partition(".")[0] if found else _imported_from(message)
    return name not in {PurePosixPath(file).parts[0].partition(".")[0] for file in own_files if file}


def _imported_from(message: str) -> str:
    """Return the package of "cannot import name 'x' from 'package.module'"."""
    found = re.search(r"from (?:partially initialized module )?'([\w.]+)'", message)
    return found[1].partition(".")[0] if found else ""
