"""The parts of running a file that need no kernel: what of a cell goes on, whose fault, what is kept, what is left."""

import base64

import pytest

from grader.assignment import Limits
from grader.execute.budget import Budget
from grader.execute.continuation import rest_after
from grader.execute.failure import cell_error, failing_line, plain
from grader.execute.outputs import CUT, Shown, room_for_cell

CELL = "a = 1\nif a:\n    b = 1 / 0\nelse:\n    c = 2\n\n@decorated\ndef f():\n    pass\nd = 4"


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (1, CELL.partition("\n")[2]),
        (3, CELL[CELL.index("@") :]),
        (5, CELL[CELL.index("@") :]),
        (7, "d = 4"),
        (9, "d = 4"),
        (10, ""),
        (99, ""),
        (0, ""),
    ],
)
def test_what_follows_the_failing_statement_goes_on(line, rest):
    assert rest_after(CELL, line) == rest


def test_a_statement_after_a_semicolon_goes_on():
    assert rest_after("é = f(); b = 2; c = 3\nd", 1) == "b = 2; c = 3\nd"


@pytest.mark.parametrize("cell", ["a b\nc = 1", "%%time\n1 / 0\nb = 2", "(" * 300 + "\nb", "x = 1\n" * 9000, "a\0\nb"])
def test_what_cannot_be_cut_does_not_go_on(cell):
    assert rest_after(cell, 1) == ""


@pytest.mark.parametrize("magic", ["%matplotlib inline", "!ls *", "  %time f()", "?f", "%config X = 'a'"])
def test_a_magic_is_a_statement(magic):
    indented = "if 1:\n" if magic.startswith(" ") else ""
    assert rest_after(f"{indented}{magic}\nimport x\ny = 2", 2 if not indented else 3) == "y = 2"
    assert rest_after(f"import x\n{magic.strip()}\ny = 2", 1) == f"{magic.strip()}\ny = 2"


def test_an_await_at_the_top_level_is_understood():
    assert rest_after("await f()\nb = 1", 1) == "b = 1"


TRACEBACK = [
    "\x1b[31m---------------\x1b[39m",
    "\x1b[31mValueError\x1b[39m      Traceback (most recent call last)",
    "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[7]\x1b[39m\x1b[32m, line 3\x1b[39m\n      1 x\n----> 3 f()",
    "\x1b[36mCell\x1b[39m \x1b[32mIn[2]\x1b[39m\x1b[32m, line 5\x1b[39m, in \x1b[36mf\x1b[39m()\n----> 5 g()",
    "\x1b[36mFile \x1b[39m\x1b[32m~/utils.py:9\x1b[39m, in g()\n----> 9 np.load()",
    "\x1b[36mFile \x1b[39m\x1b[32m/opt/v/lib/python3.11/site-packages/numpy/x.py:4\x1b[39m, in load(\x1b[34ma\x1b[39m)",
    "\x1b[31mValueError\x1b[39m: no /opt/v/lib/python3.11/site-packages/numpy/data",
]


def failed(kind, message, traceback=()):
    return {"status": "error", "ename": kind, "evalue": message, "traceback": list(traceback)}


def test_only_the_students_frames_are_shown():
    error = cell_error(failed("ValueError", "no /opt/v/lib/python3.11/site-packages/numpy/data", TRACEBACK), ())
    assert error.message == "no numpy/data"
    assert [line for line in error.traceback.splitlines() if "line" in line or "File" in line] == [
        "Cell In[7], line 3",
        "Cell In[2], line 5, in f()",
        "File ~/utils.py:9, in g()",
    ]
    assert "/opt" not in error.traceback and "\x1b" not in error.traceback and error.traceback.endswith("numpy/data")


@pytest.mark.parametrize(
    ("traceback", "line"),
    [
        (TRACEBACK, 3),
        (["Input In [3], in <cell line: 5>()"], None),
        (["Cell In [3], line 12, in <module>\n"], 12),
        (["File <string>:3"], None),
        ("not a list", None),
        ([3, None, {}], None),
    ],
)
def test_the_failing_line_is_the_cells_own(traceback, line):
    assert failing_line({"traceback": traceback}) == line


