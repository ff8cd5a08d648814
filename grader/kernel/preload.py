"""Imports, once for all boxes, what students' programs import, without starting a thread.

What is missing from the student's Python is passed over. What an optimizer would import in every box, torch's
compiler, is put off until it is needed.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import compiler

_WORDS = """
    numpy numpy.linalg numpy.random numpy.fft numpy.ma numpy.testing
    torch torch.nn torch.nn.functional torch.nn.init torch.optim torch.optim.lr_scheduler torch.utils.data
    torch.distributions torch.multiprocessing
    matplotlib matplotlib.pyplot matplotlib.backends.backend_agg matplotlib_inline.backend_inline
    PIL.Image PIL.PngImagePlugin
    IPython IPython.core.completer IPython.core.debugger IPython.extensions.storemagic
    IPython.core.completerlib IPython.core.logger IPython.core.oinspect IPython.utils.wildcard tornado.platform.asyncio
    faulthandler
    ipykernel.kernelapp ipykernel.ipkernel ipykernel.zmqshell ipykernel.debugger ipykernel.comm comm
    zmq.asyncio zmq.eventloop.zmqstream nbformat jedi
    asyncio concurrent.futures.thread sqlite3 pdb timeit unittest doctest multiprocessing multiprocessing.queues
    multiprocessing.connection dataclasses typing random math base64 hashlib pickle csv zipfile
"""
MODULES = tuple(_WORDS.split())


def imports(wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """Import what is wanted besides `MODULES`; return the names that were imported and those that could not be."""
    imported, missing = [], []
    for name in dict.fromkeys((*MODULES, *wanted)):
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - a broken package of the student's environment is not for us to judge
            missing.append(name)
        else:
            imported.append(name)
    compiler.put_off()
    draw_once()
    return imported, missing


def draw_once() -> None:
    """Draw a figure and forget it: fonts are looked up, mathtext and the PNG encoder loaded."""
    with suppress(ImportError):
        import matplotlib

        registry: Any = getattr(matplotlib.backends, "backend_registry", None)  # 3.8 has none
        if registry is not None:
            registry.list_all()

        matplotlib.use("agg")
        from matplotlib import pyplot

        figure, axes = pyplot.subplots()
        axes.plot([0, 1], label="$x^2$")
        axes.set_title("title")
        axes.legend()
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
        pyplot.close("all")


def ourselves(package: str, folder: Path) -> None:
    """Import every module of this folder, since it cannot be read from inside a box."""
    for path in sorted(folder.glob("*.py")):
        if path.stem != "__init__":
            importlib.import_module(f"{package}.{path.stem}")


def native_threads() -> int:
    """Return the number of threads of this process, those of C libraries too."""
    return len(list(Path("/proc/self/task").iterdir()))
