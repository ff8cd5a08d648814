"""Honest code that asks for what is not here runs all the same, and what was replaced is said."""

from __future__ import annotations

import textwrap

import pytest
from standin import kernel

from grader.kernel.shims import SHIMS


def said(*cells, warm=True, **options):
    with kernel(*cells, warm=warm, **options) as process:
        return process.observed().shims


def test_nothing_is_said_of_what_is_not_used():
    honest = "import torch, numpy as np\nx = torch.zeros(3).to('cpu') + torch.tensor(np.float64(1))\n"
    more = "x.type('torch.DoubleTensor').new_zeros(2, device='cpu')\nwith torch.autocast('cpu'): pass\n"
    device = "d = torch.device('cuda' if torch.cuda.is_available() else 'cpu'); torch.nn.Linear(1, 1).to(d)\n"
    assert said(honest + more + device + "import math, PIL\nfrom torch.utils.data import DataLoader") == ()


TENSORS = [
    "torch.zeros(2, device='cuda').cuda().device.type == 'cpu'",
    "torch.randn(2).to(torch.device('cuda:0')).to(device='cuda').to(0).is_cuda is False",
    "torch.nn.Linear(1, 2).to('cuda').cuda()(torch.ones(3, 1).cuda(non_blocking=True)).shape == (3, 2)",
    "torch.nn.Linear(1, 2, device='cuda').weight.device.type == 'cpu'",
    "torch.ones(2).new_zeros(3, device='cuda').sum() == 0",
    "torch.ones(2, pin_memory=True).pin_memory().sum() == 2",
    "torch.cuda.FloatTensor([1, 2]).sum() == 3",
    "torch.ones(2).type('torch.cuda.LongTensor').dtype is torch.int64",
    "torch.ones(2).type(torch.cuda.LongTensor).dtype is torch.int64",
    "torch.randperm(3, generator=torch.Generator(device='cuda').manual_seed(0), device='cuda').sum() == 3",
    "torch.cuda.synchronize() is None and torch.cuda.empty_cache() is None",
    "torch.cuda.set_device(0) is None and torch.cuda.current_device() == 0",
    "torch.cuda.get_device_name(0) == torch.cuda.get_device_properties('cuda').name == 'CPU'",
    "torch.cuda.reset_peak_memory_stats() is None and torch.cuda.max_memory_allocated() == 0",
    "torch.amp.GradScaler('cuda').scale(torch.ones(1)) == 1",
    "torch.nn.DataParallel(torch.nn.Linear(1, 1), device_ids=[0, 1]).cuda()(torch.ones(1, 1).cuda()).shape == (1, 1)",
    "torch.utils.data.default_collate([torch.ones(1, device='cuda:0')]).shape == (1, 1)",
]


@pytest.mark.parametrize("expression", TENSORS)
def test_what_asks_for_cuda_runs_on_the_cpu(expression):
    assert said(f"import torch\nassert {expression}") == ("Code asked for the device 'cuda'; it ran on the CPU.",)


BLOCKS = {
    "mixed precision": """
        import warnings; warnings.simplefilter('error', UserWarning)
        model = torch.nn.Linear(2, 1).cuda()
        rule, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.cuda.amp.GradScaler()
        for _ in range(3):
            with torch.cuda.amp.autocast():
                loss = model(torch.ones(4, 2, device='cuda')).pow(2).mean()
            assert loss.dtype is torch.float32
            scaler.scale(loss).backward(); scaler.step(rule); scaler.update(); rule.zero_grad()
        with torch.autocast(device_type='cuda', dtype=torch.float16):
            assert model(torch.ones(1, 2)).dtype is torch.float32
        """,
    "default device": """
        torch.set_default_device('cuda'); assert torch.ones(2).device.type == 'cpu'
        torch.set_default_tensor_type('torch.cuda.FloatTensor'); assert torch.ones(2).device.type == 'cpu'
        with torch.device('cuda'): assert torch.nn.Linear(1, 1).weight.device.type == 'cpu'
        """,
    "saved on a device": """
        import io
        saved = io.BytesIO(); torch.save({'w': torch.ones(3)}, saved)
        for where in ('cuda', torch.device('cuda:0'), {'cuda:0': 'cuda:1'}, {'cpu': 'cuda:0'}, lambda s, l: s.cuda()):
            saved.seek(0); assert torch.load(saved, map_location=where)['w'].device.type == 'cpu'
        saved.seek(0); assert torch.load(saved, weights_only=True)['w'].sum() == 3
        """,
    "timing": """
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record(); torch.ones(10).sum(); end.record(); torch.cuda.synchronize()
        assert 0 < start.elapsed_time(end) < 1e5
        with torch.cuda.device(0), torch.cuda.stream(torch.cuda.current_stream()): torch.ones(1)
        """,
    "loader": """
        loader = torch.utils.data.DataLoader(torch.arange(4.0), pin_memory=True, batch_size=2)
        assert [b.to('cuda', non_blocking=True).sum().item() for b in loader] == [1.0, 5.0]
        g = torch.Generator(device='cuda'); assert isinstance(g, torch.Generator)
        assert isinstance(torch.default_generator, torch.Generator)
        a, b = torch.utils.data.random_split(range(4), [2, 2], generator=g)
        """,
}


