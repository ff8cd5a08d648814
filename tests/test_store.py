"""The results folder: whole records or none, and one process at a time."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from made_up import run_record

from grader.errors import UsageError
from grader.packing import pack
from grader.store import Results, Session, archive, write_whole


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results" / "hw1")


def test_a_saved_record_is_loaded(results):
    results.save(run_record())
    loaded = results.load("ada")
    assert loaded.record is not None
    assert pack(loaded.record) == pack(run_record())
    assert loaded.complaint == ""


def test_no_record(results):
    assert results.load("ada").record is None
    assert results.load("ada").complaint == ""


def test_equal_records_are_equal_files(results):
    assert archive(run_record()) == archive(run_record())
    assert archive(run_record()) != archive(run_record(digest="other"))


def test_the_later_record_replaces_the_earlier(results):
    results.save(run_record(digest="1"))
    results.save(run_record(digest="2"))
    assert results.load("ada").record.digest == "2"
    assert [path.name for path in results.student("ada").iterdir()] == ["run.zip"]


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1])
def test_a_truncated_record_counts_as_absent(results, kept):
    results.save(run_record())
    path = results.student("ada") / "run.zip"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    loaded = results.load("ada")
    assert loaded.record is None
    assert f"{path} is not a whole run record" in loaded.complaint
    assert "\n" not in loaded.complaint


def test_a_record_with_one_wrong_byte_counts_as_absent_or_is_the_same(results):
    results.save(run_record())
    path = results.student("ada") / "run.zip"
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        loaded = results.load("ada")
        assert loaded.record is None or pack(loaded.record) == pack(run_record())


def test_another_persons_record_counts_as_absent(results):
    results.save(run_record())
    results.student("bob").mkdir()
    (results.student("ada") / "run.zip").rename(results.student("bob") / "run.zip")
    assert "the record of 'ada'" in results.load("bob").complaint


def test_a_folder_in_the_place_of_a_record(results):
    (results.student("ada") / "run.zip").mkdir(parents=True)
    assert results.load("ada").record is None


@pytest.mark.parametrize("key", ["", ".", "..", "a/b", "/a"])
def test_a_key_is_a_file_name(results, key):
    with pytest.raises(ValueError, match="not a key"):
        results.save(dataclasses.replace(run_record(), student=key))


def test_what_cannot_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_killed_at_any_moment_a_whole_record_is_there(results):
    program = """
        import dataclasses, sys
        from pathlib import Path
        from made_up import run_record
        from grader.store import Results
        for number in range(100_000):
            Results(Path(sys.argv[1])).save(run_record(digest=str(number)))
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for wait in (0.0, 0.013, 0.031):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), results.folder], env=environment)
        while not (results.folder / "ada" / "run.zip").exists():
            time.sleep(0.01)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert results.load("ada").record is not None


# ---------------------------------------------------------------------------------------------- session and lock


def test_students_of_earlier_sessions_stay_known(results):
    results.note(Session("hw1", "/c", "/s", {"ada": "Ada"}))
    results.note(Session("hw1", "/c", "/t", {"bob": "Bob"}))
    assert results.session() == Session("hw1", "/c", "/t", {"ada": "Ada", "bob": "Bob"})


def test_a_spoilt_session_counts_as_none(results):
    results.folder.mkdir(parents=True)
    (results.folder / "session.json").write_text("{")
    assert results.session() is None


def test_only_one_process_at_a_time(results):
    with (
        results.locked(),
        pytest.raises(UsageError, match=rf"Another grade \(process {os.getpid()}\) is at work on"),
        results.locked(),
    ):
        pass
    with results.locked():
        pass


def test_the_lock_of_a_killed_process_is_free(results):
    results.folder.mkdir(parents=True)
    (results.folder / ".lock").write_text("99999999")
    with results.locked():
        assert (results.folder / ".lock").read_text() == str(os.getpid())
