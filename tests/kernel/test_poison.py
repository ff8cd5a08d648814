"""What a student may have made of its classes, built-ins and libraries: described, and harmless to us."""

from __future__ import annotations

import numpy as np
import pytest
from standin import kernel

from grader.conversation import Live
from grader.errors import Raised, Unusable
from grader.records import FileRun
from grader.student import Opaque

POISON = """
import builtins, json, sys, torch, numpy as np
class Poison:
    def __getattr__(s, n): raise RuntimeError('no')
    def __repr__(s): raise RuntimeError('no')
    def __eq__(s, o): raise RuntimeError('no')
    def __len__(s): raise RuntimeError('no')
    def __hash__(s): raise RuntimeError('no')
    __class__ = property(lambda s: 1 / 0)
class Meta(type):
    __name__ = property(lambda s: 1 / 0)
    def __subclasscheck__(c, k): 1 / 0
    def __instancecheck__(c, k): 1 / 0
class Odd(metaclass=Meta): pass
class L(list):
    def __iter__(s): 1 / 0
    def __len__(s): return 10**9
class I(int):
    def __pos__(s): return 1e99
    def __abs__(s): 1 / 0
class T(torch.Tensor):
    @classmethod
    def __torch_function__(c, f, t, a=(), k=None): raise RuntimeError('no')
class A(np.ndarray):
    def __array_finalize__(s, o): pass
    def tobytes(s): return b'lie'
class E(Exception):
    def __str__(s): raise RuntimeError('no')
def fail(): raise E()
def relu(z): return np.maximum(z, 0)
relu.__signature__ = Poison()
poison, odd, lst, num = Poison(), Odd(), L([1, 2]), I(5)
ten = torch.ones(2).as_subclass(T)
arr = np.ones(2).view(A)
loop = []; loop.append(loop)
deep = []
for _ in range(500): deep = [deep]
wide = [0.0] * 10**6
builtins.isinstance = lambda *a: True
builtins.len = lambda x: 3
builtins.repr = builtins.sorted = builtins.max = builtins.print = builtins.list = None
json.dumps = lambda *a, **k: '{"ok": true}'
json.JSONEncoder.encode = json.JSONDecoder.decode = None
np.asarray = np.array = lambda *a, **k: np.ones(1)
torch.Tensor.detach = torch.Tensor.numpy = None
sys.modules['torch'] = None
"""


def test_poison_is_described_and_does_no_harm():
    with kernel(POISON, complain=False) as process:
        live = Live([FileRun("a.py", (), "finished")], lambda file: process.connect(), 120.0)
        with live.conversation("c") as student:
            kinds = {seen.handle.name: seen.kind for seen in student.survey()}
            assert kinds["poison"] == "other" and kinds["relu"] == "function" and kinds["ten"] == "tensor"
            assert student.models() == ()
            assert student.get("poison") == Opaque("Poison") and student.get("odd") == Opaque("Odd")
            assert student.get("lst") == [1, 2] and student.get("num") == 5
            assert student.get("ten").tolist() == [1, 1] and student.get("arr").tolist() == [1, 1]
            assert "Opaque" in repr(student.get("loop")) and "Opaque" in repr(student.get("deep"))
            for ask in (lambda: student.get("wide"), lambda: student.get("poison.x")):
                with pytest.raises((Unusable, Raised)):
                    ask()
            with pytest.raises(Raised) as raised:
                student.call("fail")
            assert raised.value.kind == "E" and raised.value.message == ""
            assert student.call("relu", np.array([-1.0, 1])).tolist() == [0, 1]
