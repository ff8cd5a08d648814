"""Folders of boxes: lent, cleared away, and those of dead graders removed."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from patience import until

from grader.errors import GraderFault
from grader.records import SubmittedFile
from grader.sandbox import processes, scratch
from grader.sandbox.watchdog import Allowance, Watch, size


@pytest.fixture()
def parent(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(scratch, "_LONGEST", 200)
    return tmp_path / f"deepgrader-{os.geteuid()}"


def test_a_dead_graders_folder_is_removed_and_a_living_ones_is_kept(parent):
    mine = scratch.run_folder()
    dead = parent / "dead"
    (dead / "box").mkdir(parents=True)
    (dead / "lock").touch()
    other = scratch.run_folder()
    assert sorted(parent.iterdir()) == sorted([mine.path, other.path])
    mine.close()
    other.close()
    assert list(parent.iterdir()) == []


def test_a_folder_that_another_grader_took_for_a_dead_ones_is_made_anew(parent, monkeypatch):
    """The other one looks between the making of a lock and the locking."""
    flock, others = scratch.fcntl.flock, [lambda: scratch.remove_stale(parent)]

    def late(lock, how):
        if others:
            others.pop()()
        flock(lock, how)

    monkeypatch.setattr(scratch.fcntl, "flock", late)
    run = scratch.run_folder()
    assert list(parent.iterdir()) == [run.path] and scratch.box_folder(run).is_dir()
    run.close()


def test_a_folder_that_somebody_else_could_write_is_refused(parent):
    parent.mkdir()
    parent.chmod(0o777)
    with pytest.raises(GraderFault, match="not a folder of our own"):
        scratch.run_folder()


def test_a_box_cannot_list_where_its_folder_lies(parent):
    run = scratch.run_folder()
    for folder in (parent, run.path, scratch.box_folder(run)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711
    run.close()


def test_what_a_student_closed_is_removed_and_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "kept").touch()
    inner = tmp_path / "box" / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "link").symlink_to(outside)
    inner.chmod(0)
    scratch.remove(tmp_path / "box")
    scratch.remove(tmp_path / "never was")
    assert not (tmp_path / "box").exists() and (outside / "kept").exists()


def test_no_folder_is_too_deep_or_too_closed_to_be_removed(tmp_path, monkeypatch):
    box = tmp_path / "box"
    box.mkdir()
    deepen(box, 1500, monkeypatch)
    (box / "closed").mkdir(0o300)
    (box / "closed/file").touch()
    (box / "link").symlink_to(tmp_path)
    scratch.remove(box)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_counted_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    assert scratch.taken([tmp_path], 10) == scratch.Taken(bytes=102_400, entries=1, closed=False)
    assert scratch.taken([tmp_path / "gone"], 10) == scratch.Taken(0, 0, closed=False)
    deepen(tmp_path, 101, monkeypatch)
    assert scratch.taken([tmp_path], 10_000).closed
    assert scratch.taken([tmp_path], 10).entries == 11
    scratch.remove(tmp_path)  # pytest's own way would not


def deepen(folder, levels, monkeypatch):
    """Make folders in folders, so many that no path leads to the file in the last."""
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        for _ in range(levels):
            Path("d" * 40).mkdir()
            os.chdir("d" * 40)
        Path("file").touch()


def test_a_process_says_nothing_by_its_name(tmp_path):
    rename = "import ctypes, time; ctypes.CDLL(None).prctl(15, {!r}, 0, 0, 0); print(flush=True); time.sleep(50)"
    for name in (b"\rVmPTE: -999999", b"\rVmPTE: x", b"\rUid: 4711"):
        program = [sys.executable, "-c", rename.format(name)]
        with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            try:
                assert 0 < processes.memory([process.pid], processes.Shared(), own_network=False) < 1 << 30
                assert processes.own_memory(process.pid) > 0
                assert os.getuid() in processes.users() and 4711 not in processes.users()
            finally:
                process.kill()


def test_only_plain_files_with_names_of_their_own_are_delivered(tmp_path):
    plain, link, pipe = tmp_path / "plain", tmp_path / "link", tmp_path / "pipe"
    plain.touch()
    link.symlink_to(plain)
    os.mkfifo(pipe)
    names = ["a.py", "d/b.py", "a.py", "d", "a.py/c", "../x", "/etc/x", "", "n\0", "l" * 300]
    files = [SubmittedFile(plain, name) for name in names] + [SubmittedFile(link, "l"), SubmittedFile(pipe, "p")]
    pairs, remarks = scratch.deliverable([*files, SubmittedFile(tmp_path / "absent", "q")])
    assert pairs == ((str(plain), "a.py"), (str(plain), "d/b.py"))
    assert len(remarks) == 11


def test_cpu_time_does_not_forget_the_dead():
    """The child waits at its end until it was looked at."""
    burn = "import time\nwhile time.process_time() < 0.3: pass\nos.read(0, 1)"
    forget = f"import os, signal, time\nsignal.signal(17, signal.SIG_IGN)\nif os.fork() == 0:\n    exec({burn!r})\n"
    forget += "    os._exit(0)\ntime.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", forget], stdin=subprocess.PIPE)
    try:
        meter = processes.CpuMeter(process.pid)
        until(lambda: meter.read() >= 0.25)
        process.stdin.close()
        until(lambda: not processes.descendants(process.pid))
        assert 0.25 <= meter.read() < 1
    finally:
        process.kill()
        process.wait()


def test_a_tree_is_ended_whole():
    process = subprocess.Popen(["/bin/sh", "-c", "sleep 500 & (sleep 500; :) & wait"])
    until(lambda: len(processes.descendants(process.pid)) == 3)
    tree = processes.descendants(process.pid)
    processes.end_tree(process.pid)
    assert process.wait() == -signal.SIGKILL
    until(lambda: not processes.living(tree))


def test_a_watch_says_what_was_too_much(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "import time; x = b'x' * (80 << 20); time.sleep(600)"])
    said = []
    try:
        watch = Watch(process.pid, Allowance(40 << 20, 1 << 30), said.append)
        until(lambda: said)
        watch.stop()
        assert said[0] == "it used more than 40 MiB of memory" and watch.peak > 40 << 20
        (tmp_path / "big").write_bytes(b"x" * 200_000)
        said.clear()
        watch = Watch(process.pid, Allowance(1 << 30, 100_000, (tmp_path,)), said.append)
        until(lambda: said)
        watch.stop()
        assert said[0] == "it wrote more than 97.7 KiB of files"
    finally:
        process.kill()
        process.wait()


def test_sizes_read_as_people_say_them():
    assert [size(count) for count in (3 << 30, 512 << 20, 1500, 7)] == ["3 GiB", "512 MiB", "1.46 KiB", "7 bytes"]
