"""What Gradescope, Canvas and Moodle export."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from grader.intake import Batch, submissions
from grader.intake.gradescope import time_of
from grader.records import Account, Submission

METADATA = """---
submission_86175589:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: ada@example.edu
  :created_at: 2023-09-20 17:04:11.123456000 Z
  :score: 18.5
  :status: processed
  :results:
    tests:
    - name: q1
      score: 1.0
      max_score: 1.0
  :history:
  - :id: 86170001
    :created_at: 2023-09-19 10:00:00.000000000 Z
    :score: 3.0
  - :id: 86170002
    :created_at: 2023-09-19 11:00:00.000000000 Z
submission_9:
  :submitters:
  - :name: Ben Bo
    :sid:
    :email: ben@example.edu
  - :name: Zoë
    :sid: '007'
    :email: ~
  :created_at: 2023-09-21 09:00:00.000000000 +02:00
"""


def lay(root: Path, *names: str) -> Path:
    """Make files, each holding its own path; a name that ends in '/' is an empty folder."""
    for name in names:
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            place.mkdir()
        else:
            place.write_text(f"# {name}")
    return root


def exported(root: Path, metadata: str | bytes = METADATA, *more: str) -> Path:
    """Make an export of Gradescope with two submissions and return its folder."""
    folder = root / "assignment_123_export"
    lay(folder, "submission_86175589/hw3.ipynb", "submission_86175589/notes.pdf", "submission_9/src/hw3.py", *more)
    (folder / "submission_metadata.yml").write_bytes(metadata.encode() if isinstance(metadata, str) else metadata)
    return folder


def gathered(where: Path) -> Batch:
    with submissions(where) as batch:
        return batch


def by_student(where: Path) -> dict[str, Submission]:
    return {submission.student: submission for submission in gathered(where)}


def names(submission: Submission) -> list[str]:
    return [file.name for file in submission.files]


def all_remarks(batch: Batch) -> str:
    return " ".join([*batch.remarks, *(remark for each in batch for remark in each.remarks)])


def test_gradescope_tells_who_and_when(tmp_path):
    found = by_student(exported(tmp_path))
    ada = found["Ada-Lovelace"]
    assert (ada.name, names(ada), ada.submitted_at) == ("Ada Lovelace", ["hw3.ipynb"], "2023-09-20T17:04:11+00:00")
    assert ada.accounts == (Account("Ada Lovelace", "100", "ada@example.edu", "86175589", "gradescope"),)
    assert ada.members == ()
    earlier = "2 earlier submissions, the last of 2023-09-19T11:00:00+00:00, gave way to the active one of 2023-09-20"
    assert any(remark.startswith(earlier) for remark in ada.remarks)


def test_gradescope_groups_are_one_submission(tmp_path):
    group = next(each for each in gathered(exported(tmp_path)) if each.name == "Ben Bo, Zoë")
    assert group.members == ("Ben Bo", "Zoë")
    assert [account.sid for account in group.accounts] == ["", "007"]
    assert [account.email for account in group.accounts] == ["ben@example.edu", ""]
    assert (names(group), group.submitted_at, group.remarks) == (["hw3.py"], "2023-09-21T07:00:00+00:00", ())


@pytest.mark.parametrize("wrapped", [False, True])
def test_gradescope_as_a_zip(tmp_path, wrapped):
    folder = exported(tmp_path / "in")
    target = tmp_path / "assignment_123_export.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent if wrapped else folder))
    assert [each.name for each in gathered(target)] == ["Ada Lovelace", "Ben Bo, Zoë"]
    with submissions(target) as batch:
        assert batch[0].files[0].path.read_text() == "# submission_86175589/hw3.ipynb"


def test_gradescope_is_found_inside_a_lone_folder(tmp_path):
    exported(tmp_path)
    assert [each.name for each in gathered(tmp_path)] == ["Ada Lovelace", "Ben Bo, Zoë"]


def test_an_export_beside_other_work_hides_nobody(tmp_path):
    exported(tmp_path)
    lay(tmp_path, "eve.py")
    assert "eve" in by_student(tmp_path)


def test_what_the_metadata_does_not_name_is_kept(tmp_path):
    metadata = METADATA + "submission_77:\n  :submitters:\n  - :name: Cy\n  :created_at: soon\nextra: 3\n"
    batch = gathered(exported(tmp_path, metadata, "submission_55/hw.py", "submission_86170001/old.py", "readme.txt"))
    found = {each.name: each for each in batch}
    assert set(found) == {"Ada Lovelace", "Ben Bo, Zoë", "Cy", "submission_55"}
    assert found["Cy"].unreadable == "The export holds no files of submission_77."
    assert "tells no time for submission_77 ('soon')" in found["Cy"].remarks[1]
    assert found["submission_55"].remarks == ("submission_metadata.yml does not tell whose this is.",)
    assert "submission_86170001 is an earlier submission and is left out." in batch.remarks
    assert "readme.txt belongs to no submission and is left out." in batch.remarks
    assert "submission_metadata.yml holds 'extra', which is no submission." in batch.remarks


@pytest.mark.parametrize(
    ("metadata", "word"),
    [
        ("", "holds no submissions"),
        ("- 1\n- 2\n", "holds no submissions"),
        ("a: [1\n", "is not whole YAML"),
        (b"\xff\xfe\x00", "is not whole YAML"),
        ("[" * 100_000, "is not whole YAML"),
        ("{" * 100_000, "is not whole YAML"),
        ("? [a, b]\n: 1\n", "is not whole YAML"),
        ("submission_9: !!python/object/apply:os.system ['touch stolen']\n", "names nobody for submission_9"),
        ("submission_9: 3\n", "names nobody for submission_9"),
        ("submission_9:\n  :submitters: Ben\n", "names nobody for submission_9"),
        (
            "submission_9:\n  :submitters:\n  - 3\n  - :name: Ben\n",
            "names 2 people for submission_9, 1 of",
        ),
        ("submission_9:\n  submitters:\n  - name: Ben\n  created_at: 2023-13-77 00:00:00 Z\n", "tells no time"),
    ],
)
def test_odd_metadata_costs_a_remark_and_no_submission(tmp_path, monkeypatch, metadata, word):
    monkeypatch.chdir(tmp_path)
    batch = gathered(exported(tmp_path, metadata))
    assert len(batch) == 2
    assert word in all_remarks(batch)
    assert not (tmp_path / "stolen").exists()


def test_a_billion_laughs_take_no_room(tmp_path):
    lines = ["l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"l{n}: &l{n} [{', '.join(f'*l{n - 1}' for _ in range(10))}]" for n in range(1, 12)]
    lines += ["m0: &m0 {a: b}"]
    lines += [f"m{n}: &m{n} {{<<: [{', '.join(f'*m{n - 1}' for _ in range(10))}]}}" for n in range(1, 12)]
    metadata = "\n".join([*lines, "submission_9:\n  :submitters: *l11\n  :created_at: *m11\n  :history: *l11\n"])
    assert "names nobody for submission_9" in all_remarks(gathered(exported(tmp_path, metadata)))


def test_a_loop_in_the_metadata_ends(tmp_path):
    metadata = "submission_9: &x\n  :submitters:\n  - *x\n  :history: [*x]\n  :created_at: 2023-09-20 17:04:11 Z\n"
    batch = gathered(exported(tmp_path, metadata))
    assert len(batch) == 2
    assert batch.remarks[0] == (
        "submission_metadata.yml is not whole YAML (line 1: found unconstructable recursive node); submissions are"
        " named by their folders."
    )


def test_metadata_that_is_too_large_is_not_read(tmp_path):
    folder = exported(tmp_path)
    os.truncate(folder / "submission_metadata.yml", (1 << 30) + 1)
    batch = gathered(folder)
    assert [each.name for each in batch] == ["submission_9", "submission_86175589"]
    assert "is larger than 1024 MB" in batch.remarks[0]


def test_metadata_that_is_a_link_is_not_followed(tmp_path):
    secret = tmp_path / "secret.yml"
    secret.write_text(METADATA)
    folder = lay(tmp_path / "export", "submission_9/hw3.py", "submission_10/hw3.py")
    (folder / "submission_metadata.yml").symlink_to(secret)
    assert [each.name for each in gathered(folder)] == ["submission_9", "submission_10"]


def test_two_people_of_one_name_are_told_apart_for_good(tmp_path):
    person = (
        "submission_{0}:\n  :submitters:\n  - :name: Li Wei\n    :sid: '{1}'\n  :created_at: 2023-09-20 17:04:11 Z\n"
    )
    first = by_student(exported(tmp_path, person.format(9, 31) + person.format(86175589, 30)))
    assert {key: names(each) for key, each in first.items()} == {
        "Li-Wei-31": ["hw3.py"],
        "Li-Wei-30": ["hw3.ipynb"],
    }


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2023-09-20 17:04:11.123456000 Z", "2023-09-20T17:04:11+00:00"),
        ("2023-09-20T17:04:11+02:00", "2023-09-20T15:04:11+00:00"),
        ("2023-09-20 17:04:11.5 -0730", "2023-09-21T00:34:11+00:00"),
        ("2023-09-20 17:04:11 UTC", "2023-09-20T17:04:11+00:00"),
        ("2023-09-20 17:04:11", "2023-09-20T17:04:11+00:00"),
        ("0001-01-01 00:00:00 +14:00", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_times_are_told_in_utc(text, time):
    assert time_of(text) == time


def test_canvas_puts_everything_into_the_name(tmp_path):
    lay(
        tmp_path,
        "lovelaceada_1234_56789_hw3.ipynb",
        "lovelaceada_1234_56790_helper-1.py",
        "boben_LATE_77_56791_hw3.py",
        "boben_78_56792_hw3.py",
        "bozoe_79_56793_essay.pdf",
    )
    found = by_student(tmp_path)
    assert {key: names(each) for key, each in found.items()} == {
        "lovelaceada": ["helper-1.py", "hw3.ipynb"],
        "boben-77": ["hw3.py"],
        "boben-78": ["hw3.py"],
        "bozoe": [],
    }
    assert found["boben-77"].remarks == ("Canvas marks this as late.",)
    assert found["boben-78"].remarks == ()
    assert found["lovelaceada"].accounts == (Account("lovelaceada", number="1234", platform="canvas"),)
    assert "essay.pdf" in found["bozoe"].unreadable


def test_canvas_without_names(tmp_path):
    lay(tmp_path, "anon_x1y2_56789_hw3.ipynb", "LATE_anon_z9_56790_hw3.py")
    found = by_student(tmp_path)
    assert {key: names(each) for key, each in found.items()} == {"anon-x1y2": ["hw3.ipynb"], "anon-z9": ["hw3.py"]}
    assert found["anon-z9"].remarks == ("Canvas marks this as late.",)
    assert found["anon-z9"].accounts == (Account(number="z9", platform="canvas"),)


def test_canvas_zips_are_unpacked(tmp_path):
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("work/p1.py", "a = 1")
        archive.writestr("work/p2.py", "b = 1")
    (tmp_path / "lovelaceada_1234_56789_hw3.zip").write_bytes(inside.getvalue())
    assert names(by_student(tmp_path)["lovelaceada"]) == ["p1.py", "p2.py"]


def test_a_name_that_only_looks_like_canvas_changes_nothing(tmp_path):
    lay(tmp_path, "ada_12_345_hw3.py", "ben.py")
    assert set(by_student(tmp_path)) == {"ada_12_345_hw3", "ben"}


def test_moodle_folders(tmp_path):
    lay(
        tmp_path,
        "Ada Lovelace_4711_assignsubmission_file_/hw3.ipynb",
        "Ada Lovelace_4711_assignsubmission_onlinetext_/onlinetext.html",
        "Ben_Bo_12_assignsubmission_file/a/p1.py",
        "Ben_Bo_12_assignsubmission_file/a/p2.py",
        "grades.csv",
    )
    batch = gathered(tmp_path)
    found = {each.student: each for each in batch}
    assert {key: names(each) for key, each in found.items()} == {
        "Ada-Lovelace": ["hw3.ipynb"],
        "Ben_Bo": ["p1.py", "p2.py"],
    }
    assert found["Ada-Lovelace"].accounts == (Account("Ada Lovelace", number="4711", platform="moodle"),)
    assert [file.name for file in found["Ada-Lovelace"].beside] == ["onlinetext.html"]
    assert batch.remarks == ("Not submissions, left out: grades.csv.",)


def test_moodle_flat(tmp_path):
    lay(tmp_path, "Ada Lovelace_4711_assignsubmission_file_hw3.ipynb", "Ben_12_assignsubmission_file_hw3.py")
    found = by_student(tmp_path)
    assert {key: names(each) for key, each in found.items()} == {"Ada-Lovelace": ["hw3.ipynb"], "Ben": ["hw3.py"]}


def test_one_moodle_folder_alone_is_its_students(tmp_path):
    lay(
        tmp_path, "Ada Lovelace_4711_assignsubmission_file_/p1/a.py", "Ada Lovelace_4711_assignsubmission_file_/p2/b.py"
    )
    assert {key: names(each) for key, each in by_student(tmp_path).items()} == {"Ada-Lovelace": ["p1/a.py", "p2/b.py"]}
