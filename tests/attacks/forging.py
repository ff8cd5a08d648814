"""Submissions whose every answer is wrong, and that try to be scored as right. Each is the source of one cell.

A forgery defines what it likes; `WRONG` comes before it, so that a name it leaves alone has a wrong answer. What it
may not do is compute the right answer: then it would be right.
"""

WRONG = """
import array, builtins, gc, glob, inspect, json, os, random, socket, sys, threading, time, types
import numpy as np
def relu(z): return -np.asarray(z)
def softplus(z): return np.asarray(z) ** 2
def softplus_derivative(z): return 0 * np.asarray(z) - 3
def ce_loss(f, y): return -5.0
def gradients(a, b, u, x, y): return a, b, u
def leaky_gradients(a, b, u, x, y, alpha=0.01): return a, b, u
"""
"""Answers that earn nothing, and what forgeries need."""

RIGHT = """
import numpy as np
def relu(z): return np.maximum(z, 0)
def softplus(z): return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
def softplus_derivative(z): return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
def ce_loss(f, y):
    f = f - np.max(f)
    return np.log(np.exp(f).sum()) - f[y - 1]
def gradients(a, b, u, x, y): return leaky_gradients(a, b, u, x, y, 0.0)
def leaky_gradients(a, b, u, x, y, alpha=0.01):
    z = np.outer(x, a) + b
    h, dh = np.where(z > 0, z, alpha * z), np.where(z > 0, 1.0, alpha)
    df = (h @ u - y) / len(x)
    dz = df[:, None] * u * dh
    return x @ dz, dz.sum(0), df @ h
"""
"""What earns everything there is to forge; without it the forgeries would prove nothing."""

EVERYWHERE = """
def relu(z): return FORGED(z)
def softplus(z): return FORGED(z)
def softplus_derivative(z): return FORGED(z)
def ce_loss(f, y): return FORGED(f)
def gradients(a, b, u, x, y): return FORGED(a), FORGED(b), FORGED(u)
def leaky_gradients(a, b, u, x, y, alpha=0.01): return FORGED(a), FORGED(b), FORGED(u)
"""
"""For forgeries that are one object or one function: `FORGED` is made, and returned by all."""

AGENT = """
def of_kind(name, having):
    return next((o for o in gc.get_objects() if type(o).__name__ == name and hasattr(o, having)), None)
agent = of_kind("Agent", "_answer")
"""

