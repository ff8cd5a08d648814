"""What a box may see of this machine's files: a Python environment, the system's programs, and nothing of ours.

Empty unless granted. What is granted is read-only; what must stay unseen inside it (the course, when it lies in the
environment; the grader's own package and its metadata) is named in every spelling that leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from grader.sandbox.request import View

SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"),
    *("/etc/fonts", "/etc/localtime", "/etc/mime.types"),
)
PACKAGE = Path(__file__).resolve().parents[1]
DISTRIBUTION = "deepgrader"


def view(prefixes: Iterable[str], hidden: Iterable[Path] = ()) -> View:
    """Return what a box may see, given the folders of the student's Python (`Machine.prefixes`)."""
    wanted = [path for path in (*SYSTEM, *_spellings(prefixes)) if Path(path).exists()]
    roots = tuple(dict.fromkeys(path for path in wanted if not _below_another(path, wanted)))
    masked = (str(path.resolve()) for path in (*hidden, *own_files()))
    return View(roots, tuple(sorted({found for path in masked for found in _within(path, roots)})))


def own_files() -> tuple[Path, ...]:
    """Return the grader's package and, if it is installed, what the installer wrote about it."""
    try:
        files = metadata.distribution(DISTRIBUTION).files or []
    except metadata.PackageNotFoundError:
        return (PACKAGE,)
    tops = {Path(str(file.locate())).parent if len(file.parts) > 1 else Path(str(file.locate())) for file in files}
    return (PACKAGE, *(path for path in tops if DISTRIBUTION in path.name))


def _spellings(paths: Iterable[str]) -> Iterator[str]:
    """Yield each path as it is written and as it is when links are followed."""
    for path in paths:
        yield path
        yield str(Path(path).resolve())


def _below_another(path: str, others: Iterable[str]) -> bool:
    """Tell whether a path comes with another one; a link does not, its target does."""
    return any(path != other and not Path(other).is_symlink() and Path(other) in Path(path).parents for other in others)


def _within(path: str, roots: Iterable[str]) -> Iterator[str]:
    """Yield the places at which `path` appears below `roots`."""
    for root in roots:
        real = Path(root).resolve()
        if real in Path(path).parents:
            yield str(root / Path(path).relative_to(real))
