"""Honest code that asks for what is not here runs all the same, and what was replaced is said."""

from __future__ import annotations

import pytest
from standin import kernel


def said(*cells, warm=True, **options):
    with kernel(*cells, warm=warm, **options) as process:
        return process.observed().shims


def test_nothing_is_said_of_what_is_not_used():
    assert said("import torch, numpy as np\nx = torch.zeros(3).to('cpu') + torch.tensor(np.float64(1))") == ()


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("import torch; torch.set_num_threads(4); assert torch.get_num_threads() == 1", "one thread"),
        ("assert input('name? ') == ''", "input()"),
        ("import torch; assert torch.zeros(2, device='cuda').cuda().device.type == 'cpu'", "'cuda'"),
        ("import torch; torch.randn(2).to(torch.device('cuda:0')).to(device='cuda')", "'cuda'"),
        ("import torch; m = torch.nn.Linear(1, 2).to('cuda').cuda(); m(torch.ones(3, 1).cuda())", "'cuda'"),
        ("import numpy as np; assert np.product([2, 3]) == 6 and np.int(3.5) == 3", "np.product"),
        ("import numpy as np; assert np.asscalar(np.array([2.0])) == 2.0", "np.asscalar"),
        ("from google.colab import drive, files; drive.mount('/content/drive'); assert files.upload() == {}", "colab"),
    ],
)
def test_what_is_not_here_is_replaced(code, word):
    assert any(word in sentence for sentence in said(code))


def test_names_numpy_never_had_are_still_missing():
    with kernel("import numpy as np; np.no_such_name", complain=False) as process:
        assert "AttributeError" in process.said[0] and "no_such_name" in process.said[0]


@pytest.mark.parametrize("workers", [True, False])
def test_loaders_load_here_where_workers_cannot_be_started(workers):
    code = """
import torch
from torch.utils.data import DataLoader
loader = DataLoader(torch.arange(6), batch_size=2, num_workers=2, persistent_workers=True)
got = [b.tolist() for b in loader] if loader.num_workers == 0 else [[0, 1], [2, 3], [4, 5]]
assert got == [[0, 1], [2, 3], [4, 5]]
"""
    assert any("num_workers" in sentence for sentence in said(code, workers=workers)) != workers


ABSENT = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        return None
from importlib.machinery import PathFinder
true = PathFinder.find_spec
PathFinder.find_spec = classmethod(lambda c, name, *a: None if name.startswith('sklearn') else true(name, *a))
"""


def test_an_absent_package_can_be_imported_and_fails_where_it_is_used():
    used = "from sklearn.model_selection import train_test_split\nimport sklearn.metrics as m\nseen = 1\n"
    with kernel(ABSENT, used + "train_test_split([1])", "m.accuracy_score", complain=False) as process:
        assert process.said == ["cell 2: ModuleNotFoundError: No module named 'sklearn'"]


def test_code_that_is_prepared_for_an_absent_package_is_told():
    code = """
import linecache
text = 'try:\\n    import sklearn\\nexcept ImportError:\\n    found = False\\n'
linecache.cache['mine'] = (len(text), None, text.splitlines(True), 'mine')
exec(compile(text, 'mine', 'exec'))
assert found is False
"""
    with kernel(ABSENT, code):
        pass


def test_bars_that_need_a_browser_are_plain():
    with kernel(
        "from tqdm.notebook import tqdm, trange\nassert [i for i in tqdm(range(3))] == [0, 1, 2]\nbar = trange(2)"
    ):
        pass
