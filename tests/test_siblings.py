"""Which files beside a reference it shares with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.siblings import siblings

FILES = {
    "hw1.py": "import numpy as np\nimport curve, json\nif True:\n    from layers import relu as r\n",
    "curve.py": "from layers import *\nimport hw1\n",
    "layers.py": "from . import other\nfrom os import path\n",
    "other.py": "",
    "broken.py": "import layers\nx = (\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def names(path: Path) -> list[str]:
    return [sibling.name for sibling in siblings(path)]


def test_each_comes_after_what_it_needs(folder):
    assert names(folder / "hw1.py") == ["layers.py", "curve.py"]


def test_what_cannot_be_read_imports_nothing(folder):
    assert names(folder / "broken.py") == []
    assert names(folder / "none.py") == []