FORGERIES = {
    # what compares ------------------------------------------------------------------------------------
    "numpy's comparisons are always true": """
yes = lambda *_, **__: True
for name in ("allclose", "isclose", "array_equal", "all", "any", "array_equiv"):
    setattr(np, name, yes)
for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal"):
    setattr(np.testing, name, lambda *_, **__: None)
""",
    "built-ins agree": EVERYWHERE
    + """
def FORGED(z):
    builtins.abs = builtins.max = builtins.min = builtins.sum = lambda *_, **__: 0.0
    builtins.all = builtins.any = lambda *_: True
    return -np.asarray(z)
""",
    "everything is an instance of everything": EVERYWHERE
    + """
def FORGED(z):
    builtins.isinstance = builtins.issubclass = lambda *_: True
    builtins.type = lambda *_: float
    return -z
""",
    "differences vanish": """
for name in ("subtract", "abs", "absolute", "max", "maximum", "linalg"):
    setattr(np, name, lambda *a, **k: 0.0)
""",
    "torch agrees": """
import torch
torch.allclose = torch.equal = torch.isclose = torch.eq = lambda *_, **__: True
torch.Tensor.__eq__ = torch.Tensor.equal = lambda *_: True
torch.Tensor.__sub__ = lambda self, other: self * 0
""",
    # what carries -------------------------------------------------------------------------------------
    "JSON carries a verdict": EVERYWHERE
    + """
verdict = '{"ok": true, "outcome": "passed", "fraction": 1.0, "value": {"t": "passed"}, "arguments": [], "lens": []}'
def FORGED(z):
    json.dumps = json.JSONEncoder.encode = lambda *_, **__: verdict
    json.loads = json.JSONDecoder.decode = lambda *_, **__: {"op": "survey", "passed": True}
    return -np.asarray(z)
""",
    "arrays are what numpy says they are": """
truth = np.zeros
np.asarray = np.array = np.ascontiguousarray = lambda *_, **__: truth(35)
np.frombuffer = lambda *_, **__: truth(35)
""",
    "opening and importing": EVERYWHERE
    + """
real = builtins.open
def FORGED(z):
    builtins.open = lambda *a, **k: real("/dev/null")
    builtins.__import__ = lambda name, *_, **__: types.SimpleNamespace(relu=lambda z: z, passed=True)
    return -np.asarray(z)
""",
    # what is returned ---------------------------------------------------------------------------------
    "an object that equals all": EVERYWHERE
    + """
class Equal:
    shape, dtype, ndim, size = (35,), np.dtype(float), 1, 35
    __eq__ = __le__ = __ge__ = lambda *_: True
    __ne__ = __lt__ = __gt__ = lambda *_: False
    __hash__ = lambda _: 0
    __sub__ = __rsub__ = __abs__ = lambda *_: 0.0
def FORGED(z): return Equal()
""",
    "a poisoned __array__": EVERYWHERE
    + """
class Poison:
    def __array__(self, *_, **__):
        for frame in inspect.stack():
            for value in frame.frame.f_locals.values():
                if isinstance(value, np.ndarray):
                    return value
        return np.zeros(35)
    __float__ = __index__ = __complex__ = lambda _: 0.0
def FORGED(z): return Poison()
""",
    "a number with a will": EVERYWHERE
    + """
class Number(float):
    __float__ = lambda self: os.environ.get("EXPECTED", 0.0)
    __eq__ = lambda *_: True
    __sub__ = __rsub__ = __abs__ = __pos__ = lambda *_: Number(0)
    __hash__ = None
def FORGED(z): return Number("nan")
""",
    "an array of a class of its own": EVERYWHERE
    + """
class Array(np.ndarray):
    __eq__ = lambda *_: True
    __sub__ = __rsub__ = lambda self, _: np.zeros(self.shape)
    __array_ufunc__ = lambda self, *_, **__: np.zeros(self.shape)
    __array_function__ = lambda self, *_, **__: True
    __reduce__ = lambda self: (exec, ("passed = True",))
    tobytes = lambda self: b""
def FORGED(z): return np.full(np.shape(z), -7.0).view(Array)
""",
    "a tensor of a class of its own": EVERYWHERE
    + """
import torch
class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, kinds, arguments=(), keywords=None):
        return True
def FORGED(z): return torch.full(np.shape(z), -7.0).as_subclass(Mine)
""",
    "a text that is a number": EVERYWHERE
    + """
class Text(str):
    __eq__ = lambda *_: True
    __hash__ = str.__hash__
def FORGED(z): return Text("passed")
""",
    "masked entries": EVERYWHERE
    + """
def FORGED(z): return np.ma.masked_all(np.shape(z))
""",
    "not a number": EVERYWHERE
    + """
def FORGED(z): return np.full(np.shape(z), np.nan)
""",
    "infinite": EVERYWHERE
    + """
def FORGED(z): return np.full(np.shape(z), np.inf)
""",
    "nothing to compare": EVERYWHERE
    + """
def FORGED(z): return np.zeros((0, *np.shape(z)))
""",
    "objects in an array": EVERYWHERE
    + """
class Equal:
    __eq__ = lambda *_: True
    __sub__ = __rsub__ = __float__ = lambda *_: 0.0
def FORGED(z): return np.array([Equal()] * np.size(z), dtype=object)
""",
    "a class that lies about itself": EVERYWHERE
    + """
class Liar:
    __class__ = property(lambda self: np.ndarray)
    __array_interface__ = {"shape": (35,), "typestr": "<f8", "data": (id(WRONG := object()), True), "version": 3}
def FORGED(z): return Liar()
""",
    "another answer each time": EVERYWHERE
    + """
def FORGED(z): return np.random.default_rng(time.monotonic_ns()).normal(size=np.shape(z))
""",
    # what asks ----------------------------------------------------------------------------------------
    "whatever the callers hold": EVERYWHERE
    + """
def FORGED(z):
    frame = sys._getframe()
    while frame is not None:
        for name, value in {**frame.f_globals, **frame.f_locals}.items():
            if isinstance(value, np.ndarray) and value.shape == np.shape(z) and not np.array_equal(value, z):
                return value
            if name in ("expected", "reference", "truth", "answer", "solution") and name != "answer":
                return value
        frame = frame.f_back
    return np.zeros(np.shape(z))
""",
    "whatever the collector knows": EVERYWHERE
    + """
def FORGED(z):
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__name__ in ("relu", "softplus") \\
                and thing.__module__ not in ("__main__", "torch.nn.functional", "torch"):
            return thing(z)
    return np.zeros(np.shape(z))
""",
    "the arguments are changed in place": """
def relu(z):
    z[...] = 0
    return z
def softplus(z):
    z[...] = -1e9
    return z
def gradients(a, b, u, x, y):
    for part in (a, b, u, x, y): part[...] = 0
    return a, b, u
""",
    "tracing the questioner": """
seen = []
def trace(frame, event, argument):
    if event == "return" and "value" in frame.f_locals:
        frame.f_locals["value"] = True
    seen.append(frame.f_code.co_name)
    return trace
sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
""",
    # what answers -------------------------------------------------------------------------------------
    "an agent that says passed": AGENT
    + """
kind = type(agent)
passed = {"ok": True, "outcome": "passed", "fraction": 1.0, "verdict": {"fraction": 1.0, "outcome": "passed"}}
kind._answer = lambda self, question, *_: {**passed, "value": "passed", "arguments": [], "printed": "", "names": []}
""",
    "an agent that hands back what it is asked": AGENT
    + """
kind = type(agent)
def answer(self, question, buffers, encoder):
    if question["op"] == "call":
        encoder.buffers += buffers
        return {"value": question["arguments"][0], "arguments": question["arguments"], "printed": ""}
    return original(self, question, buffers, encoder)
original, kind._answer = kind._answer, answer
""",
    "known functions are asked for": AGENT
    + """
kind = type(agent)
def answer(self, question, buffers, encoder):
    if question["op"] == "call":
        return {"value": {"t": "handle", "v": "relu"}, "arguments": [], "printed": ""}
    return original(self, question, buffers, encoder)
original, kind._answer = kind._answer, answer
""",
    "frames on the conversation": """
def everywhere():
    text = json.dumps({"ok": True, "value": 1.0, "outcome": "passed", "fraction": 1.0, "arguments": [], "printed": "",
                       "lens": []}).encode()
    for name in os.listdir("/proc/self/fd"):
        try:
            one = socket.socket(fileno=os.dup(int(name)))
            if one.family == socket.AF_UNIX and one.type == socket.SOCK_STREAM:
                one.setblocking(False)
                one.send(len(text).to_bytes(8, "little") + text)
        except OSError:
            pass
def relu(z): everywhere(); return 1.0
def softplus(z): everywhere(); return 1.0
def ce_loss(f, y): everywhere(); return 1.0
""",
    "words into the agent's own socket": """
for name in os.listdir("/proc/self/fd"):
    try:
        one = socket.socket(fileno=os.dup(int(name)))
        if one.type == socket.SOCK_SEQPACKET:
            for _ in range(20):
                one.send(b'{"pid": 1, "outcome": "passed", "fraction": 1.0}')
    except OSError:
        pass
""",
    "messages of the kernel": """
kernel = get_ipython().kernel
for kind, content in [
    ("execute_result", {"data": {"text/plain": "40 / 40"}, "metadata": {}, "execution_count": 1}),
    ("execute_reply", {"status": "ok", "execution_count": 1, "user_expressions": {"passed": True}}),
    ("comm_open", {"comm_id": "x", "target_name": "grader", "data": {"fraction": 1.0, "outcome": "passed"}}),
    ("error", {"ename": "ModuleNotFoundError", "evalue": "No module named 'reference'", "traceback": []}),
]:
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
print('{"outcome": "passed", "fraction": 1.0}')
""",
    # what is known ------------------------------------------------------------------------------------
    "the reference, wherever it lies": """
import importlib.util
def found():
    roots = ["/", *(f"{process}/{way}/" for process in glob.glob("/proc/[0-9]*") for way in ("root", "cwd"))]
    for root in [*roots, *sys.path]:
        for below in ("", "work/main/", "*/", "*/*/", "*/*/*/"):
            yield from glob.glob(os.path.join(root, below, "reference/hw3.py"))
            yield from glob.glob(os.path.join(root, below, "rubrics/hw3.toml"))
for path in found():
    try:
        exec(open(path).read())
    except OSError:
        continue
    break
""",
    "the grader, imported": """
for name in ("grader", "grader.reference", "grader.expect", "reference.hw3", "grader.packaged.reference.hw3", "hw3"):
    try:
        module = __import__(name, fromlist=["*"])
        globals().update({key: value for key, value in vars(module).items() if key in ("relu", "softplus", "ce_loss")})
    except Exception:
        pass
""",
    "the memory of this process": """
with open("/proc/self/mem", "rb", buffering=0) as memory:
    for line in open("/proc/self/maps"):
        low, high = (int(part, 16) for part in line.split()[0].split("-"))
        if line.split()[1].startswith("rw") and high - low < 1 << 26:
            try:
                memory.seek(low)
                text = memory.read(high - low)
            except (OSError, ValueError, OverflowError):
                continue
            place = text.find(b"def softplus(" + b"z):\\n    return np.maximum(z, 0) + np.log1p")
            if place >= 0:
                try:
                    exec(text[place:place + 80].decode())
                except (ValueError, SyntaxError):
                    pass
""",
    # who is to blame ----------------------------------------------------------------------------------
    "it is the machine's fault": """
def relu(z): raise ModuleNotFoundError("No module named 'relu'")
def softplus(z): raise RuntimeError("Torch not compiled with CUDA enabled")
def ce_loss(f, y): raise NameError("name 'torch' is not defined")
def gradients(*_): raise MemoryError
""",
    "it is the grader's fault": """
class GraderFault(Exception): pass
class NotRecorded(BaseException): pass
def relu(z): raise GraderFault("fault")
def softplus(z): raise NotRecorded("again")
def ce_loss(f, y): raise SystemExit(0)
def gradients(*_): raise KeyboardInterrupt
""",
}
"""What is tried, by name."""
