"""torch's compiler is put off until something is to be compiled; each program runs in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PUT_OFF = """
import sys
import torch
from grader.kernel import compiler
compiler.put_off()
def here():
    return type(sys.modules["torch._dynamo"]).__name__, "sympy" in sys.modules
def train(kind):
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = kind([parameter], lr=0.5)
    (3 * parameter).sum().backward()
    optimizer.step()
    return parameter.item()
"""


def _says(program: str) -> list[str]:
    """Return the lines that a program prints after the compiler was put off."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PUT_OFF + program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_a_training_does_without_the_compiler():
    program = "print(train(torch.optim.SGD), train(torch.optim.RMSprop) < 1, here())"
    assert _says(program) == ["-0.5 True ('StandIn', False)"]


def test_state_can_be_saved_and_parameters_added_without_it():
    program = """
optimizer = torch.optim.Adam([torch.nn.Parameter(torch.ones(1))])
optimizer.load_state_dict(optimizer.state_dict())
optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(2))], "lr": 0.1})
print(len(optimizer.param_groups), here())
"""
    assert _says(program) == ["2 ('StandIn', False)"]


def test_what_is_to_be_compiled_is_compiled():
    program = """
def twice(x):
    seen.append(torch.compiler.is_compiling())
    return 2 * x
seen = []
print(torch.compile(lambda x: 2 * x, backend="eager")(torch.ones(2)).tolist(), here())
print(sys.modules["torch._dynamo"] is torch._dynamo, train(torch.optim.SGD))
"""
    assert _says(program) == ["[2.0, 2.0] ('module', True)", "True -0.5"]


def test_a_submodule_brings_the_whole_in():
    program = "import torch._dynamo.config as config\nprint(config.cache_size_limit > 0, here())"
    assert _says(program) == ["True ('module', True)"]


def test_a_submodule_is_the_one_that_the_whole_uses():
    program = """
import torch._dynamo.decorators as decorators
print(torch._dynamo.decorators is decorators, torch._dynamo.disable is decorators.disable)
print(decorators.__spec__.name, type(decorators.__spec__.loader).__name__)
import torch._dynamo.variables.builder, torch._dynamo.testing
print(importlib.reload(torch._dynamo.testing) is torch._dynamo.testing, here())
"""
    assert _says("import importlib" + program) == [
        "True True",
        "torch._dynamo.decorators SourceFileLoader",
        "True ('module', True)",
    ]


def test_a_submodule_that_is_not_there_is_not_found():
    program = "try: import torch._dynamo.nothing\nexcept ModuleNotFoundError as error: print(error.name, here())"
    assert _says(program) == ["torch._dynamo.nothing ('module', True)"]


def test_a_function_kept_out_of_compilation_stays_out_of_it():
    program = """
@torch._dynamo.disable
def compiling():
    return torch.compiler.is_compiling()
print(compiling(), here())
torch._dynamo.reset()
print(torch.compile(lambda x: (x, compiling()), backend="eager")(torch.ones(1))[1], here())
"""
    assert _says(program) == ["False ('StandIn', False)", "False ('module', True)"]


def test_looking_around_among_modules_does_not_bring_it_in():
    program = """
import inspect, warnings
print(inspect.getmodule(train), inspect.getmodule(torch.nn.Linear).__name__)
for module in list(sys.modules.values()):
    getattr(module, "__warningregistry__", None), hasattr(module, "__file__")
print(here())
"""
    assert _says(program)[-1] == "('StandIn', False)"


def test_a_compiler_that_is_there_already_stays():
    program = """
del sys.modules["torch._dynamo"], torch._dynamo
import torch._dynamo
compiler.put_off()
print(here())
"""
    assert _says(program) == ["('module', True)"]


def test_without_torch_nothing_happens():
    program = "import sys; from grader.kernel import compiler; compiler.put_off(); print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
