"""Code that asks for a graphics processor runs on the CPU.

`torch.cuda.is_available()` stays honest: most programs ask it and go to the CPU by themselves. What is replaced is the
device, wherever one is named: as a text, a `torch.device` or a number, by position or by keyword.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from . import accelerators
from .sealed import seal

seal(globals())

Replaced = Callable[[Any], Any]
_FACTORIES = (
    "arange asarray as_tensor bartlett_window blackman_window empty empty_like empty_strided eye full full_like "
    "hamming_window hann_window kaiser_window linspace logspace normal ones ones_like rand rand_like randint "
    "randint_like randn randn_like randperm range scalar_tensor sparse_coo_tensor tensor tril_indices triu_indices "
    "zeros zeros_like"
)
_MAKERS = "new_empty new_full new_ones new_tensor new_zeros"
_LEGACY = "torch.cuda."


def use_processor(torch: Any, note: Callable[[str], None]) -> None:
    """Let tensors and modules that are sent to a graphics processor stay where they are, if there is none."""
    if torch.cuda.is_available():
        return

    def replaced(device: Any) -> Any:
        kind = _kind(torch, device)
        if kind not in ("cuda", "mps"):
            return device
        note(f"Code asked for the device {kind!r}; it ran on the CPU.")
        return torch.device("cpu")

    for name in _FACTORIES.split():
        _replace_arguments(torch, name, replaced, positional=False)
    for name in _MAKERS.split():
        _replace_arguments(torch.Tensor, name, replaced, positional=False)
    _replace_arguments(torch.Tensor, "to", replaced, positional=True)
    _stay(torch, replaced)
    _replace_defaults(torch, replaced)
    _replace_loading(torch, replaced)
    accelerators.stand_in(torch, lambda: replaced("cuda"), note)


def _kind(torch: Any, device: Any) -> str:
    """Return 'cuda', 'mps', 'cpu' … of whatever names a device; '' for anything else. A number is one of CUDA's."""
    if type(device) is int:
        return "cuda"
    name = device.type if type(device) is torch.device else device
    return name.partition(":")[0] if type(name) is str else ""


def _replace_arguments(holder: Any, name: str, replaced: Replaced, *, positional: bool) -> None:
    """Wrap a function so that a device among its arguments is replaced, and memory is not pinned."""
    original = getattr(holder, name, None)
    if original is None:
        return

    @functools.wraps(original)
    def call(*arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        if positional and len(arguments) > 1:
            arguments = (arguments[0], replaced(arguments[1]), *arguments[2:])
        if "device" in keywords:
            keywords["device"] = replaced(keywords["device"])
        if keywords.pop("pin_memory", False):
            replaced("cuda")
        return original(*arguments, **keywords)

    setattr(holder, name, call)


def _stay(torch: Any, replaced: Replaced) -> None:
    """Let `.cuda()`, `.pin_memory()` and `.type('torch.cuda.FloatTensor')` be about the CPU."""

    def same(tensor: Any, *_: Any, **__: Any) -> Any:
        replaced("cuda")
        return tensor

    for holder in (torch.Tensor, torch.UntypedStorage, torch.TypedStorage):
        holder.cuda = same
    torch.Tensor.pin_memory = same
    _replace_type(torch.Tensor, "type", 1, replaced)
    _replace_type(torch, "set_default_tensor_type", 0, replaced)


def _replace_type(holder: Any, name: str, place: int, replaced: Replaced) -> None:
    """Wrap a function that takes the name of a type of tensors."""
    original = getattr(holder, name)

    @functools.wraps(original)
    def call(*arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        given = arguments[place] if len(arguments) > place else None
        if type(given) is str and given.startswith(_LEGACY):
            replaced("cuda")
            arguments = (*arguments[:place], "torch." + given.removeprefix(_LEGACY), *arguments[place + 1 :])
        return original(*arguments, **keywords)

    setattr(holder, name, call)


def _replace_defaults(torch: Any, replaced: Replaced) -> None:
    """Let a default device, for good or for a `with` block, be the CPU."""
    default = torch.set_default_device
    torch.set_default_device = functools.wraps(default)(lambda device: default(replaced(device)))
    context = getattr(torch.utils, "_device", None)
    if context is not None:
        enter = context.DeviceContext.__init__
        context.DeviceContext.__init__ = lambda self, device: enter(self, replaced(device))


def _replace_loading(torch: Any, replaced: Replaced) -> None:
    """Let `torch.load` put everything on the CPU, whatever was saved and whatever `map_location` says."""
    original = torch.load

    @functools.wraps(original)
    def load(f: Any, map_location: Any = None, *arguments: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        if map_location is None:
            map_location = _where_saved(replaced)
        elif type(map_location) is dict:
            map_location = {saved: replaced(wanted) for saved, wanted in map_location.items()}
            map_location = {saved: str(wanted) for saved, wanted in map_location.items()}
        else:
            map_location = replaced(map_location)
        return original(f, map_location, *arguments, **keywords)

    torch.load = load


def _where_saved(replaced: Replaced) -> Callable[[Any, Any], Any]:
    """Return what puts a storage where it was saved, or on the CPU instead of a graphics processor."""

    def place(storage: Any, location: Any) -> Any:
        replaced(location)
        return storage

    return place
