"""Students' Python may be another one that has ipykernel and NumPy and nothing else; the oldest ipykernel will do."""

import importlib.util
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("stations_of_others", _HERE.parent / "sandbox/stations.py")
stations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stations)

PROGRAM = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from grader.assignment import Limits
from grader.conversation import Live
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission
told = []
for warm in (True, False):
    with Sandbox(Settings(mode=sys.argv[2], python=Path(sys.argv[3]), warm=warm)) as sandbox:
        cells = tuple(Cell(place, "code", source) for place, source in enumerate(sys.argv[4:], 1))
        with sandbox.run(Submission("s", "S", ()), [Document("a.py", cells, "python")], Limits(), seed=1) as finished:
            with Live(finished.files, finished.connect, 60.0).conversation("test") as student:
                value = student.get("x").tolist()
            run = finished.files[0]
            told.append({"value": value, "errors": [cell.error and cell.error.kind for cell in run.cells],
                         "printed": [output.content for cell in run.cells for output in cell.outputs],
                         "shims": run.shims, "remarks": run.remarks, "status": run.status})
print(json.dumps(told))
"""
CELLS = (
    "import importlib.metadata as m, sys\nprint(m.version('ipykernel'), sys.prefix)",
    "import numpy as np\nx = np.arange(3.0) ** 2",
    "import torch",
    "import matplotlib.pyplot as plt",
    "!echo from a shell",
)


@pytest.fixture(scope="module", params=["ipykernel==6.29.*", "ipykernel"])
def python(request):
    """A Python of its own with one ipykernel and NumPy, open to everybody."""
    with tempfile.TemporaryDirectory(prefix="students") as name:
        folder = Path(name)
        folder.chmod(0o755)
        venv.create(folder / "env", with_pip=True, symlinks=True)
        found = folder / "env/bin/python"
        subprocess.run([found, "-m", "pip", "install", "-q", request.param, "numpy"], check=True, timeout=1200)
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("mode", [mode for mode in stations.reachable() if mode in ("priv", "userns", "plain")])
def test_a_python_with_nothing_but_a_kernel_and_numpy(python, mode):
    program = [sys.executable, "-c", PROGRAM, str(_HERE.parents[1]), mode, str(python), *CELLS]
    done = subprocess.run([*stations.circumstances()[mode], *program], capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-2000:]
    for told in json.loads(done.stdout.splitlines()[-1]):
        assert told["status"] == "finished" and told["value"] == [0.0, 1.0, 4.0]
        assert told["errors"] == [None, None, "ModuleNotFoundError", "ModuleNotFoundError", None]
        assert str(python.parents[1]) in told["printed"][0] and "from a shell\n" in told["printed"][-1]