ENVIRONMENT = [
    ("ModuleNotFoundError", "No module named 'sklearn.linear_model'"),
    ("ImportError", "cannot import name 'x' from 'torchvision' (/opt/x/site-packages/torchvision/__init__.py)"),
    ("FileNotFoundError", "[Errno 2] No such file or directory: 'data/mnist.npz'"),
    ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>"),
    ("RuntimeError", "Found no NVIDIA driver on your system."),
    ("AssertionError", "Torch not compiled with CUDA enabled"),
    ("RuntimeError", "Dataset not found. You can use download=True to download it"),
    ("requests.exceptions.ConnectionError", "x"),
    ("RuntimeError", "Error downloading train-images-idx3-ubyte.gz:\nTried http://a/, got:\n<urlopen error b>"),
    ("URLError", "https://a/b is not in the course's offline mirror, and there is no network here"),
    ("FileNotFoundError", "https://example.com/iris.csv not found."),
    ("FileNotFoundError", "[Errno 2] No such file or directory: '/content/drive/MyDrive/hw1/data.csv'"),
    ("OSError", "[Errno 30] Read-only file system: '/data'"),
    ("PermissionError", "[Errno 13] Permission denied: '/data'"),
    ("RuntimeError", "Cannot access accelerator device when none is available."),
    ("EOFError", "Nobody is at the keyboard: input() has no more to give."),
    ("SystemError", "GPU device not found"),
    ("CalledProcessError", "Command '['python', '-m', 'pip', 'install', 'x']' returned non-zero exit status 1."),
]
STUDENT = [
    ("ModuleNotFoundError", "No module named 'utils.deep'"),
    ("ImportError", "cannot import name 'x' from 'utils' (/home/student/utils.py)"),
    ("NameError", "name 'x' is not defined"),
    ("FileNotFoundError", "[Errno 2] No such file or directory: 'sub/data.csv'"),
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied"),
]


@pytest.mark.parametrize(("kind", "message"), ENVIRONMENT)
def test_what_is_lacking_here_is_not_the_students_fault(kind, message):
    assert cell_error(failed(kind, message), ("work.py", "utils.py", "data.csv")).blame == "environment"


INSISTING = [
    "Cell In[2], line 1\n----> 1 assert torch.cuda.is_available(), 'no'",
    "Cell In[2], line 2\n      1 if not torch.cuda.is_available():\n----> 2     raise ValueError('no')",
    "Cell In[2], line 1\n----> 1 if not torch.backends.mps.is_available(): raise ValueError('no')",
]


@pytest.mark.parametrize("frame", INSISTING)
def test_code_that_insists_on_a_graphics_processor_lacks_one(frame):
    assert cell_error(failed("ValueError", "no", [frame]), ()).blame == "environment"
    assert cell_error(failed("ValueError", "no", [frame.replace("is_available", "ready")]), ()).blame == "student"


@pytest.mark.parametrize(("kind", "message"), STUDENT)
def test_everything_else_is(kind, message):
    assert cell_error(failed(kind, message), ("work.py", "utils.py", "data.csv")).blame == "student"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("expected ':' (2095044877.py, line 3)", "expected ':' (line 3)"),
        ("expected ':' (layers.py, line 3)", "expected ':' (layers.py, line 3)"),
        ("(1.py, line 3) of 5", "(1.py, line 3) of 5"),
    ],
)
def test_no_file_is_named_that_the_student_does_not_have(message, shown):
    assert cell_error({"ename": "SyntaxError", "evalue": message}, ()).message == shown


def test_a_hostile_report_of_an_error_is_cut_to_size():
    error = cell_error({"ename": 3, "evalue": "x" * 10**7, "traceback": ["y" * 10**6] * 1000 + [None]}, ())
    assert error.kind == "Error" and len(error.message) <= 2000 and len(error.traceback) <= 8000
    assert plain("a\x1b]0;title\x07b\ud800", 10) == "a0;titleb?"


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()


