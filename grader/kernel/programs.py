"""Commands after `!` and in shells' cells that do not apply here: they fail or pass at once, and say so.

A command line is cut into its simple commands; one that needs the network, a package index or a graphics processor is
replaced by a sentence and the exit status that lets the line go on as well as it can. `wget` and `curl` of an address
in the course's offline mirror become a copy of that file. Everything else is left as it was written,
and so is what a program starts by itself. This is a service, not a wall: it is the same in all modes of the sandbox.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from . import commands
from .downloads import not_there
from .magics import Magic, before_cells
from .mirrored import Mirror
from .sealed import seal

seal(globals())

Note = Callable[[str], None]
_SIMPLE = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^;&|\n"'\\])+""", re.DOTALL)
_BEFORE = re.compile(r"^(?:sudo(?:\s+-\S+)*|time|env|command|exec|yes|\w+=\S*)$")
_INSTALL = "nothing can be installed here; what is installed can be imported"
_NO_NETWORK = "there is no network here"
_NO_GPU = "there is no graphics processor here"
_PASSES = dict.fromkeys(("pip", "pip3", "conda", "mamba", "apt", "apt-get", "npm", "add-apt-repository"), _INSTALL)
_PASSES |= dict.fromkeys(("jupyter", "jupyter-nbextension"), "there is no browser here")
_FAILS = dict.fromkeys(("gdown", "kaggle", "gsutil", "aws", "ssh", "scp", "rsync", "aria2c", "axel"), _NO_NETWORK)
_FAILS |= dict.fromkeys(("nvidia-smi", "nvcc"), _NO_GPU)
_SHELLS = ("bash", "sh", "shell")
_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?\s*[\\'\"]?[A-Za-z_]")
"""Some of what follows is text that only looks like commands."""
_GIT = ("clone", "pull", "fetch", "push", "submodule", "lfs")
_LOADERS = ("wget", "curl")
_NAMING = {"wget": ("-O", "--output-document"), "curl": ("-o", "--output")}
_FOLDER = {"wget": ("-P", "--directory-prefix"), "curl": ("--output-dir",)}


def install(shell: Any, note: Note, mirror: Mirror) -> None:
    """Have a shell's commands looked through from now on."""
    if hasattr(shell, "system"):
        commands.prepare_with(lambda command: applicable(command, note, mirror))
        before_cells(shell).append(lambda name, line, cell: _of_shell(name, line, cell, note, mirror))


def _of_shell(name: str, line: str, cell: str, note: Note, mirror: Mirror) -> Magic:
    """Return a cell magic; if it is a shell's, with what does not apply here replaced."""
    program = line.split()[:1] if name == "script" else [name]
    if program and PurePosixPath(program[0]).name in _SHELLS:
        cell = applicable(cell, note, mirror)
    return name, line, cell


def applicable(command: str, note: Note, mirror: Mirror) -> str:
    """Return a command line, or several, in which what does not apply here is replaced."""
    if _HERE_DOCUMENT.search(command):
        return command
    return _SIMPLE.sub(lambda found: _replaced(found[0], note, mirror), command)


def _replaced(simple: str, note: Note, mirror: Mirror) -> str:
    """Return a simple command, or what is to be run in its place; blanks around it stay."""
    try:
        words = shlex.split(simple, comments=True)
    except ValueError:
        return simple
    while words and _BEFORE.match(words[0]):
        words = words[1:]
    instead = _instead(words, note, mirror) if words else None
    if instead is None:
        return simple
    return simple[: len(simple) - len(simple.lstrip())] + instead + simple[len(simple.rstrip()) :]


def _instead(words: list[str], note: Note, mirror: Mirror) -> str | None:
    """Return what is to be run in place of these words, or None if they can be run."""
    program = PurePosixPath(words[0]).name
    if program.startswith("python") and words[1:3] == ["-m", "pip"]:
        program, words = "pip", words[2:]
    if program in _LOADERS:
        return _loaded(program, words[1:], note, mirror)
    if program == "git":
        return _said(" ".join(words[:2]), _NO_NETWORK, note, status=1) if words[1:2] and words[1] in _GIT else None
    if program in _PASSES and words[1:2] not in (["list"], ["show"], ["freeze"], ["--version"]):
        return _said(" ".join([program, *words[1:3]]), _PASSES[program], note, status=0)
    return _said(program, _FAILS[program], note, status=1) if program in _FAILS else None


def _said(what: str, reason: str, note: Note, *, status: int) -> str:
    """Return a command that says why something was not run, and ends with a status."""
    sentence = f"{what[:80]} was not run: {reason}."
    note(f"!{sentence}")
    return f"{{ echo {shlex.quote(sentence)}; {'false' if status else 'true'}; }}"


def _loaded(program: str, words: list[str], note: Note, mirror: Mirror) -> str:
    """Return copies of what is to be downloaded, or a sentence on what the mirror does not have."""
    addresses = [word for word in words if "://" in word]
    found = {address: mirror.find(address) for address in addresses}
    lacking = next((address for address, path in found.items() if path is None), "")
    if lacking or not addresses:
        return _said(program, not_there(lacking) if lacking else _NO_NETWORK, note, status=1)
    at = next((place for place, word in enumerate(words) if word.startswith((">", "1>"))), len(words))
    redirected = " ".join(shlex.quote(word) if word.strip(">") else word for word in words[at:])
    copies = [_copy(program, words[:at], address, str(path)) for address, path in found.items()]
    return f"{{ {' && '.join(copies)}; }}" + (f" {redirected}" if redirected else "")


def _copy(program: str, words: list[str], address: str, path: str) -> str:
    """Return the command that puts a file of the mirror where a program would have put it, or shows it."""
    source = shlex.quote(path)
    folder, name = _valued(words, _FOLDER[program]), _valued(words, _NAMING[program])
    if not name:
        if program == "curl" and not any(re.fullmatch(r"--remote-name(?:-all)?|-[a-zA-Z]*O", word) for word in words):
            return f"cat {source}"
        name = PurePosixPath(address.partition("?")[0]).name or "index.html"
    if name == "-":
        return f"cat {source}"
    target = shlex.quote(str(PurePosixPath(folder or "", name)))
    made = f"mkdir -p {shlex.quote(folder)} && " if folder else ""
    return f"{made}cp {source} {target} && chmod u+w {target}"


def _valued(words: list[str], options: tuple[str, ...]) -> str | None:
    """Return the value of the last of these options: '-O name', '-Oname', '-qO name' or '--option=name'."""
    value = None
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else None
        for option in options:
            if word == option or (len(option) == 2 and re.fullmatch(rf"-[a-zA-Z]*{option[1]}", word)):
                value = following
            elif option.startswith("--") and word.startswith(f"{option}="):
                value = word.partition("=")[2]
            elif len(option) == 2 and word.startswith(option):
                value = word[2:]
    return value