@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_for_a_graphics_processor_run_on_the_cpu(block):
    setting = "import torch, warnings\nwarnings.simplefilter('ignore')\n"
    assert "Code asked for the device 'cuda'; it ran on the CPU." in said(setting, textwrap.dedent(BLOCKS[block]))


def test_code_for_an_apple_runs_on_the_cpu():
    code = """
    import torch
    device = torch.device('mps')
    model = torch.nn.Linear(1, 1).to(device); model(torch.ones(2, 1, device='mps'))
    torch.mps.synchronize(); torch.mps.empty_cache(); torch.mps.manual_seed(0)
    assert torch.backends.mps.is_available() is False and torch.cuda.is_available() is False
    """
    assert "Code asked for the device 'mps'; it ran on the CPU." in said(code)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("import torch; torch.set_num_threads(4); assert torch.get_num_threads() == 1", "one thread"),
        ("assert input('name? ') == ''", "input()"),
        ("import pdb; pdb.set_trace(); breakpoint()", "breakpoint"),
        ("import numpy as np; assert np.product([2, 3]) == 6 and np.int(3.5) == 3", "np.product"),
        ("import numpy as np; assert np.asscalar(np.array([2.0])) == 2.0", "np.asscalar"),
        ("import numpy as np; assert np.alltrue([True]) and np.sometrue([0, 1]) and np.bool(2)", "np.sometrue"),
        ("import numpy as np; assert list(np.cumproduct([2, 3])) == [2, 6] and np.float(1) == 1.0", "np.cumproduct"),
        ("import numpy as np; assert np.in1d([1], [1])[0] and np.trapz([1, 1]) == 1", ""),
        ("import numpy as np; assert np.math.factorial(3) == 6 and np.mat([[1]]).shape == (1, 1)", "np.math"),
        ("from numpy import product, Inf; assert product([2, 2]) == 4 and Inf > 1e308", "np.Inf"),
        (
            "import numpy as np, warnings; warnings.filterwarnings('ignore', category=np.VisibleDeprecationWarning)",
            "np.",
        ),
        (
            "import torch; from torch.utils.data import DataLoader\n"
            "assert iter(DataLoader([1, 2], batch_size=2)).next().tolist() == [1, 2]",
            "next(iter(loader))",
        ),
        ("import matplotlib.pyplot as plt; plt.style.use('seaborn-whitegrid'); plt.style.use(['seaborn'])", "seaborn"),
        ("import matplotlib.pyplot as plt; plt.cm.get_cmap('viridis', 4)", "get_cmap"),
        ("import matplotlib; matplotlib.use('TkAgg'); import matplotlib.pyplot as plt; plt.figure()", "'TkAgg'"),
        ("from google.colab import files; assert files.upload() == {}; files.download('x.csv')", "files.upload()"),
        ("from google.colab import output; output.clear(); output.eval_js('1')", "google.colab.output.clear()"),
        ("import google.colab.drive as d, os; d.mount('drive'); assert os.path.isdir('drive/MyDrive')", "empty folder"),
        ("import torch; m = torch.nn.Linear(1, 1); assert torch.compile(m) is m", "torch.compile()"),
        ("import torch\n@torch.compile(dynamic=True)\ndef f(x): return x + 1\nassert f(1) == 2", "torch.compile()"),
        (
            "from torch.utils.tensorboard import SummaryWriter\nwith SummaryWriter() as w: w.add_scalar('a', 1, 2)",
            "SummaryWriter",
        ),
        ("from google.colab.patches import cv2_imshow; cv2_imshow([[1]])", "cv2_imshow"),
    ],
)
def test_what_is_not_here_is_replaced(code, word, tmp_path):
    assert any(word in sentence for sentence in said(f"import os; os.chdir({str(tmp_path)!r})", code)) or not word


