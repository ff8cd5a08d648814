"""Whatever lies in a folder: submissions with keys of their own, no exception, nothing written there."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake import Unreadable, submissions
from grader.notebook import read

PARTS = st.one_of(
    st.sampled_from(["ada", "ada_p1.py", "ada_p2.ipynb", "results", "hw3.ipynb", "a.zip", "x.pdf", "-rf.py", "CON.py"]),
    st.binary(min_size=1, max_size=30).filter(lambda name: not {0, 47} & set(name) and name not in (b".", b"..")),
)
CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"", b"x = 1", b'{"cells": [{}]}', b"PK\x03\x04", b'{"cells": [{"cell_type": "code", "source": 3}]}']
    ),
)
TREES = st.lists(st.tuples(st.lists(PARTS, min_size=1, max_size=4), st.none() | CONTENTS), max_size=8)


def plant(root: Path, tree) -> None:
    for parts, content in tree:
        names = [part if isinstance(part, str) else part.decode("utf-8", "surrogateescape") for part in parts]
        place = root.joinpath(*names)
        try:
            (place if content is None else place.parent).mkdir(parents=True, exist_ok=True)
            if content is not None and not place.is_dir():
                place.write_bytes(content)
        except (FileExistsError, NotADirectoryError):
            continue


def everything(root: Path) -> set[bytes]:
    return {bytes(path) for path in root.rglob("*")}


@settings(max_examples=150)
@given(TREES)
def test_any_tree_becomes_submissions(tmp_path_factory, tree):
    root = tmp_path_factory.mktemp("tree") / "in"
    root.mkdir()
    plant(root, tree)
    before = everything(root)
    with submissions(root) as batch:
        found = [(each.student, [file.name for file in each.files]) for each in batch]
        for submission in batch:
            assert bool(submission.unreadable) != bool(submission.files)
            files = [*submission.files, *submission.beside]
            assert len({file.name.casefold() for file in files}) == len(files)
            assert all(root in file.path.parents or "grader-intake-" in str(file.path) for file in files)
            for file in submission.files:
                try:
                    read(file.path, file.name)
                except Unreadable as error:
                    assert str(error).count("\n") == 0
    assert len({student.casefold() for student, _ in found}) == len(found)
    assert everything(root) == before
    with submissions(root) as again:
        assert [(each.student, [file.name for file in each.files]) for each in again] == found
