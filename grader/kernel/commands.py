"""`!command` and `names = !command` through pipes: IPython would use a pseudo-terminal, and a box has none."""

from __future__ import annotations

import codecs
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from IPython.utils.text import LSString, SList

CHUNK = 1 << 16

_prepared: list[Callable[[str], str]] = []


def prepare_with(change: Callable[[str], str]) -> None:
    """Have every command changed before it is run."""
    _prepared.append(change)


def install(shell: Any) -> None:
    """Have a shell run commands through pipes from now on."""

    def system(command: str) -> None:
        if command.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        run = _Command(shell.var_expand(command, depth=1))
        for text in run:
            sys.stdout.write(text)
        shell.user_ns["_exit_code"] = run.status

    def getoutput(command: str, split: bool = True, depth: int = 0) -> Any:
        text = "".join(_Command(shell.var_expand(command, depth=depth + 1)))
        return SList(text.splitlines()) if split else LSString(text)

    shell.system = shell.system_piped = system
    shell.getoutput = getoutput


class _Command:
    """A running shell command; iterating yields its output as it comes, and ends with its `status`."""

    def __init__(self, command: str) -> None:
        """Start the command."""
        self.status: int | None = None
        for change in _prepared:
            command = change(command)
        self._process = subprocess.Popen(
            command,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=CHUNK,
        )

    def __iter__(self) -> Iterator[str]:
        """Yield pieces of output; an interrupt has reached the command too, being sent to the whole group."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with self._process as process:
            assert process.stdout is not None
            while chunk := process.stdout.read1(CHUNK):  # type: ignore[attr-defined]
                yield decode(chunk)
        self.status = process.returncode
