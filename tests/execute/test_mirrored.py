"""What stands in for the network can be read in every mode, changed in none, wherever the course lies."""

import os

import pytest

from grader import mirror
from grader.errors import UsageError
from grader.execute import Sandbox, Settings

LOOK = """
import json
from pathlib import Path
place = next(path for path in (Path("/mirror"), Path.cwd().parents[1] / "mirror") if path.exists())
index = json.loads((place / "index.json").read_text())
print((place / index["http://a.org/x"]).read_text(), sorted(index))
"""
CHANGE = """
for path in (place / "set/x", place / "new"):
    try:
        path.write_text("other")
        print("changed")
    except OSError:
        print("refused")
"""


@pytest.fixture()
def offered(tmp_path):
    course = tmp_path / "course"
    (course / "data" / "set").mkdir(parents=True)
    (course / "data" / "mirror.toml").write_text('[[file]]\naddress = "http://a.org/x"\npath = "set/x"\n')
    (course / "data" / "set" / "x").write_text("from the mirror")
    course.chmod(0o700)
    return mirror.read(course)


@pytest.mark.parametrize("mode", ["priv", "userns", "setuid", pytest.param("plain", marks=pytest.mark.slow)])
def test_the_mirror_is_in_sight_and_cannot_be_written(laboratory, offered, tmp_path, mode):
    if mode == "plain" and os.geteuid() == 0:
        pytest.skip("root runs nobody's code in mode plain")
    try:
        sandbox = Sandbox(Settings(mode=mode, mirror=offered, warm=False))
    except UsageError as error:
        pytest.skip(str(error))
    with sandbox:
        record = type(laboratory)(sandbox, tmp_path).record(LOOK, CHANGE)
        printed = [output.content for cell in record.cells for output in cell.outputs]
        assert printed == ["from the mirror ['http://a.org/x']\n", "refused\nrefused\n"]
    assert (offered.folder / "set" / "x").read_text() == "from the mirror"


def test_without_a_mirror_nothing_is_there(laboratory):
    record = laboratory.record("from pathlib import Path\nprint(Path('/mirror').exists())")
    assert [output.content for output in record.cells[0].outputs] == ["False\n"]