def test_streams_are_joined_and_kept_in_order():
    shown = Shown(1000)
    shown.take("stream", {"name": "stdout", "text": "a"})
    shown.take("stream", {"name": "stdout", "text": "b\n"})
    shown.take("stream", {"name": "stderr", "text": "warn"})
    shown.take("execute_result", {"data": {"text/plain": "3"}})
    assert [(output.kind, output.content) for output in shown.outputs()] == [
        ("text", "ab\n"),
        ("text", "warn"),
        ("text", "3"),
    ]


def test_a_progress_bar_leaves_its_last_state():
    shown = Shown(10_000)
    for percent in range(3):
        shown.take("stream", {"name": "stderr", "text": f"\r{percent} %\x1b[A"})
    shown.take("stream", {"name": "stderr", "text": "\r\ndone\r\n"})
    assert shown.outputs()[0].content == "2 %\ndone\n"


def test_the_richest_form_is_kept():
    shown = Shown(10_000)
    shown.take("display_data", {"data": {"image/png": PNG + "\n", "text/plain": "<Figure>"}})
    shown.take("display_data", {"data": {"image/png": "bm90IGEgcG5n", "text/html": ["<b>", "x</b>"]}})
    shown.take("display_data", {"data": {"image/svg+xml": "<svg/>"}})
    assert [(output.kind, output.content) for output in shown.outputs()] == [
        ("png", PNG),
        ("html", "<b>x</b>"),
        ("svg", "<svg/>"),
    ]


def test_displays_are_updated_and_cleared():
    shown = Shown(10_000)
    name = {"transient": {"display_id": "d"}}
    shown.take("display_data", {"data": {"text/plain": "1"}, **name})
    shown.take("update_display_data", {"data": {"text/plain": "2"}, **name})
    assert [output.content for output in shown.outputs()] == ["2"]
    shown.take("clear_output", {"wait": True})
    assert shown.outputs()
    shown.take("stream", {"name": "stdout", "text": "new"})
    assert [output.content for output in shown.outputs()] == ["new"]


def test_what_does_not_fit_is_cut_and_said():
    shown = Shown(5)
    shown.take("stream", {"name": "stdout", "text": "1234567"})
    shown.take("display_data", {"data": {"text/plain": "more"}})
    assert [(output.kind, output.content) for output in shown.outputs()] == [("text", "12345"), ("note", CUT)]
    many = Shown(10**6)
    for _ in range(1000):
        many.take("display_data", {"data": {"text/plain": "x"}})
    assert len(many.outputs()) == 301 and many.cut


@pytest.mark.parametrize(
    "content", [{}, {"name": 3}, {"name": "stdout", "text": 3}, {"data": 3}, {"data": {"text/plain": {}}}]
)
@pytest.mark.parametrize("kind", ["stream", "display_data", "execute_result", "update_display_data", "comm_open", "x"])
def test_what_is_not_well_formed_shows_nothing(kind, content):
    shown = Shown(100)
    shown.take(kind, content)
    assert shown.outputs() == ()


def test_a_cell_may_take_a_quarter_but_not_too_little():
    assert (room_for_cell(1 << 20), room_for_cell(20_000), room_for_cell(100)) == (1 << 18, 16384, 100)


def test_a_budget_grants_a_quarter_more_once():
    budget = Budget(Limits(cpu=100, wall=1000))
    assert not budget.spent(99.9) and budget.spent(100)
    assert budget.sentence(100, 100, 5) == "stopped after 100 s of computing"
    assert budget.sentence(100, 30, 5) == "stopped after 30 s of computing; all cells together may take 100 s"
    budget.extended = True
    assert not budget.spent(124.9) and budget.spent(125)
    budget.before, budget.forgiven = 60.0, 5.0
    assert budget.left(40) == pytest.approx(30, abs=0.1)
    assert Budget(Limits(cpu=100, wall=0)).sentence(1, 1, 20) == "stopped after 20 s by the clock"
