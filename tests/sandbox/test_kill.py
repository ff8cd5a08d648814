"""A box is ended from outside, whatever runs in it, and soon: by init, which alone outruns a forking program."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.request import NAMESPACED

_spec = importlib.util.spec_from_file_location("stations_to_kill", Path(__file__).with_name("stations.py"))
stations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stations)

COURSE = Path(__file__).resolve().parents[2]
MARK = f"4444{os.getpid()}"
PROGRAM = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from grader.assignment import Limits
from grader.execute import Sandbox, Settings
from grader.notebook import Cell, Document
from grader.records import Submission
from grader.sandbox import box as boxes
boxes._GRACE = 300.0  # only init outruns the program, so nothing else is to try
with Sandbox(Settings(mode=sys.argv[2])) as sandbox:
    cells = (Cell(1, "code", sys.argv[3]),)
    with sandbox.run(Submission("s", "S", ()), [Document("a.py", cells, "python")], Limits(), seed=1) as finished:
        time.sleep(0.5)
        box = finished._boxes[0]
        started = time.monotonic()
        box.kill("it was enough")
        killed = time.monotonic() - started
    print(json.dumps({"killed": killed, "closed": time.monotonic() - started, "gone": box.reason}))
"""
RUNAWAYS = {
    "leaves its session": "os.setsid()",
    "is deaf": "signal.signal(15, signal.SIG_IGN)",
    "has brothers": "os.fork()",
}
RUNAWAY = """
import subprocess, sys
program = '''
import os, signal, time
end = time.monotonic() + 200
while time.monotonic() < end:
    os.fork() and os._exit(0)
    {step}
os._exit(0)
# {mark}
'''
subprocess.Popen([sys.executable, "-S", "-c", program])
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", RUNAWAYS)
@pytest.mark.parametrize("mode", [mode for mode in stations.reachable() if mode not in NAMESPACED])
def test_a_program_that_keeps_forking_ends_at_once(mode, step):
    cell = RUNAWAY.format(step=RUNAWAYS[step], mark=MARK)
    program = [sys.executable, "-c", PROGRAM, str(COURSE), mode, cell]
    done = subprocess.run([*stations.circumstances()[mode], *program], capture_output=True, text=True, timeout=900)
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["gone"] == "it was enough"
    assert said["killed"] < 60 and said["closed"] < 80
    stations.Station.await_processes(0, MARK, seconds=30)
