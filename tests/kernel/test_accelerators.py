"""What stands in for a graphics processor, in each version of torch that students may have."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from grader.kernel import accelerators


class Switch:
    """Mixed precision as torch has it: on, unless it is switched off."""

    def __init__(self, device: str = "cuda") -> None:
        self._enabled = True


@pytest.mark.parametrize("old", [True, False], ids=["before torch 2.3", "from torch 2.3 on"])
def test_mixed_precision_is_switched_off_wherever_its_scaler_is(old):
    autocast, scaler = (type(name, (Switch,), {}) for name in ("autocast", "GradScaler"))
    amp = SimpleNamespace(autocast_mode=SimpleNamespace(autocast=autocast), **({} if old else {"GradScaler": scaler}))
    cuda = SimpleNamespace(amp=SimpleNamespace(GradScaler=scaler if old else Switch))
    asked: list[int] = []
    accelerators._hush_mixed_precision(SimpleNamespace(amp=amp, cuda=cuda), lambda: asked.append(1))
    assert [kind("cuda")._enabled for kind in (autocast, scaler)] == [False, False]
    assert [kind("cpu")._enabled for kind in (autocast, scaler)] == [True, True]
    assert len(asked) == 2
