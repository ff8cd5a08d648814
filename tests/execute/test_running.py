"""A submission is run cell by cell, past errors, and can be asked afterwards."""

import contextlib
import os
import threading
from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.errors import GraderFault, Raised, UsageError
from grader.execute import Progress, Sandbox, Settings
from grader.execute.attempt import LEFT
from grader.notebook import Cell, Document
from grader.records import Submission, SubmittedFile
from grader.sandbox.processes import descendants, living
from grader.student import Handle


def texts(cell):
    return [(output.kind, output.content) for output in cell.outputs]


def test_cells_run_in_order_and_show_what_they_show(laboratory):
    record = laboratory.record("x = 20", "print('a')\nprint('b')", "x + 1")
    assert record.status == "finished" and record.reason == "" and record.events == ()
    assert [texts(cell) for cell in record.cells] == [[], [("text", "a\nb\n")], [("text", "21")]]
    assert [cell.number for cell in record.cells] == [1, 2, 3]


def test_what_the_kernels_start_is_spared_is_there_for_students(laboratory):
    source = "import sys\nfrom ipykernel import ipkernel\nprint(ipkernel.sys is sys, 'torch' in ipkernel.sys.modules)"
    record = laboratory.record(source, "len(get_ipython().kernel._kernel_modules)")
    assert [texts(cell) for cell in record.cells] == [[("text", "True True\n")], [("text", "0")]]


def test_an_error_stops_neither_the_next_cell_nor_the_rest_of_its_own(laboratory):
    record = laboratory.record("import sklearn_of_old\nc = 3\n1 / 0\nd = c + 1\n[][1]", "print(c, d)")
    assert texts(record.cells[1]) == [("text", "3 4\n")]
    first = record.cells[0].error
    assert (first.kind, first.blame) == ("ModuleNotFoundError", "environment")
    assert texts(record.cells[0]) == [("note", "2 more errors followed in this cell.")]


def test_a_line_magic_does_not_hide_the_rest_of_a_cell(laboratory):
    record = laboratory.record("\n\n%matplotlib inline\nimport nothing_of_the_kind\nanswer = 42", "print(answer)")
    assert texts(record.cells[1]) == [("text", "42\n")]


def test_a_traceback_shows_the_students_own_frames_only(laboratory):
    source = "import json\ndef load(text):\n    return json.loads(text)\nload('{')"
    error = laboratory.record(source).cells[0].error
    assert error.kind == "JSONDecodeError" and error.blame == "student"
    assert "load('{')" in error.traceback and "return json.loads(text)" in error.traceback
    assert "raw_decode" not in error.traceback and "/" not in error.traceback and "\x1b" not in error.traceback


LEAVING = {
    "exit": ("exit()\nb = 2", True, []),
    "quit": ("quit()\nb = 2", True, []),
    "system": ("import sys\nprint(1)\nsys.exit()\nb = 2", False, [("text", "1\n"), ("note", LEFT.content)]),
    "in words": ("raise SystemExit('enough')\nb = 2", False, [("note", LEFT.content)]),
}


@pytest.mark.parametrize("way", LEAVING)
def test_leaving_ends_a_cell_at_most(laboratory, asked, way):
    source, goes_on, shown = LEAVING[way]
    with laboratory.finished("a = 1", source, "c = 3") as finished:
        record = finished.files[0]
        with asked(finished) as student:
            assert (student.get("a"), student.get("c")) == (1, 3)
            assert ("b" in {seen.handle.name for seen in student.survey()}) == goes_on
    assert (record.status, record.events, record.cells[1].error) == ("finished", (), None)
    assert texts(record.cells[1]) == shown


def test_text_cells_are_carried_along(laboratory):
    cells = (Cell(1, "text", "# Why", ("q1",)), Cell(2, "code", "1", ()))
    with laboratory.sandbox.run(
        laboratory.submission(), [Document("n.ipynb", cells, "python")], Limits(), seed=0
    ) as finished:
        written = finished.files[0].cells[0]
    assert (written.kind, written.source, written.tags, written.outputs) == ("text", "# Why", ("q1",), ())


def test_a_finished_kernel_answers_each_time_from_the_same_state(laboratory, asked):
    with laboratory.finished("state = [1]\ndef grow():\n    state.append(2)\n    return len(state)") as finished:
        for _ in range(2):
            with asked(finished) as student:
                assert student.call("grow") == 2
        with asked(finished) as student, pytest.raises(Raised):
            student.call("grow", "too", "many")


def test_files_beside_the_code_can_be_imported_and_read(laboratory):
    handed_in = laboratory.submission(utils__py="def twice(x):\n    return 2 * x\n", data__csv="1,2")
    record = laboratory.record(
        "from utils import twice", "print(twice(4), open('data.csv').read())", submission=handed_in
    )
    assert texts(record.cells[1]) == [("text", "8 1,2\n")]


def test_a_broken_module_of_ones_own_is_ones_own_fault(laboratory):
    handed_in = laboratory.submission(utils__py="import nowhere_to_be_found\n")
    record = laboratory.record("import utils", "from utils import missing_name", submission=handed_in)
    assert record.cells[0].error.blame == "environment"
    assert "import nowhere_to_be_found" in record.cells[0].error.traceback


