"""Where a model keeps its parameters and layers, in each version of torch that students may have."""

from __future__ import annotations

from collections import OrderedDict

import pytest
import torch

from grader.kernel import imports
from grader.kernel.parameters import distinct_parameters, layers


@pytest.mark.parametrize("register", [dict, OrderedDict])
def test_layers_and_parameters_are_found_in_every_kind_of_register(register, monkeypatch):
    monkeypatch.setitem(imports._captured, "torch", torch)
    inner = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    model = torch.nn.Sequential(inner, torch.nn.Linear(3, 1))
    for module in model.modules():
        for name in ("_modules", "_parameters"):
            module.__dict__[name] = register(module.__dict__[name])
    assert layers(model) == [model, inner, model[1], inner[0], inner[1]]
    assert [name for name, _ in distinct_parameters(model)] == [name for name, _ in model.named_parameters()]
