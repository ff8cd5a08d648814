"""Downloads by libraries that need no sandbox to be looked at come from the mirror, and from nowhere else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from standin import kernel

from grader.kernel.mirrored import Mirror

ADDRESS = "https://data.example.org/points.csv"


@pytest.fixture
def offered(tmp_path: Path) -> str:
    """A mirror of one file, as the box sees it."""
    (tmp_path / "points.csv").write_text("1,2\n")
    (tmp_path / "index.json").write_text(json.dumps({ADDRESS: "points.csv"}))
    return str(tmp_path)


def test_requests_finds_its_file(offered):
    code = f"""
    import requests
    answer = requests.get({ADDRESS!r}, timeout=3)
    answer.raise_for_status()
    assert answer.text == "1,2\\n" and answer.ok and answer.url == {ADDRESS!r}
    with requests.Session() as session, session.get({ADDRESS!r}, stream=True) as answer:
        assert b"".join(answer.iter_content(2)) == b"1,2\\n" and answer.headers["content-length"] == "4"
    assert requests.head({ADDRESS!r}).headers["Content-Length"] == "4"
    """
    with kernel(code, "requests.get('https://example.com/x')", complain=False, mirror=offered) as process:
        assert process.said == [
            "cell 2: ConnectionError: https://example.com/x is not in the course's offline mirror, "
            "and there is no network here"
        ]
        assert process.observed().shims == (
            "There is no network here: what data.example.org was asked for came from the course's offline mirror.",
        )


def test_a_checksum_holds_for_what_the_mirror_has(offered):
    mirror, notes = Mirror(lambda _: None, offered), []
    same, other = Path(offered) / "copy", Path(offered) / "other"
    same.write_text("1,2\n")
    other.write_text("1,3\n")
    for kind in ("md5", "sha1", "sha256"):
        known = hashlib.new(kind, b"the original").hexdigest()
        assert mirror.holds(same, known) and not mirror.holds(other, known)
    assert not mirror.holds(same, "short") and not Mirror(notes.append, "").holds(same, "0" * 32)


def test_an_address_may_have_another_scheme_and_a_query(offered):
    notes: list[str] = []
    mirror = Mirror(notes.append, offered)
    assert mirror.find("http://data.example.org/points.csv?raw=1#top") == Path(offered) / "points.csv"
    assert mirror.find("https://data.example.org/other.csv") is None and mirror.find("points.csv") is None
    assert len(notes) == 1
