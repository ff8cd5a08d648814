"""What an honest program does must work in a box as it does at home."""

import sysconfig
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PURELIB = sysconfig.get_path("purelib")

EVERYWHERE = {
    "arithmetic": ("1 + 1", "2"),
    "torch": ("import torch; print(torch.ones(2, 2) @ torch.ones(2))", "tensor([2., 2.])"),
    "a matrix decomposition": ("import numpy as np; print(np.linalg.svd(np.eye(3))[1])", "[1. 1. 1.]"),
    "the collector of garbage": ("import gc; print(gc.isenabled(), gc.get_threshold()[0] > 0)", "True True"),
    "a command": ("name = 'you'\n!echo hello {name}", "hello you"),
    "output of a command": ("names = !printf 'a\\nb\\n'\nprint(names)", "['a', 'b']"),
    "a command's status": ("!exit 3\nprint(_exit_code)", "3"),
    "a shell cell": ("%%bash\necho from $0", "from bash"),
    "a program": ("import subprocess; print(subprocess.run(['echo', 'x'], capture_output=True).stdout)", "b'x\\n'"),
    "python in python": (
        "import subprocess, sys; print(subprocess.check_output([sys.executable, '-c', 'print(6)']))",
        "b'6\\n'",
    ),
    "joblib, in silence": (
        "import subprocess, sys\nsaid = subprocess.run([sys.executable, '-c', 'import joblib'], capture_output=True)\n"
        "print(b'serial' in said.stderr)",
        "False",
    ),
    "a file": ("open('mine.txt', 'w').write('text')\nprint(open('mine.txt').read())", "text"),
    "a file that was handed in": ("print(open('data/given.txt').read())", "given"),
    "a module that was handed in": ("import helper; print(helper.answer)", "42"),
    "a temporary file": (
        "import tempfile\nwith tempfile.TemporaryFile('w+') as f:\n    f.write('x'); print(f.tell())",
        "1",
    ),
    "a copy with its mode": (
        "import os, shutil\nopen('a.txt', 'w').close()\nshutil.copy('a.txt', 'b.txt')\n"
        "print(os.listdir().count('b.txt'))",
        "1",
    ),
    "an archive": (
        "import zipfile\nwith zipfile.ZipFile('z.zip', 'w') as z:\n    z.writestr('d/x', 'y')\n"
        "zipfile.ZipFile('z.zip').extractall('out')\nprint(open('out/d/x').read())",
        "y",
    ),
    "a saved model": (
        "import torch\nm = torch.nn.Linear(2, 1)\ntorch.save(m.state_dict(), 'm.pt')\nprint(*torch.load('m.pt'))",
        "weight bias",
    ),
    "arrays on disk": ("import numpy as np\nnp.save('x.npy', np.arange(3))\nprint(np.load('x.npy'))", "[0 1 2]"),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor as T\n"
        "with T(4) as pool:\n    print(sum(pool.map(abs, range(5))))",
        "10",
    ),
    "top-level await": ("import asyncio\nawait asyncio.sleep(0.01)\nprint('slept')", "slept"),
    "a database": ("import sqlite3\nprint(sqlite3.connect('d.db').execute('select 1').fetchall())", "[(1,)]"),
    "who and where": (
        "import getpass, os, pathlib\nprint(getpass.getuser(), pathlib.Path.home() == pathlib.Path.cwd())",
        "student True",
    ),
    "the clock": ("import time\nprint(time.time() > 1e9, time.process_time() > 0)", "True True"),
    "a loader with workers": (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "data = DataLoader(TensorDataset(torch.arange(8.)), batch_size=4, num_workers=2)\n"
        "print(sum(float(x.sum()) for x, in data))",
        "28.0",
    ),
    "raising and lowering limits": (
        "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0)); print('fine')",
        "fine",
    ),
    "its own processes": (
        "import os, signal\nchild = os.fork()\nif child == 0:\n    signal.pause()\n"
        "os.kill(child, 9)\nprint(os.waitpid(child, 0)[1])",
        "9",
    ),
}
WITH_NAMESPACES = {
    "a pool of processes": (
        "import multiprocessing as mp\n"
        "with mp.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))",
        "[1, 2]",
    ),
    "what a child process prints": (
        "import multiprocessing as mp\n"
        "p = mp.get_context('fork').Process(target=print, args=('from the child',))\np.start(); p.join()\n"
        "import time\nfor _ in range(20): time.sleep(0.05)  # it comes by way of a thread of the kernel's",
        "from the child",
    ),
}


@pytest.fixture(scope="session")
def home(station, tmp_path_factory):
    """A box with what a student hands in, shared by all programs: none of them disturbs another."""
    folder = tmp_path_factory.mktemp("handed_in")
    for parent in (folder, *(parent for parent in folder.parents if "pytest-of-" in str(parent))):
        parent.chmod(0o755)
    (folder / "data").mkdir(mode=0o755)
    (folder / "data/given.txt").write_text("given")
    (folder / "helper.py").write_text("answer = 42\n")
    files = [[str(folder / "data"), "data"], [str(folder / "helper.py"), "helper.py"]]
    with station.box(files=files) as box:
        yield box


@pytest.mark.parametrize("what", EVERYWHERE)
def test_it_works(home, what):
    code, expected = EVERYWHERE[what]
    assert home.run(code) == expected


@pytest.mark.parametrize("what", WITH_NAMESPACES)
def test_it_works_where_the_box_has_shared_memory_of_its_own(station, home, what):
    if not station.namespaced:
        pytest.skip("in this mode a box has neither /dev/shm nor connect(2)")
    code, expected = WITH_NAMESPACES[what]
    assert home.run(code) == expected


def test_a_figure_is_shown(home):
    said = home.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('$x^2$')\nplt.show()")
    assert said == "<Figure size 640x480 with 1 Axes>"


def test_an_error_is_the_students_own(home):
    assert home.run("1 / 0") == "ZeroDivisionError: division by zero"


def test_a_question_to_the_keyboard_is_answered_at_once(home):
    assert home.run("print(repr(input('your name? ')))").endswith("''")


def test_what_is_missing_reads_as_missing(home):
    assert home.run("import no_such_thing") == "ModuleNotFoundError: No module named 'no_such_thing'"
    assert home.run("open('/nowhere/x')").startswith(("FileNotFoundError", "PermissionError"))


def test_the_environment_is_clean(home):
    names = home.run("import os; print(*sorted(os.environ))").split()
    assert "SECRET_OF_THE_GRADER" not in names
    assert set(names) <= {
        "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GIT_PAGER", "HOME", "IPYTHONDIR", "JOBLIB_MULTIPROCESSING",
        "JUPYTER_PLATFORM_DIRS", "LANG", "LOGNAME", "MKL_NUM_THREADS", "MPLBACKEND", "MPLCONFIGDIR",
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PAGER", "PATH", "PIP_NO_INDEX", "PYTHONDONTWRITEBYTECODE",
        "PYTHONHASHSEED", "TERM", "TMPDIR", "TORCH_HOME", "USER",
    }  # fmt: skip


def test_nothing_of_ours_is_in_sight(home):
    assert (
        home.run("import sys; print([name for name in sys.modules if 'grader' in name or name.startswith('_box')])")
        == "[]"
    )
    searched = [Path(entry) for entry in home.run("import sys; print(*sys.path, sep=chr(10))").splitlines()]
    assert Path(PURELIB) in searched
    assert not [entry for entry in searched if entry in (CHECKOUT, *CHECKOUT.parents) or entry.name == "grader"]
