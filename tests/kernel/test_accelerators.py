"""What stands in for a graphics processor, in each version of torch that students may have."""

from __future__ import annotations

from abc import ABCMeta
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


def test_events_and_streams_pass_for_torchs_own():
    """In torch 2.2 no optimizer could be made in a cold kernel, since its compiler looks at their bases."""
    event, stream = accelerators._classes(lambda: None)
    bases = SimpleNamespace(_EventBase=ABCMeta("_EventBase", (), {}), _StreamBase=ABCMeta("_StreamBase", (), {}))
    cuda = SimpleNamespace(Event=event, Stream=stream)
    assert not issubclass(event, bases._EventBase)
    accelerators._count_as_torchs_own(SimpleNamespace(cuda=cuda, _streambase=bases))
    assert issubclass(event, bases._EventBase) and issubclass(stream, bases._StreamBase)
    accelerators._count_as_torchs_own(SimpleNamespace(cuda=cuda))  # as it is in newer versions
