"""What notebooks of elsewhere ask of the notebook, the shell and the network is answered at once, in the sandbox."""

from __future__ import annotations

import time

import pytest
from execute.offering import SITE, desk, errors, printed

from grader.errors import UsageError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with desk(tmp_path_factory.mktemp("course")) as record:
        yield record


MAGICS = [
    ("%tensorflow_version 2.x", "%tensorflow_version 2.x was passed over"),
    ("%load_ext tensorboard", "%load_ext tensorboard was passed over"),
    ("%tensorboard --logdir runs", "%tensorboard --logdir runs was passed over"),
    ("%pip install -q torch", "%pip install -q torch was passed over"),
    ("%conda install numpy", "%conda install numpy was passed over"),
    ("%matplotlib notebook", "%matplotlib notebook was passed over"),
    ("%matplotlib widget", "%matplotlib widget was passed over"),
    ("%matplotlib qt", "%matplotlib qt was passed over"),
    ("%debug", "%debug was passed over"),
    ("!nvidia-smi", "!nvidia-smi was not run: there is no graphics processor here."),
    ("!pip install -q sklearn", "!pip install -q was not run"),
    ("!apt-get install -y ffmpeg", "!apt-get install -y was not run"),
    ("!sudo apt install x", "!apt install x was not run"),
    ("!git clone https://github.com/a/b", "!git clone was not run: there is no network here."),
    ("!gdown --id 3", "!gdown was not run"),
    ("names = !kaggle datasets list", "!kaggle was not run"),
    ("!python -m pip install x", "!pip install x was not run"),
]
SHELLS = [
    ("%%bash\npip install -q y\necho done", "!pip install -q was not run"),
    ("%%shell\nset -e\napt-get install z\necho done", "!apt-get install z was not run"),
    ("%%script bash\ncd .\nconda install w; echo done", "!conda install w was not run"),
]


def test_cells_of_a_shell_are_looked_through_as_lines_are(run):
    document = "%%bash\ncat > notes.txt <<EOF\npip install v\nEOF\ncat notes.txt; echo done"
    record = run(*(cell for cell, _ in SHELLS), document)
    assert not errors(record)
    assert all(text.endswith("done\n") for text in printed(record))
    assert printed(record)[-1] == "pip install v\ndone\n"
    assert [sentence.partition(":")[0] for sentence in record.shims if sentence.startswith("!")] == [
        sentence for _, sentence in SHELLS
    ]


def test_what_a_cell_magic_is_given_is_the_students(run):
    record = run("name, line, cell = 'student', 'mine', 'theirs'", "%%bash -s {name} $line\necho $1 $2")
    assert not errors(record) and printed(record)[-1] == "student mine\n"


def test_lines_that_do_not_apply_pass_at_once_and_say_so(run):
    start = time.monotonic()
    record = run("a = 1", *(f"{line}\na += 1" for line, _ in MAGICS), "print(a)")
    assert printed(record)[-1] == f"{len(MAGICS) + 1}\n" and not errors(record)
    assert time.monotonic() - start < 240
    for _, sentence in MAGICS:
        assert any(noted.startswith(sentence) for noted in record.shims), sentence


def test_lines_that_apply_are_left_alone(run):
    cells = "%load_ext autoreload\n%autoreload 2\n%matplotlib inline", "%%capture got\nprint(3)\n!echo 4", "print(got)"
    more = (
        "%%writefile a.txt\nhello",
        "!cat a.txt; echo 'pip install; x' && ls | wc -l",
        "%timeit -n1 -r1 1",
        "%cd -q .",
    )
    record = run(*cells, *more)
    assert not errors(record) and record.shims == ()
    assert printed(record)[2].split() == ["3", "4"] and printed(record)[4] == "hello\npip install; x\n1\n"


def test_a_cell_of_an_unknown_magic_is_passed_over_and_colabs_shell_is_one(run):
    record = run("%%bigquery df\nselect 1", "%%shell\necho hi")
    assert not errors(record) and printed(record)[1] == "hi\n"
    assert record.shims == ("A cell of %%bigquery was passed over: there is no such magic here.",)


def test_drive_is_an_empty_folder_where_colab_has_it(run):
    cell = (
        "from google.colab import drive\ndrive.mount('/content/drive')\nimport os\nprint(os.listdir('/content/drive'))"
    )
    record = run(cell, "open('/content/drive/MyDrive/hw/x.csv')", "open('/content/x', 'w').close()\n!ls x")
    assert printed(record)[0] == "['MyDrive']\n" and printed(record)[2] == "x\n"
    assert errors(record) == [("FileNotFoundError", "environment")]


