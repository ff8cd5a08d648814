"""The environment variables a student's program sees: these and no others."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def install(home: str, temporary: str, threads: int) -> None:
    """Replace this process's environment and enter its home."""
    pools = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    os.environ.clear()
    os.environ.update(
        HOME=home,
        USER="student",
        LOGNAME="student",
        PATH=_path(),
        LANG="C.UTF-8",
        TMPDIR=temporary,
        IPYTHONDIR=f"{home}/.ipython",
        JUPYTER_PLATFORM_DIRS="1",
        MPLBACKEND="module://matplotlib_inline.backend_inline",
        MPLCONFIGDIR=f"{home}/.config/matplotlib",
        TORCH_HOME=f"{home}/.cache/torch",
        JOBLIB_MULTIPROCESSING="0",  # scikit-learn's; it warns where there is no /dev/shm, and a kernel computes alone
        PIP_NO_INDEX="1",  # an installation fails at once instead of trying again and again
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONHASHSEED="0",
        **pools,
    )
    os.chdir(home)


def _path() -> str:
    """Return where programs are found: beside this Python first, as in an activated environment."""
    return os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"))
