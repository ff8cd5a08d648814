"""Code that asks for a graphics processor runs on the CPU."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .sealed import seal

seal(globals())

_FACTORIES = (
    "arange empty empty_like eye full full_like linspace logspace normal ones ones_like rand rand_like randint "
    "randint_like randn randn_like randperm tensor as_tensor zeros zeros_like"
)


def use_processor(torch: Any, note: Callable[[str], None]) -> None:
    """Let tensors and modules that are sent to a graphics processor stay where they are, if there is none."""
    if torch.cuda.is_available():
        return

    def replaced(device: Any) -> Any:
        kind = device.type if type(device) is torch.device else device
        if type(kind) is not str or kind.partition(":")[0] not in ("cuda", "mps"):
            return device
        note(f"Code asked for the device {kind.partition(':')[0]!r}; it ran on the CPU.")
        return torch.device("cpu")

    _replace_arguments(torch.Tensor, "to", replaced, positional=True)
    for name in _FACTORIES.split():
        _replace_arguments(torch, name, replaced, positional=False)

    def cuda(tensor: Any, *_: Any, **__: Any) -> Any:
        replaced("cuda")
        return tensor

    torch.Tensor.cuda = cuda
    torch.set_default_device = functools.wraps(torch.set_default_device)(
        lambda device, original=torch.set_default_device: original(replaced(device))
    )
    for name in ("synchronize", "set_device"):
        setattr(torch.cuda, name, lambda *_, **__: None)


def _replace_arguments(holder: Any, name: str, replaced: Callable[[Any], Any], *, positional: bool) -> None:
    """Wrap a function so that a device among its arguments is replaced."""
    original = getattr(holder, name)

    @functools.wraps(original)
    def call(*arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        if positional and len(arguments) > 1:
            arguments = (arguments[0], replaced(arguments[1]), *arguments[2:])
        if "device" in keywords:
            keywords["device"] = replaced(keywords["device"])
        return original(*arguments, **keywords)

    setattr(holder, name, call)