FETCHED = {
    "urlopen": f"import urllib.request as r\nprint(r.urlopen({SITE!r} + 'points.csv').read())",
    "its own opener": f"import urllib.request as r\nr.install_opener(r.build_opener())\n"
    f"print(r.urlopen(r.Request({SITE!r} + 'points.csv', headers={{'User-Agent': 'x'}}), timeout=3).read())",
    "urlretrieve": "from urllib.request import urlretrieve\n"
    f"print(open(urlretrieve({SITE!r} + 'points.csv')[0], 'rb').read())",
    "by http": "import urllib.request as r\nprint(r.urlopen('http://data.example.org/points.csv?raw=1').read())",
    "torch.hub": f"import torch\ntorch.hub.download_url_to_file({SITE!r} + 'points.csv', 'p', progress=False)\n"
    "print(open('p', 'rb').read())",
    "wget": f"!wget -q {SITE}points.csv -O w.csv && echo\nprint(open('w.csv', 'rb').read())",
    "wget into a folder": f"!wget -nc -P d '{SITE}points.csv'\nprint(open('d/points.csv', 'rb').read())",
    "curl": f"!curl -LO {SITE}points.csv\nprint(open('points.csv', 'rb').read())",
    "curl redirected": f"!curl -s {SITE}points.csv > r.csv\nprint(open('r.csv', 'rb').read())",
    "numpy": f"import numpy as np\nassert np.loadtxt({SITE!r} + 'points.csv', delimiter=',').tolist() == [1, 2]\n"
    "print(b'1,2\\n')",
}


def test_what_is_in_the_mirror_is_found_there(run):
    record = run(*FETCHED.values())
    assert not errors(record)
    assert [text.strip() for text in printed(record)] == ["b'1,2\\n'"] * len(FETCHED)
    assert record.shims == (
        "There is no network here: what data.example.org was asked for came from the course's offline mirror.",
    )


def test_what_is_not_in_the_mirror_fails_at_once_for_the_environments_sake(run):
    start = time.monotonic()
    ways = (
        "import urllib.request as r\nr.urlopen('https://example.com/x.csv')",
        "import torch\ntorch.hub.load_state_dict_from_url('https://example.com/x.pth')",
        "import numpy as np\nnp.loadtxt('https://example.com/x.csv')",
        "import tensorflow as tf\ntf.keras.datasets.mnist.load_data()",
        "!wget https://example.com/x.csv\nopen('x.csv')",
    )
    record = run(*ways)
    assert [blame for _, blame in errors(record)] == ["environment"] * len(ways)
    assert time.monotonic() - start < 120
    assert "https://example.com/x.csv is not in the course's offline mirror" in record.cells[0].error.message
    assert printed(record)[-1].startswith("wget was not run: https://example.com/x.csv is not in the course's")


def test_kerass_data_sets_are_there_without_keras(run):
    cells = (
        "import tensorflow as tf\n(a, b), (c, d) = tf.keras.datasets.fashion_mnist.load_data()\n"
        "print(a.shape, d.tolist())",
        "from tensorflow import keras\n(a, b), _ = keras.datasets.fashion_mnist.load_data()\n"
        "print(a.dtype, a[1, 0, 0])",
        "from keras.datasets import fashion_mnist\nfrom keras.utils import to_categorical\n"
        "print(to_categorical(fashion_mnist.load_data()[1][1]).tolist())",
        "tf.keras.Sequential([])",
        "keras.layers.Dense(3)",
    )
    record = run(*cells)
    assert printed(record)[:2] == ["(5, 28, 28) [0, 1, 2]\n", f"uint8 {784 % 251}\n"]
    assert printed(record)[2] == "[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]\n"
    assert errors(record) == [("ModuleNotFoundError", "environment")] * 2


def test_a_course_without_a_mirror_says_so_too(laboratory):
    record = laboratory.record(f"import urllib.request as r\nr.urlopen({SITE!r})")
    assert "offline mirror" in record.cells[0].error.message and record.cells[0].error.blame == "environment"


@pytest.mark.parametrize("mode", ["priv", "setuid", "none"])
def test_the_mirror_is_there_in_every_mode(tmp_path, mode):
    look = f"import os\ntry:\n    os.listdir({str(tmp_path)!r})\nexcept OSError:\n    print('closed')"
    try:
        with desk(tmp_path, mode=mode, warm=False) as record:
            ran = record(FETCHED["urlopen"], look)
    except UsageError as error:
        pytest.skip(str(error))
    assert printed(ran) == ["b'1,2\\n'\n", "" if mode == "none" else "closed\n"]


def test_shims_that_a_course_switches_off_are_off(tmp_path):
    with desk(tmp_path, without=("magics", "drift", "keyboard")) as record:
        ran = record("import numpy as np\nnp.product([1])", "%tensorflow_version 2.x", "input()", "!pip install x")
    assert [kind for kind, _ in errors(ran)] == ["AttributeError", "UsageError", "StdinNotImplementedError"]
    assert ran.shims == (
        "!pip install x was not run: nothing can be installed here; what is installed can be imported.",
    )
