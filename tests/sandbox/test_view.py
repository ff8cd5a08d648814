"""What a box is granted, and what is hidden in it."""

from importlib import metadata
from pathlib import Path

import grader
from grader.sandbox import view as views


def test_only_the_system_and_the_environment_are_granted(tmp_path):
    environment = tmp_path / "environment"
    environment.mkdir()
    granted = views.view([str(environment)]).readable
    assert str(environment) in granted
    assert "/usr" in granted
    assert not {"/", "/root", "/home", "/etc", "/tmp", "/var", "/proc"} & set(granted)


def test_a_folder_inside_another_is_granted_once(tmp_path):
    inner = tmp_path / "lib/site-packages"
    inner.mkdir(parents=True)
    granted = views.view([str(tmp_path), str(inner)]).readable
    assert str(tmp_path) in granted
    assert str(inner) not in granted


def test_a_course_around_the_environment_is_not_granted_with_it(tmp_path):
    environment = tmp_path / "course/.venv"
    environment.mkdir(parents=True)
    found = views.view([str(environment)], [tmp_path / "course"])
    assert str(environment) in found.readable
    assert str(tmp_path / "course") not in found.readable
    assert not any(path.startswith(str(tmp_path)) for path in found.hidden)


def test_what_is_hidden_is_hidden_by_every_spelling(tmp_path):
    course = tmp_path / "real/lib/course"
    course.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    found = views.view([str(tmp_path / "link")], [course])
    assert {str(tmp_path / "link"), str(tmp_path / "real")} <= set(found.readable)
    assert {str(course), str(tmp_path / "link/lib/course")} <= set(found.hidden)


def test_the_graders_own_package_and_its_metadata_are_hidden(tmp_path, monkeypatch):
    site = tmp_path / "site-packages"
    described = site / "deepgrader-1.dist-info"
    described.mkdir(parents=True)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: deepgrader\nVersion: 1\n")
    (described / "RECORD").write_text("grader/__init__.py,,\ndeepgrader-1.dist-info/METADATA,,\n_deepgrader.pth,,\n")
    (site / "_deepgrader.pth").write_text("/somewhere\n")
    found = metadata.PathDistribution(described)
    monkeypatch.setattr(views.metadata, "distribution", lambda name: found)
    hidden = views.view([str(tmp_path)]).hidden
    assert {str(described), str(site / "_deepgrader.pth")} <= set(hidden)
    assert str(site) not in hidden


def test_the_package_is_hidden_when_it_lies_in_the_environment():
    package = Path(grader.__file__).parent
    assert str(package) in views.view([str(package.parent)]).hidden