def test_what_was_handed_in_is_uploaded(tmp_path):
    (tmp_path / "x.csv").write_text("1,2")
    inside = f"import os; os.chdir({str(tmp_path)!r})\nfrom google.colab import files\nup = files.upload()\n"
    with kernel(inside + "assert up['x.csv'] == b'1,2'", "up['y.csv']", complain=False) as process:
        assert [one.partition(":")[0] for one in process.said] == ["cell 2"] and "FileNotFoundError" in process.said[0]


def test_colab_is_not_there_for_code_that_asks():
    code = """
import linecache
text = 'try:\\n    import google.colab\\n    IN_COLAB = True\\nexcept ImportError:\\n    IN_COLAB = False\\n'
linecache.cache['mine'] = (len(text), None, text.splitlines(True), 'mine')
exec(compile(text, 'mine', 'exec'))
assert IN_COLAB is False
"""
    assert said(code) == ()


def test_names_numpy_never_had_are_still_missing():
    with kernel("import numpy as np; np.no_such_name", complain=False) as process:
        assert "AttributeError" in process.said[0] and "no_such_name" in process.said[0]


def test_a_program_that_asks_until_it_likes_the_answer_is_told_that_nobody_answers():
    with kernel("while not input('a number: '): pass", complain=False) as process:
        assert process.said == ["cell 1: EOFError: Nobody is at the keyboard: input() has no more to give."]


def test_plots_wait_for_nobody():
    code = """
    import time, matplotlib.pyplot as plt
    start = time.monotonic()
    plt.plot([1, 2]); plt.pause(60); plt.waitforbuttonpress(); plt.ginput(1); plt.show(block=True)
    plt.gcf().waitforbuttonpress(timeout=60)
    assert time.monotonic() - start < 55
    """
    with kernel(code) as process:
        seen = process.observed()
    assert any("plot waited" in sentence for sentence in seen.shims) and len(seen.figures) == 1


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
        assert process.observed().shims == (
            "The package sklearn is not here; importing it was let pass, using it is not.",
        )


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


def test_an_import_of_every_name_of_an_absent_package_fails_at_once():
    code = """
import linecache
text = 'from sklearn import *\\n'
linecache.cache['mine'] = (len(text), None, text.splitlines(True), 'mine')
exec(compile(text, 'mine', 'exec'))
"""
    with kernel(ABSENT, code, complain=False) as process:
        assert process.said == ["cell 2: ModuleNotFoundError: No module named 'sklearn'"]


def test_bars_that_need_a_browser_are_plain():
    code = """
    from tqdm.notebook import tqdm, trange
    assert [i for i in tqdm(range(3), desc='x')] == [0, 1, 2]
    with trange(2, leave=False) as bar:
        for i in bar: bar.set_postfix(loss=1)
    bar = tqdm(total=4); bar.update(3); bar.close()
    assert (bar.n, bar.total, len(trange(5))) == (3, 4, 5)
    """
    assert said(code) == ("The progress bars of tqdm showed nothing: there is no browser for them, or no tqdm, here.",)


def test_no_library_is_led_to_believe_that_bars_are_there():
    assert said("import torch.hub; torch.hub.tqdm(total=3)", warm=False) == ()


def test_a_course_can_switch_each_of_them_off():
    code = "import torch, numpy as np\nnp.product([1])"
    with kernel(code, "import torch; torch.ones(1).cuda()", complain=False, without=tuple(SHIMS)) as process:
        assert [one.partition(":")[0] for one in process.said] == ["cell 1", "cell 2"]
        assert process.observed().shims == ()
    with kernel(code, "import torch; torch.ones(1).cuda()", complain=False, without=("gpu",)) as process:
        assert [one.partition(":")[0] for one in process.said] == ["cell 2"]