def test_names_keep_their_folders_and_links_are_not_followed(laboratory, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the key")
    link, inner = tmp_path / "link.txt", tmp_path / "x.txt"
    link.symlink_to(secret)
    inner.write_text("inner")
    beside = (
        SubmittedFile(inner, "data/deep/x.txt"),
        SubmittedFile(link, "link.txt"),
        SubmittedFile(inner, "../up.txt"),
        SubmittedFile(inner, "data"),
    )
    source = "import glob\nprint(glob.glob('*'), open('data/deep/x.txt').read())"
    record = laboratory.record(source, submission=Submission("s", "S", (), beside))
    assert texts(record.cells[0]) == [("text", "['data'] inner\n")]
    assert [event.split(" was not")[0] for event in record.events] == ["link.txt", "../up.txt", "data"]


def test_each_file_has_a_kernel_of_its_own(laboratory, asked):
    documents = [Document(name, (Cell(1, "code", f"mine = {name!r}"),), "python") for name in ("a.py", "b.py")]
    with laboratory.sandbox.run(laboratory.submission(), documents, Limits(), seed=0) as finished:
        assert [record.name for record in finished.files] == ["a.py", "b.py"]
        with asked(finished) as student:
            assert [student.get(Handle("mine", file)) for file in (0, 1)] == ["a.py", "b.py"]


def test_the_same_seed_draws_the_same_numbers(laboratory):
    source = "import random, numpy\nprint(random.random(), numpy.random.rand())"
    assert laboratory.record(source).cells[0].outputs == laboratory.record(source).cells[0].outputs


def test_progress_names_student_file_and_cell(laboratory):
    laboratory.record("1", "2")
    assert [(seen.student, seen.file, seen.cell, seen.cells) for seen in laboratory.told] == [
        ("s1", "work.py", 1, 2),
        ("s1", "work.py", 2, 2),
    ]
    assert isinstance(laboratory.told[0], Progress)


def test_use_is_counted_for_the_whole_tree(laboratory):
    burn = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', '''{burn}'''])"
    record = laboratory.record(burn, child)
    assert all(0.35 < cell.cpu < 1.5 for cell in record.cells)
    assert record.usage.cpu_student == pytest.approx(sum(cell.cpu for cell in record.cells))
    assert record.usage.cpu >= record.usage.cpu_student
    assert record.usage.memory > 5 << 20


def test_what_a_kernel_has_of_the_zygote_is_not_counted_as_its_own(laboratory):
    """Of one process: where another is just being started, both seem to have it until somebody looks closely."""
    assert 5 << 20 < laboratory.record("x = 1").usage.memory < 250 << 20


def test_several_threads_run_at_once(laboratory):
    shown = {}

    def work(number):
        shown[number] = texts(laboratory.record(f"print({number})").cells[0])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown == {number: [("text", f"{number}\n")] for number in range(3)}


NOTHING = (set(), set(), set())


def there_is(run_folder):
    """What there is of boxes now: processes, folders, descriptors; a dead one that waits to be reaped is none."""
    return set(living(descendants(os.getpid()))), set(run_folder.iterdir()), set(opened())


def opened():
    """Yield the open descriptors, each with what it is of; the one that lists them has gone."""
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if not (target := str(one.readlink())).startswith("/proc/"):
                yield one.name, target


def left_over(before, run_folder):
    """What there is more than there was; what others left may have ended meanwhile."""
    return tuple(now - then for now, then in zip(there_is(run_folder), before, strict=True))


def test_nothing_is_left_over_after_a_context(laboratory):
    laboratory.record("1")  # the zygote is up now
    before = there_is(laboratory.sandbox.folder)
    with laboratory.finished("import subprocess\nsubprocess.Popen(['sleep', '60'])") as finished:
        processes, folders, descriptors = left_over(before, laboratory.sandbox.folder)
        assert len(processes) >= 3 and len(folders) == 1 and descriptors
        connection = finished.connect(0)
        assert connection.socket.fileno() > 0
        connection.close()
    assert left_over(before, laboratory.sandbox.folder) == NOTHING


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, SystemExit])
def test_an_exception_in_the_body_clears_away_too(laboratory, error):
    laboratory.record("1")
    before = there_is(laboratory.sandbox.folder)
    with pytest.raises(error), laboratory.finished("1"):
        raise error
    assert left_over(before, laboratory.sandbox.folder) == NOTHING


def test_a_closed_sandbox_leaves_nothing_and_starts_nothing():
    sandbox = Sandbox(Settings())
    sandbox.close()
    with (
        pytest.raises(GraderFault, match="closed"),
        sandbox.run(Submission("s", "S", ()), [Document("a.py", (Cell(1, "code", "1"),), "python")], Limits(), seed=0),
    ):
        pass
    assert Path("/proc/self").exists()


def test_an_environment_without_a_kernel_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="not a Python"):
        Sandbox(Settings(python=tmp_path / "python"))
