"""What a student is shown tells nothing of the grader's machine, whatever the submission prints."""

import html
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader import course
from grader.bench import Bench
from grader.course import open_homework
from grader.execute import Sandbox, Settings
from grader.execute.failure import cell_error
from grader.grade import grade_submission
from grader.records import Submission, SubmittedFile
from grader.report import write_class, write_student
from grader.report.discretion import discreet
from grader.store import Results

COURSE = Path(__file__).resolve().parents[2]
SECRET = "a-secret-of-the-grader-7731"
TALKATIVE = """
# %%
import os, sys, warnings, inspect, json, traceback
print(dict(os.environ))
# %%
print(sys.path, sys.prefix, sys.executable, sys.argv, sys.base_prefix)
# %%
print(os.__file__, json.__file__, inspect.__file__, os.getcwd(), os.listdir("."), os.listdir("/"))
# %%
import numpy as np
print(np.__file__, np.__path__)
np.show_config()
# %%
warnings.warn("look at me")
np.array([1.0]) / 0
# %%
json.loads("{")
# %%
try:
    json.loads("{")
except ValueError:
    traceback.print_exc()
# %%
np.linalg.inv(np.zeros((2, 2)))
# %%
import logging
logging.error("where am I")
logging.exception("here")
# %%
for name, module in list(sys.modules.items()):
    print(name, getattr(module, "__file__", None))
# %%
print(open("/proc/self/mountinfo").read(), open("/proc/self/maps").read(), open("/proc/self/cmdline").read())
# %%
open("/no/such/file")
# %%
raise RuntimeError(f"at {np.__file__} and {sys.executable} and {sys.path}")
# %%
np.linalg
# %%
get_ipython().run_line_magic("pinfo", "json.loads")
# %%
import gc, types
for frame in sys._current_frames().values():
    traceback.print_stack(frame)
for thing in gc.get_objects():
    if isinstance(thing, types.CodeType):
        print(thing.co_filename)
# %%
def relu(z):
    raise ValueError(f"{np.__file__} {dict(os.environ)} {sys.path} {traceback.format_stack()}")
def softplus(z):
    return f"{np.__file__} {sys.path}"
n_parameters = sys.executable
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The student's page and the class's data, of one submission that prints all it can find."""
    place = tmp_path_factory.mktemp("leaks")
    (place / "work.py").write_text(TALKATIVE)
    ada = Submission("ada", "Ada", (SubmittedFile(place / "work.py", "work.py"),))
    home = course.read(COURSE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_OF_THE_GRADER", SECRET)
        with Sandbox(Settings(hidden=(COURSE,))) as sandbox:
            bench = Bench(open_homework(home, "3"), Results(place / "results"), lambda: sandbox)
            grade = grade_submission(ada, bench)
            scratch = str(sandbox.folder)
    page = write_student(grade, bench.assignment, place / "out/ada")
    write_class([grade], bench.assignment, place / "out", seconds=1.0, sandbox="priv")
    return place, scratch, html.unescape(page.read_text()), json.loads((place / "out/grades.json").read_text()), grade


@pytest.mark.parametrize("text", ["/a" * 500_000, "/" * 500_000, "/" + "a" * 500_000, "/a/bin" * 100_000])
def test_long_paths_take_no_time(text):
    started = time.monotonic()
    discreet(text)
    cell_error({"ename": "E", "evalue": text, "traceback": [text]}, ())
    assert time.monotonic() - started < 60


def without_staff(node):
    """Return JSON data less what is for the instructor."""
    if isinstance(node, dict):
        return {key: without_staff(value) for key, value in node.items() if "staff" not in key}
    return [without_staff(item) for item in node] if isinstance(node, list) else node


def test_no_path_of_the_machine_is_shown(shown):
    place, scratch, page, data, _ = shown
    text = page + json.dumps(without_staff(data))
    private = {
        "repository": str(COURSE), "environment": sys.prefix, "interpreter": sys.base_prefix,
        "results": str(place), "scratch": scratch, "temporary": f"{tempfile.gettempdir()}/deepgrader",
        "home": str(Path.home()) + "/",
    }  # fmt: skip
    assert not {what: text[text.index(path) - 150 :][:300] for what, path in private.items() if path in text}


def test_nothing_of_the_graders_environment_is_shown(shown):
    _, _, page, data, _ = shown
    text = page + json.dumps(without_staff(data))
    assert SECRET not in text
    inside = ("PATH", "HOME", "LANG", "USER", "LOGNAME", "TMPDIR", "OMP_NUM_THREADS", "PWD", "SHLVL", "_")
    inside += ("TERM", "LC_ALL", "PAGER", "GIT_PAGER", "PYTHONHASHSEED", "MPLBACKEND", "MPLCONFIGDIR")
    own = {name: value for name, value in os.environ.items() if name not in inside and len(value) > 5}
    assert not {name for name, value in own.items() if f"'{name}'" in text or value in text}


def test_modules_are_not_looked_for_in_the_course(shown):
    (told,) = (cell for cell in shown[-1].record.files[0].cells if "sys.path, sys.prefix" in cell.source)
    assert sys.prefix in told.outputs[0].content, "before it is made discreet"
    assert f"'{COURSE}'" not in told.outputs[0].content, "the environment may lie in it, and its own folders are listed"


def test_no_answer_is_given_away(shown):
    _, _, page, data, grade = shown
    assert all(finding.verdict.outcome.value != "fault" for finding in grade.findings)
    for text in (page, json.dumps(without_staff(data))):
        assert "np.log1p(np.exp(-np.abs(z)))" not in text and "grader.expect" not in text
