"""Who handed in what."""

import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import Batch, archive, submissions
from grader.records import Submission


def lay(root: Path, *names: str) -> Path:
    """Make files, each holding its own name; a name that ends in '/' is an empty folder."""
    for name in names:
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            place.mkdir()
        else:
            place.write_text(f"# {name}")
    return root


def packed(**files: str | bytes) -> bytes:
    """Return a zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return target.getvalue()


def gathered(where: Path) -> Batch:
    with submissions(where) as batch:
        return batch


def by_student(where: Path) -> dict[str, Submission]:
    return {submission.student: submission for submission in gathered(where)}


def names(submission: Submission) -> list[str]:
    return [file.name for file in submission.files]


def test_each_loose_file_is_a_student(tmp_path):
    found = by_student(lay(tmp_path, "ada.ipynb", "ben.py", "team_1.py", "team_2.py"))
    assert {student: names(each) for student, each in found.items()} == {
        "ada": ["ada.ipynb"],
        "ben": ["ben.py"],
        "team_1": ["team_1.py"],
        "team_2": ["team_2.py"],
    }


def test_each_folder_is_a_student_with_all_files_below_it(tmp_path):
    found = by_student(lay(tmp_path, "ada/p10.py", "ada/p2.py", "ada/data/x.csv", "ben/a/b/hw3.ipynb"))
    assert names(found["ada"]) == ["p2.py", "p10.py"]
    assert [file.name for file in found["ada"].beside] == ["data/x.csv"]
    assert names(found["ben"]) == ["hw3.ipynb"]


@pytest.mark.parametrize(
    "files",
    [
        ("ada_p1.ipynb", "ada_p2.ipynb"),
        ("ada-hw3-1.py", "ada-hw3-2.py"),
        ("ada_hw3.ipynb", "ada_problem2.py"),
        ("ada.ipynb", "ada.py"),
    ],
)
def test_parts_of_one_homework_are_one_students(tmp_path, files):
    found = by_student(lay(tmp_path, *files, "ben.py"))
    assert set(found) == {"ada", "ben"}
    assert names(found["ada"]) == list(files)
    assert "one submission" in found["ada"].remarks[0]


@pytest.mark.parametrize("files", [("anna_p.py", "anna_q.py"), ("li_v1.py", "li_v2.py"), ("kim_hw3.py", "lee_hw3.py")])
def test_files_stay_apart_when_names_leave_doubt(tmp_path, files):
    assert len(gathered(lay(tmp_path, *files))) == 2


def test_a_folder_of_parts_without_a_name_is_one_student(tmp_path):
    found = by_student(lay(tmp_path / "ada", "p1.py", "problem2.ipynb", "data/points.npy"))
    assert names(found["ada"]) == ["p1.py", "problem2.ipynb"]


def test_one_file_is_one_submission(tmp_path):
    assert [each.student for each in gathered(lay(tmp_path, "ada.py", "ben.py") / "ada.py")] == ["ada"]


def test_generated_and_hidden_files_are_not_mentioned(tmp_path):
    lay(
        tmp_path,
        "ada/hw3.py",
        "ada/.ipynb_checkpoints/hw3-checkpoint.ipynb",
        "ada/__pycache__/hw3.pyc",
        "__MACOSX/a.py",
    )
    lay(tmp_path, ".DS_Store", "ada/.DS_Store")
    batch = gathered(tmp_path)
    assert [(each.student, names(each), each.remarks) for each in batch] == [("ada", ["hw3.py"], ())]
    assert batch.remarks == ()


def test_other_files_of_the_class_get_one_remark(tmp_path):
    batch = gathered(lay(tmp_path, "ada.py", "README.md", "expected.toml"))
    assert [each.student for each in batch] == ["ada"]
    assert batch.remarks == ("Not submissions, left out: expected.toml, README.md.",)


def test_a_student_who_handed_in_only_a_document_is_not_lost(tmp_path):
    found = by_student(lay(tmp_path, "ada.py", "ben.pdf", "ada_proofs.pdf", "ada.pdf"))
    assert "ben.pdf" in found["ben"].unreadable
    assert [file.name for file in found["ada"].beside] == ["ada.pdf"]
    assert found["ada_proofs"].unreadable


def test_texts_are_read_after_the_code(tmp_path):
    found = by_student(
        lay(tmp_path, "ada/answers.md", "ada/hw3.py", "ada/README.md", "ben/proofs.md", "eve.py", "eve.md")
    )
    assert names(found["ada"]) == ["hw3.py", "answers.md"]
    assert [file.name for file in found["ada"].beside] == ["README.md"]
    assert (names(found["ben"]), found["ben"].unreadable) == (["proofs.md"], "")
    assert names(found["eve"]) == ["eve.py", "eve.md"]


def test_an_empty_folder_is_a_submission_that_cannot_be_run(tmp_path):
    assert by_student(lay(tmp_path, "ada/"))["ada"].unreadable == "Nothing was handed in: the folder is empty."


def test_results_of_an_earlier_run_are_no_submission(tmp_path):
    lay(tmp_path, "ada.py", "results/hw3/grades.json", "results/hw3/ada/report.html", "elsewhere/grades.json")
    assert [each.student for each in gathered(tmp_path)] == ["ada"]


def test_links_are_never_followed(tmp_path):
    secret = lay(tmp_path / "secret", "key.py")
    folder = lay(tmp_path / "in", "ada/hw3.py")
    (folder / "ada" / "stolen.py").symlink_to(secret / "key.py")
    (folder / "ada" / "all").symlink_to(secret)
    (folder / "eve").symlink_to(secret)
    batch = gathered(folder)
    assert [(each.student, names(each)) for each in batch] == [("ada", ["hw3.py"])]
    assert batch[0].remarks == ("all is a link and is not followed.", "stolen.py is a link and is not followed.")
    assert batch.remarks == ("eve is a link and is not followed.",)


def test_pipes_are_left_out(tmp_path):
    lay(tmp_path, "ada/hw3.py")
    os.mkfifo(tmp_path / "ada" / "pipe.py")
    assert by_student(tmp_path)["ada"].remarks == ("pipe.py is not an ordinary file and is left out.",)


def test_the_same_file_from_two_students_is_remarked_on_both_without_naming_the_other(tmp_path):
    for student in ("ada", "ben"):
        (tmp_path / f"{student}.py").write_text("x = 1")
    batch = gathered(lay(tmp_path, "eve.py"))
    assert [bool(each.remarks) for each in batch] == [True, True, False]
    assert "ben" not in batch[0].remarks[0]
    assert batch.remarks == ("The same file, byte for byte: ada.py of ada, ben.py of ben.",)


def test_the_same_file_twice_from_one_student_is_run_once(tmp_path):
    lay(tmp_path, "ada/")
    for name in ("hw3.py", "hw3 (1).py"):
        (tmp_path / "ada" / name).write_text("x = 1")
    assert len(by_student(tmp_path)["ada"].files) == 1


def test_a_zip_of_a_class_is_read_like_its_folder(tmp_path):
    (tmp_path / "class.zip").write_bytes(packed(**{"in/ada/p1.py": "1", "in/ben.py": "2", "in/eve.ipynb": "3"}))
    assert {key: names(each) for key, each in by_student(tmp_path / "class.zip").items()} == {
        "ada": ["p1.py"],
        "ben": ["ben.py"],
        "eve": ["eve.ipynb"],
    }


def test_a_students_zip_is_a_folder_that_was_packed(tmp_path):
    (tmp_path / "ada.zip").write_bytes(packed(**{"ada/p1.py": "1", "ada/x.csv": "2", "__MACOSX/ada/._p1.py": "3"}))
    lay(tmp_path, "ben/proof.pdf")
    (tmp_path / "ben" / "code.zip").write_bytes(packed(**{"hw3.py": "1", "inner.zip": packed(**{"deep.py": "4"})}))
    with submissions(tmp_path) as (ada, ben):
        assert (names(ada), ada.files[0].path.read_text()) == (["p1.py"], "1")
        assert names(ben) == ["code/hw3.py"]
        assert [file.name for file in ben.beside] == ["proof.pdf", "code/inner.zip"]
    assert not ada.files[0].path.exists()


def test_a_broken_zip_is_one_sentence(tmp_path):
    (tmp_path / "ada.zip").write_bytes(packed(**{"p1.py": "print(1)" * 100})[:80])
    (tmp_path / "ben.zip").write_bytes(packed())
    found = by_student(tmp_path)
    assert found["ada"].unreadable.startswith("ada.zip is not a whole zip file")
    assert found["ben"].unreadable == "The zip file is empty."


def test_what_is_no_place_for_submissions_is_said(tmp_path):
    with pytest.raises(UsageError, match="no folder or file"):
        gathered(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="not a folder, a zip"):
        gathered(lay(tmp_path, "grades.csv") / "grades.csv")
    assert gathered(lay(tmp_path, "none/") / "none").remarks == ("none holds no submissions.",)


@pytest.fixture
def closed(monkeypatch):
    """Return what closes a folder; root could open it all the same."""
    scandir, look_at = os.scandir, os.stat

    def close(closed: Path) -> None:
        def refusing(look):
            def looked(path, *rest, **more):
                place = Path("/dev/fd" if isinstance(path, int) else path)
                if closed in place.parents or (look is scandir and place == closed):
                    raise PermissionError(errno.EACCES, "Permission denied", str(path))
                return look(path, *rest, **more)

            return looked

        monkeypatch.setattr(os, "scandir", refusing(scandir))
        monkeypatch.setattr(os, "stat", refusing(look_at))

    return close


@pytest.mark.parametrize("name", ["ada", "Ada Li_123_assignsubmission_file"])
def test_a_folder_that_is_closed_to_us_is_a_fault_and_costs_nobody_a_point(tmp_path, closed, name):
    lay(tmp_path, f"{name}/hw3.py", "ben/hw3.py" if name == "ada" else "Ben_124_assignsubmission_file/hw3.py")
    closed(tmp_path / name)
    ada, ben = gathered(tmp_path)
    assert ada.fault == f"The folder {name} cannot be opened (Permission denied)."
    assert (ada.unreadable, ben.fault, names(ben)) == ("", "", ["hw3.py"])


def test_a_class_that_is_closed_to_us_is_refused(tmp_path, closed):
    closed(lay(tmp_path, "class/ada/hw3.py") / "class")
    with pytest.raises(UsageError, match="class cannot be opened"):
        gathered(tmp_path / "class")


@pytest.mark.parametrize("name", ["ada.zip", "ada/hw3.zip"])
def test_a_zip_for_which_there_is_no_room_is_a_fault(tmp_path, monkeypatch, name):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(packed(**{"hw3.py": "x = 1"}))
    monkeypatch.setattr(archive, "_copied", full)
    (ada,) = gathered(tmp_path)
    assert ada.fault == f"{place.name} could not be unpacked here: No space left on device."
    assert ada.unreadable == ""


def test_a_zip_that_cannot_be_laid_out_is_its_authors(tmp_path, monkeypatch):
    def clash(*_):
        raise FileExistsError(errno.EEXIST, "File exists")

    (tmp_path / "ada.zip").write_bytes(packed(**{"hw3.py": "x = 1"}))
    monkeypatch.setattr(archive, "_copied", clash)
    (ada,) = gathered(tmp_path)
    assert ada.fault == ""
    assert "cannot be unpacked (File exists)" in ada.unreadable
