"""Wrong answers stay wrong, whatever is done to have them scored as right."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.execute import Sandbox, Settings

_HERE = Path(__file__).parent


def _loaded(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


examination = _loaded("examination", _HERE / "examination.py")
stations = _loaded("stations_of_forgers", _HERE.parent / "sandbox/stations.py")
forging = examination.forging
STRONGEST, *OTHERS = stations.reachable()


@pytest.fixture(scope="session")
def examined():
    with Sandbox(Settings(hidden=(examination.COURSE,))) as sandbox:
        yield examination.Examination(sandbox)


NOTHING = {"earned": {}, "faults": [], "stopped": []}


def test_right_answers_earn_what_there_is_to_forge(examined):
    assert set(examined(forging.RIGHT)["earned"]) == examination.DRAWN


def test_wrong_answers_earn_nothing(examined):
    came_to_nothing(examined(forging.WRONG))


QUICK = ("an object that equals all", "an agent that hands back what it is asked", "frames on the conversation")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in forging.FORGERIES]
)
def test_a_forgery_earns_nothing(examined, name):
    came_to_nothing(examined(forging.WRONG, forging.FORGERIES[name]))


@pytest.mark.slow
@pytest.mark.parametrize("mode", OTHERS)
def test_no_forgery_earns_anything_in_other_modes(mode):
    program = [sys.executable, str(_HERE / "examination.py"), mode]
    done = subprocess.run([*stations.circumstances()[mode], *program], capture_output=True, text=True, timeout=3000)
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told.pop("right")["earned"]) == examination.DRAWN
    assert set(told) == set(forging.FORGERIES)
    assert {name: became for name, became in told.items() if became != NOTHING} == {}


def came_to_nothing(became):
    """Its cells ran to their end, it earned nothing, and nothing of ours broke."""
    assert became == NOTHING
