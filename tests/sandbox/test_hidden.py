"""What lies inside the student's Python and is not for students, as the grader's own package where it is installed."""

import sysconfig
from pathlib import Path

import pytest

SITE = Path(sysconfig.get_path("purelib"))
PACKAGE, MODULE = SITE / "jupytext", SITE / "pylab.py"
"""Stand-ins: neither is imported by a zygote, nor missed by a kernel."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def hiding(station):
    """A box in which the stand-ins are hidden."""
    with station.another(hidden=[PACKAGE, MODULE]) as other, other.box() as box:
        yield box


def test_hidden_packages_cannot_be_imported(hiding):
    assert hiding.run("import jupytext.cli").startswith(("ModuleNotFoundError", "PermissionError"))


@pytest.mark.parametrize("path", [PACKAGE / "cli.py", PACKAGE / "__init__.py", MODULE], ids=lambda path: path.name)
def test_hidden_files_cannot_be_read(hiding, path):
    assert path.read_text()
    said = hiding.run(f"print(repr(open({str(path)!r}).read()))")
    assert said == "''" or said.startswith(("PermissionError", "FileNotFoundError"))


def test_their_neighbours_are_there(hiding):
    assert hiding.run("import nbclient, yaml; print('there')") == "there"


def test_nothing_uncovers_them(hiding):
    assert "Error: [Errno" in hiding.run(f"import os; os.rename({str(PACKAGE)!r}, 'x')")


def test_their_very_names_are_hidden_where_there_are_mounts(station, hiding):
    """Landlock alone shows names: who may list a folder may list all below it, and imports list folders."""
    said = hiding.run(f"import os; print(os.listdir({str(PACKAGE)!r}))")
    assert said.startswith("PermissionError") or not station.namespaced
